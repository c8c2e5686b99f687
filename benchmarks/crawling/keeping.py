"""What Scrapy's pipeline does with pages: the archive, the records and the group commits of our crawl."""

import queue
import threading
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Connection

from catalog import recording
from catalog.records import ArchivePlace, Field, PageRecord, Provenance, Witness
from catalog.store import Catalog
from crawlers.addresses import canonical
from crawlers.archive import Archive
from crawlers.families.family import ListItem, ListPlace
from crawlers.limits import Limits
from crawlers.reading.page import PageReading
from crawlers.response import Response


@dataclass(frozen=True, slots=True)
class Read:
    """A response; of a publication also what it says, and where it was listed."""

    response: Response
    site: tuple[str, str]  # name and root URL
    family: str | None = None
    reading: PageReading | None = None
    place: ListPlace | None = None
    item: ListItem | None = None


class Keeper:
    """Keeps pages in a thread of its own; `put` waits while too many are on their way."""

    def __init__(self, folder: Path) -> None:
        self._limits = Limits()
        self._queue: queue.Queue[Read | None] = queue.Queue(2 * self._limits.group)
        self._archive = Archive(folder, self._limits)
        self._catalog = Catalog.open(folder)
        self._subsites: dict[tuple[str, str | None], str] = {}
        self._columns: dict[tuple[str, str], str] = {}
        self._thread = threading.Thread(target=self._run)
        self._thread.start()

    def put(self, read: Read) -> None:
        """Hand over a page."""
        self._queue.put(read)

    def close(self) -> None:
        """Keep what was handed over and end."""
        self._queue.put(None)
        self._thread.join()
        self._archive.close()
        self._catalog.close()

    def _run(self) -> None:
        ended = False
        while not ended:
            group = [self._queue.get()]
            while len(group) < self._limits.group and not self._queue.empty():
                group.append(self._queue.get_nowait())
            reads = [read for read in group if read is not None]
            ended = len(reads) < len(group)
            if reads:
                self._keep(reads)

    def _keep(self, reads: list[Read]) -> None:
        places = self._archive.write([read.response for read in reads])
        with self._catalog.write() as tx:
            for read, place in zip(reads, places, strict=True):
                subsite = self._subsite(tx, read)
                if read.reading is not None:
                    recording.record(tx, self._record(tx, read, read.reading, subsite, place))

    def _record(
        self, tx: Connection, read: Read, reading: PageReading, subsite: str, place: ArchivePlace
    ) -> PageRecord:
        response = read.response
        said = {(witness.field.value, witness.raw) for witness in (read.item.witnesses if read.item else ())}
        return PageRecord(
            alias=canonical(response.url),
            subsite_id=subsite,
            captured_at=response.fetched_at,
            status=response.status,
            url=response.url,
            column_ids=self._column_ids(tx, read, subsite),
            blocks=reading.blocks,
            witnesses=(
                *reading.witnesses,
                *(Witness(Field(field), raw, Provenance.LIST) for field, raw in sorted(said)),
            ),
            attachments=(),
            archive=place,
        )

    def _subsite(self, tx: Connection, read: Read) -> str:
        name, url = read.site
        key = (url, read.family)
        if key not in self._subsites:
            self._subsites[key] = recording.ensure_subsite(
                tx, root_url=canonical(url), name=name, family=read.family
            )
        return self._subsites[key]

    def _column_ids(self, tx: Connection, read: Read, subsite: str) -> tuple[str, ...]:
        if read.place is None:
            return ()
        key = (subsite, read.place.path)
        if key not in self._columns:
            self._columns[key] = recording.ensure_column(
                tx, subsite, path=read.place.path, name=read.place.name
            )
        return (self._columns[key],)
