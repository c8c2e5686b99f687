"""The Whoosh engine: one generation of the index in one folder."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

from indexer.dictionary import Dictionary
from indexer.documents import AnalysedDocument
from indexer.engine import Batch, EngineAnswer, EngineRequest
from indexer.errors import IndexFormatError
from indexer.query import TermField
from indexer.whoosh_engine.answering import Answering
from indexer.whoosh_engine.arrays import DamagedFileError
from indexer.whoosh_engine.building import Bulk, Progress, Task, build
from indexer.whoosh_engine.commits import Committer, NewSegment, create
from indexer.whoosh_engine.inverting import SPILL_POSTINGS, Inverter
from indexer.whoosh_engine.manifest import read_manifest, trees_digest
from indexer.whoosh_engine.snapshot import Snapshot
from indexer.whoosh_engine.storage import Storage

SMALL = 20_000
"""Documents up to which a stale base is folded at once: it takes a second or two."""

OPEN_ATTEMPTS = 20
"""Tries to open a commit: its writer may replace it between our reading its manifest and its files."""


class WhooshEngine:
    """A generation of the index; `promote` is called back to make it the live one.

    Readers need nothing but the folder. The first `apply` makes this the folder's writer: there must
    be one at a time, which `Generations.writing` sees to.
    """

    def __init__(
        self, folder: Path, promote: Callable[[], None] | None = None, storage: Storage | None = None
    ) -> None:
        self._folder = folder
        self._promote = promote
        self._storage = storage or Storage(folder)
        self._snapshot = self._open(None)
        self._answering = Answering(self._snapshot)
        self._committer: Committer | None = None
        self._pending: _Pending | None = None

    @classmethod
    def create(cls, folder: Path, promote: Callable[[], None] | None = None) -> "WhooshEngine":
        """Make an empty index at seq 0 in a new folder."""
        create(folder, trees_digest())
        return cls(folder, promote)

    @property
    def seq(self) -> int:
        """The change of the catalogue up to which a search sees everything."""
        return self._snapshot.manifest.seq

    @property
    def documents(self) -> int:
        """How many documents are there."""
        return self._snapshot.manifest.documents

    @property
    def generation(self) -> str:
        """The name of this generation."""
        return self._folder.name

    @property
    def dictionary(self) -> Dictionary:
        """What the texts were cut by, and questions are to be cut by."""
        return self._snapshot.manifest.dictionary

    @property
    def snapshot(self) -> Snapshot:
        """The committed state that searches see."""
        return self._snapshot

    async def apply(self, batch: Batch, seq: int) -> None:
        """Take a batch; see `Engine.apply`."""
        if self._pending is None:
            self._pending = _Pending(self._writing())
        self._pending.seq = seq
        for document_id in batch.dropped:
            self._pending.drop(document_id)
        for analysed in batch.documents:
            self._pending.add(analysed)

    async def build(
        self,
        tasks: Sequence[Task],
        seq: int,
        progress: Progress,
        *,
        cache: Path | None = None,
        processes: int = 0,
    ) -> int:
        """Fill this empty generation in bulk; return how many documents it holds. See `building.build`."""
        count = build(Bulk(self._folder, self.dictionary, cache), tasks, seq, progress, processes)
        await self.refresh()
        return count

    async def fold(self) -> None:
        """Fold everything into a new base with new statistics, if enough has changed."""
        if self._writing().stale:
            self._writing().fold()
            await self.refresh()

    async def fold_in_background(self) -> None:
        """Begin such a fold in another process, or take up the one that is done; call it now and then."""
        if self._writing().fold_in_background():
            await self.refresh()

    def _writing(self) -> Committer:
        """Return the folder's writer, as of the folder's present state."""
        if self._committer is None or self._committer.manifest != read_manifest(self._folder):
            self._committer = Committer(self._storage)
        return self._committer

    async def checkpoint(self, dictionary: Dictionary | None = None) -> None:
        """Commit what was applied; see `Engine.checkpoint`.

        `dictionary` is the one by which everything is cut from now on, if that has changed.
        """
        pending, self._pending = self._pending, None
        if pending is None and dictionary is not None:
            pending = _Pending(self._writing())
        if pending is not None:
            pending.commit(dictionary or self.dictionary)
            if pending.committer.stale and pending.committer.manifest.documents <= SMALL:
                pending.committer.fold()
        await self.refresh()

    async def promote(self) -> None:
        """Make this generation the live one."""
        if self._promote is not None:
            self._promote()

    async def refresh(self) -> bool:
        """Follow the commits of another process; tell whether there was one."""
        if read_manifest(self._folder) == self._snapshot.manifest:
            return False
        self._snapshot = self._open(self._snapshot)
        return True

    async def close(self) -> None:
        """Forget what was applied and not committed. Mapped files go when nobody looks at them."""
        self._pending = None
        if self._committer is not None:
            self._committer.close()

    async def terms(self, field: TermField, prefix: str, limit: int) -> list[tuple[str, int]]:
        """Return terms that begin with `prefix`; see `Engine.terms`."""
        return beginning(self._snapshot, field, prefix, limit)

    async def search(self, request: EngineRequest) -> EngineAnswer:
        """Answer a question; see `Engine.search`."""
        if self._answering.snapshot is not self._snapshot:
            self._answering = Answering(self._snapshot)
        return self._answering.answer(request)

    def _open(self, known: Snapshot | None) -> Snapshot:
        for attempt in range(OPEN_ATTEMPTS):
            try:
                return Snapshot(self._storage, read_manifest(self._folder), known)
            except DamagedFileError as error:
                if attempt == OPEN_ATTEMPTS - 1:
                    raise IndexFormatError(self._folder, f"缺少文件或文件不完整（{error}）") from error
        raise AssertionError("unreachable")


class _Pending:
    """What was applied and not committed."""

    def __init__(self, committer: Committer) -> None:
        self.committer = committer
        self.seq = committer.manifest.seq
        self._gone: set[str] = set()
        self._written: list[NewSegment] = []
        self._inverter = Inverter()
        self._dead: list[int] = []
        self._places: dict[str, tuple[int, int]] = {}  # document -> segment to be, row

    def drop(self, document_id: str) -> None:
        """Leave a document out, wherever it is."""
        self._gone.add(document_id)
        place = self._places.pop(document_id, None)
        if place is None:
            return
        part, row = place
        if part == len(self._written):
            self._dead.append(row)
        else:
            self._written[part] = replace(self._written[part], dead=(*self._written[part].dead, row))

    def add(self, analysed: AnalysedDocument) -> None:
        """Take a document in place of the one of the same id."""
        self.drop(analysed.document.id)
        self._places[analysed.document.id] = len(self._written), len(self._inverter)
        self._inverter.add(analysed)
        if self._inverter.postings >= SPILL_POSTINGS:
            self._spill()

    def _spill(self) -> None:
        name = self.committer.new_name("segment")
        stamp = self._inverter.write(self.committer.storage, name)
        self._written.append(NewSegment(stamp, tuple(self._dead)))
        self._inverter, self._dead = Inverter(), []

    def commit(self, dictionary: Dictionary) -> None:
        """Make it durable and part of the index, all or nothing."""
        if len(self._inverter):
            self._spill()
        self.committer.commit(self.seq, self._written, self._gone, dictionary)


def beginning(snapshot: Snapshot, field: TermField, prefix: str, limit: int) -> list[tuple[str, int]]:
    """Return the first terms that begin with a prefix and how many live documents hold each."""
    found: dict[bytes, int] = {}
    for leaf in snapshot.leaves:
        held = leaf.segment.fields[field.value]
        taken = 0
        for number in held.terms.beginning(prefix.encode()):
            if taken >= limit:
                break
            rows, _ = held.postings.read(number)
            if holding := int(leaf.live[rows].sum()):
                term = held.terms[number]
                found[term] = found.get(term, 0) + holding
                taken += 1
    return [(term.decode(), found[term]) for term in sorted(found)[:limit]]
