"""One visit: a job is fetched and read, and what came of it is handed on as an `Outcome`."""

import asyncio
import time
from collections.abc import Callable
from dataclasses import replace

from catalog.pushed import pushed_alias
from catalog.records import AttachmentRecord, PageKind
from crawlers.addresses import canonical
from crawlers.errors import TRANSIENT, FetchError, Problem
from crawlers.families import FAMILIES, GENERIC
from crawlers.families.family import Family, PageRequest
from crawlers.fetching import Fetched, PageSource, retry_after
from crawlers.files import Files, is_file, killed, raise_if_down, was_killed
from crawlers.jobs import Job, JobKind, LastVisit
from crawlers.limits import Limits
from crawlers.outcome import Failed, Later, NoDocument, Outcome, Page, Result, Unchanged
from crawlers.page_texts import content_hash, otherwise, read_detail, read_listing, withdrawal
from crawlers.pushed_pages import columns_of, read_pushed
from crawlers.reading.decoding import false_charset
from crawlers.reading.fingerprint import NO_FINGERPRINT, Fingerprint, same_page
from crawlers.reading.page import PageReading
from crawlers.response import Response, Validators
from crawlers.sites import Site

# 加速乐 answers 512 or 521 and 瑞数 412 while they check the browser (domain.md 5.5).
_CHALLENGES = {412, 512, 521}
_GONE = {404, 410}
_NOT_MODIFIED = 304


class Visitor:
    """Does jobs. It keeps nothing between two of them.

    `home_of` gives the fingerprint of a site's home page, as far as it is known, `record_of` what was pushed
    with an entry of the inbox; it raises `FetchError` where that must not be taken.
    """

    def __init__(
        self,
        fetcher: PageSource,
        limits: Limits,
        home_of: Callable[[str], Fingerprint] | None = None,
        record_of: Callable[[str], Response | None] = lambda _entry: None,
    ) -> None:
        self._fetcher = fetcher
        self._limits = limits
        self._home_of = home_of or (lambda _site: NO_FINGERPRINT)
        self._record_of = record_of
        self._files = Files(self._ask, limits)

    def close(self) -> None:
        """End the processes that read files."""
        self._files.close()

    async def visit(self, job: Job, site: Site) -> Outcome:
        """Do a job.

        Raises `HostDownError` if its server is to be left alone, `StoppedError` if the crawl is to end before
        all of it was had.
        """
        try:
            if job.kind is JobKind.PUSHED:
                return await self._pushed(job, site)
            fetched = await self._ask(job.request, job.last.validators if job.last else None)
        except FetchError as error:
            raise_if_down(error, job)
            return Outcome(job, otherwise(job, error) or self._failed(job, error), error.responses)
        return replace(await self._read(job, site, fetched), false_charset=_false_charset(fetched.response))

    async def _pushed(self, job: Job, site: Site) -> Outcome:
        response = await asyncio.to_thread(self._record_of, job.context["entry"])
        if response is None:
            return Outcome(job, Failed(Problem.READER, f"{job.request.url}（收件箱中已没有推送的内容）"))
        family = FAMILIES[site.family or job.context.get("family") or GENERIC]
        return await self._detail(job, family, Fetched(response, (response,)))

    async def _read(self, job: Job, site: Site, fetched: Fetched) -> Outcome:
        if job.kind is not JobKind.DETAIL:
            result = await asyncio.to_thread(read_listing, job, site.family, fetched)
            return Outcome(job, result, fetched.hops)
        if fetched.response.status == _NOT_MODIFIED:
            if await self._files.changed(job):
                return _behind(fetched, await self.visit(replace(job, last=None), site))
            return Outcome(job, _unchanged(fetched.response, None), fetched.hops)
        family = FAMILIES[site.family or job.context.get("family") or GENERIC]
        return await self._detail(job, family, fetched)

    def _failed(self, job: Job, error: FetchError) -> Result:
        """Say whether asking again may help, and when."""
        if not error.transient or job.attempts + 1 >= self._limits.attempts:
            status = error.responses[-1].status if error.responses else None
            return Failed(error.problem, error.detail, status)
        wait = self._limits.backoff * 2**job.attempts
        if error.retry_after is not None:
            wait = max(wait, min(error.retry_after, self._limits.retry_after))
        return Later(time.time() + wait, f"{error.problem.value}: {error.detail}")

    async def _detail(self, job: Job, family: Family, fetched: Fetched) -> Outcome:
        response = fetched.response
        if not response.pushed and is_file(response):
            return await self._lone_file(job, fetched)
        read = read_pushed if response.pushed else read_detail
        reading = await asyncio.to_thread(read, response, family)
        if isinstance(reading, Failed):
            return Outcome(job, reading, fetched.hops)
        if same_page(reading.fingerprint, self._home_of(job.site)):
            said = NoDocument(PageKind.OTHER, canonical(response.url), home_in_place=True)
            return Outcome(job, said, fetched.hops)
        if reading.page_kind is not PageKind.DOCUMENT:
            said = NoDocument(reading.page_kind, canonical(response.url), withdrawal(reading))
            return Outcome(job, said, fetched.hops)
        met = LastVisit(response.validators, content_hash(reading))
        is_same = job.last is not None and job.last.content_hash == met.content_hash
        if is_same and job.last is not None and not await self._files.changed(job):
            return Outcome(job, _unchanged(response, replace(met, files=job.last.files)), fetched.hops)
        return await self._with_files(job, fetched, reading, met)

    async def _lone_file(self, job: Job, fetched: Fetched) -> Outcome:
        """A link of a list that is itself the publication, as a file."""
        response = fetched.response
        met = LastVisit(response.validators, content_hash(response.body))
        if job.last is not None and job.last.content_hash == met.content_hash:
            return Outcome(job, _unchanged(response, met), fetched.hops)
        file = await self._files.read(response, response.url, response.url.rsplit("/", 1)[-1])
        if was_killed(file):
            result = self._failed(job, killed(response.url))
            if isinstance(result, Later):
                return Outcome(job, result, fetched.hops)
            met = replace(met, validators=Validators(), content_hash="")
        return Outcome(job, _page(response, None, (file,), (), met), fetched.hops, len(fetched.hops) - 1)

    async def _with_files(self, job: Job, fetched: Fetched, reading: PageReading, met: LastVisit) -> Outcome:
        files = await self._files.of_page(job, fetched.response, reading.attachments)
        responses = (*fetched.hops, *files.responses)
        if files.again is not None:
            return Outcome(job, self._failed(job, files.again), responses)
        met = replace(met, files=tuple(files.met))
        page = _page(fetched.response, reading, tuple(files.records), tuple(files.dead), met)
        return Outcome(job, page, responses, len(fetched.hops) - 1)

    async def _ask(self, request: PageRequest, validators: Validators | None = None) -> Fetched:
        fetched = await self._fetcher.fetch(request, validators)
        _check_status(fetched)
        return fetched


