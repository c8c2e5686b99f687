"""The databases a catalogue can live in: SQLite in its data folder, or PostgreSQL named by a URL.

Both give the same: a writer has the catalogue to itself from its beginning, so that change numbers are
committed in their order; a reader sees one unchanging state and is never blocked; a commit that
returned survives a power cut.
"""

from pathlib import Path
from typing import Any
from urllib.parse import quote

from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url, text
from sqlalchemy.exc import ArgumentError, NoSuchModuleError, SQLAlchemyError

from catalog.errors import StoreUrlError

BUSY_TIMEOUT_MS = 60_000
CACHE_KIB = 65_536
"""SQLite's own 2 MB spill in the middle of a group commit; measured: 27 s of system time per 1,000 records
in a catalogue of 10,000, against half a second."""

_WRITERS_LOCK = 0x676F6E67
"""The advisory lock that writers of PostgreSQL take: "gong" in ASCII, apart from other programs' locks."""


def sqlite_engine(path: Path, *, read_only: bool) -> Engine:
    """Return an engine over a SQLite file: write-ahead log, full syncing, `BEGIN IMMEDIATE` for writers."""
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


def postgresql_engine(url: URL, *, read_only: bool) -> Engine:
    """Return an engine over a PostgreSQL database; connections that broke meanwhile are made anew."""
    engine = create_engine(
        url,
        isolation_level="REPEATABLE READ" if read_only else "READ COMMITTED",
        execution_options={"postgresql_readonly": read_only},
        pool_pre_ping=True,
        connect_args={"connect_timeout": 10, "client_encoding": "utf8", "application_name": "gongkai"},
    )
    if not read_only:

        @event.listens_for(engine, "begin")
        def begin(connection: Connection) -> None:
            connection.exec_driver_sql("SET LOCAL synchronous_commit TO on")
            connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_WRITERS_LOCK})")

    return engine


def postgresql_url(given: str) -> URL:
    """Read the URL of a PostgreSQL database: `postgresql://user@host:5432/name`.

    Raises `StoreUrlError` where it is none. The password may stand in it, or in `~/.pgpass`.
    """
    try:
        url = make_url(given.strip())
    except (ArgumentError, ValueError) as error:
        raise StoreUrlError(given) from error
    if url.drivername not in ("postgresql", "postgresql+psycopg") or not url.database:
        raise StoreUrlError(given)
    return url.set(drivername="postgresql+psycopg")


def check_postgresql(url: URL) -> None:
    """Raise `StoreUrlError` unless the database answers, speaks UTF-8 and orders ids by their bytes."""
    try:
        engine = postgresql_engine(url, read_only=True)
        try:
            with engine.begin() as connection:
                encoding, collation = connection.execute(text(_SETTINGS)).one()
        finally:
            engine.dispose()
    except (SQLAlchemyError, NoSuchModuleError, ImportError) as error:
        reason = str(getattr(error, "orig", None) or error).strip().split("\n", 1)[0]
        raise StoreUrlError(url.render_as_string(), f"连接不上（{reason}）") from error
    if encoding != "UTF8" or collation not in ("C", "POSIX", "C.UTF-8", "C.utf8"):
        raise StoreUrlError(
            url.render_as_string(),
            f"编码是 {encoding}、排序规则是 {collation}，需要 UTF8 和 C。建库时请用 "
            "CREATE DATABASE 名称 ENCODING 'UTF8' LOCALE 'C' TEMPLATE template0",
        )


_SETTINGS = """
SELECT pg_encoding_to_char(encoding), datcollate FROM pg_database WHERE datname = current_database()
"""
