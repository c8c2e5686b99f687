"""The Whoosh engine: one generation of the index in one folder.

Whoosh keeps schema, segments, postings, deletions and its write lock; our manifest beside it says
which change of the catalogue the folder has read. Documents are replaced by id. A commit is durable
before the manifest moves, so a crash leaves an index that knows at most more than its manifest says,
and the indexer applies the rest again.
"""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
from whoosh.index import FileIndex
from whoosh.index import IndexError as WhooshIndexError

from indexer.engine import (
    UNDATED,
    Batch,
    EngineAnswer,
    EngineHit,
    EngineRequest,
    Order,
)
from indexer.errors import IndexFormatError
from indexer.manifest import Manifest, read_manifest, trees_digest, write_manifest
from indexer.query import KeyKind, TermField
from indexer.whoosh_engine.facts import Facts, Floats, Ints, Mask
from indexer.whoosh_engine.filtering import Filtering
from indexer.whoosh_engine.matching import Matching
from indexer.whoosh_engine.schema import ID, row, whoosh_schema
from indexer.whoosh_engine.snapshot import Snapshot
from indexer.whoosh_engine.storage import SyncedStorage

WRITER_MEMORY_MB = 256
OPEN_ATTEMPTS = 20
"""Tries to open a commit: another process may clean it away between reading its table and its files."""


class WhooshEngine:
    """A generation of the index; `promote` is called back to make it the live one."""

    def __init__(self, folder: Path, promote: Callable[[], None] | None = None) -> None:
        self._folder = folder
        self._promote = promote
        self._manifest = read_manifest(folder)
        self._index = _whoosh_index(folder)
        self._writer: Any = None
        self._written: set[str] = set()  # documents that it has added and cannot
        self._applied: int | None = None
        self._snapshot = self._open({})
        self._committed = self._snapshot.live_ids()  # documents that the open writer can delete

    @classmethod
    def create(cls, folder: Path, promote: Callable[[], None] | None = None) -> "WhooshEngine":
        """Make an empty index at seq 0 in a new folder."""
        folder.mkdir(parents=True)
        FileIndex.create(SyncedStorage(str(folder)), whoosh_schema())
        write_manifest(folder, Manifest(seq=0, trees=trees_digest()))
        return cls(folder, promote)

    @property
    def seq(self) -> int:
        """The change of the catalogue up to which a search sees everything."""
        return self._manifest.seq

    @property
    def documents(self) -> int:
        """How many documents are there."""
        return int(self._snapshot.live.sum())

    @property
    def generation(self) -> str:
        """The name of this generation."""
        return self._folder.name

    async def apply(self, batch: Batch, seq: int) -> None:
        """Take a batch; see `Engine.apply`."""
        for document_id in batch.dropped:
            self._drop(document_id)
        for analysed in batch.documents:
            self._drop(analysed.document.id)
            self._open_writer().add_document(**row(analysed))
            self._written.add(analysed.document.id)
        self._applied = seq

    def _drop(self, document_id: str) -> None:
        """Delete a document if it is there; what the open writer itself has added asks for a commit first."""
        if document_id in self._written:
            self._commit_writer()
        if document_id in self._committed:
            self._open_writer().delete_by_term(ID, document_id)
            self._committed.discard(document_id)

    def _open_writer(self) -> Any:
        if self._writer is None:
            try:
                self._writer = self._index.writer(limitmb=WRITER_MEMORY_MB)
            except OSError:
                self._index.storage.unlock()  # a full disk must not leave it locked
                raise
        return self._writer

    def _commit_writer(self) -> None:
        if self._writer is not None:
            writer, self._writer = self._writer, None
            writer.commit()
            self._committed |= self._written
            self._written.clear()

    async def checkpoint(self) -> None:
        """Commit what was applied, then say so in the manifest."""
        self._commit_writer()
        if self._applied is not None:
            write_manifest(self._folder, replace(self._manifest, seq=self._applied))
            self._applied = None
        await self.refresh()

    async def promote(self) -> None:
        """Make this generation the live one."""
        if self._promote is not None:
            self._promote()

    async def refresh(self) -> bool:
        """Follow the commits of another process; tell whether there was one. Searches go on meanwhile."""
        manifest = read_manifest(self._folder)
        if manifest == self._manifest:
            return False
        old = self._snapshot
        self._snapshot = self._open(old.leaves)
        self._manifest = manifest
        return True

    async def close(self) -> None:
        """Let go of files; what was applied and not committed is forgotten."""
        if self._writer is not None:
            writer, self._writer = self._writer, None
            with suppress(Exception):  # on a full disk it fails too, and lets its lock go all the same
                writer.cancel()
        self._snapshot.close()

    async def terms(self, field: TermField, prefix: str, limit: int) -> list[tuple[str, int]]:
        """Return terms that begin with `prefix`; see `Engine.terms`."""
        found: list[tuple[str, int]] = []
        for term in self._snapshot.beginning(field, prefix):
            if len(found) >= limit:
                break
            rows, _ = self._snapshot.postings(field.value, term)
            holding = int(self._snapshot.live[rows].sum())
            if holding:
                found.append((term, holding))
        return found

    async def search(self, request: EngineRequest) -> EngineAnswer:
        """Answer a question; see `Engine.search`."""
        snapshot, facts = self._snapshot, self._snapshot.facts
        live = self._live(request.hidden)
        matching = Matching(snapshot, request.query, live)
        matched, scores = matching.evaluate()
        if request.bearing:
            matched &= matching.bearing(request.bearing)
        if request.not_bearing:
            matched &= ~matching.bearing(request.not_bearing)
        filtering = Filtering(facts, request.filters)
        found = matched & filtering.passing()
        publications = filtering.publications() & found[facts.publication_owner]
        hits = self._hits(request, found, scores, publications)
        return EngineAnswer(
            hits=hits,
            total=int(found.sum()),
            total_publications=int(publications.sum()),
            facets={facet: filtering.counts(facet, matched) for facet in request.facets},
            bearing={kind: int((found & matching.bearing(frozenset({kind}))).sum()) for kind in KeyKind},
        )

    def _live(self, hidden: frozenset[str]) -> Mask:
        if not hidden:
            return self._snapshot.live
        live = self._snapshot.live.copy()
        live[[place for place, name in enumerate(self._snapshot.facts.ids) if name in hidden]] = False
        return live

    def _hits(
        self, request: EngineRequest, found: Mask, scores: Floats, publications: Mask
    ) -> tuple[EngineHit, ...]:
        facts = self._snapshot.facts
        published = _newest(facts, publications)
        rows = np.flatnonzero(found)
        values = _sort_values(request.order, facts, scores, published)[rows]
        ordered = np.lexsort((facts.id_rank[rows], values))
        rows, values = rows[ordered], values[ordered]
        if request.after is not None:
            start = _behind(facts, rows, values, request.after.value, request.after.document_id)
            rows, values = rows[start:], values[start:]
        page = slice(request.offset, request.offset + request.limit)
        return tuple(
            EngineHit(
                document_id=facts.ids[place],
                score=float(scores[place]),
                value=float(value),
                publications=_passing(facts, publications, place),
                published_on=date.fromordinal(int(published[place])) if published[place] else None,
            )
            for place, value in zip(rows[page].tolist(), values[page], strict=True)
        )

    def _open(self, known: dict[str, Any]) -> Snapshot:
        for attempt in range(OPEN_ATTEMPTS):
            try:
                return Snapshot(self._index.reader(), known)
            except (OSError, WhooshIndexError) as error:
                if attempt == OPEN_ATTEMPTS - 1:
                    raise IndexFormatError(self._folder, f"缺少文件（{error}）") from error
        raise AssertionError("unreachable")