def _check_status(fetched: Fetched) -> None:
    """Raise a `FetchError` for what is no page, with all that the server answered."""
    response = fetched.response
    status = response.status
    if status < 300 or status == _NOT_MODIFIED:
        return
    detail = f"{response.url} 返回 {status}"
    if status in _CHALLENGES:
        problem = Problem.BLOCKED
    elif status == 429:
        problem = Problem.TOO_MANY_REQUESTS
    elif status >= 500:
        problem = Problem.SERVER_ERROR
    elif status in _GONE:
        problem = Problem.GONE
    elif status >= 400:
        problem = Problem.REFUSED
    else:
        problem = Problem.BAD_REDIRECT
    wait = retry_after(response) if problem in TRANSIENT else None
    raise FetchError(problem, detail, retry_after=wait, responses=fetched.hops)


def _behind(fetched: Fetched, outcome: Outcome) -> Outcome:
    """Put what was answered before in front of the responses of an outcome."""
    main = None if outcome.main is None else outcome.main + len(fetched.hops)
    return replace(outcome, responses=(*fetched.hops, *outcome.responses), main=main)


def _false_charset(response: Response) -> tuple[str, str] | None:
    """Tell whether a page is in another charset than it claims; of a file or of data it does not matter."""
    is_page = "html" in (response.header("content-type") or "html").lower()
    return false_charset(response.body, response.charset) if is_page and not is_file(response) else None


def _unchanged(response: Response, met: LastVisit | None) -> Unchanged:
    return Unchanged(canonical(response.url), response.fetched_at, met)


def _page(
    response: Response,
    reading: PageReading | None,
    files: tuple[AttachmentRecord, ...],
    dead: tuple[str, ...],
    met: LastVisit,
) -> Page:
    return Page(
        alias=_alias(response),
        url=response.url,
        captured_at=response.fetched_at,
        status=response.status,
        blocks=reading.blocks if reading else (),
        witnesses=reading.witnesses if reading else (),
        attachments=files,
        met=met,
        dead=dead,
        hidden_spam=reading.hidden_spam if reading else 0,
        columns=columns_of(response) if response.pushed else (),
        is_too_large=bool(reading and reading.is_too_large),
    )


def _alias(response: Response) -> str:
    address = canonical(response.url)
    return pushed_alias(address) if response.pushed else address
