"""One visit: a job is fetched and read, and what came of it is handed on as an `Outcome`."""

import asyncio
import json
import time
from hashlib import sha256
from typing import Any

from catalog.records import AttachmentRecord, PageKind
from crawlers.addresses import canonical, host_of, resolve
from crawlers.errors import TRANSIENT, FetchError, HostDownError, Problem
from crawlers.families import FAMILIES, GENERIC
from crawlers.families.family import Family, ListPlace, PageRequest, WebPage
from crawlers.fetching import Fetched, Fetcher, retry_after
from crawlers.jobs import Job, JobKind, LastVisit
from crawlers.limits import Limits
from crawlers.outcome import Failed, Home, Later, Listing, NoDocument, Outcome, Page, Result, Unchanged
from crawlers.pdf_text import PdfReader
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
# Types that hold no page: such a link of a list is itself the publication, as a file.
_FILE_TYPES = ("application/msword", "application/vnd.", "application/ofd", "application/zip", "image/")


class Visitor:
    """Does jobs. It keeps nothing between two of them."""

    def __init__(self, fetcher: Fetcher, limits: Limits) -> None:
        self._fetcher = fetcher
        self._limits = limits
        self._pdf = PdfReader()

    async def visit(self, job: Job, site: Site) -> Outcome:
        """Do a job.

        Raises `HostDownError` if its server is to be left alone, `StoppedError` if the crawl is to end before
        all of it was had.
        """
        family = FAMILIES[site.family or job.context.get("family") or GENERIC]
        validators = job.last.validators if job.last else None
        try:
            fetched = await self._fetcher.fetch(job.request, validators)
            _check_status(fetched.response)
        except FetchError as error:
            _raise_if_down(error, job)
            return Outcome(job, self._failed(job, error), error.responses)
        if job.kind is JobKind.DETAIL:
            if fetched.response.status == 304:
                return Outcome(job, _unchanged(fetched.response, None), fetched.hops)
            return await self._detail(job, family, fetched)
        result = await asyncio.to_thread(read_listing, job, site.family, fetched.response)
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
        if response.is_pdf or (response.header("content-type") or "").lower().startswith(_FILE_TYPES):
            file = await self._file(response, response.url, response.url.rsplit("/", 1)[-1])
            met = _met(response, response.body)
            return Outcome(job, _page(response, None, (file,), 0, met), fetched.hops, len(fetched.hops) - 1)
        reading = await asyncio.to_thread(read_detail, response, family)
        if isinstance(reading, Failed):
            return Outcome(job, reading, fetched.hops)
        if reading.page_kind is not PageKind.DOCUMENT:
            return Outcome(job, NoDocument(reading.page_kind), fetched.hops)
        met = _met(response, _content(reading))
        if job.last is not None and job.last.content_hash == met.content_hash:
            return Outcome(job, _unchanged(response, met), fetched.hops)
        return await self._with_attachments(job, fetched, reading, met)

    async def _with_attachments(
        self, job: Job, fetched: Fetched, reading: PageReading, met: LastVisit
    ) -> Outcome:
        files: list[AttachmentRecord] = []
        responses = list(fetched.hops)
        dead = 0
        for link in reading.attachments[: self._limits.attachments_per_page]:
            url = resolve(fetched.response.url, link.url)
            if url is None:
                continue
            held = sum(len(response.raw_body) for response in responses)
            if not _is_pdf_address(url) or held > self._limits.attachment_bytes:
                files.append(AttachmentRecord(url, link.name))
                continue
            try:
                got = await self._fetcher.fetch(PageRequest(url))
                _check_status(got.response)
            except FetchError as error:
                _raise_if_down(error, job)
                responses += error.responses
                if error.transient and job.attempts + 1 < self._limits.attempts:
                    return Outcome(job, self._failed(job, error), tuple(responses))
                # A dead file stops nothing: the publication stands, the file is there by name.
                dead += 1
                files.append(AttachmentRecord(url, link.name))
                continue
            responses += got.hops
            files.append(await self._file(got.response, url, link.name))
        page = _page(fetched.response, reading, tuple(files), dead, met)
        return Outcome(job, page, tuple(responses), len(fetched.hops) - 1)

    async def _file(self, response: Response, url: str, name: str) -> AttachmentRecord:
        text = await self._pdf.read(response.body) if response.is_pdf else None
        return AttachmentRecord(url, name, text)


def _raise_if_down(error: FetchError, job: Job) -> None:
    """Raise the error on if it says that the job's own server is to be left alone."""
    if isinstance(error, HostDownError) and error.host.is_site_of(host_of(job.site) or error.host):
        raise error


def _check_status(response: Response) -> None:
    """Raise a `FetchError` for what is no page."""
    status = response.status
    if status < 300 or status == 304:
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


def _content(reading: PageReading) -> bytes:
    """Return what a page says, free of its dress: what tells a change from a new counter or advert."""
    value = [
        [block.to_json() for block in reading.blocks],
        [[witness.field, witness.raw, witness.provenance] for witness in reading.witnesses],
        [[link.url, link.name] for link in reading.attachments],
    ]
    return json.dumps(value, ensure_ascii=True).encode()


def _met(response: Response, content: bytes) -> LastVisit:
    return LastVisit(response.validators, sha256(content).hexdigest())


def _unchanged(response: Response, met: LastVisit | None) -> Unchanged:
    return Unchanged(canonical(response.url), response.fetched_at, met)


def _page(
    response: Response,
    reading: PageReading | None,
    files: tuple[AttachmentRecord, ...],
    dead: int,
    met: LastVisit,
) -> Page:
    return Page(
        alias=canonical(response.url),
        url=response.url,
        captured_at=response.fetched_at,
        status=response.status,
        blocks=reading.blocks if reading else (),
        witnesses=reading.witnesses if reading else (),
        attachments=files,
        met=met,
        dead_attachments=dead,
    )


def _is_pdf_address(url: str) -> bool:
    return url.partition("?")[0].lower().endswith(".pdf") or ".pdf" in url.lower().rpartition("=")[2]
