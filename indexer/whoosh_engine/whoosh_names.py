"""The ids of a segment's documents, in the shape of a field."""

from bisect import bisect_left
from collections.abc import Sequence

import numpy as np

from indexer.whoosh_engine.arrays import Array
from indexer.whoosh_engine.columns import Columns
from indexer.whoosh_engine.postings import NO_ROWS


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
