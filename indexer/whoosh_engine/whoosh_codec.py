"""Our segments as a Whoosh index: what Whoosh asks of a codec, answered from the arrays of a leaf.

With `whoosh_reader` a `whoosh.searching.Searcher` runs every kind of query that Whoosh has, with
Whoosh's own scores. It walks postings one Python object at a time, so it is the slow way and the
general one; `whoosh_queries` evaluates the usual queries on whole arrays.
"""

import struct
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from typing import Any, NoReturn

import numpy as np
from whoosh import columns, fields
from whoosh.codec import base
from whoosh.matching.mcore import ListMatcher, NullMatcher, ReadTooFar
from whoosh.reading import EmptyReader, IndexReader, MultiReader, SegmentReader, TermInfo, TermNotFound

from indexer.query import TermField
from indexer.whoosh_engine.arrays import Array
from indexer.whoosh_engine.columns import Columns
from indexer.whoosh_engine.postings import NO_ROWS
from indexer.whoosh_engine.segment import KEYS, TermList
from indexer.whoosh_engine.snapshot import Leaf, Snapshot

ID, ISSUED, PUBLISHED = "id", "issued", "published"
_FREQUENCY = struct.Struct("!I")  # as Whoosh's format of frequencies packs them


class BuiltInBulkError(Exception):
    """Something tried to write a segment through Whoosh."""

    def __init__(self) -> None:
        super().__init__("segments are built in bulk and never change: use Inverter, merge and Committer")


def whoosh_schema() -> fields.Schema:
    """Return the schema: terms cut before (parted by spaces in Whoosh's query language), keys, columns.

    Days are `date.toordinal`, 0 for none; PUBLISHED is the newest publication.
    """
    return fields.Schema(
        **{field.value: fields.KEYWORD(scorable=True) for field in TermField},
        **{
            KEYS: fields.ID(),
            ID: fields.ID(stored=True, unique=True, sortable=columns.VarBytesColumn()),
            ISSUED: fields.COLUMN(columns.NumericColumn("i")),
            PUBLISHED: fields.COLUMN(columns.NumericColumn("i")),
        },
    )


def whoosh_reader(snapshot: Snapshot) -> IndexReader:
    """Return a reader over all segments of a snapshot."""
    codec, schema = ArrayCodec(), whoosh_schema()
    readers = [SegmentReader(None, schema, _Documents(codec, leaf), codec=codec) for leaf in snapshot.leaves]
    if len(readers) == 1:
        return readers[0]
    return MultiReader(readers) if readers else EmptyReader(schema)


class Names(Sequence[bytes]):
    """The ids of documents as a field of terms: sorted, each held once by one row."""

    def __init__(self, of: Columns) -> None:
        self._columns = of

    def __len__(self) -> int:
        return self._columns.size

    def __getitem__(self, number: int) -> bytes:  # type: ignore[override]  # no slices are needed
        return bytes(self._columns.ids[self._columns.by_id[number]])

    @property
    def terms(self) -> "Names":
        """Itself: here a field and its terms are one."""
        return self

    def place(self, name: bytes) -> int:
        """Return how many ids are smaller than a text."""
        return bisect_left(self, name)

    def find(self, name: bytes) -> int:
        """Return the number of an id; -1 if it is not there."""
        place = self.place(name)
        return place if place < len(self) and self[place] == name else -1

    def rows(self, numbers: range) -> Array:
        """Return the rows (ascending, intp) that bear the ids of some numbers."""
        return np.sort(self._columns.by_id[numbers.start : numbers.stop].astype(np.intp))

    def read(self, name: bytes) -> tuple[Array, Array]:
        """Return the row of an id, if there is one, and that it holds it once."""
        number = self.find(name)
        rows = self.rows(range(number, number + 1)) if number >= 0 else NO_ROWS
        return rows, np.ones(len(rows), dtype=np.uint8)

    def holding(self, name: bytes) -> int:
        """Return how many rows bear an id: one or none."""
        return int(self.find(name) >= 0)


class ArrayCodec(base.Codec):  # type: ignore[misc]  # Whoosh is untyped
    """Reads segments of arrays; writing them is refused."""

    def terms_reader(self, _storage: object, segment: "_Documents") -> "_Terms":
        """Return the terms of a segment."""
        return _Terms(segment.leaf)

    def per_document_reader(self, _storage: object, segment: "_Documents") -> "_Documents":
        """Return what is kept by document."""
        return segment

    def _refuse(self, *_arguments: object, **_options: object) -> NoReturn:
        raise BuiltInBulkError

    per_document_writer = field_writer = postings_writer = new_segment = _refuse


