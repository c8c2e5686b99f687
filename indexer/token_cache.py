"""The token cache: what was once cut of a text is not cut again, whatever index is built from it.

One SQLite file beside the generations, for several processes at once, each with a `TokenCache` of its
own. An entry says by which dictionary the text was cut. Under another dictionary it holds as long as the
text contains none of the words that have changed; only then is the text cut again.

It is a cache: if its file is damaged, locked or cannot be written, texts are cut, and that is logged.
"""

import json
import logging
import re
import sqlite3
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from hashlib import blake2b
from pathlib import Path

from indexer.analysis import spaced_tokens
from indexer.dictionary import Dictionary, containing, shipped
from indexer.packed_tokens import pack, unpack

log = logging.getLogger(__name__)

FORMAT = 1
"""Goes up whenever older files cannot be read any more; what such a file holds is dropped."""

KEYS = 500
"""Keys asked for in one statement; every SQLite takes 999 parameters."""

PATIENCE = 30.0
"""Seconds to wait for another process that writes, before this one goes on without the cache."""

_DAMAGED = frozenset({sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB})

_TABLES = (
    "DROP TABLE IF EXISTS dictionary",
    "DROP TABLE IF EXISTS entry",
    "DROP TABLE IF EXISTS round",
    "CREATE TABLE dictionary (version TEXT PRIMARY KEY, base TEXT NOT NULL, words TEXT NOT NULL)",
    "CREATE TABLE entry (key BLOB PRIMARY KEY, tokens BLOB NOT NULL, dictionary TEXT NOT NULL,"
    " round INTEGER NOT NULL) WITHOUT ROWID",
    "CREATE TABLE round (number INTEGER NOT NULL)",
    "INSERT INTO round VALUES (1)",
    f"PRAGMA user_version = {FORMAT}",
)

_Use = tuple[bytes, str]
"""The key of an entry that is to be marked as used, and the dictionary it was found under."""


