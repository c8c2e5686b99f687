"""Posting arrays of one field: which documents hold a term, and how often."""

import itertools
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

_NONE = (np.empty(0, dtype=np.int64), np.empty(0, dtype=np.float64))


@dataclass(frozen=True, slots=True)
class Postings:
    """Rows (ascending) and counts of term number n stand at `starts[n]:starts[n + 1]`."""

    numbers: Mapping[str, int]
    starts: Ints
    rows: Ints
    counts: Floats

    @classmethod
    def of(cls, documents: Iterable[Counter[str]]) -> "Postings":
        """Turn the term counts of the documents, in row order, into postings."""
        numbers: dict[str, int] = {}
        terms: list[int] = []
        counts: list[int] = []
        sizes: list[int] = []
        for counter in documents:
            terms += [numbers.setdefault(term, len(numbers)) for term in counter]
            counts += counter.values()
            sizes.append(len(counter))
        found = np.array(terms, dtype=np.int64)
        rows = np.repeat(np.arange(len(sizes)), sizes)
        order = np.argsort(found, kind="stable")
        starts = np.concatenate([[0], np.cumsum(np.bincount(found, minlength=len(numbers)))])
        return cls(numbers, starts, rows[order], np.array(counts, dtype=np.float64)[order])

    @classmethod
    def load(cls, path: Path) -> "Postings":
        """Read what `save` wrote."""
        with np.load(path) as arrays:
            terms = arrays["terms"].tobytes().decode().split("\0")
            starts, rows, counts = arrays["starts"], arrays["rows"], arrays["counts"]
        numbers = dict(zip(terms, itertools.count(), strict=False))
        return cls(numbers, starts, rows.astype(np.int64), counts.astype(np.float64))

    def save(self, path: Path) -> None:
        """Write the arrays, rows and counts in 32 bits."""
        terms = np.frombuffer("\0".join(self.numbers).encode(), dtype=np.uint8)
        rows, counts = self.rows.astype(np.int32), self.counts.astype(np.int32)
        np.savez(path, terms=terms, starts=self.starts, rows=rows, counts=counts)

    def __call__(self, term: str) -> tuple[Ints, Floats]:
        """Return rows and counts of a term, empty if nothing holds it."""
        number = self.numbers.get(term)
        if number is None:
            return _NONE
        part = slice(self.starts[number], self.starts[number + 1])
        return self.rows[part], self.counts[part]
