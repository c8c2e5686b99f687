"""Reading again what was archived, with today's readers, and telling what they read otherwise.

The visitor of the crawl does it, over the archive in place of the web, so that a page is read exactly as a
crawl would read it now. What lists and the sites file say of a page does not stand on it: that is kept from
the capture. A new reading becomes a further capture of the same moment and the same place in the archive
(docs/decisions/0023), so that the old one can still be looked at.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from sqlalchemy import Connection, select

from catalog import findings, recording, schema
from catalog.findings import FindingKind
from catalog.pushed import is_pushed
from catalog.records import AttachmentRecord, Field, PageKind, PageRecord, Provenance, Witness
from catalog.store import Catalog
from catalog.twins import twins_of
from crawlers import noticing
from crawlers.addresses import canonical
from crawlers.archive_reading import ArchiveReader
from crawlers.archived import ArchivedPages
from crawlers.errors import ArchiveError, Problem
from crawlers.families import FAMILIES
from crawlers.families.family import PageRequest
from crawlers.files import was_killed
from crawlers.frontier import Job, JobKind
from crawlers.limits import Limits
from crawlers.outcome import Failed, NoDocument, Outcome, Page
from crawlers.reading_differences import Difference, differences
from crawlers.sites import Site
from crawlers.stored_captures import StoredCapture, capture_ids, load_captures
from crawlers.visit import Visitor

# Captures that are written down together.
_GROUP = 50
_ELSEWHERE = (Provenance.LIST, Provenance.IMPORT, Provenance.STAFF)


class Verdict(StrEnum):
    """What came of reading a capture again."""

    SAME = "same"
    DIFFERENT = "different"
    NO_DOCUMENT = "no_document"
    UNREADABLE = "unreadable"
    NOT_ARCHIVED = "not_archived"


VERDICT_LABELS = {
    Verdict.SAME: "读取结果不变",
    Verdict.DIFFERENT: "读取结果有变",
    Verdict.NO_DOCUMENT: "现判为非文件页面（保留原读取结果）",
    Verdict.UNREADABLE: "现在无法读取（保留原读取结果）",
    Verdict.NOT_ARCHIVED: "归档缺失或损坏",
}


@dataclass(frozen=True, slots=True)
class Rereading:
    """A capture read again. `record` is the new reading; where there is none, `detail` says why."""

    capture: StoredCapture
    verdict: Verdict
    differences: tuple[Difference, ...] = ()
    record: PageRecord | None = None
    detail: str = ""


class Reparser:
    """Reads the captures of a catalogue again. Nothing is asked for on the web."""

    def __init__(self, catalog: Catalog, limits: Limits | None = None) -> None:
        self._catalog = catalog
        self._limits = limits or Limits()
        self._pages = ArchivedPages(ArchiveReader(catalog.data_dir, self._limits), self._limits)
        self._visitor = Visitor(self._pages, self._limits)

    def close(self) -> None:
        """End the processes that read files."""
        self._visitor.close()

    def captures(self, *, family: str | None = None, site: str | None = None) -> list[str]:
        """Return the ids of the captures to read: those shown of publications, and failed ones after them."""
        with self._catalog.read() as connection:
            root = None if site is None else canonical(site)
            return capture_ids(connection, family=family, site=root)

    async def read(self, ids: Sequence[str], *, apply: bool, report: Callable[[Rereading], None]) -> None:
        """Read captures again and report each; with `apply` new readings are recorded in groups."""
        for start in range(0, len(ids), _GROUP):
            with self._catalog.read() as connection:
                captures = list(load_captures(connection, ids[start : start + _GROUP]))
            group = [await self._read(capture) for capture in captures]
            if apply:
                with self._catalog.write() as tx:
                    for reading in group:
                        _record(tx, reading)
            for reading in group:
                report(reading)

    async def _read(self, capture: StoredCapture) -> Rereading:
        try:
            response = self._pages.turn_to(capture.place)
        except ArchiveError as error:
            return Rereading(capture, Verdict.NOT_ARCHIVED, detail=str(error))
        family = capture.family if capture.family in FAMILIES else None
        site = Site(capture.subsite_name, capture.subsite_url, family)
        outcome = await self._visitor.visit(self._job(site, response.url), site)
        return self._compared(capture, outcome)

    def _job(self, site: Site, url: str) -> Job:
        # The last attempt: a file that is not there now will not be there later.
        attempts = self._limits.attempts
        return Job(0, JobKind.DETAIL, site.url, str(site.host), PageRequest(url), {}, attempts)

    def _compared(self, capture: StoredCapture, outcome: Outcome) -> Rereading:
        page = outcome.result
        if isinstance(page, NoDocument):
            detail = f"页面类型：{PageKind.DOCUMENT.value} → {page.kind.value}"
            return Rereading(capture, Verdict.NO_DOCUMENT, detail=detail)
        if not isinstance(page, Page):
            detail = page.detail if isinstance(page, Failed) else type(page).__name__
            return Rereading(capture, Verdict.UNREADABLE, detail=detail)
        record = PageRecord(
            alias=capture.alias,
            subsite_id=capture.subsite_id,
            captured_at=capture.captured_at,
            status=capture.status,
            url=_address(capture, page),
            blocks=page.blocks,
            witnesses=(*page.witnesses, *_said_elsewhere(capture, page)),
            attachments=tuple(self._kept(capture, page.attachments)),
            archive=capture.place,
            extra=capture.extra,
        )
        if not any(witness.field is Field.TITLE for witness in record.witnesses):
            return Rereading(capture, Verdict.UNREADABLE, detail=Problem.NO_TITLE.label)
        found = differences(
            (capture.witnesses, capture.blocks, capture.attachments),
            (record.witnesses, record.blocks, record.attachments),
        )
        verdict = Verdict.DIFFERENT if found else Verdict.SAME
        return Rereading(capture, verdict, tuple(found), record)

    def _kept(self, capture: StoredCapture, files: Sequence[AttachmentRecord]) -> Iterator[AttachmentRecord]:
        """Keep what was read of a file that the archive does not hold, or whose reader was killed now."""
        before = {file.url: file for file in capture.attachments}
        for file in files:
            known = before.get(file.url)
            lost = (file.url in self._pages.missing or was_killed(file)) and known is not None
            yield replace(known, name=file.name) if lost and known else file


def _address(capture: StoredCapture, page: Page) -> str:
    """Return where a page is found: it may have moved to a twin since it was captured."""
    has_moved = capture.url is not None and canonical(capture.url) in twins_of(capture.alias)
    return capture.url if has_moved and capture.url else page.url


def _said_elsewhere(capture: StoredCapture, page: Page) -> tuple[Witness, ...]:
    """Return what the capture knows that does not stand on the page.

    The sites file names the publisher where the page does not (`crawlers.recorder`).
    """
    # What was pushed with a record stands in the record.
    own = (Provenance.IMPORT,) if is_pushed(capture.alias) else ()
    kept = [w for w in capture.witnesses if w.provenance in _ELSEWHERE and w.provenance not in own]
    if not any(witness.field is Field.PUBLISHER for witness in page.witnesses):
        named = [witness for witness in capture.witnesses if witness.provenance is Provenance.SITE]
        if not named and capture.organization:
            named = [Witness(Field.PUBLISHER, capture.organization, Provenance.SITE)]
        kept += named
    return tuple(kept)


def _record(tx: Connection, reading: Rereading) -> None:
    """Write a new reading down, unless a crawl has captured the page anew meanwhile."""
    publication = schema.publication
    shown = tx.execute(
        select(publication.c.capture_id).where(publication.c.id == reading.capture.publication_id)
    ).scalar()
    if reading.capture.is_shown and shown != reading.capture.id:
        return
    if reading.capture.is_shown:
        _notice(tx, reading)
    if reading.verdict is Verdict.DIFFERENT and reading.record is not None:
        recording.record(tx, reading.record)


def _notice(tx: Connection, reading: Rereading) -> None:
    """Report a shown page that is taken for no document now; withdraw the report where it is one again."""
    capture = reading.capture
    if reading.verdict is Verdict.NO_DOCUMENT:
        said = f"重新读取时不再判为文件（{reading.detail}），仍按原来的读取结果显示，请核对：{capture.alias}"
        ids = {"subsite_id": capture.subsite_id, "publication_id": capture.publication_id}
        findings.report(tx, FindingKind.NO_DOCUMENT, capture.alias, said, **ids)
    elif reading.record is not None:
        findings.resolve(tx, FindingKind.NO_DOCUMENT, capture.alias)
        alias = schema.publication_alias
        known = select(alias.c.alias).where(alias.c.publication_id == capture.publication_id)
        noticing.read_again(tx, tx.execute(known).scalars(), reading.record.attachments)
