"""tantivy with words only: frequencies without positions, facets as raw fast text fields."""

from pathlib import Path
from typing import Any

import tantivy

from benchmarks.search.answer import Answer
from benchmarks.search.prepared import FACETS, Prepared

LIMIT, KEPT, CUTS = None, False, False
TERMS = ("word",)

_HEAP = 2_000_000_000
"""Large, so that there are few segments: one asks faster than many."""

_AGGREGATIONS = {name: {"terms": {"field": name, "size": 65000, "segment_size": 65000}} for name in FACETS}


def version() -> str:
    """Return the version with that of the index format."""
    return str(tantivy.__version__)


def build(prepared: Prepared, folder: Path) -> None:
    """Index the words and facet values of all documents."""
    index = tantivy.Index(schema_builder().build(), str(folder))
    with index.writer(_HEAP, 1) as writer:
        for words, values in zip(prepared.words(), prepared.facets(), strict=True):
            writer.add_document(document(words, values))
        writer.commit()
        writer.wait_merging_threads()


def schema_builder() -> tantivy.SchemaBuilder:
    """Return the fields of this build, for the other one to add its own."""
    builder = tantivy.SchemaBuilder()
    builder.add_text_field("words", tokenizer_name="whitespace", index_option="freq")
    for name in FACETS:
        builder.add_text_field(name, fast=True, tokenizer_name="raw", index_option="basic")
    return builder


def document(words: str, values: dict[str, list[str]]) -> tantivy.Document:
    """Return a document with its words and facet values."""
    found = tantivy.Document()
    found.add_text("words", words)
    for name in FACETS:
        for value in values[name]:
            found.add_text(name, value)
    return found


def open_index(folder: Path) -> Any:
    """Return index and searcher."""
    index = tantivy.Index.open(str(folder))
    index.reload()
    return index.schema, index.searcher()


def search(opened: Any, words: list[str]) -> Answer:
    """Search and count in one call."""
    schema, searcher = opened
    found = searcher.search(_all_of(schema, words), limit=10, count=True)
    return Answer(found.count, len(found.hits))


def search_with_facets(opened: Any, words: list[str]) -> Answer:
    """Search and count in one call; the facets need a second (the binding has none for both)."""
    schema, searcher = opened
    query = _all_of(schema, words)
    found = searcher.search(query, limit=10, count=True)
    counted = searcher.aggregate(query, _AGGREGATIONS)
    facets = {
        name: {bucket["key"]: bucket["doc_count"] for bucket in counted[name]["buckets"]} for name in FACETS
    }
    return Answer(found.count, len(found.hits), facets)


def _all_of(schema: tantivy.Schema, words: list[str]) -> tantivy.Query:
    parts = [tantivy.Query.term_query(schema, "words", word, "freq") for word in words]
    return tantivy.Query.boolean_query([(tantivy.Occur.Must, part) for part in parts])


SEARCHES = {"plain": search, "plain+facets": search_with_facets}
