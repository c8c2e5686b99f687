"""The files of a page: fetched within the limits, read where they can do no harm, else kept by name."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field, replace

from catalog.records import AttachmentRecord, TextProvenance
from crawlers.addresses import host_of, resolve
from crawlers.attachments import FileKind, FileProblem, FileReader, FileReading
from crawlers.attachments.marks import marked_kind
from crawlers.errors import FetchError, HostDownError, Problem
from crawlers.families.family import PageRequest
from crawlers.fetching import Fetched
from crawlers.jobs import Job, JobKind, MetFile
from crawlers.limits import Limits
from crawlers.reading.links import Link
from crawlers.response import Response, Validators

Ask = Callable[[PageRequest, Validators | None], Awaitable[Fetched]]
"""Fetches a page, if it has changed, and raises `FetchError` for what is none."""

# Types that hold no page: such a link of a list is itself the publication, as a file.
_FILE_TYPES = ("application/msword", "application/vnd.", "application/ofd", "application/zip", "image/")
_NOT_MODIFIED = 304
# What is wrong with one address of a server only: its name in another scheme may be well.
_OF_ONE_TWIN = {Problem.CERTIFICATE, Problem.ROBOTS_UNREACHABLE, Problem.PRIVATE_ADDRESS}
_PROBLEMS = {Problem.TOO_LARGE: FileProblem.TOO_LARGE}


@dataclass(slots=True)
class PageFiles:
    """The files of a page, every response on the way to them, what they were met as, which are dead.

    `again` is the error because of which the whole page should be asked for once more.
    """

    records: list[AttachmentRecord] = field(default_factory=list)
    responses: list[Response] = field(default_factory=list)
    met: list[MetFile] = field(default_factory=list)
    dead: list[str] = field(default_factory=list)
    again: FetchError | None = None


class Files:
    """Fetches and reads the files of pages."""

    def __init__(self, ask: Ask, limits: Limits) -> None:
        self._ask = ask
        self._limits = limits
        self._reader = FileReader()

    def close(self) -> None:
        """End the processes that read files."""
        self._reader.close()

    async def of_page(self, job: Job, page: Response, links: Sequence[Link]) -> PageFiles:
        """Fetch and read the files that a page links to; raises like `raise_if_down`.

        What was pushed is recorded also while its server is down, its files by their names.
        """
        files = PageFiles()
        held = 0
        for link in links[: self._limits.attachments_per_page]:
            url = resolve(page.url, link.url)
            if url is None:
                continue
            if held > self._limits.attachment_bytes:
                files.records.append(_by_name(url, link.name, FileProblem.SKIPPED))
                continue
            try:
                got = await self._ask(PageRequest(url), None)
            except FetchError as error:
                if job.kind is not JobKind.PUSHED:
                    raise_if_down(error, job)
                files.responses += error.responses
                if error.transient and not self._is_last(job):
                    files.again = error
                    return files
                # A dead file stops nothing: the publication stands, the file is there by name.
                files.dead.append(url)
                problem = _PROBLEMS.get(error.problem, FileProblem.NOT_FETCHED)
                files.records.append(_by_name(url, link.name, problem))
                continue
            files.responses += got.hops
            held += sum(len(response.raw_body) for response in got.hops)
            record = await self.read(got.response, url, link.name)
            met = MetFile.of(url, got.response)
            if was_killed(record):
                if not self._is_last(job):
                    files.again = killed(url)
                    return files
                met = replace(met, validators=Validators(), digest="")  # so that it is read the next time
            files.met.append(met)
            files.records.append(record)
        return files

    def _is_last(self, job: Job) -> bool:
        return job.attempts + 1 >= self._limits.attempts

    async def changed(self, job: Job) -> bool:
        """Tell whether a file of an unchanged page is another now, or gone; raises like `raise_if_down`.

        Only what has changed is sent where the server keeps to its validators (RFC 9110, 13.1); else the file
        is compared. A file that cannot be had today says nothing.
        """
        for file in job.last.files if job.last else ():
            try:
                got = await self._ask(PageRequest(file.url), file.validators)
            except FetchError as error:
                raise_if_down(error, job)
                if error.problem is Problem.GONE:
                    return True
                continue
            if got.response.status == _NOT_MODIFIED:
                continue
            if MetFile.of(file.url, got.response).digest != file.digest:
                return True
        return False

    async def read(self, response: Response, url: str, name: str) -> AttachmentRecord:
        """Read one file."""
        return _record(url, name, await self._reader.read(response.body))


def was_killed(file: AttachmentRecord) -> bool:
    """Tell whether a file was not read because its reader was killed, by whomever."""
    return file.problem == FileProblem.KILLED.label


def killed(url: str) -> FetchError:
    """Return the error of a page one of whose files is to be read once more."""
    return FetchError(Problem.READER_KILLED, url)


def is_file(response: Response) -> bool:
    """Tell whether a response is a file rather than a page: by its mark, else by the declared type."""
    declared = (response.header("content-type") or "").lower()
    return marked_kind(response.body) is not None or declared.startswith(_FILE_TYPES)


def raise_if_down(error: FetchError, job: Job) -> None:
    """Raise the error on if it says that the job's own server is to be left alone.

    A twin that a link or a redirect of the subsite names (https without a valid certificate, say, or a www
    that nobody serves) is no reason to leave the subsite alone, unless its home page leads there.
    """
    if not isinstance(error, HostDownError):
        return
    home = host_of(job.site) or error.host
    is_its_twin = error.host != home and error.problem in _OF_ONE_TWIN
    if error.host.is_site_of(home) and (job.kind is JobKind.HOME or not is_its_twin):
        raise error


def _record(url: str, name: str, reading: FileReading) -> AttachmentRecord:
    return AttachmentRecord(
        url,
        name,
        reading.text,
        kind=None if reading.kind is FileKind.UNKNOWN else reading.kind.value,
        provenance=None if reading.provenance is None else TextProvenance(reading.provenance),
        confidence=reading.confidence,
        problem=None if reading.problem is None else reading.problem.label,
    )


def _by_name(url: str, name: str, problem: FileProblem) -> AttachmentRecord:
    return _record(url, name, FileReading(FileKind.UNKNOWN, problem=problem))
