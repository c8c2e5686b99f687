"""Posting lists as arrays: which documents (rows of a segment) hold a term, and how often each does.

A list is kept in one of three forms, told by how many of the segment's rows it holds:

* *rare* (fewer than 64): the rows as they are;
* *common*: the low 16 bits of the rows, and for each block of 65,536 rows where its part ends;
* *dense* (more than a third of a large segment): no rows, but the frequency of every row, mostly 0.

Frequencies take a byte; the few from 255 up stand in a list of their own.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from indexer.whoosh_engine.arrays import Array, ArrayFile, ArrayWriter, narrow

RARE = 64
"""Rows from which a list is worth a row of block ends."""

DENSE_SHARE = 3
"""A list of more than 1/3 of the rows takes less room as one byte per row."""

BLOCK_BITS = 16
BLOCK = 1 << BLOCK_BITS
MOST = 255
"""The frequency at which the byte is full and the true one stands elsewhere."""

MANY = 512
"""Rows from which spreading a list over all rows is several times faster than searching in it."""

NO_ROWS = np.empty(0, dtype=np.int64)
NO_COUNTS = np.empty(0, dtype=np.uint8)


@dataclass(frozen=True, slots=True)
class Flat:
    """Postings of many terms: for each posting the term's number, the row, the frequency."""

    terms: Array
    rows: Array
    counts: Array


