"""Bringing the index up to the catalogue: what changed since its seq, or all of it anew."""

import asyncio
import logging
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from sqlalchemy import Connection

from catalog.documents import DocumentView
from catalog.reading import changed_documents, count_live, document_ids, load_documents
from catalog.store import Catalog, last_seq
from catalog.terms import Terms, load_terms
from indexer.dictionary import Dictionary, shipped
from indexer.documents import IndexDocument, analyse_all, index_document
from indexer.engine import Batch, EngineRequest
from indexer.errors import IndexCheckError
from indexer.generations import Generations
from indexer.query import KeyKind, Query
from indexer.requests import Scope
from indexer.token_cache import TokenCache
from indexer.understanding import understand
from indexer.whoosh_engine import WhooshEngine
from indexer.whoosh_engine.folding import FoldError
from indexer.whoosh_engine.manifest import read_manifest, trees_digest

BATCH = 200
"""Documents analysed at once."""

TASK = 4_000
"""Documents that a process of a rebuild takes at once."""

FOLLOW_SECONDS = 0.25
"""How often the catalogue is looked at while the index follows it."""

FOLD_AGAIN_SECONDS = 60.0
"""How long after a fold that failed (a full disk, say) the next one is tried."""

TOKENS = "tokens.db"
"""The file beside the generations that remembers how texts were cut."""

SAMPLES = 20
"""Documents that a new generation must find by their titles before it goes live."""

ROUNDS = 5
"""Times that a new generation follows what was recorded while it was built; the rest comes after."""

logger = logging.getLogger("gongkai.index")

Progress = Callable[[int], None]


@dataclass(frozen=True, slots=True)
class Indexed:
    """What indexing did: documents taken, dropped, and the seq the index is now at."""

    documents: int
    dropped: int
    seq: int
    rebuilt: bool


def _quiet(_documents: int) -> None:
    """Report nothing."""


async def update(catalog: Catalog, engine: WhooshEngine, progress: Progress = _quiet) -> Indexed:
    """Apply every change since the engine's seq and checkpoint; nothing happens if there is none."""
    await cut_anew(catalog, engine, progress)
    taken = dropped = 0
    # One transaction sees one state, so the index is the catalogue at exactly this seq.
    with catalog.read() as connection:
        seq = last_seq(connection)
        changed = changed_documents(connection, engine.seq)
        terms = load_terms(connection)
        for start in range(0, len(changed), BATCH):
            ids = changed[start : start + BATCH]
            views = load_documents(connection, ids)
            gone = [document_id for document_id in ids if document_id not in views]
            await engine.apply(_batch(views, terms, gone, engine.dictionary), seq)
            taken, dropped = taken + len(views), dropped + len(gone)
            progress(len(ids))
    if changed:
        await engine.checkpoint()
    return Indexed(taken, dropped, engine.seq, rebuilt=False)


async def rebuild(catalog: Catalog, generations: Generations, progress: Progress = _quiet) -> Indexed:
    """Build a new generation beside the live one, check it, and make it the live one.

    Raises `IndexCheckError` and leaves the live generation alone if the new one is not whole.
    """
    folder = generations.new()
    engine = WhooshEngine.create(folder, promote=lambda: generations.promote(folder))
    try:
        taken = await _fill(catalog, engine, progress)
        # The catalogue went on meanwhile: follow its log, but not for ever if crawlers never rest.
        for _ in range(ROUNDS):
            followed = await update(catalog, engine)
            taken += followed.documents
            if not (followed.documents or followed.dropped):
                break
        await check(catalog, engine)
        await engine.promote()
        return Indexed(taken, 0, engine.seq, rebuilt=True)
    finally:
        await engine.close()


async def check(catalog: Catalog, engine: WhooshEngine) -> None:
    """Compare a generation with the catalogue: the count of documents, and a sample found by title."""
    with catalog.read() as connection:
        wanted = count_live(connection)
        sample = load_documents(connection, document_ids(connection, limit=SAMPLES))
        behind = bool(changed_documents(connection, engine.seq))
    if engine.documents != wanted and not behind:
        raise IndexCheckError(f"目录库中有 {wanted} 件文件，新索引中有 {engine.documents} 件")
    for view in sample.values():
        query = understand(view.title, scope=Scope.TITLE, dictionary=engine.dictionary).query
        bearing = frozenset({KeyKind.TITLE})
        answer = await engine.search(EngineRequest(query, bearing=bearing, limit=engine.documents))
        if view.id not in {hit.document_id for hit in answer.hits} and not behind:
            raise IndexCheckError(f"按标题查不到文件 {view.id}")


async def _fill(catalog: Catalog, engine: WhooshEngine, progress: Progress) -> int:
    """Build with all documents as of one seq; those that change meanwhile are applied again by the log."""
    with catalog.read() as connection:
        seq = last_seq(connection)
        ids = list(_all_ids(connection))
    tasks = [
        partial(read_documents, catalog.data_dir, ids[start : start + TASK])
        for start in range(0, len(ids), TASK)
    ]
    cache = catalog.data_dir / "index" / TOKENS
    with TokenCache(cache) as tokens:
        tokens.begin_round()
    built = await engine.build(tasks, seq, progress, cache=cache)
    with TokenCache(cache) as tokens:
        tokens.sweep()
    return built


