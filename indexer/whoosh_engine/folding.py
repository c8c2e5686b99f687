"""Folding in the background: a new base is made in another process while commits go on.

The fold works on one committed state, whose segments never change; commits since then leave those
segments alone but for deletions, so that what came later can be put behind the new base.
"""

import multiprocessing
from collections.abc import Iterator
from multiprocessing.connection import Connection
from pathlib import Path

from indexer.whoosh_engine.arrays import Stamp
from indexer.whoosh_engine.manifest import Manifest
from indexer.whoosh_engine.merging import Source, merge
from indexer.whoosh_engine.snapshot import Leaf, Snapshot
from indexer.whoosh_engine.storage import Storage


class FoldError(Exception):
    """The process that made a new base ended without one."""


class Fold:
    """A fold on its way."""

    def __init__(self, folder: Path, snapshot: Snapshot, name: str) -> None:
        """Start making a segment called `name` of everything in a snapshot."""
        self.name = name
        self._snapshot = snapshot
        context = multiprocessing.get_context("spawn")  # no locks or connections are inherited
        self._answer, theirs = context.Pipe(duplex=False)
        self._process = context.Process(
            target=_fold_into, args=(theirs, folder, snapshot.manifest, name), daemon=True
        )
        self._process.start()
        theirs.close()

    @property
    def done(self) -> bool:
        """Whether the new base is there, or cannot be."""
        return self._answer.poll()

    @property
    def files(self) -> frozenset[str]:
        """The names of the files it reads and of the one it writes."""
        return frozenset({self.name, *(stamp.name for stamp in self._snapshot.manifest.files())})

    @property
    def segments(self) -> frozenset[str]:
        """The names of the segments it takes in."""
        return frozenset(leaf.segment.name for leaf in self._snapshot.leaves)

    def finish(self) -> Stamp:
        """Wait for the new base; raises `FoldError` if there will be none."""
        try:
            stamp: Stamp = self._answer.recv()
        except EOFError:
            self._process.join()
            raise FoldError(f"exit code {self._process.exitcode}") from None
        finally:
            self._answer.close()
        self._process.join()
        return stamp

    def cancel(self) -> None:
        """Give up; what was written is an orphan and will be swept."""
        self._process.kill()
        self._process.join()
        self._answer.close()

    def gone_since(self, now: Snapshot) -> Iterator[str]:
        """Yield the ids of documents that were there when it began and are deleted now."""
        current: dict[str, Leaf] = {leaf.segment.name: leaf for leaf in now.leaves}
        for leaf in self._snapshot.leaves:
            later = current.get(leaf.segment.name)
            dead = leaf.live & ~later.live if later is not None else leaf.live
            for row in dead.nonzero()[0].tolist():
                yield leaf.segment.columns.name(row)


def _fold_into(answer: Connection, folder: Path, manifest: Manifest, name: str) -> None:
    """Write one segment of all that a manifest names and send its stamp."""
    storage = Storage(folder)
    snapshot = Snapshot(storage, manifest)
    sources = [Source(leaf.segment, leaf.live) for leaf in snapshot.leaves]
    answer.send(merge(sources, storage, name))
