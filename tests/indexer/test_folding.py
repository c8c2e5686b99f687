"""Folding in the background: commits go on meanwhile, and nothing of them is lost."""

import asyncio

import pytest

from indexer.documents import IndexDocument, IndexPublication, analyse
from indexer.engine import Batch, EngineRequest
from indexer.query import Key, KeyKind, Query
from indexer.understanding import understand
from indexer.whoosh_engine import WhooshEngine, commits
from indexer.whoosh_engine import engine as engine_module
from indexer.whoosh_engine.merging import merge


def document(number: int, title: str) -> IndexDocument:
    return IndexDocument(
        id=f"d{number:05}",
        titles=(title,),
        texts=(f"第{number}号公告的正文，公积金。",),
        keys=frozenset({Key(KeyKind.TITLE, title)}),
        publications=(IndexPublication(f"d{number:05}-1"),),
    )


async def put(engine, titles: dict[int, str], dropped: tuple[int, ...] = (), seq: int = 1) -> None:
    documents = [analyse(document(number, title)) for number, title in titles.items()]
    await engine.apply(Batch(documents, [f"d{number:05}" for number in dropped]), seq)
    await engine.checkpoint()


async def scores(engine, text: str) -> dict[str, float]:
    answer = await engine.search(EngineRequest(understand(text).query, limit=10_000))
    return {hit.document_id: hit.score for hit in answer.hits}


async def ids(engine) -> set[str]:
    answer = await engine.search(EngineRequest(Query(), limit=10_000))
    assert answer.total == len(answer.hits) == engine.documents
    return {hit.document_id for hit in answer.hits}


@pytest.fixture
def no_small_folds(monkeypatch):
    """A fold is never done at once, as in a large index."""
    monkeypatch.setattr(engine_module, "SMALL", 0)


def test_commits_made_during_a_fold_stand_behind_the_new_base(run, tmp_path, no_small_folds):
    async def go():
        engine = WhooshEngine.create(tmp_path / "g")
        await put(engine, {number: f"第{number}号公告" for number in range(80)})
        await put(engine, {number: f"第{number}号通告" for number in range(70, 100)}, seq=2)
        before = await scores(engine, "公积金")
        await engine.fold_in_background()  # begins
        seen_folded = False
        for seq in range(3, 400):
            await put(engine, {200 + seq: f"第{200 + seq}号通知"}, (seq % 90,), seq)
            await engine.fold_in_background()
            seen_folded = engine.snapshot.manifest.statistics.documents != 80
            if seen_folded:
                break
            now = await scores(engine, "公积金")
            assert {name: now[name] for name in before if name in now} == {
                name: score for name, score in before.items() if name in now
            }
            await asyncio.sleep(0.02)
        assert seen_folded
        held = {f"d{number:05}" for number in range(100)} - {f"d{n % 90:05}" for n in range(3, seq + 1)}
        held |= {f"d{200 + n:05}" for n in range(3, seq + 1)}
        assert await ids(engine) == held
        assert await ids(WhooshEngine(tmp_path / "g")) == held
        assert len(list((tmp_path / "g").glob("*.segment"))) == len(engine.snapshot.leaves)
        await engine.close()

    run(go())


def test_scores_do_not_wander_between_commits_and_are_taken_anew_by_a_fold(run, tmp_path, no_small_folds):
    async def go():
        engine = WhooshEngine.create(tmp_path / "g")
        await put(engine, {number: f"第{number}号公告" for number in range(40)})
        before = await scores(engine, "第7号公告")
        for seq in range(2, 12):
            await put(engine, {100 + seq: "第7号公告的解读"}, seq=seq)
            after = await scores(engine, "第7号公告")
            assert {name: after[name] for name in before} == before
        await engine.fold()
        anew = await scores(engine, "第7号公告")
        assert {name: anew[name] for name in before} != before
        fresh = WhooshEngine.create(tmp_path / "fresh")
        titles = {number: f"第{number}号公告" for number in range(40)}
        await put(fresh, titles | {100 + seq: "第7号公告的解读" for seq in range(2, 12)})
        assert anew == await scores(fresh, "第7号公告")

    run(go())


def test_a_fold_that_is_given_up_leaves_the_index_as_it_is(run, tmp_path, no_small_folds):
    async def go():
        engine = WhooshEngine.create(tmp_path / "g")
        await put(engine, {1: "甲公告"})
        await put(engine, {2: "乙公告", 3: "丙公告"}, seq=2)
        await engine.fold_in_background()
        await engine.close()
        again = WhooshEngine(tmp_path / "g")
        assert await ids(again) == {"d00001", "d00002", "d00003"}
        await put(again, {4: "丁公告"}, seq=3)  # sweeps what the fold has left
        named = {stamp.name for stamp in again.snapshot.manifest.files()} | {"manifest.json"}
        assert {path.name for path in (tmp_path / "g").iterdir()} == named

    run(go())


@pytest.mark.slow
def test_a_thousand_small_commits_leave_few_segments_and_move_documents_seldom(
    run, tmp_path, no_small_folds, monkeypatch
):
    moved = []

    def counting(sources, *names, **options):
        moved.append(sum(source.kept for source in sources))
        return merge(sources, *names, **options)

    async def go():
        engine = WhooshEngine.create(tmp_path / "g")
        await put(engine, {number: f"第{number}号公告" for number in range(10_000, 10_400)})
        monkeypatch.setattr(commits, "merge", counting)
        for seq in range(2, 1002):
            await put(engine, {seq: f"第{seq}号通告"}, seq=seq)
            assert len(engine.snapshot.leaves) <= 5
        assert engine.documents == 1400
        assert sum(moved) <= 20 * 1000  # every document is moved some twenty times, not a thousand
        await engine.close()

    run(go())