def _whoosh_index(folder: Path) -> Any:
    try:
        return FileIndex(SyncedStorage(str(folder)))
    except (OSError, WhooshIndexError) as error:
        raise IndexFormatError(folder, f"无法打开（{error}）") from error


def _newest(facts: Facts, publications: Mask) -> Ints:
    """Return the latest date among the passing publications of each document; 0 for none."""
    newest = np.zeros(len(facts.ids), dtype=np.int64)
    np.maximum.at(newest, facts.publication_owner[publications], facts.published[publications])
    return newest


def _sort_values(order: Order, facts: Facts, scores: Floats, published: Ints) -> Floats:
    """Return the value of each document in an order: smaller stands first, undated last."""
    match order:
        case Order.SCORE:
            return -scores
        case Order.PUBLISHED:
            return np.where(published > 0, published, UNDATED)
        case Order.PUBLISHED_DESC:
            return np.where(published > 0, -published, UNDATED)
        case Order.ISSUED_DESC:
            return np.where(facts.issued > 0, -facts.issued, UNDATED)
        case Order.IN_FORCE:
            newest = np.where(facts.issued > 0, -facts.issued, np.where(published > 0, -published, 0))
            return np.where(facts.in_force, newest, newest + UNDATED)


def _behind(facts: Facts, rows: Ints, values: Floats, value: float, document_id: str) -> int:
    """Return how many of the ordered rows stand at or before a place (value, then id)."""
    first = int(np.searchsorted(values, value, "left"))
    last = int(np.searchsorted(values, value, "right"))
    same = sum(1 for place in rows[first:last].tolist() if facts.ids[place] <= document_id)
    return first + same


def _passing(facts: Facts, publications: Mask, place: int) -> tuple[str, ...]:
    span = facts.publications_of(place)
    return tuple(
        name for name, passes in zip(facts.publication_ids[span], publications[span], strict=True) if passes
    )
