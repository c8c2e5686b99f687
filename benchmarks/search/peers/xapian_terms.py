"""Xapian, through Debian's python3-xapian: terms with their frequencies."""

from collections import Counter
from pathlib import Path
from typing import Any

import xapian

from benchmarks.search.answer import Answer
from benchmarks.search.prepared import Prepared

LIMIT, KEPT, CUTS = 100_000, True, False
TERMS = ("word",)

_LONGEST = 245
"""Bytes of a term; longer ones are left out (and no query asks for one)."""


def version() -> str:
    """Return Xapian's version."""
    return xapian.version_string()


def build(prepared: Prepared, folder: Path) -> None:
    """Index the words."""
    database = xapian.WritableDatabase(str(folder), xapian.DB_CREATE_OR_OVERWRITE)
    for words in prepared.words():
        document = xapian.Document()
        for word, count in Counter(words.split()).items():
            if len(word.encode()) <= _LONGEST:
                document.add_term(word, count)
        database.add_document(document)
    database.commit()
    database.close()


def open_index(folder: Path) -> Any:
    """Return database and enquire."""
    database = xapian.Database(str(folder))
    enquire = xapian.Enquire(database)
    enquire.set_weighting_scheme(xapian.BM25Weight())
    return database, enquire


def search(opened: Any, words: list[str]) -> Answer:
    """Search; every match is checked, so that the total is exact."""
    database, enquire = opened
    enquire.set_query(xapian.Query(xapian.Query.OP_AND, [xapian.Query(word) for word in words]))
    found = enquire.get_mset(0, 10, database.get_doccount())
    return Answer(found.get_matches_estimated(), found.size())


SEARCHES = {"plain": search}
