"""How a generation's folder goes from one committed state to the next.

A commit writes new segments and deletions, syncs them and their names, and only then replaces the
manifest; what the old manifest named alone is removed after that. Segments are kept in steps: a
small new one is merged with its neighbour as long as that is not much larger, so that there are few
of them and each document is moved a few times only. The base is not touched by that: when enough
has changed, everything is folded into a new one, which also takes new statistics.
"""

import secrets
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from indexer.dictionary import Dictionary
from indexer.query import TermField
from indexer.whoosh_engine.arrays import Array, ArrayWriter, Stamp, narrow
from indexer.whoosh_engine.folding import Fold
from indexer.whoosh_engine.manifest import (
    NAME,
    Manifest,
    SegmentEntry,
    Statistics,
    read_manifest,
    write_manifest,
)
from indexer.whoosh_engine.merging import Source, merge
from indexer.whoosh_engine.segment import Segment
from indexer.whoosh_engine.snapshot import DELETED, Leaf, Snapshot
from indexer.whoosh_engine.storage import Storage

STEP = 8
"""A segment is merged with the one before unless that is more than eight times as large."""

STALE_SHARE = 8
"""The base is stale when more than 1/8 of it has changed since it was made."""


def is_stale(base: int, changed: int) -> bool:
    """Tell whether a base of so many documents is to be made anew after so many changes.

    A document changed counts twice, one that came or went once.
    """
    return changed * STALE_SHARE > base


@dataclass(frozen=True, slots=True)
class NewSegment:
    """A segment that was written but is in no manifest yet; `dead` are rows that were replaced since."""

    file: Stamp
    dead: tuple[int, ...] = ()


