"""Our segments as a Whoosh index: what Whoosh asks of a codec, answered from the arrays of a leaf.

With `whoosh_reader` a `whoosh.searching.Searcher` runs every kind of query that Whoosh has, with
Whoosh's own scores. It walks postings one Python object at a time, so it is the slow way and the
general one; `whoosh_queries` evaluates the usual queries on whole arrays.
"""

from collections.abc import Iterator
from typing import Any, NoReturn

import numpy as np
from whoosh import columns
from whoosh.codec import base
from whoosh.reading import EmptyReader, IndexReader, MultiReader, SegmentReader

from indexer.whoosh_engine.arrays import Array
from indexer.whoosh_engine.snapshot import Leaf, Snapshot
from indexer.whoosh_engine.whoosh_schema import ID, ISSUED, PUBLISHED, whoosh_schema
from indexer.whoosh_engine.whoosh_terms import ArrayTerms


class BuiltInBulkError(Exception):
    """Something tried to write a segment through Whoosh."""

    def __init__(self) -> None:
        super().__init__("segments are built in bulk and never change: use Inverter, merge and Committer")


def whoosh_reader(snapshot: Snapshot) -> IndexReader:
    """Return a reader over all segments of a snapshot."""
    codec, schema = ArrayCodec(), whoosh_schema()
    readers = [SegmentReader(None, schema, _Documents(codec, leaf), codec=codec) for leaf in snapshot.leaves]
    if len(readers) == 1:
        return readers[0]
    return MultiReader(readers) if readers else EmptyReader(schema)


class ArrayCodec(base.Codec):  # type: ignore[misc]  # Whoosh is untyped
    """Reads segments of arrays; writing them is refused."""

    def terms_reader(self, _storage: object, segment: "_Documents") -> "ArrayTerms":
        """Return the terms of a segment."""
        return ArrayTerms(segment.leaf)

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
