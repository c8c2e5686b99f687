"""The life of a small index, the same every time: for tests that end it at any step of it.

Change `seq` writes some documents and drops others; each version of a document names the change it
comes from, so that `STATES[seq]` tells every text that an index at `seq` must hold, and no other.
"""

from collections.abc import Callable, Iterator
from functools import cache, partial
from pathlib import Path

from indexer.documents import AnalysedDocument, IndexDocument, IndexPublication, analyse
from indexer.engine import Batch, EngineRequest
from indexer.generations import Generations
from indexer.query import Key, KeyKind, Query
from indexer.whoosh_engine import WhooshEngine, building, commits
from indexer.whoosh_engine import engine as engine_module
from indexer.whoosh_engine.folding import Fold
from indexer.whoosh_engine.manifest import read_manifest
from indexer.whoosh_engine.merging import Source, merge
from indexer.whoosh_engine.snapshot import Snapshot
from indexer.whoosh_engine.storage import Storage
from indexer.whoosh_engine.texts import parts

CHANGES: dict[int, tuple[range, range]] = {
    1: (range(24), range(0)),
    2: (range(24, 26), range(2)),
    3: (range(3, 4), range(24, 25)),
    4: (range(30, 31), range(0)),
    5: (range(31, 32), range(4, 5)),
    6: (range(5, 9), range(0)),
    7: (range(6, 8), range(10, 11)),
    8: (range(40, 41), range(31, 32)),
    9: (range(0), range(50)),
    10: (range(2), range(0)),
    11: (range(1, 12), range(0)),
    12: (range(12, 14), range(3, 4)),
    13: (range(5), range(0)),
}
"""For each seq the numbers of the documents written and of those dropped."""

State = dict[str, str]


def _states() -> dict[int, State]:
    state: State = {}
    found = {0: state}
    for seq, (written, dropped) in CHANGES.items():
        state = {key: title for key, title in state.items() if key not in {_id(each) for each in dropped}}
        state |= {_id(number): _title(number, seq) for number in written}
        found[seq] = state
    return found


def _id(number: int) -> str:
    return f"d{number:02}"


def _title(number: int, seq: int) -> str:
    return f"第{number}号公告第{seq}版"


STATES = _states()


def _document(key: str, title: str) -> IndexDocument:
    return IndexDocument(
        id=key,
        titles=(title,),
        texts=("云岭市公积金贷款",),
        keys=frozenset({Key(KeyKind.TITLE, title)}),
        publications=(IndexPublication(f"{key}-1"),),
    )


@cache
def _analysed(key: str, title: str) -> AnalysedDocument:
    return analyse(_document(key, title))


def analyse_all() -> None:
    """Cut all texts once, before processes are forked."""
    for state in STATES.values():
        for key, title in state.items():
            _analysed(key, title)


def read_state(seq: int, half: int) -> Iterator[IndexDocument]:
    """Yield every second document of a state; a task of a bulk build."""
    for key, title in sorted(STATES[seq].items())[half::2]:
        yield _document(key, title)


async def put(engine: WhooshEngine, seq: int) -> None:
    """Apply one change and commit it."""
    written, dropped = CHANGES[seq]
    documents = [_analysed(_id(number), _title(number, seq)) for number in written]
    await engine.apply(Batch(documents, [_id(number) for number in dropped]), seq)
    await engine.checkpoint()


async def held(folder: Path) -> tuple[int, State]:
    """Return the seq of a generation and the title of each document it finds; it is opened anew."""
    engine = WhooshEngine(folder)
    answer = await engine.search(EngineRequest(Query(), limit=1000))
    found = {}
    for hit in answer.hits:
        rows = [(leaf, leaf.segment.columns.find(hit.document_id)) for leaf in engine.snapshot.leaves]
        (text,) = [leaf.segment.texts[row] for leaf, row in rows if row >= 0 and leaf.live[row]]
        found[hit.document_id] = parts(text)[0][0]
    assert answer.total == len(found) == engine.documents
    return engine.seq, found


class InlineFold(Fold):
    """A fold in the background that is done at once, in this process, so that its steps are seen."""

    def __init__(self, folder: Path, snapshot: Snapshot, name: str) -> None:
        self.name = name
        self._snapshot = snapshot
        sources = [Source(leaf.segment, leaf.live) for leaf in snapshot.leaves]
        self._stamp = merge(sources, Storage(folder), name)

    @property
    def done(self) -> bool:
        return True

    def finish(self):
        return self._stamp

    def cancel(self) -> None:
        pass


def prepare(set_attribute: Callable[..., None]) -> None:
    """Make the index do on a small scale what it does on a large one."""
    set_attribute(engine_module, "SMALL", 0)
    set_attribute(building, "SPILL_POSTINGS", 200)
    set_attribute(commits, "Fold", InlineFold)


async def live(data_dir: Path, acknowledge: Callable[[int], None]) -> None:
    """Bulk build, promote, small commits, folds of both kinds, emptying, two more generations."""
    generations = Generations(data_dir)
    with generations.writing():
        await _live(generations, acknowledge)


async def resume(data_dir: Path, acknowledge: Callable[[int], None]) -> None:
    """Go on with the next change where another process ended, if there is an index yet."""
    generations = Generations(data_dir)
    with generations.writing():
        folder = generations.live()
        if folder is not None and (seq := read_manifest(folder).seq) < max(CHANGES):
            await put(WhooshEngine(folder), seq + 1)
            acknowledge(seq + 1)


async def _live(generations: Generations, acknowledge: Callable[[int], None]) -> None:
    engine = _new(generations)
    await engine.build([partial(read_state, 1, half) for half in range(2)], 1, _quiet, processes=1)
    await engine.promote()
    acknowledge(1)
    for seq in range(2, 7):
        await put(engine, seq)
        acknowledge(seq)
    await engine.fold()
    for seq in range(7, 9):
        await put(engine, seq)
        acknowledge(seq)
        await engine.fold_in_background()
    await put(engine, 9)
    acknowledge(9)
    await put(engine, 10)
    acknowledge(10)
    for seq in range(11, 13):
        engine = _new(generations)
        documents = [_analysed(key, title) for key, title in STATES[seq].items()]
        await engine.apply(Batch(documents), seq)
        await engine.checkpoint()
        await engine.promote()
        acknowledge(seq)
    await put(engine, 13)
    acknowledge(13)


def _new(generations: Generations) -> WhooshEngine:
    folder = generations.new()
    return WhooshEngine.create(folder, promote=lambda: generations.promote(folder))


def _quiet(_documents: int) -> None:
    pass