class Committer:
    """The one writer of a generation's folder."""

    def __init__(self, storage: Storage) -> None:
        self._storage = storage
        self.manifest = read_manifest(storage.folder)
        self._next_file = self.manifest.next_file
        self.snapshot = Snapshot(storage, self.manifest)
        self._fold: Fold | None = None
        self.sweep()

    @property
    def storage(self) -> Storage:
        """The folder."""
        return self._storage

    def new_name(self, kind: str) -> str:
        """Return a file name that was never used in this folder."""
        return f"{self.new_number()}.{kind}"

    def new_number(self) -> str:
        """Return a beginning of file names that was never used in this folder.

        It ends in a random part, lest a process left over from a crash writes under the same name.
        """
        self._next_file += 1
        return f"{self._next_file - 1:06}-{secrets.token_hex(4)}"

    def sweep(self) -> None:
        """Remove what the manifest does not name: left by a crash, or of an older commit."""
        kept = {NAME, *(stamp.name for stamp in self.manifest.files())}
        if self._fold is not None:  # it reads what was committed when it began
            kept |= self._fold.files
        for name in self._storage.names():
            if name not in kept:
                self._storage.remove(name)

    def rows_of(self, ids: Iterable[str]) -> list[Array]:
        """Return for each leaf the live rows of some documents."""
        wanted = list(ids)
        return [_live_rows(leaf, wanted) for leaf in self.snapshot.leaves]

    def commit(
        self,
        seq: int,
        new: Sequence[NewSegment],
        gone: Iterable[str],
        dictionary: Dictionary | None = None,
    ) -> None:
        """Add segments and delete documents; `gone` are those that were replaced or dropped.

        `dictionary` is the one by which everything that is left and new is cut, if that has changed.
        """
        sources = [
            Source(leaf.segment, _without(leaf.live, rows))
            for leaf, rows in zip(self.snapshot.leaves, self.rows_of(gone), strict=True)
        ]
        sources += [self._source(each) for each in new]
        self._put(seq, self._stepped(sources), dictionary or self.manifest.dictionary)

    def fold(self) -> None:
        """Make everything one new base, with statistics of its own."""
        sources = [Source(leaf.segment, leaf.live) for leaf in self.snapshot.leaves]
        if sources:
            self._put(self.manifest.seq, [self._merged(sources, base=True)], self.manifest.dictionary)

    def fold_in_background(self) -> bool:
        """Begin a fold if one is due, and take up the one that is done; tell whether it was taken up.

        Meant to be called again and again. Raises what went wrong in the fold's process.
        """
        if self._fold is None:
            if self.stale:
                self._fold = Fold(self._storage.folder, self.snapshot, self.new_name("segment"))
            return False
        if not self._fold.done:
            return False
        fold, self._fold = self._fold, None
        return self._take_up(fold, fold.finish())

    def _take_up(self, fold: Fold, stamp: Stamp) -> bool:
        """Put the new base in place of the segments that it took in."""
        names = [entry.file.name for entry in self.manifest.segments]
        if not names or names[0] not in fold.segments:  # nothing of the old base was left, it is new already
            self.sweep()
            return False
        base = Segment(self._storage, stamp)
        rows = [base.columns.find(document_id) for document_id in fold.gone_since(self.snapshot)]
        live = _without(np.ones(base.size, dtype=bool), np.array(rows, dtype=np.intp))
        later = [leaf for leaf in self.snapshot.leaves if leaf.segment.name not in fold.segments]
        sources = [Source(base, live), *(Source(leaf.segment, leaf.live) for leaf in later)]
        self._put(self.manifest.seq, sources, self.manifest.dictionary)
        return True

    def close(self) -> None:
        """Give up a fold that is on its way."""
        if self._fold is not None:
            self._fold.cancel()
            self._fold = None

    @property
    def stale(self) -> bool:
        """Whether a fold is due."""
        entries = self.manifest.segments
        if not entries:
            return False
        changed = sum(entry.live for entry in entries[1:]) + entries[0].deleted
        return is_stale(entries[0].documents, changed)

    def _source(self, new: NewSegment) -> Source:
        segment = Segment(self._storage, new.file)
        return Source(segment, _without(np.ones(segment.size, dtype=bool), np.array(new.dead, dtype=np.intp)))

    def _stepped(self, sources: Sequence[Source]) -> list[Source]:
        """Merge from the end; the base stays as long as something of it is left, and what is empty goes."""
        old_base = self.manifest.segments[0].file if self.manifest.segments else None
        left = [source for source in sources if source.kept]
        if not left:
            return []
        base, *steps = left
        if base.segment.stamp != old_base:
            whole = not steps and base.kept == base.segment.size
            return [base] if whole else [self._merged([base, *steps], base=True)]
        folding = self._fold.segments if self._fold is not None else frozenset()
        while (
            len(steps) > 1
            and steps[-2].segment.name not in folding
            and steps[-2].kept <= STEP * steps[-1].kept
        ):
            steps[-2:] = [self._merged(steps[-2:], base=False)]
        return [base, *steps]

    def _merged(self, sources: Sequence[Source], *, base: bool) -> Source:
        stamp = merge(sources, self._storage, self.new_name("segment"), base=base)
        segment = Segment(self._storage, stamp)
        return Source(segment, np.ones(segment.size, dtype=bool))

    def _put(self, seq: int, sources: Sequence[Source], dictionary: Dictionary) -> None:
        """Make some segments the committed state, and only them; a new base brings new statistics."""
        known = {leaf.segment.name: leaf for leaf in self.snapshot.leaves}
        entries = tuple(self._entry(source, known) for source in sources)
        old_base = self.manifest.segments[0].file if self.manifest.segments else None
        statistics = self.manifest.statistics
        if not entries or entries[0].file != old_base:
            statistics = statistics_of(sources[0]) if sources else Statistics()
        manifest = replace(
            self.manifest,
            seq=seq,
            dictionary=dictionary,
            statistics=statistics,
            segments=entries,
            next_file=self._next_file,
        )
        self._storage.sync_names()
        write_manifest(self._storage, manifest)
        self.manifest = manifest
        self.snapshot = Snapshot(self._storage, manifest, self.snapshot)
        self.sweep()

    def _entry(self, source: Source, known: Mapping[str, Leaf]) -> SegmentEntry:
        segment = source.segment
        deleted = np.flatnonzero(~source.live)
        old = known.get(segment.name)
        if old is not None and len(old.deleted) == len(deleted):  # deletions only grow
            return SegmentEntry(segment.stamp, segment.size, old.deletions, len(deleted))
        if not len(deleted):
            return SegmentEntry(segment.stamp, segment.size)
        writer = ArrayWriter()
        writer.add(DELETED, narrow(deleted))
        stamp = writer.write(self._storage, self.new_name("deletions"), {"kind": "deletions"})
        return SegmentEntry(segment.stamp, segment.size, stamp, len(deleted))


def statistics_of(source: Source) -> Statistics:
    """Return the statistics of a new base."""
    segment = source.segment
    totals = {field.value: float(segment.lengths[field].astype(np.float64).sum()) for field in TermField}
    averages = {name: total / max(segment.size, 1) for name, total in totals.items()}
    return Statistics(segment.size, averages)


def create(folder: Path, trees: str) -> None:
    """Make an empty generation at seq 0 in a new folder."""
    folder.mkdir(parents=True)
    write_manifest(Storage(folder), Manifest(seq=0, trees=trees))


def _live_rows(leaf: Leaf, ids: Sequence[str]) -> Array:
    rows = [leaf.segment.columns.find(document_id) for document_id in ids]
    return np.array([row for row in rows if row >= 0 and leaf.live[row]], dtype=np.intp)


def _without(live: Array, rows: Array) -> Array:
    if not len(rows):
        return live
    left = live.copy()
    left[rows] = False
    return left