def _all_ids(connection: Connection) -> Iterator[str]:
    after = ""
    while ids := document_ids(connection, after=after, limit=TASK):
        yield from ids
        after = ids[-1]


def read_documents(data_dir: Path, ids: Sequence[str]) -> Iterator[IndexDocument]:
    """Yield the live ones of some documents as the index takes them; runs in a process of its own."""
    with Catalog.open(data_dir, read_only=True) as catalog, catalog.read() as connection:
        terms = load_terms(connection)
        for start in range(0, len(ids), BATCH):
            for view in load_documents(connection, ids[start : start + BATCH]).values():
                yield index_document(view, terms)


def _batch(
    views: Mapping[str, DocumentView], terms: Terms, gone: Sequence[str], dictionary: Dictionary
) -> Batch:
    documents = [index_document(view, terms) for view in views.values()]
    return Batch(analyse_all(documents, dictionary), gone)


async def cut_anew(catalog: Catalog, engine: WhooshEngine, progress: Progress = _quiet) -> int:
    """Cut what this release's dictionary cuts otherwise, if it is not the index's; return how many.

    Only documents that contain a changed word can be cut otherwise. Until all of them are, questions
    are cut by the old dictionary, so that nothing is out of reach at any time.
    """
    if engine.dictionary == shipped():
        return 0
    ids = sorted(await _containing(engine, engine.dictionary.changed_words(shipped())))
    with catalog.read() as connection:
        terms = load_terms(connection)
        for start in range(0, len(ids), BATCH):
            views = load_documents(connection, ids[start : start + BATCH])
            await engine.apply(_batch(views, terms, (), shipped()), engine.seq)
            progress(len(views))
    await engine.checkpoint(shipped())
    return len(ids)


async def _containing(engine: WhooshEngine, words: Iterable[str]) -> set[str]:
    found: set[str] = set()
    for word in words:
        request = EngineRequest(Query(verbatim=(word,)), limit=engine.documents)
        found |= {hit.document_id for hit in (await engine.search(request)).hits}
    return found


async def bring_up(data_dir: Path, *, anew: bool = False, progress: Progress = _quiet) -> Indexed:
    """Bring the index of a data folder up to its catalogue; `anew` rebuilds it.

    It is rebuilt too where there is none and where the vocabularies' trees have changed.
    Raises `CatalogMissingError`, `IndexLockedError`, `IndexFormatError` (a rebuild helps).
    """
    generations = Generations(data_dir)
    with Catalog.open(data_dir, read_only=True) as catalog, generations.writing():
        if anew or _must_rebuild(generations):
            return await rebuild(catalog, generations, progress)
        live = generations.require_live()
        generations.sweep({live, *_previous(generations, live)})
        engine = WhooshEngine(live)
        try:
            done = await update(catalog, engine, progress)
            await engine.fold()
            return done
        finally:
            await engine.close()


async def follow(data_dir: Path, stop: asyncio.Event, progress: Progress = _quiet) -> None:
    """Keep the index of a data folder up with its catalogue until `stop` is set.

    Changes are visible to new snapshots a fraction of a second after their commit; a stale base is
    made anew in another process meanwhile. Raises what `bring_up` raises.
    """
    generations = Generations(data_dir)
    with Catalog.open(data_dir, read_only=True) as catalog, generations.writing():
        if _must_rebuild(generations):
            await rebuild(catalog, generations, progress)
        engine = WhooshEngine(generations.require_live())
        fold_at = 0.0
        try:
            while not stop.is_set():
                if _is_behind(catalog, engine):
                    await update(catalog, engine, progress)
                if time.monotonic() >= fold_at and not await _fold(engine):
                    fold_at = time.monotonic() + FOLD_AGAIN_SECONDS
                with suppress(TimeoutError):
                    await asyncio.wait_for(stop.wait(), FOLLOW_SECONDS)
        finally:
            await engine.close()


async def _fold(engine: WhooshEngine) -> bool:
    """Begin a fold or take one up; tell whether nothing went wrong. The index does without for a while."""
    try:
        await engine.fold_in_background()
    except FoldError as error:
        logger.warning("索引后台合并失败，稍后再试：%s", error)
        return False
    return True


def _is_behind(catalog: Catalog, engine: WhooshEngine) -> bool:
    with catalog.read() as connection:
        return last_seq(connection) > engine.seq


def _must_rebuild(generations: Generations) -> bool:
    """Tell whether there is no index, or one of other trees."""
    live = generations.live()
    return live is None or not live.is_dir() or _of_other_trees(live)


def _of_other_trees(live: Path) -> bool:
    """Tell whether the trees of the vocabularies are others than those the index was built with."""
    return read_manifest(live).trees != trees_digest()


def _previous(generations: Generations, live: Path) -> list[Path]:
    """Return the generation before the live one, if it is there: ids sort by time."""
    older = sorted(path for path in generations.folder.iterdir() if path.is_dir() and path.name < live.name)
    return older[-1:]
