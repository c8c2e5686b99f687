"""The store of the catalogue: opening it, its transactions, its one clock.

SQLite with a write-ahead log and full syncing: a commit that returned survives a power cut.
Writers take the lock at BEGIN (`BEGIN IMMEDIATE`), so two of them wait and never deadlock;
readers are never blocked.
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Any
from urllib.parse import quote

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import URL, Connection, Engine, create_engine, event, func, select

from catalog import schema
from catalog.errors import CatalogMissingError, CatalogVersionError

FILE_NAME = "catalog.db"
BUSY_TIMEOUT_MS = 60_000
CACHE_KIB = 65_536
"""SQLite's own 2 MB spill in the middle of a group commit; measured: 27 s of system time per 1,000 records
in a catalogue of 10,000, against half a second."""

_LOG = schema.change.insert()


def now() -> datetime:
    """Return the present moment in UTC, without a zone (as it is stored)."""
    return datetime.now(UTC).replace(tzinfo=None)


def _engine(path: Path, *, read_only: bool) -> Engine:
    mode = {"mode": "ro"} if read_only else {}
    # A folder's name may hold what means something in a URI.
    engine = create_engine(
        URL.create("sqlite", database=f"file:{quote(str(path))}", query={**mode, "uri": "true"})
    )

    @event.listens_for(engine, "connect")
    def configure(connection: Any, _record: object) -> None:
        connection.isolation_level = None  # we say BEGIN ourselves
        connection.execute(f"PRAGMA busy_timeout={BUSY_TIMEOUT_MS}")
        connection.execute("PRAGMA foreign_keys=ON")
        connection.execute(f"PRAGMA cache_size=-{CACHE_KIB}")
        if not read_only:
            connection.execute("PRAGMA journal_mode=WAL")
            connection.execute("PRAGMA synchronous=FULL")

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        connection.exec_driver_sql("BEGIN" if read_only else "BEGIN IMMEDIATE")

    return engine


def _migrations() -> Config:
    config = Config()
    config.set_main_option("script_location", "catalog:migrations")
    return config


class Catalog:
    """An open catalogue. Use as a context manager; `read()` and `write()` give transactions."""

    def __init__(self, data_dir: Path, reader: Engine, writer: Engine | None) -> None:
        self.data_dir = data_dir
        self._reader = reader
        self._writer = writer

    @classmethod
    def open(cls, data_dir: Path | str, *, read_only: bool = False) -> "Catalog":
        """Open the catalogue of a data folder; make and upgrade it unless `read_only`.

        Raises `CatalogMissingError` if it is to be read and is not there, `CatalogVersionError`
        if it was written by a newer Gongkai (or, read only, by an older one).
        """
        path = (Path(data_dir) / FILE_NAME).resolve()
        writer = None
        if read_only:
            if not path.exists():
                raise CatalogMissingError(path)
        else:
            path.parent.mkdir(parents=True, exist_ok=True)
            writer = _engine(path, read_only=False)
            _upgrade(writer, path)
        catalog = cls(path.parent, _engine(path, read_only=True), writer)
        if read_only:
            with catalog.read() as connection:
                _check_version(connection, path)
        return catalog

    def __enter__(self) -> "Catalog":
        return self

    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close every connection."""
        self._reader.dispose()
        if self._writer is not None:
            self._writer.dispose()

    def erase_free_space(self) -> bool:
        """Write the store anew without what was deleted from it; waits for other writers.

        Returns false if readers kept the log from being emptied: it still holds what was deleted.
        """
        if self._writer is None:
            raise RuntimeError("this catalogue was opened read only")
        connection = self._writer.raw_connection()  # VACUUM runs outside of transactions
        try:
            cursor = connection.cursor()
            cursor.execute("VACUUM")
            busy, *_ = cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
            cursor.close()
        finally:
            connection.close()
        return not busy

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """Give a connection that sees one unchanging state of the catalogue."""
        with self._reader.begin() as connection:
            yield connection

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """Give the one writing connection; commits at the end, rolls back on an error."""
        if self._writer is None:
            raise RuntimeError("this catalogue was opened read only")
        with self._writer.begin() as connection:
            yield connection


def last_seq(connection: Connection) -> int:
    """Return the number of the latest change; 0 in a new catalogue."""
    return connection.execute(select(func.max(schema.change.c.seq))).scalar() or 0


def log_change(connection: Connection, document_id: str, kind: str) -> None:
    """Give the next `change_seq` to a change of what is searchable."""
    log_changes(connection, [document_id], kind)


def log_changes(connection: Connection, document_ids: Iterable[str], kind: str) -> None:
    """Give each of these documents' changes the next `change_seq`."""
    moment = now()
    rows = [{"document_id": name, "kind": kind, "changed_at": moment} for name in document_ids]
    if rows:
        connection.execute(_LOG, rows)


def _upgrade(writer: Engine, path: Path) -> None:
    config = _migrations()
    with writer.begin() as connection:
        current = MigrationContext.configure(connection).get_current_revision()
        script = ScriptDirectory.from_config(config)
        if current == script.get_current_head():
            return
        known = {revision.revision for revision in script.walk_revisions()}
        if current is not None and current not in known:
            raise CatalogVersionError(path, current, script.get_current_head())
        config.attributes["connection"] = connection
        command.upgrade(config, "head")


def _check_version(connection: Connection, path: Path) -> None:
    current = MigrationContext.configure(connection).get_current_revision()
    head = ScriptDirectory.from_config(_migrations()).get_current_head()
    if current != head:
        raise CatalogVersionError(path, current, head)