class TokenCache:
    """The cache as one process sees it. Not to be shared by threads nor carried through a fork."""

    def __init__(self, path: Path) -> None:
        """Open the file or begin it; if that fails, go on without."""
        self._path = path
        self._connection: sqlite3.Connection | None = None
        self._changed: dict[tuple[str, str], re.Pattern[str] | None] = {}
        with self._forgiving():
            self._open()

    def __enter__(self) -> "TokenCache":
        return self

    def __exit__(self, *_error: object) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the file; from then on everything is cut."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def tokens(self, texts: Sequence[str], dictionary: Dictionary | None = None) -> list[Counter[str]]:
        """Return what `spaced_tokens` says of each of some spaced texts, from the cache where it can.

        One transaction reads, and one writes what was missing. Equal texts share a counter.
        """
        dictionary = dictionary or shipped()
        keys = [blake2b(text.encode(), digest_size=16).digest() for text in texts]
        wanted = dict(zip(keys, texts, strict=True))
        found: dict[bytes, Counter[str]] = {}
        used: list[_Use] = []
        with self._forgiving():
            self._read(wanted, dictionary, found, used)
        cut = {key: spaced_tokens(text, dictionary) for key, text in wanted.items() if key not in found}
        if self._connection is not None and (cut or used):
            with self._forgiving():
                self._write({key: pack(cut[key], _folded(wanted[key])) for key in cut}, used, dictionary)
        found |= cut
        return [found[key] for key in keys]

    def begin_round(self) -> None:
        """Begin a rebuild of everything: what it does not ask for is dropped by the next `sweep`."""
        with self._forgiving(), self._writing() as connection:
            connection.execute("UPDATE round SET number = number + 1")

    def sweep(self) -> None:
        """End a rebuild that went well: drop what nobody has asked for since it began."""
        with self._forgiving(), self._writing() as connection:
            connection.execute("DELETE FROM entry WHERE round < (SELECT number FROM round)")
            connection.execute(
                "DELETE FROM dictionary WHERE version NOT IN (SELECT DISTINCT dictionary FROM entry)"
            )

    def _read(
        self,
        wanted: Mapping[bytes, str],
        dictionary: Dictionary,
        found: dict[bytes, Counter[str]],
        used: list[_Use],
    ) -> None:
        """Put what holds into `found`, and into `used` what is not yet marked with this round."""
        if self._connection is None:
            return
        version = dictionary.version
        keys = list(wanted)
        damaged = 0
        (number,) = self._connection.execute("SELECT number FROM round").fetchone()
        for start in range(0, len(keys), KEYS):
            asked = keys[start : start + KEYS]
            places = ",".join("?" * len(asked))
            statement = f"SELECT key, tokens, dictionary, round FROM entry WHERE key IN ({places})"  # noqa: S608
            for key, tokens, cut_by, last_used in self._connection.execute(statement, asked).fetchall():
                folded = _folded(wanted[key])
                if cut_by != version and not self._holds(folded, cut_by, dictionary):
                    continue
                try:
                    found[key] = unpack(tokens, folded)
                except ValueError:
                    damaged += 1
                    continue
                if (cut_by, last_used) != (version, number):
                    used.append((key, cut_by))
        if damaged:
            log.warning("分词缓存 %s 中有 %d 条记录已损坏，重新分词。", self._path, damaged)

    def _holds(self, folded: str, cut_by: str, dictionary: Dictionary) -> bool:
        """Tell whether what was cut by another dictionary would be cut alike by this one."""
        pair = cut_by, dictionary.version
        if pair not in self._changed:
            other = self._dictionary(cut_by)
            known = other is not None and other.comparable(dictionary)
            self._changed[pair] = containing(dictionary.changed_words(other)) if other and known else None
        changed = self._changed[pair]
        return changed is not None and not changed.search(folded)

    def _dictionary(self, version: str) -> Dictionary | None:
        """Return a dictionary that entries were cut by; None if it is not known (any more)."""
        if self._connection is None:
            return None
        statement = "SELECT words, base FROM dictionary WHERE version = ?"
        row = self._connection.execute(statement, (version,)).fetchone()
        return Dictionary(tuple(json.loads(row[0])), row[1]) if row else None

    def _write(self, packed: Mapping[bytes, bytes], used: Sequence[_Use], dictionary: Dictionary) -> None:
        """Put new entries in, and mark those that were used with the round and the dictionary."""
        version = dictionary.version
        words = json.dumps(dictionary.words, ensure_ascii=False)
        with self._writing() as connection:
            connection.execute(
                "INSERT OR IGNORE INTO dictionary VALUES (?, ?, ?)", (version, dictionary.base, words)
            )
            connection.executemany(
                "INSERT OR REPLACE INTO entry SELECT ?, ?, ?, number FROM round",
                [(key, tokens, version) for key, tokens in sorted(packed.items())],
            )
            # Another process may have cut it by its own dictionary meanwhile; then the mark is not ours.
            connection.executemany(
                "UPDATE entry SET dictionary = ?, round = (SELECT number FROM round)"
                " WHERE key = ? AND dictionary = ?",
                [(version, key, cut_by) for key, cut_by in sorted(used)],
            )

    @contextmanager
    def _writing(self) -> Iterator[sqlite3.Connection]:
        """Give a transaction that writes; raises `sqlite3.Error` if there is none to be had."""
        connection = self._connection
        if connection is None:
            raise sqlite3.OperationalError("closed")
        connection.execute("BEGIN IMMEDIATE")
        try:
            yield connection
            connection.execute("COMMIT")
        except BaseException:
            if connection.in_transaction:
                connection.execute("ROLLBACK")
            raise

    @contextmanager
    def _forgiving(self) -> Iterator[None]:
        """Go on without the cache if it fails; a damaged file is removed, to be begun anew next time."""
        try:
            yield
        except sqlite3.Error as error:
            damaged = getattr(error, "sqlite_errorcode", 0) & 0xFF in _DAMAGED
            self.close()
            if damaged:
                self._remove()
            what = "已损坏，已删除" if damaged else "暂不可用"
            log.warning("分词缓存 %s %s，本次改为直接分词：%s", self._path, what, error)

    def _open(self) -> None:
        connection = sqlite3.connect(self._path, timeout=PATIENCE, isolation_level=None)
        self._connection = connection
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = NORMAL")
        if connection.execute("PRAGMA user_version").fetchone() == (FORMAT,):
            return
        with self._writing():
            if connection.execute("PRAGMA user_version").fetchone() != (FORMAT,):
                for statement in _TABLES:
                    connection.execute(statement)

    def _remove(self) -> None:
        for suffix in ("", "-wal", "-shm"):
            self._path.with_name(self._path.name + suffix).unlink(missing_ok=True)


def _folded(spaced: str) -> str:
    return spaced.replace(" ", "")
