"""The files of a page: fetched within the limits, read where they can do no harm, else kept by name."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field

from catalog.records import AttachmentRecord
from crawlers.addresses import host_of, resolve
from crawlers.errors import FetchError, HostDownError
from crawlers.families.family import PageRequest
from crawlers.fetching import Fetched
from crawlers.frontier import Job
from crawlers.limits import Limits
from crawlers.pdf_text import PdfReader
from crawlers.reading.links import Link
from crawlers.response import Response

Ask = Callable[[PageRequest], Awaitable[Fetched]]
"""Fetches a page and raises `FetchError` for what is none."""

# Types that hold no page: such a link of a list is itself the publication, as a file.
_FILE_TYPES = ("application/msword", "application/vnd.", "application/ofd", "application/zip", "image/")


@dataclass(slots=True)
class PageFiles:
    """The files of a page, every response on the way to them, and how many are dead.

    `again` is the error because of which the whole page should be asked for once more.
    """

    records: list[AttachmentRecord] = field(default_factory=list)
    responses: list[Response] = field(default_factory=list)
    dead: int = 0
    again: FetchError | None = None


class Files:
    """Fetches and reads the files of pages."""

    def __init__(self, ask: Ask, limits: Limits) -> None:
        self._ask = ask
        self._limits = limits
        self._pdf = PdfReader()

    async def of_page(self, job: Job, page: Response, links: Sequence[Link]) -> PageFiles:
        """Fetch and read the files that a page links to; raises like `raise_if_down`."""
        files = PageFiles()
        held = 0
        for link in links[: self._limits.attachments_per_page]:
            url = resolve(page.url, link.url)
            if url is None:
                continue
            if not _is_pdf_address(url) or held > self._limits.attachment_bytes:
                files.records.append(AttachmentRecord(url, link.name))
                continue
            try:
                got = await self._ask(PageRequest(url))
            except FetchError as error:
                raise_if_down(error, job)
                files.responses += error.responses
                if error.transient and job.attempts + 1 < self._limits.attempts:
                    files.again = error
                    return files
                # A dead file stops nothing: the publication stands, the file is there by name.
                files.dead += 1
                files.records.append(AttachmentRecord(url, link.name))
                continue
            files.responses += got.hops
            held += sum(len(response.raw_body) for response in got.hops)
            files.records.append(await self.read(got.response, url, link.name))
        return files

    async def read(self, response: Response, url: str, name: str) -> AttachmentRecord:
        """Read one file."""
        text = await self._pdf.read(response.body) if response.is_pdf else None
        return AttachmentRecord(url, name, text)


def is_file(response: Response) -> bool:
    """Tell whether a response is a file rather than a page."""
    return response.is_pdf or (response.header("content-type") or "").lower().startswith(_FILE_TYPES)


def raise_if_down(error: FetchError, job: Job) -> None:
    """Raise the error on if it says that the job's own server is to be left alone."""
    if isinstance(error, HostDownError) and error.host.is_site_of(host_of(job.site) or error.host):
        raise error


def _is_pdf_address(url: str) -> bool:
    return url.partition("?")[0].lower().endswith(".pdf") or ".pdf" in url.lower().rpartition("=")[2]
