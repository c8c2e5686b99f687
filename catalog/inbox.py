"""The inbox: what others ask the crawl to fetch, kept until it is done.

The service (which reads the catalogue and does not know the crawl) puts entries in, the crawl takes them
into its queue and notes what came of them. It is a file of its own, `inbox.db`: the crawl's queue may be
deleted at any time, and what a CMS told us would not come again. Whole records lie beside their entries
until they are settled; then the archive has them.
"""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from hashlib import sha256
from pathlib import Path
from typing import Any

from sqlalchemy import (
    JSON,
    URL,
    Column,
    Connection,
    DateTime,
    ForeignKey,
    Index,
    LargeBinary,
    MetaData,
    Row,
    String,
    Table,
    create_engine,
    event,
    exists,
    func,
    select,
)

from catalog.errors import CatalogError
from catalog.ids import mint
from catalog.store import now

FILE_NAME = "inbox.db"
BUSY_TIMEOUT_MS = 10_000


class EntryState(StrEnum):
    """What became of an entry."""

    WAITING = "waiting"
    TAKEN = "taken"
    DONE = "done"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Entry:
    """An address to be fetched, with the facts its sender states of it (field and value). Moments are UTC.

    `has_record` says that a whole record came with it (`catalog.pushed`) and is still to be taken in.
    """

    id: str
    url: str
    facts: tuple[tuple[str, str], ...]
    state: EntryState
    detail: str | None
    job: str | None
    received_at: datetime
    settled_at: datetime | None
    has_record: bool = False


class OtherContentError(CatalogError):
    """An idempotency key comes again with another content."""

    def __init__(self, key: str) -> None:
        super().__init__(f"Idempotency-Key {key[:60]!r} 已用于另一条内容；不同的内容应使用不同的值。")


_metadata = MetaData()
_entry = Table(
    "entry",
    _metadata,
    Column("id", String, primary_key=True),
    Column("sender", String, nullable=False),  # id of an API key
    Column("idempotency_key", String),
    Column("content_hash", String, nullable=False),
    Column("url", String, nullable=False),
    Column("facts", JSON, nullable=False),
    Column("state", String, nullable=False),
    Column("detail", String),
    Column("job", String),  # its key in the crawl's queue
    Column("received_at", DateTime, nullable=False),
    Column("settled_at", DateTime),
    Index("ix_entry_state", "state"),
    Index("uq_entry_key", "sender", "idempotency_key", unique=True),
    Index("ix_entry_content", "sender", "content_hash"),
)
_record = Table(  # a table of its own: an inbox made before there were records has the other one
    "record",
    _metadata,
    Column("entry_id", ForeignKey("entry.id"), primary_key=True),
    Column("body", LargeBinary, nullable=False),
)
_ENTRIES = select(_entry, exists().where(_record.c.entry_id == _entry.c.id).label("has_record"))
_OPEN = _entry.c.state.in_([EntryState.WAITING, EntryState.TAKEN])


