"""The terms of a leaf as Whoosh reads them: looked up, walked through in order, matched."""

from collections.abc import Iterator
from typing import Any

import numpy as np
from typing_extensions import override
from whoosh import fields
from whoosh.codec import base
from whoosh.reading import TermInfo, TermNotFound

from indexer.whoosh_engine.arrays import Array
from indexer.whoosh_engine.segment import TermList
from indexer.whoosh_engine.snapshot import Leaf
from indexer.whoosh_engine.whoosh_matcher import ArrayMatcher
from indexer.whoosh_engine.whoosh_names import Names
from indexer.whoosh_engine.whoosh_schema import ID


class ArrayTerms(base.TermsReader):  # type: ignore[misc]  # Whoosh is untyped
    """The terms of all fields of a leaf."""

    def __init__(self, leaf: Leaf) -> None:
        held: dict[str, TermList | Names] = {**leaf.segment.fields, ID: Names(leaf.segment.columns)}
        self._fields = dict(sorted(held.items()))
        self._lengths: dict[str, Array] = {field.value: each for field, each in leaf.segment.lengths.items()}

    def __contains__(self, term: tuple[str, bytes]) -> bool:
        fieldname, text = term
        return fieldname in self._fields and self._fields[fieldname].terms.find(text) >= 0

    @override
    def indexed_field_names(self) -> list[str]:
        return list(self._fields)

    @override
    def cursor(self, fieldname: str, fieldobj: fields.FieldType) -> "ArrayCursor":
        return ArrayCursor(self, fieldname, self._fields[fieldname].terms, fieldobj)

    @override
    def terms(self) -> Iterator[tuple[str, bytes]]:
        return self.terms_from("", b"")

    @override
    def terms_from(self, fieldname: str, prefix: bytes) -> Iterator[tuple[str, bytes]]:
        for name, held in self._fields.items():
            if name >= fieldname:
                first = held.terms.place(prefix) if name == fieldname else 0
                yield from ((name, held.terms[number]) for number in range(first, len(held.terms)))

    @override
    def items(self) -> Iterator[tuple[tuple[str, bytes], TermInfo]]:
        return self.items_from("", b"")

    @override
    def items_from(self, fieldname: str, prefix: bytes) -> Iterator[tuple[tuple[str, bytes], TermInfo]]:
        return ((term, self.term_info(*term)) for term in self.terms_from(fieldname, prefix))

    def _read(self, fieldname: str, text: bytes) -> tuple[Array, Array]:
        if (fieldname, text) not in self:
            raise TermNotFound(f"no term {fieldname}:{text!r}")
        return self._fields[fieldname].read(text)

    @override
    def term_info(self, fieldname: str, text: bytes) -> TermInfo:
        return self._info(fieldname, *self._read(fieldname, text))

    def _info(self, fieldname: str, rows: Array, counts: Array) -> TermInfo:
        lengths = self._lengths[fieldname][rows] if fieldname in self._lengths else np.ones(1, dtype=np.uint8)
        shortest, longest = int(lengths.min()), int(lengths.max())
        most, total = float(counts.max()), float(counts.sum())
        return TermInfo(total, len(rows), shortest, longest, most, int(rows[0]), int(rows[-1]))

    @override
    def frequency(self, fieldname: str, text: bytes) -> float:
        return float(self._fields[fieldname].read(text)[1].sum()) if fieldname in self._fields else 0.0

    @override
    def doc_frequency(self, fieldname: str, text: bytes) -> int:
        return self._fields[fieldname].holding(text) if fieldname in self._fields else 0

    @override
    def matcher(self, fieldname: str, text: bytes, format_: Any, scorer: Any = None) -> "ArrayMatcher":
        rows, counts = self._read(fieldname, text)
        return ArrayMatcher(
            (fieldname, text), rows, counts, self._info(fieldname, rows, counts), format_, scorer
        )


class ArrayCursor(base.FieldCursor):  # type: ignore[misc]  # Whoosh is untyped
    """A place among the terms of a field, with which Whoosh's automata skip from term to term."""

    def __init__(self, reader: ArrayTerms, fieldname: str, terms: Any, fieldobj: fields.FieldType) -> None:
        self._reader, self._fieldname, self._terms, self._field = reader, fieldname, terms, fieldobj
        self._number = 0

    @override
    def first(self) -> str | None:
        self._number = 0
        return self.text()

    @override
    def find(self, string: str | bytes) -> str | None:
        # Automata try texts that no document can hold; in this form they still sort where they belong.
        encoded = string if isinstance(string, bytes) else string.encode("utf-8", "surrogatepass")
        plain = encoded.rstrip(b"\0")  # to `Terms` it is the same with zero bytes behind it
        self._number = self._terms.place(plain)
        if plain != encoded and self.is_valid() and self._terms[self._number] == plain:
            self._number += 1
        return self.text()

    @override
    def next(self) -> str | None:
        self._number += 1
        return self.text()

    @override
    def is_valid(self) -> bool:
        return self._number < len(self._terms)

    @override
    def text(self) -> str | None:
        return self._field.from_bytes(self._terms[self._number]) if self.is_valid() else None

    term = text

    @override
    def term_info(self) -> TermInfo | None:
        if not self.is_valid():
            return None
        return self._reader.term_info(self._fieldname, self._terms[self._number])
