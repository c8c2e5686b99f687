"""API keys: who may push. Kept in `service.db` as Argon2 hashes; the key itself is shown once and never kept.

A key is `gk_` + its id + `_` + 256 random bits. The slow hash is asked once for each key and process: who has
been let in is known again by a fast hash in memory, and whether a key was revoked is looked up each time.
"""

import secrets
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from sqlalchemy import URL, Column, DateTime, MetaData, String, Table, create_engine, event, select

from catalog.ids import is_id, mint

FILE_NAME = "service.db"
PREFIX = "gk"
# OWASP's smallest setting (19 MiB, two passes): the secrets are random, nobody can guess them from words.
_HASHER = PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1)
_LONGEST = 200

_metadata = MetaData()
_key = Table(
    "api_key",
    _metadata,
    Column("id", String, primary_key=True),
    Column("name", String, nullable=False),
    Column("hash", String, nullable=False),
    Column("created_at", DateTime, nullable=False),
    Column("revoked_at", DateTime),
)


@dataclass(frozen=True, slots=True)
class KeyInfo:
    """A key as it may be shown. Moments are UTC."""

    id: str
    name: str
    created_at: datetime
    revoked_at: datetime | None


class Keys:
    """The keys of a data folder."""

    def __init__(self, data_dir: Path) -> None:
        self._engine = create_engine(URL.create("sqlite", database=str(data_dir / FILE_NAME)))
        event.listen(self._engine, "connect", _configure)
        with self._engine.begin() as connection:
            _metadata.create_all(connection)
        self._let_in: dict[str, str] = {}  # id -> fast hash of the key

    def close(self) -> None:
        """Close every connection."""
        self._engine.dispose()

    def make(self, name: str) -> str:
        """Make a key for somebody and return it; it cannot be had again."""
        key_id, secret = mint(), secrets.token_urlsafe(32)
        row = {"id": key_id, "name": name, "hash": _HASHER.hash(secret), "created_at": _now()}
        with self._engine.begin() as connection:
            connection.execute(_key.insert().values(**row))
        return f"{PREFIX}_{key_id}_{secret}"

    def all(self) -> list[KeyInfo]:
        """Return every key, the oldest first."""
        with self._engine.begin() as connection:
            rows = connection.execute(select(_key).order_by(_key.c.id)).all()
        return [KeyInfo(row.id, row.name, row.created_at, row.revoked_at) for row in rows]

    def revoke(self, key_id: str) -> bool:
        """Let a key in no more, from now on; tell whether there was a valid one of this id."""
        here = (_key.c.id == key_id) & _key.c.revoked_at.is_(None)
        with self._engine.begin() as connection:
            return connection.execute(_key.update().where(here).values(revoked_at=_now())).rowcount > 0

    def owner_of(self, presented: str) -> str | None:
        """Return the id of the key that was presented; None if it lets nobody in."""
        prefix, _, rest = presented.partition("_")
        key_id, _, secret = rest.partition("_")
        if prefix != PREFIX or not is_id(key_id) or not secret or len(presented) > _LONGEST:
            return None
        here = (_key.c.id == key_id) & _key.c.revoked_at.is_(None)
        with self._engine.begin() as connection:
            stored = connection.execute(select(_key.c.hash).where(here)).scalar()
        if stored is None:
            return None
        digest = sha256(presented.encode("utf-8", "replace")).hexdigest()
        if secrets.compare_digest(self._let_in.get(key_id, ""), digest):
            return key_id
        try:
            _HASHER.verify(stored, secret)
        except (VerificationError, InvalidHashError):
            return None
        self._let_in[key_id] = digest
        return key_id


def _configure(connection: Any, _record: object) -> None:
    connection.execute("PRAGMA busy_timeout=10000")
    connection.execute("PRAGMA journal_mode=WAL")


def _now() -> datetime:
    return datetime.now(UTC).replace(tzinfo=None)
