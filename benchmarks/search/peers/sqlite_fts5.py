"""SQLite's FTS5, contentless. With detail=full: bm25() would cut the texts anew without the positions."""

import sqlite3
from pathlib import Path

from benchmarks.search.answer import Answer
from benchmarks.search.prepared import Prepared

LIMIT, KEPT, CUTS = 100_000, True, False
TERMS = ("word",)

_CREATE = """CREATE VIRTUAL TABLE documents USING fts5(
    words, content='', detail=full, tokenize="unicode61 remove_diacritics 0 categories 'L* N* M* Co'")"""
_FIRST = "SELECT rowid FROM documents WHERE documents MATCH ? ORDER BY rank LIMIT 10"
_TOTAL = "SELECT count(*) FROM documents WHERE documents MATCH ?"


def version() -> str:
    """Return SQLite's version."""
    return sqlite3.sqlite_version


def build(prepared: Prepared, folder: Path) -> None:
    """Index the words and merge everything into one tree."""
    connection = sqlite3.connect(folder / "index.db")
    connection.execute(_CREATE)
    rows = ((number, words) for number, words in enumerate(prepared.words(), 1))
    connection.executemany("INSERT INTO documents(rowid, words) VALUES (?, ?)", rows)
    connection.execute("INSERT INTO documents(documents) VALUES ('optimize')")
    connection.commit()
    connection.close()


def open_index(folder: Path) -> sqlite3.Connection:
    """Return a connection that maps the file."""
    connection = sqlite3.connect(folder / "index.db")
    connection.execute("PRAGMA mmap_size = 8589934592")
    return connection


def search(connection: sqlite3.Connection, words: list[str]) -> Answer:
    """Search, then count: two statements."""
    asked = " AND ".join(f'"{word}"' for word in words)
    first = connection.execute(_FIRST, (asked,)).fetchall()
    return Answer(connection.execute(_TOTAL, (asked,)).fetchone()[0], len(first))


SEARCHES = {"plain": search}
