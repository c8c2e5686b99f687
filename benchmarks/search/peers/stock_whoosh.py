"""Whoosh as it is installed: its own codec, BM25F, And."""

from pathlib import Path
from typing import Any

import whoosh
from whoosh import fields, index, query

from benchmarks.search.answer import Answer
from benchmarks.search.prepared import Prepared

LIMIT, KEPT, CUTS = 100_000, True, False
TERMS = ("word",)


def version() -> str:
    """Return Whoosh's version."""
    return whoosh.versionstring()


def build(prepared: Prepared, folder: Path) -> None:
    """Index the words as a keyword field that is scored: frequencies, no positions."""
    made = index.create_in(str(folder), fields.Schema(words=fields.KEYWORD(scorable=True)))
    writer = made.writer(limitmb=1024)
    for words in prepared.words():
        writer.add_document(words=words)
    writer.commit(optimize=True)


def open_index(folder: Path) -> Any:
    """Return a searcher."""
    return index.open_dir(str(folder)).searcher()


def search(searcher: Any, words: list[str]) -> Answer:
    """Search and count."""
    asked = query.And([query.Term("words", word) for word in words])
    found = searcher.search(asked, limit=10)
    return Answer(len(found), found.scored_length())


SEARCHES = {"plain": search}