def blocks_of(size: int) -> int:
    """Return how many blocks a segment of so many rows has."""
    return max(1, -(-size // BLOCK))


def _is_dense(holding: Array, size: int) -> Array:
    result: Array = (holding >= RARE) & (holding * DENSE_SHARE > size)
    return result


class Counts:
    """Frequencies in bytes, those from 255 up in a sorted list by their place."""

    def __init__(self, small: Array, places: Array, values: Array) -> None:
        self._small = small
        self._places = places
        self._values = values

    def __getitem__(self, part: slice) -> Array:
        """Return the frequencies of a part; a view of the file if they all are small."""
        small = self._small[part]
        if not len(self._places):
            return small
        first, last = self._places.searchsorted([part.start, part.stop])
        if first == last:
            return small
        counts = small.astype(np.uint32)
        counts[self._places[first:last].astype(np.int64) - part.start] = self._values[first:last]
        return counts


class _CountsWriter:
    """Writes `Counts` piece by piece."""

    def __init__(self, writer: ArrayWriter, name: str) -> None:
        self._writer, self._name = writer, name
        self._small = writer.stream(f"{name}.counts", np.uint8)
        self._places: list[Array] = []
        self._values: list[Array] = []

    @property
    def length(self) -> int:
        return self._small.length

    def append(self, counts: Array) -> None:
        places = np.flatnonzero(counts >= MOST)
        self._places.append(places + self._small.length)
        self._values.append(counts[places])
        self._small.append(np.minimum(counts, MOST))

    def finish(self) -> None:
        places = np.concatenate(self._places) if self._places else NO_ROWS
        values = np.concatenate(self._values) if self._values else NO_ROWS
        self._writer.add(f"{self._name}.large_at", narrow(places))
        self._writer.add(f"{self._name}.large", narrow(values))


def _open_counts(file: ArrayFile, name: str) -> Counts:
    return Counts(file[f"{name}.counts"], file[f"{name}.large_at"], file[f"{name}.large"])


class Postings:
    """The posting lists of one field of one segment, mapped. Terms go by their numbers."""

    def __init__(self, file: ArrayFile, name: str, size: int) -> None:
        self.size = size
        self.holding = file[f"{name}.holding"]
        self._starts = file[f"{name}.starts"]
        self._rare = file[f"{name}.rare"]
        self._rare_counts = _open_counts(file, f"{name}.rare")
        self._lows = file[f"{name}.lows"]
        self._common_counts = _open_counts(file, f"{name}.common")
        self._blocks = blocks_of(size)
        self._common_terms = file[f"{name}.common_terms"]
        self._ends = file[f"{name}.block_ends"]
        self._dense_counts = _open_counts(file, f"{name}.dense")

    def frequencies(self, term: int) -> Array | None:
        """Return the frequency of every row if the list is kept dense, else None."""
        if not self._dense(term):
            return None
        start = int(self._starts[term]) * self.size
        return self._dense_counts[start : start + self.size]

    def read(self, term: int) -> tuple[Array, Array]:
        """Return the rows (ascending, intp) that hold a term and how often each does."""
        dense = self.frequencies(term)
        if dense is not None:
            rows = np.flatnonzero(dense)
            return rows, dense[rows]
        start, holding = int(self._starts[term]), int(self.holding[term])
        part = slice(start, start + holding)
        if holding < RARE:
            return self._rare[part].astype(np.intp), self._rare_counts[part]
        rows = self._lows[part].astype(np.intp)
        if self._blocks > 1:
            ends = self._block_ends(term)
            for block in range(1, self._blocks):
                rows[ends[block - 1] : ends[block]] += block << BLOCK_BITS
        return rows, self._common_counts[part]

    def at(self, term: int, rows: Array) -> Array:
        """Return how often each of some ascending rows holds a term; 0 where it does not."""
        dense = self.frequencies(term)
        if dense is not None:
            return dense[rows]
        start, holding = int(self._starts[term]), int(self.holding[term])
        if holding < RARE or len(rows) * 16 > holding:
            found, counts = self.read(term)
            return _pick(found, counts, rows) if len(rows) < MANY else self._spread(found, counts)[rows]
        lows, counts = self._lows[start : start + holding], self._common_counts[start : start + holding]
        if self._blocks == 1:
            return _pick(lows, counts, rows.astype(np.uint16))
        picked = np.zeros(len(rows), dtype=counts.dtype)
        ends = [0, *self._block_ends(term).tolist()]
        cuts = rows.searchsorted(np.arange(self._blocks + 1) << BLOCK_BITS).tolist()
        for block in range(self._blocks):
            first, last = cuts[block], cuts[block + 1]
            if first < last:
                part = slice(ends[block], ends[block + 1])
                picked[first:last] = _pick(lows[part], counts[part], rows[first:last].astype(np.uint16))
        return picked

    def _spread(self, rows: Array, counts: Array) -> Array:
        """Return the frequency of every row, given those of the rows that hold the term."""
        frequencies = np.zeros(self.size, dtype=counts.dtype)
        frequencies[rows] = counts
        return frequencies

    def flat(self, first: int, last: int) -> Iterator[Flat]:
        """Yield all postings of the terms from `first` up to `last`; within a term rows ascend."""
        numbers = np.arange(first, last)
        holding = self.holding[first:last].astype(np.int64)
        dense = _is_dense(holding, self.size)
        rare = holding < RARE
        for kept, rows_of, counts in (
            (rare, self._rare_rows, self._rare_counts),
            (~rare & ~dense, self._common_rows, self._common_counts),
        ):
            if kept.any():
                terms, lengths = numbers[kept], holding[kept]
                start = int(self._starts[terms[0]])
                part = slice(start, start + int(lengths.sum()))
                yield Flat(np.repeat(terms, lengths), rows_of(terms, lengths, part), counts[part])
        for term in numbers[dense].tolist():
            rows, counts_of = self.read(term)
            yield Flat(np.full(len(rows), term), rows, counts_of)

    def _dense(self, term: int) -> bool:
        holding = int(self.holding[term])
        return holding >= RARE and holding * DENSE_SHARE > self.size

    def _block_ends(self, term: int) -> Array:
        row = int(self._common_terms.searchsorted(term)) * self._blocks
        return self._ends[row : row + self._blocks]

    def _rare_rows(self, _terms: Array, _lengths: Array, part: slice) -> Array:
        return self._rare[part].astype(np.int64)

    def _common_rows(self, terms: Array, _lengths: Array, part: slice) -> Array:
        rows = self._lows[part].astype(np.int64)
        if self._blocks > 1:
            row = int(self._common_terms.searchsorted(terms[0]))
            ends = self._ends[row * self._blocks : (row + len(terms)) * self._blocks].astype(np.int64)
            lengths = np.diff(ends.reshape(-1, self._blocks), prepend=0, axis=1).ravel()
            blocks = np.tile(np.arange(self._blocks) << BLOCK_BITS, len(terms))
            rows += np.repeat(blocks, lengths)
        return rows


def _pick(found: Array, counts: Array, rows: Array) -> Array:
    """Return the counts of those of some rows that are found, 0 for the others; both ascend."""
    if not len(found):
        return np.zeros(len(rows), dtype=np.uint8)
    places = found.searchsorted(rows)
    np.minimum(places, len(found) - 1, out=places)
    return np.where(found[places] == rows, counts[places], 0)


class PostingsWriter:
    """Writes the posting lists of a field, terms in order."""

    def __init__(self, writer: ArrayWriter, name: str, size: int) -> None:
        self._writer, self._name, self._size = writer, name, size
        self._blocks = blocks_of(size)
        self._holding: list[Array] = []
        self._starts: list[Array] = []
        self._terms = 0
        self._rare = writer.stream(f"{name}.rare", np.uint16 if size <= BLOCK else np.uint32)
        self._rare_counts = _CountsWriter(writer, f"{name}.rare")
        self._lows = writer.stream(f"{name}.lows", np.uint16)
        self._common_counts = _CountsWriter(writer, f"{name}.common")
        self._common_terms = writer.stream(f"{name}.common_terms", np.uint32)
        self._ends = writer.stream(f"{name}.block_ends", np.uint32)
        self._dense_counts = _CountsWriter(writer, f"{name}.dense")

    def append(self, holding: Array, rows: Array, counts: Array) -> None:
        """Add the next terms: how many rows hold each, and their rows and frequencies end to end."""
        holding = holding.astype(np.int64)
        dense = _is_dense(holding, self._size)
        rare = holding < RARE
        common = ~rare & ~dense
        starts = np.zeros(len(holding), dtype=np.int64)
        starts[rare] = self._rare.length + _before(holding[rare])
        starts[common] = self._lows.length + _before(holding[common])
        starts[dense] = self._dense_counts.length // max(self._size, 1) + np.arange(int(dense.sum()))
        whole = bool(rare.all())
        kept = slice(None) if whole else np.repeat(rare, holding)
        self._rare.append(rows[kept])
        self._rare_counts.append(counts[kept])
        if not whole:
            self._append_common(common, holding, rows, counts)
            ends = np.cumsum(holding)
            for term in np.flatnonzero(dense).tolist():
                self._append_dense(slice(int(ends[term] - holding[term]), int(ends[term])), rows, counts)
        self._holding.append(holding)
        self._starts.append(starts)
        self._terms += len(holding)

    def _append_common(self, common: Array, holding: Array, rows: Array, counts: Array) -> None:
        kept = np.repeat(common, holding)
        rows = rows[kept]
        self._lows.append(rows & (BLOCK - 1))
        self._common_counts.append(counts[kept])
        terms = np.flatnonzero(common)
        self._common_terms.append(terms + self._terms)
        if self._blocks > 1:
            owners = np.repeat(np.arange(len(terms)), holding[common])
            cells = owners * self._blocks + (rows >> BLOCK_BITS)
            lengths = np.bincount(cells, minlength=len(terms) * self._blocks)
            self._ends.append(np.cumsum(lengths.reshape(-1, self._blocks), axis=1).ravel())
        else:
            self._ends.append(holding[common])

    def _append_dense(self, part: slice, rows: Array, counts: Array) -> None:
        frequencies = np.zeros(self._size, dtype=counts.dtype)
        frequencies[rows[part]] = counts[part]
        self._dense_counts.append(frequencies)

    def finish(self) -> None:
        """Write what tells where the lists are."""
        for counts in (self._rare_counts, self._common_counts, self._dense_counts):
            counts.finish()
        nothing = [NO_ROWS]
        self._writer.add(f"{self._name}.holding", narrow(np.concatenate(self._holding or nothing)))
        self._writer.add(f"{self._name}.starts", narrow(np.concatenate(self._starts or nothing)))


def _before(lengths: Array) -> Array:
    """Return where each of some pieces begins when they stand end to end."""
    return np.cumsum(lengths) - lengths
