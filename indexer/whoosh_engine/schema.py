"""The Whoosh schema: fields of terms that were analysed before, and columns of bytes."""

import json
from collections.abc import Iterator, Mapping
from datetime import date
from hashlib import sha256
from typing import Any

from whoosh import columns, fields, formats

from indexer.documents import AnalysedDocument, IndexPublication
from indexer.query import Key, TermField

ID, KEYS, TEXT, FACTS = "id", "keys", "text", "facts"

TITLES_END = b"\f"
"""Parts the titles from the texts in the text column; folding leaves neither \\f nor \\n in a text."""


class TermsField(fields.FieldType):  # type: ignore[misc]
    """A field whose value is a mapping of terms to counts; nothing is analysed here."""

    def __init__(self) -> None:
        # Counts are kept as weights. A format that promises a value of fixed size (Frequency) makes
        # Whoosh look for one when it merges segments, and fail.
        self.format = formats.Existence()
        self.analyzer = None
        self.scorable = False  # lengths are columns of ours: Whoosh would quantise them
        self.stored = False
        self.vector = None
        self.column_type = None

    def index(
        self, value: Mapping[str, int], **_options: object
    ) -> Iterator[tuple[bytes, int, float, bytes]]:
        """Yield (term, frequency, weight, value) in the order of terms."""
        for term in sorted(value):
            count = value[term]
            yield term.encode(), count, float(count), b""

    def spellable_words(self, value: object) -> tuple[str, ...]:  # noqa: ARG002 (Whoosh's signature)
        """Return nothing: suggestions come from the vocabulary."""
        return ()

    def to_bytes(self, value: str | bytes) -> bytes:
        """Return a term as it is stored."""
        return value if isinstance(value, bytes) else value.encode()

    def from_bytes(self, stored: bytes) -> str:
        """Return a stored term as text."""
        return stored.decode()


def whoosh_schema() -> fields.Schema:
    """Return the schema of every generation."""
    return fields.Schema(
        **{name.value: TermsField() for name in TermField},
        **{
            ID: fields.ID(unique=True, sortable=columns.VarBytesColumn()),
            KEYS: TermsField(),
            TEXT: fields.COLUMN(columns.VarBytesColumn()),
            FACTS: fields.COLUMN(columns.VarBytesColumn()),
        },
    )


def key_term(key: Key) -> str:
    """Return the exact token of a key; a digest, since titles can be long."""
    return f"{key.kind}:{sha256(key.value.encode()).hexdigest()[:32]}"


def row(analysed: AnalysedDocument) -> dict[str, Any]:
    """Return the Whoosh document of an analysed one."""
    titles = "\n".join(analysed.folded_titles).encode()
    texts = "\n".join(analysed.folded_texts).encode()
    return {
        ID: analysed.document.id,
        KEYS: {key_term(key): 1 for key in analysed.document.keys},
        TEXT: titles + TITLES_END + texts,
        FACTS: facts(analysed),
        **{name.value: counts for name, counts in analysed.terms.items()},
    }


def facts(analysed: AnalysedDocument) -> bytes:
    """Return everything of a document that is filtered, counted or sorted, as JSON."""
    document = analysed.document
    value = {
        "lengths": {name.value: length for name, length in analysed.lengths.items()},
        "issued": _ordinal(document.issued_on),
        "in_force": document.in_force,
        "values": {name: sorted(codes) for name, codes in document.values.items()},
        "publications": [_publication(publication) for publication in document.publications],
    }
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()


def _publication(publication: IndexPublication) -> dict[str, Any]:
    return {
        "id": publication.id,
        "published": _ordinal(publication.published_on),
        "values": {name: sorted(codes) for name, codes in publication.values.items()},
    }


def _ordinal(day: date | None) -> int:
    """Return the day's number; 0 for none."""
    return day.toordinal() if day else 0
