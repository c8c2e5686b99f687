"""The store of the catalogue: opening it, its transactions, its one clock.

It is a SQLite file in the data folder, unless the folder names a PostgreSQL database (`URL_FILE`).
Writers have it to themselves from their beginning, so two of them wait and never deadlock; readers
are never blocked.
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import URL, Connection, Engine, func, inspect, select

from catalog import schema
from catalog.durability import sync_folder, write_atomically
from catalog.engines import check_postgresql, postgresql_engine, postgresql_url, sqlite_engine
from catalog.errors import CatalogMissingError, CatalogVersionError, StoreUrlError

FILE_NAME = "catalog.db"
URL_FILE = "catalog.url"
"""The file of a data folder that names its PostgreSQL database; without it the catalogue is SQLite."""

_LOG = schema.change.insert()


def now() -> datetime:
    """Return the present moment in UTC, without a zone (as it is stored)."""
    return datetime.now(UTC).replace(tzinfo=None)


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

        Raises `CatalogMissingError` if it is to be read and is not there, `StoreUrlError` if the folder
        names a database that cannot be used, `CatalogVersionError`
        if it was written by a newer Gongkai (or, read only, by an older one).
        """
        return cls.open_at(Path(data_dir), store_url(Path(data_dir)), read_only=read_only)

    @classmethod
    def open_at(cls, data_dir: Path, url: URL | None, *, read_only: bool = False) -> "Catalog":
        """Open the catalogue in a database, whatever the data folder names; None is SQLite."""
        folder = data_dir.resolve()
        place = store_place(folder, url)
        if url is not None:
            check_postgresql(url)
        writer = None
        if not read_only:
            folder.mkdir(parents=True, exist_ok=True)
            writer = _engine(folder, url, read_only=False)
            try:
                _upgrade(writer, place)
            except BaseException:
                writer.dispose()
                raise
        elif not _is_there(folder, url):
            raise CatalogMissingError(place)
        catalog = cls(folder, _engine(folder, url, read_only=True), writer)
        if read_only:
            try:
                with catalog.read() as connection:
                    _check_version(connection, place)
            except BaseException:
                catalog.close()
                raise
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


def store_url(data_dir: Path) -> URL | None:
    """Return the PostgreSQL database that a data folder names; None where its catalogue is SQLite.

    Raises `StoreUrlError` where the file names something else.
    """
    try:
        return postgresql_url((data_dir / URL_FILE).read_text("utf-8"))
    except FileNotFoundError:
        return None
    except UnicodeDecodeError as error:
        raise StoreUrlError(str(data_dir / URL_FILE)) from error


def store_place(data_dir: Path, url: URL | None) -> str:
    """Return how a store is called before people: its file, or its URL without the password."""
    return str(data_dir.resolve() / FILE_NAME) if url is None else url.render_as_string()


def name_store(data_dir: Path, url: URL | None) -> None:
    """Let a data folder name its database from now on; None means SQLite in the folder itself."""
    file = data_dir / URL_FILE
    if url is None:
        file.unlink(missing_ok=True)
        sync_folder(data_dir)
        return
    # Only its owner may read it: a password may stand in it.
    write_atomically(file, (url.render_as_string(hide_password=False) + "\n").encode(), mode=0o600)


def _engine(folder: Path, url: URL | None, *, read_only: bool) -> Engine:
    if url is None:
        return sqlite_engine(folder / FILE_NAME, read_only=read_only)
    return postgresql_engine(url, read_only=read_only)


def _is_there(folder: Path, url: URL | None) -> bool:
    if url is None:
        return (folder / FILE_NAME).exists()
    engine = postgresql_engine(url, read_only=True)
    try:
        return inspect(engine).has_table(schema.document.name)
    finally:
        engine.dispose()


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


def _upgrade(writer: Engine, place: Path | str) -> None:
    config = _migrations()
    with writer.begin() as connection:
        current = MigrationContext.configure(connection).get_current_revision()
        script = ScriptDirectory.from_config(config)
        if current == script.get_current_head():
            return
        known = {revision.revision for revision in script.walk_revisions()}
        if current is not None and current not in known:
            raise CatalogVersionError(place, current, script.get_current_head())
        config.attributes["connection"] = connection
        command.upgrade(config, "head")


def _check_version(connection: Connection, place: Path | str) -> None:
    current = MigrationContext.configure(connection).get_current_revision()
    head = ScriptDirectory.from_config(_migrations()).get_current_head()
    if current != head:
        raise CatalogVersionError(place, current, head)