class _Documents(base.Segment, base.PerDocumentReader):  # type: ignore[misc]  # Whoosh is untyped
    """The documents of a leaf: to Whoosh both a segment and what reads its deletions, lengths and columns."""

    def __init__(self, codec: ArrayCodec, leaf: Leaf) -> None:
        super().__init__("gongkai")
        self.segid = leaf.segment.name
        self.leaf = leaf
        self._codec = codec
        held = leaf.segment.columns
        self._columns: dict[str, Array] = {ID: held.ids, ISSUED: held.issued, PUBLISHED: held.newest}
        self._lengths: dict[str, Array] = {field.value: each for field, each in leaf.segment.lengths.items()}

    def _refuse(self, *_arguments: object, **_options: object) -> NoReturn:
        raise BuiltInBulkError

    set_doc_count = delete_document = _refuse

    def codec(self) -> ArrayCodec:
        return self._codec

    def doc_count_all(self) -> int:
        return self.leaf.size

    def deleted_count(self) -> int:
        return len(self.leaf.deleted)

    def is_deleted(self, docnum: int) -> bool:
        # Whoosh asks for the number behind the last document, too.
        return docnum < self.leaf.size and not self.leaf.live[docnum]

    def deleted_docs(self) -> Iterator[int]:
        return iter(self.leaf.deleted.tolist())

    def all_doc_ids(self) -> Iterator[int]:
        return iter(np.flatnonzero(self.leaf.live).tolist())

    def supports_columns(self) -> bool:
        return True

    def has_column(self, fieldname: str) -> bool:
        return fieldname in self._columns

    def column_reader(self, fieldname: str, _column: object) -> "_Column":
        return _Column(self._columns[fieldname])

    def doc_field_length(self, docnum: int, fieldname: str, default: int = 0) -> int:
        lengths = self._lengths.get(fieldname)
        return default if lengths is None else int(lengths[docnum])

    def field_length(self, fieldname: str) -> int:
        return int(self._length(fieldname).sum())

    def min_field_length(self, fieldname: str) -> int:
        lengths = self._length(fieldname)
        return int(lengths.min()) if len(lengths) else 0

    def max_field_length(self, fieldname: str) -> int:
        return int(self._length(fieldname).max(initial=0))

    def _length(self, fieldname: str) -> Array:
        return self._lengths.get(fieldname, np.empty(0, dtype=np.uint8))

    def stored_fields(self, docnum: int) -> dict[str, str]:
        return {ID: self.leaf.segment.columns.name(docnum)}


class _Column(columns.ColumnReader):  # type: ignore[misc]  # Whoosh is untyped
    """A column that is an array already: days as numbers, ids as bytes."""

    def __init__(self, values: Array) -> None:
        self._values = values
        self._reverse = False

    def __len__(self) -> int:
        return len(self._values)

    def __getitem__(self, docnum: int) -> Any:
        return self._values.item(docnum)

    def sort_key(self, docnum: int) -> Any:
        return -self[docnum] if self._reverse else self[docnum]

    def set_reverse(self) -> None:
        if self._values.dtype.kind == "S":
            raise NotImplementedError("only columns of numbers can be reversed")
        self._reverse = True


