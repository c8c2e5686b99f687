"""One committed state of the index, opened: its segments, who of them is deleted, the statistics."""

from collections.abc import Iterable, Mapping
from functools import cached_property

import numpy as np

from indexer.query import Key, TermField
from indexer.ranking import idf, ranking
from indexer.whoosh_engine.arrays import Array, ArrayFile, DamagedFileError, Stamp
from indexer.whoosh_engine.manifest import Manifest, SegmentEntry, Statistics
from indexer.whoosh_engine.postings import NO_ROWS
from indexer.whoosh_engine.segment import KEYS, Segment, key_term
from indexer.whoosh_engine.storage import Storage

DELETED = "rows"


class Leaf:
    """A segment as of one commit. Rows are those of the segment."""

    def __init__(self, segment: Segment, deleted: Array, statistics: Statistics, stamp: Stamp | None) -> None:
        self.segment = segment
        self.deleted = deleted
        self.deletions = stamp
        self._statistics = statistics
        self._norms: dict[TermField, Array] = {}

    @property
    def size(self) -> int:
        """The number of rows, deleted ones among them."""
        return self.segment.size

    @cached_property
    def live(self) -> Array:
        """A mask of the rows that are there."""
        live = np.ones(self.size, dtype=bool)
        live[self.deleted] = False
        return live

    def norm(self, field: TermField) -> Array:
        """Return the part of BM25 that depends on the length of each document, float64."""
        if field not in self._norms:
            numbers = ranking()
            average = self._statistics.averages.get(field.value, 0.0) or 1.0
            lengths = self.segment.lengths[field].astype(np.float64)
            self._norms[field] = numbers.k1 * (1 - numbers.b + numbers.b * lengths / average)
        return self._norms[field]

    def bearing(self, keys: Iterable[Key]) -> Array:
        """Return the rows, deleted ones among them, that bear one of some exact keys."""
        found = [self.segment.fields[KEYS].read(key_term(key))[0] for key in keys]
        return np.unique(np.concatenate(found)) if found else NO_ROWS


class Snapshot:
    """The segments of one commit; the first one is the base, whose statistics all are scored with."""

    def __init__(self, storage: Storage, manifest: Manifest, known: "Snapshot | None" = None) -> None:
        """Open what a manifest names, but what is open already.

        Raises `DamagedFileError` if a file is gone or not what it should be.
        """
        self.manifest = manifest
        old: Mapping[str, Leaf] = {leaf.segment.name: leaf for leaf in known.leaves} if known else {}
        same = known is not None and known.manifest.statistics == manifest.statistics
        self.leaves: list[Leaf] = [
            _leaf(storage, entry, manifest.statistics, old.get(entry.file.name), same)
            for entry in manifest.segments
        ]

    def idf(self, field: TermField, term: str) -> float:
        """Return the idf of a term, by the base."""
        holding = self.leaves[0].segment.fields[field.value].holding(term.encode()) if self.leaves else 0
        return idf(self.manifest.statistics.documents, holding)


def _leaf(
    storage: Storage, entry: SegmentEntry, statistics: Statistics, known: Leaf | None, same: bool
) -> Leaf:
    if known is not None and same and known.deletions == entry.deletions:
        return known
    segment = known.segment if known is not None else Segment(storage, entry.file)
    if segment.size != entry.documents:
        raise DamagedFileError(f"{entry.file.name}：应有 {entry.documents} 件文件")
    deleted = ArrayFile(storage, entry.deletions)[DELETED] if entry.deletions else NO_ROWS
    leaf = Leaf(segment, deleted, statistics, entry.deletions)
    if known is not None and same:  # deletions change neither lengths nor averages
        leaf._norms = known._norms
    return leaf
