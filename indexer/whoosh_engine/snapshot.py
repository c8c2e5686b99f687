"""One opened state of a Whoosh index: its postings as arrays, its facts, its folded texts."""

from array import array
from collections import OrderedDict
from typing import Any

import numpy as np

from indexer.query import Key, TermField
from indexer.whoosh_engine.facts import Facts, Floats, Ints, Mask, collect, decode
from indexer.whoosh_engine.schema import FACTS, ID, KEYS, TEXT, TITLES_END, key_term

CACHED_POSTINGS = 8_000_000
"""Postings kept decoded per segment; sixteen bytes each. Common terms come in every query."""

ENTRY = 50
"""Postings as which a kept term counts besides its own: queries bring terms that nobody holds."""


class Leaf:
    """One segment: immutable, so what was decoded of it stays right for as long as it lives."""

    def __init__(self, reader: Any) -> None:
        self.reader = reader
        self.size = reader.doc_count_all()
        columns = {name: reader.column_reader(name) for name in (ID, FACTS)}
        self.ids = [_text(columns[ID][row]) for row in range(self.size)]
        self.facts = [decode(columns[FACTS][row]) for row in range(self.size)]
        self._texts = reader.column_reader(TEXT)
        self._postings: OrderedDict[tuple[str, str], tuple[Ints, Floats]] = OrderedDict()
        self._cached = 0

    def postings(self, field: str, term: str) -> tuple[Ints, Floats]:
        """Return the rows that hold a term and how often each does."""
        found = self._postings.get((field, term))
        if found is not None:
            self._postings.move_to_end((field, term))
            return found
        found = self._decode(field, term.encode())
        self._postings[field, term] = found
        self._cached += len(found[0]) + ENTRY
        while self._cached > CACHED_POSTINGS and len(self._postings) > 1:
            _, (rows, _counts) = self._postings.popitem(last=False)
            self._cached -= len(rows) + ENTRY
        return found

    def _decode(self, field: str, term: bytes) -> tuple[Ints, Floats]:
        rows, counts = array("q"), array("d")
        if (field, term) in self.reader:
            matcher = self.reader.postings(field, term)
            while matcher.is_active():
                rows.append(matcher.id())
                counts.append(matcher.weight())
                matcher.next()
        return np.array(rows, dtype=np.int64), np.array(counts, dtype=np.float64)

    def text(self, row: int) -> bytes:
        """Return titles and texts of a document, folded, as the schema joins them."""
        return bytes(self._texts[row])

    def deleted(self) -> list[int]:
        """Return the rows that were deleted."""
        return [row for row in range(self.size) if self.reader.is_deleted(row)]


class Snapshot:
    """The segments of one commit side by side; rows run through all of them."""

    def __init__(self, reader: Any, known: dict[str, Leaf]) -> None:
        self._reader = reader
        self.leaves: dict[str, Leaf] = {}
        for leaf_reader, _base in reader.leaf_readers():
            segment = leaf_reader.segment()
            if segment is None:  # an empty index has one reader of nothing
                continue
            name = segment.segment_id()
            leaf = known.get(name)
            if leaf is None:
                leaf = Leaf(leaf_reader)
            else:
                leaf.reader = leaf_reader  # the same files, with the deletions of this commit
            self.leaves[name] = leaf
        self._order = list(self.leaves.values())
        self._bases = np.cumsum([0, *(leaf.size for leaf in self._order)])
        self.facts: Facts = collect(
            [document_id for leaf in self._order for document_id in leaf.ids],
            [fact for leaf in self._order for fact in leaf.facts],
        )
        self.size = len(self.facts.ids)
        self.live: Mask = np.ones(self.size, dtype=bool)
        for leaf, base in zip(self._order, self._bases, strict=False):
            self.live[[base + row for row in leaf.deleted()]] = False

    def live_ids(self) -> set[str]:
        """Return the ids of the documents that are there."""
        return {name for name, live in zip(self.facts.ids, self.live, strict=True) if live}

    def postings(self, field: str, term: str) -> tuple[Ints, Floats]:
        """Return the rows (deleted ones among them) that hold a term, and how often each does."""
        parts = [leaf.postings(field, term) for leaf in self._order]
        if len(parts) == 1:
            return parts[0]
        if not parts:
            return np.empty(0, dtype=np.int64), np.empty(0)
        rows = [rows + base for (rows, _), base in zip(parts, self._bases, strict=False)]
        return np.concatenate(rows), np.concatenate([counts for _, counts in parts])

    def bearing(self, key: Key) -> Ints:
        """Return the rows that bear an exact key."""
        return self.postings(KEYS, key_term(key))[0]

    def beginning(self, field: TermField, prefix: str) -> list[str]:
        """Return the terms that begin with a prefix, in order."""
        return [_text(term) for term in self._reader.expand_prefix(field.value, prefix)]

    def text(self, row: int) -> bytes:
        """Return the folded titles and texts of a document."""
        place = int(np.searchsorted(self._bases, row, "right")) - 1
        return self._order[place].text(row - int(self._bases[place]))

    def titles(self, row: int) -> bytes:
        """Return the folded titles of a document, a line each."""
        return self.text(row).split(TITLES_END, 1)[0]

    def close(self) -> None:
        """Close the files."""
        self._reader.close()


def _text(value: str | bytes) -> str:
    return value if isinstance(value, str) else bytes(value).decode()