class Inbox:
    """The open inbox of a data folder; made if it is not there."""

    def __init__(self, data_dir: Path) -> None:
        self._engine = create_engine(URL.create("sqlite", database=str(data_dir / FILE_NAME)))
        event.listen(self._engine, "connect", _configure)
        event.listen(self._engine, "begin", lambda connection: connection.exec_driver_sql("BEGIN IMMEDIATE"))
        with self._engine.begin() as connection:
            _metadata.create_all(connection)

    @staticmethod
    def exists(data_dir: Path) -> bool:
        """Tell whether anything was ever put in."""
        return (data_dir / FILE_NAME).exists()

    def close(self) -> None:
        """Close every connection."""
        self._engine.dispose()

    def put(
        self,
        sender: str,
        url: str,
        facts: Mapping[str, str],
        idempotency_key: str | None,
        record: bytes | None = None,
    ) -> Entry:
        """Put an address in, perhaps with a whole record of what stands there, and return its entry.

        What comes again under the same idempotency key, or again while it is still waiting, is the entry
        it was. Raises `OtherContentError` if the key was used for something else.
        """
        said = json.dumps([url, sorted(facts.items())]).encode()
        content = sha256(said if record is None else record).hexdigest()
        with self._begin() as connection:
            known = self._known(connection, sender, content, idempotency_key)
            if known is not None:
                return known
            row = {
                "id": mint(),
                "sender": sender,
                "idempotency_key": idempotency_key,
                "content_hash": content,
                "url": url,
                "facts": sorted(facts.items()),
                "state": EntryState.WAITING,
                "received_at": now(),
            }
            connection.execute(_entry.insert().values(**row))
            if record is not None:
                connection.execute(_record.insert().values(entry_id=row["id"], body=record))
            return _entry_of(connection.execute(_ENTRIES.where(_entry.c.id == row["id"])).one())

    def _known(self, connection: Connection, sender: str, content: str, key: str | None) -> Entry | None:
        mine = _ENTRIES.where(_entry.c.sender == sender)
        if key is not None:
            row = connection.execute(mine.where(_entry.c.idempotency_key == key)).first()
            if row is not None and row.content_hash != content:
                raise OtherContentError(key)
        else:
            # Once it was fetched, the same address is a new request: the page may have been corrected.
            row = connection.execute(mine.where(_entry.c.content_hash == content, _OPEN)).first()
        return None if row is None else _entry_of(row)

    def get(self, sender: str, entry_id: str) -> Entry | None:
        """Return an entry of a sender; None if there is none of this id."""
        mine = (_entry.c.id == entry_id) & (_entry.c.sender == sender)
        with self._begin() as connection:
            row = connection.execute(_ENTRIES.where(mine)).first()
        return None if row is None else _entry_of(row)

    def entries(self, state: EntryState, limit: int = 1000) -> list[Entry]:
        """Return entries in a state, the oldest first."""
        with self._begin() as connection:
            query = _ENTRIES.where(_entry.c.state == state).order_by(_entry.c.id).limit(limit)
            return [_entry_of(row) for row in connection.execute(query)]

    def received_since(self, sender: str, moment: datetime) -> int:
        """Count what a sender has put in since a moment (UTC)."""
        mine = (_entry.c.sender == sender) & (_entry.c.received_at >= moment)
        with self._begin() as connection:
            return int(connection.execute(select(func.count()).where(mine)).scalar_one())

    def record_of(self, entry_id: str) -> tuple[bytes, datetime] | None:
        """Return the record of an entry and when it came; None if it has none, or none any more."""
        query = select(_record.c.body, _entry.c.received_at).join(_entry).where(_entry.c.id == entry_id)
        with self._begin() as connection:
            row = connection.execute(query).first()
        return None if row is None else (row.body, row.received_at)

    def records_waiting(self, sender: str) -> int:
        """Count the records of a sender that are still to be taken in."""
        query = select(func.count()).select_from(_record.join(_entry)).where(_entry.c.sender == sender)
        with self._begin() as connection:
            return int(connection.execute(query).scalar_one())

    def taken(self, entry_id: str, job: str) -> None:
        """Note that an entry stands in the crawl's queue under this key."""
        self._set(entry_id, state=EntryState.TAKEN, job=job)

    def settled(self, entry_id: str, state: EntryState, detail: str) -> None:
        """Note what came of an entry; its record is let go."""
        self._set(entry_id, state=state, detail=detail, settled_at=now())
        with self._begin() as connection:
            connection.execute(_record.delete().where(_record.c.entry_id == entry_id))

    def _set(self, entry_id: str, **values: Any) -> None:
        with self._begin() as connection:
            connection.execute(_entry.update().where(_entry.c.id == entry_id).values(**values))

    @contextmanager
    def _begin(self) -> Iterator[Connection]:
        with self._engine.begin() as connection:
            yield connection


def _configure(connection: Any, _record: object) -> None:
    connection.isolation_level = None  # we say BEGIN ourselves
    connection.execute(f"PRAGMA busy_timeout={BUSY_TIMEOUT_MS}")
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=FULL")
    connection.execute("PRAGMA secure_delete=ON")  # what is purged later must not be left here


def _entry_of(row: Row[Any]) -> Entry:
    return Entry(
        id=row.id,
        url=row.url,
        facts=tuple((name, value) for name, value in row.facts),
        state=EntryState(row.state),
        detail=row.detail,
        job=row.job,
        received_at=row.received_at,
        settled_at=row.settled_at,
        has_record=bool(row.has_record),
    )
