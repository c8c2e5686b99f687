"""Our engine: built in bulk from the documents, which it cuts itself; Whoosh's query objects on arrays."""

import asyncio
import json
from collections.abc import Iterator
from functools import partial
from importlib.metadata import version as version_of
from pathlib import Path
from typing import Any

from whoosh import query

from benchmarks.search.answer import Answer
from benchmarks.search.prepared import FACETS, Prepared
from indexer.documents import IndexDocument, IndexPublication
from indexer.query import TermField
from indexer.requests import Facet, Filters, SearchRequest
from indexer.search import search as answer
from indexer.whoosh_engine import WhooshEngine
from indexer.whoosh_engine.filtering import Filtered, merged_counts
from indexer.whoosh_engine.snapshot import Snapshot
from indexer.whoosh_engine.whoosh_queries import Found
from indexer.whoosh_engine.whoosh_queries import search as search_arrays

LIMIT, KEPT, CUTS = None, False, True
TERMS = ("word", "bigram")

_PART = 64_000_000
"""Bytes of documents that one task takes: small enough for both processes to be busy to the end."""

_loop = asyncio.new_event_loop()


def version() -> str:
    """Return our version."""
    return version_of("gongkai")


def build(prepared: Prepared, folder: Path) -> None:
    """Build a base with words, bigrams, facets and texts; no cache of tokens."""
    size = prepared.documents.stat().st_size
    tasks = [partial(_documents, prepared.documents, start, start + _PART) for start in range(0, size, _PART)]
    engine = WhooshEngine.create(folder / "generation")
    asyncio.run(engine.build(tasks, 1, lambda _: None))


def _documents(path: Path, start: int, end: int) -> Iterator[IndexDocument]:
    """Yield the documents whose lines begin within a part of the file."""
    with path.open("rb") as lines:
        if start:
            lines.seek(start - 1)
            lines.readline()
        while lines.tell() < end and (line := lines.readline()):
            yield _document(json.loads(line))


def _document(record: dict[str, Any]) -> IndexDocument:
    identity, title, body, facets = (record[name] for name in ("id", "title", "body", "facets"))
    values = {name: frozenset(facets[name]) for name in FACETS}
    publication = IndexPublication(identity, values={"organization": values.pop("organization")})
    return IndexDocument(identity, (title,), (body,), frozenset(), (publication,), values=values)


def open_index(folder: Path) -> WhooshEngine:
    """Return the engine, as a server opens it."""
    return WhooshEngine(folder / "generation")


def search(engine: WhooshEngine, words: list[str]) -> Answer:
    """Search and count; the words are asked for as tokens, as everywhere here."""
    found = _found(engine.snapshot, words)
    return Answer(found.total, len(found.hits))


def search_with_facets(engine: WhooshEngine, words: list[str]) -> Answer:
    """Search, count, and count the values of the facets among what was found."""
    snapshot = engine.snapshot
    found = _found(snapshot, words)
    parts = [
        Filtered(leaf.segment.columns, Filters(), rows)
        for leaf, rows in zip(snapshot.leaves, found.rows, strict=True)
    ]
    facets = {name: dict(merged_counts([part.tally(name) for part in parts]).counts) for name in FACETS}
    return Answer(found.total, len(found.hits), facets)


def search_by_default(engine: WhooshEngine, text: str) -> Answer:
    """Answer a text as the product does: understood, ranked twice, nine facets; no titles, no snippets."""
    found = _loop.run_until_complete(answer(engine, SearchRequest(text, facets=tuple(Facet))))
    return Answer(found.total, len(found.hits))


def _found(snapshot: Snapshot, words: list[str]) -> Found:
    asked = query.And([query.Term(TermField.WORDS.value, word) for word in words])
    return search_arrays(snapshot, asked, 10)


SEARCHES = {"plain": search, "plain+facets": search_with_facets, "default": search_by_default}
