"""One visit: a job is fetched and read, and what came of it is handed on as an `Outcome`."""

import asyncio
import time
from typing import Any

from catalog.records import AttachmentRecord, PageKind
from crawlers.addresses import canonical
from crawlers.errors import TRANSIENT, FetchError, Problem
from crawlers.families import FAMILIES, GENERIC
from crawlers.families.family import OTHERWISE, Family, ListPlace, ListReading, PageRequest, WebPage
from crawlers.fetching import Fetched, PageSource, retry_after
from crawlers.files import Files, is_file, raise_if_down
from crawlers.frontier import Job, JobKind
from crawlers.limits import Limits
from crawlers.outcome import Failed, Home, Later, Listing, NoDocument, Outcome, Page, Result
from crawlers.reading.decoding import decode
from crawlers.reading.page import PageReading, read_page
from crawlers.reading.tree import parse
from crawlers.response import Response
from crawlers.sites import Site

# 加速乐 answers 512 or 521 and 瑞数 412 while they check the browser (domain.md 5.5).
_CHALLENGES = {412, 512, 521}
_GONE = {404, 410}
# What stands in place of a list or home page when it is not one.
_NO_PAGES = {PageKind.SHELL, PageKind.ERROR, PageKind.LOGIN, PageKind.HACKED}


class Visitor:
    """Does jobs. It keeps nothing between two of them."""

    def __init__(self, fetcher: PageSource, limits: Limits) -> None:
        self._fetcher = fetcher
        self._limits = limits
        self._files = Files(self._ask, limits)

    async def visit(self, job: Job, site: Site) -> Outcome:
        """Do a job.

        Raises `HostDownError` if its server is to be left alone, `StoppedError` if the crawl is to end before
        all of it was had.
        """
        family = FAMILIES[site.family or GENERIC]
        try:
            fetched = await self._ask(job.request)
        except FetchError as error:
            raise_if_down(error, job)
            return Outcome(job, _otherwise(job, error) or self._failed(job, error), error.responses)
        if job.kind is JobKind.DETAIL:
            return await self._detail(job, family, fetched)
        result = await asyncio.to_thread(_read_listing, job, family, fetched.response)
        return Outcome(job, result, fetched.hops)

    def _failed(self, job: Job, error: FetchError) -> Result:
        """Say whether asking again may help, and when."""
        if not error.transient or job.attempts + 1 >= self._limits.attempts:
            return Failed(error.problem, error.detail)
        wait = self._limits.backoff * 2**job.attempts
        if error.retry_after is not None:
            wait = max(wait, min(error.retry_after, self._limits.retry_after))
        return Later(time.time() + wait, f"{error.problem.value}: {error.detail}")

    async def _detail(self, job: Job, family: Family, fetched: Fetched) -> Outcome:
        response = fetched.response
        if is_file(response):
            file = await self._files.read(response, response.url, response.url.rsplit("/", 1)[-1])
            return Outcome(job, _page(response, None, (file,), 0), fetched.hops, len(fetched.hops) - 1)
        reading = await asyncio.to_thread(_read, response, family)
        if isinstance(reading, Failed):
            return Outcome(job, reading, fetched.hops)
        if reading.page_kind is not PageKind.DOCUMENT:
            return Outcome(job, NoDocument(reading.page_kind), fetched.hops)
        return await self._with_attachments(job, fetched, reading)

    async def _with_attachments(self, job: Job, fetched: Fetched, reading: PageReading) -> Outcome:
        files = await self._files.of_page(job, fetched.response, reading.attachments)
        responses = (*fetched.hops, *files.responses)
        if files.again is not None:
            return Outcome(job, self._failed(job, files.again), responses)
        page = _page(fetched.response, reading, tuple(files.records), files.dead)
        return Outcome(job, page, responses, len(fetched.hops) - 1)

    async def _ask(self, request: PageRequest) -> Fetched:
        fetched = await self._fetcher.fetch(request)
        _check_status(fetched.response)
        return fetched


def _otherwise(job: Job, error: FetchError) -> Listing | None:
    """Return what a list leads to where the page that its family guessed is not there."""
    if job.kind is not JobKind.LIST or error.problem is not Problem.GONE:
        return None
    place = _place(job.context)
    memo = {name: value for name, value in place.memo.items() if name != OTHERWISE}
    if memo == place.memo:
        return None
    following = PageRequest(place.memo[OTHERWISE])
    return Listing(place, ListReading(next=following, memo=memo, may_repeat=True))


def _check_status(response: Response) -> None:
    """Raise a `FetchError` for what is no page."""
    status = response.status
    if status < 300:
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
    raise FetchError(problem, detail, retry_after=wait, responses=(response,))


def _read(response: Response, family: Family) -> PageReading | Failed:
    try:
        return read_page(
            response.body, url=response.url, declared_charset=response.charset, hints=family.hints
        )
    except Exception as error:  # noqa: BLE001 - whatever a page does to its reader concerns that page alone
        return Failed(Problem.READER, f"{response.url}（{type(error).__name__}: {error}）"[:500])


def _read_listing(job: Job, family: Family, response: Response) -> Result:
    try:
        return _read_home_or_list(job, family, response)
    except Exception as error:  # noqa: BLE001 - as above
        return Failed(Problem.READER, f"{response.url}（{type(error).__name__}: {error}）"[:500])


def _read_home_or_list(job: Job, family: Family, response: Response) -> Result:
    text = decode(response.body, response.charset)
    page = WebPage(response.url, text, _charset(response.body), parse(text))
    if job.kind is JobKind.HOME:
        home = family.read_home(page)
        depth = int(job.context.get("depth", 0))
        if not home.columns and not home.frames and depth == 0:
            return _no_listing(response, family, Failed(Problem.NO_COLUMNS, response.url))
        return Home(home.columns, home.frames, depth)
    place = _place(job.context)
    reading = family.read_list(page, place)
    listing = Listing(place, reading)
    if reading.items or reading.next or reading.is_list or place.number > 1:
        return listing
    return _no_listing(response, family, listing)


def _no_listing(response: Response, family: Family, otherwise: Failed | Listing) -> Result:
    """Tell an empty list from a page that stands in its place (a challenge, an error page, a login)."""
    reading = _read(response, family)
    if isinstance(reading, Failed) or reading.page_kind not in _NO_PAGES:
        return otherwise
    problem = Problem.BLOCKED if reading.page_kind in {PageKind.SHELL, PageKind.LOGIN} else Problem.NO_COLUMNS
    return Failed(problem, f"{response.url}（{reading.page_kind.value}）")


def _place(context: dict[str, Any]) -> ListPlace:
    return ListPlace(context["path"], context["name"], context["number"], context["memo"])


def _page(
    response: Response, reading: PageReading | None, files: tuple[AttachmentRecord, ...], dead: int
) -> Page:
    return Page(
        alias=canonical(response.url),
        url=response.url,
        captured_at=response.fetched_at,
        status=response.status,
        blocks=reading.blocks if reading else (),
        witnesses=reading.witnesses if reading else (),
        attachments=files,
        dead_attachments=dead,
    )


def _charset(body: bytes) -> str:
    """Return the charset in which a browser would write the queries of a page's links."""
    try:
        body.decode("utf-8")
    except UnicodeDecodeError:
        return "gb18030"
    return "utf-8"