class _Terms(base.TermsReader):  # type: ignore[misc]  # Whoosh is untyped
    """The terms of all fields of a leaf."""

    def __init__(self, leaf: Leaf) -> None:
        held: dict[str, TermList | Names] = {**leaf.segment.fields, ID: Names(leaf.segment.columns)}
        self._fields = dict(sorted(held.items()))
        self._lengths: dict[str, Array] = {field.value: each for field, each in leaf.segment.lengths.items()}

    def __contains__(self, term: tuple[str, bytes]) -> bool:
        fieldname, text = term
        return fieldname in self._fields and self._fields[fieldname].terms.find(text) >= 0

    def indexed_field_names(self) -> list[str]:
        return list(self._fields)

    def cursor(self, fieldname: str, fieldobj: fields.FieldType) -> "_Cursor":
        return _Cursor(self, fieldname, self._fields[fieldname].terms, fieldobj)

    def terms(self) -> Iterator[tuple[str, bytes]]:
        return self.terms_from("", b"")

    def terms_from(self, fieldname: str, prefix: bytes) -> Iterator[tuple[str, bytes]]:
        for name, held in self._fields.items():
            if name >= fieldname:
                first = held.terms.place(prefix) if name == fieldname else 0
                yield from ((name, held.terms[number]) for number in range(first, len(held.terms)))

    def items(self) -> Iterator[tuple[tuple[str, bytes], TermInfo]]:
        return self.items_from("", b"")

    def items_from(self, fieldname: str, prefix: bytes) -> Iterator[tuple[tuple[str, bytes], TermInfo]]:
        return ((term, self.term_info(*term)) for term in self.terms_from(fieldname, prefix))

    def _read(self, fieldname: str, text: bytes) -> tuple[Array, Array]:
        if (fieldname, text) not in self:
            raise TermNotFound(f"no term {fieldname}:{text!r}")
        return self._fields[fieldname].read(text)

    def term_info(self, fieldname: str, text: bytes) -> TermInfo:
        return self._info(fieldname, *self._read(fieldname, text))

    def _info(self, fieldname: str, rows: Array, counts: Array) -> TermInfo:
        lengths = self._lengths[fieldname][rows] if fieldname in self._lengths else np.ones(1, dtype=np.uint8)
        shortest, longest = int(lengths.min()), int(lengths.max())
        most, total = float(counts.max()), float(counts.sum())
        return TermInfo(total, len(rows), shortest, longest, most, int(rows[0]), int(rows[-1]))

    def frequency(self, fieldname: str, text: bytes) -> float:
        return float(self._fields[fieldname].read(text)[1].sum()) if fieldname in self._fields else 0.0

    def doc_frequency(self, fieldname: str, text: bytes) -> int:
        return self._fields[fieldname].holding(text) if fieldname in self._fields else 0

    def matcher(self, fieldname: str, text: bytes, format_: Any, scorer: Any = None) -> "_Matcher":
        rows, counts = self._read(fieldname, text)
        return _Matcher((fieldname, text), rows, counts, self._info(fieldname, rows, counts), format_, scorer)


class _Cursor(base.FieldCursor):  # type: ignore[misc]  # Whoosh is untyped
    """A place among the terms of a field, with which Whoosh's automata skip from term to term."""

    def __init__(self, reader: _Terms, fieldname: str, terms: Any, fieldobj: fields.FieldType) -> None:
        self._reader, self._fieldname, self._terms, self._field = reader, fieldname, terms, fieldobj
        self._number = 0

    def first(self) -> str | None:
        self._number = 0
        return self.text()

    def find(self, string: str | bytes) -> str | None:
        # Automata try texts that no document can hold; in this form they still sort where they belong.
        encoded = string if isinstance(string, bytes) else string.encode("utf-8", "surrogatepass")
        plain = encoded.rstrip(b"\0")  # to `Terms` it is the same with zero bytes behind it
        self._number = self._terms.place(plain)
        if plain != encoded and self.is_valid() and self._terms[self._number] == plain:
            self._number += 1
        return self.text()

    def next(self) -> str | None:
        self._number += 1
        return self.text()

    def is_valid(self) -> bool:
        return self._number < len(self._terms)

    def text(self) -> str | None:
        return self._field.from_bytes(self._terms[self._number]) if self.is_valid() else None

    term = text

    def term_info(self) -> TermInfo | None:
        if not self.is_valid():
            return None
        return self._reader.term_info(self._fieldname, self._terms[self._number])


class _Matcher(ListMatcher):  # type: ignore[misc]  # Whoosh is untyped
    """The postings of a term as arrays. Whoosh cannot leave out blocks of them, so it counts exactly."""

    def __init__(
        self, term: tuple[str, bytes], rows: Array, counts: Array, info: TermInfo, format_: Any, scorer: Any
    ) -> None:
        super().__init__(rows, format=format_, scorer=scorer, term=term, terminfo=info)
        self._counts = counts

    def copy(self) -> "_Matcher":
        twin = _Matcher(self._term, self._ids, self._counts, self._terminfo, self._format, self._scorer)
        twin._i = self._i
        return twin

    def id(self) -> int:
        row: int = self._ids.item(self._i)
        return row

    def all_ids(self) -> Iterator[int]:
        return iter(self._ids.tolist())

    def skip_to(self, id: int) -> None:  # noqa: A002 (Whoosh's name)
        if not self.is_active():
            raise ReadTooFar
        if id > self.id():
            self._i += int(self._ids[self._i :].searchsorted(id))

    def supports_block_quality(self) -> bool:
        return False  # there is nothing to gain with one block

    def replace(self, minquality: float = 0) -> Any:  # noqa: ARG002 (Whoosh's name)
        return self if self.is_active() else NullMatcher()

    def weight(self) -> float:
        return float(self._counts[self._i])

    def value(self) -> bytes:
        return _FREQUENCY.pack(self._counts[self._i]) if self.supports("frequency") else b""

    def all_items(self) -> Iterator[tuple[int, bytes]]:
        while self.is_active():
            yield self.id(), self.value()
            self.next()
