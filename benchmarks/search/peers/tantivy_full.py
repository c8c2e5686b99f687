"""tantivy with all that our index holds: words, bigrams, facets, and the texts stored. For its size."""

from pathlib import Path

import tantivy

from benchmarks.search.peers import tantivy_words
from benchmarks.search.peers.tantivy_words import open_index as open_index
from benchmarks.search.peers.tantivy_words import version as version
from benchmarks.search.prepared import Prepared

LIMIT, KEPT, CUTS = None, False, False
TERMS = ("word", "bigram")
SEARCHES = dict[str, object]()

_HEAP = 2_000_000_000


def build(prepared: Prepared, folder: Path) -> None:
    """Index words, bigrams and facet values, store the texts."""
    builder = tantivy_words.schema_builder()
    builder.add_text_field("bigrams", tokenizer_name="whitespace", index_option="freq")
    builder.add_bytes_field("text", stored=True)  # a text field would be indexed too
    index = tantivy.Index(builder.build(), str(folder))
    parts = zip(prepared.words(), prepared.bigrams(), prepared.facets(), prepared.texts(), strict=True)
    with index.writer(_HEAP, 1) as writer:
        for words, bigrams, values, text in parts:
            document = tantivy_words.document(words, values)
            document.add_text("bigrams", bigrams)
            document.add_bytes("text", text.encode())
            writer.add_document(document)
        writer.commit()
        writer.wait_merging_threads()
