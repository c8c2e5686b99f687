"""Of some hundred documents in several segments the engine says what the oracle says."""

from functools import partial
from itertools import count
from random import Random

import pytest
from asked import requests
from hypothesis import given, settings
from hypothesis import strategies as st
from large_index import FoldingOracle, read_documents

from indexer.documents import analyse
from indexer.engine import Batch
from indexer.whoosh_engine import WhooshEngine
from indexer.whoosh_engine import engine as engine_module

lives = st.builds(
    lambda seed, size, tasks, small, questions: (seed, size, tasks, small, questions),
    st.integers(0, 1 << 32),
    st.integers(200, 400),
    st.integers(2, 4),
    st.sampled_from((0, 0, 300, 20_000)),  # documents up to which a fold is done at once
    st.lists(st.lists(requests, min_size=2, max_size=4), min_size=1, max_size=5),  # after each commit
)


@pytest.fixture(scope="module")
def folders(tmp_path_factory):
    root = tmp_path_factory.mktemp("large")
    return (root / str(number) for number in count())


async def live(
    engine: WhooshEngine, oracle: FoldingOracle, seed: int, size: int, tasks: int, questions
) -> None:
    """Build in bulk, then commit after commit, compare."""
    parts = [partial(read_documents, seed, range(number, size, tasks)) for number in range(tasks)]
    await engine.build(parts, 1, lambda _documents: None, processes=1)
    await oracle.apply(Batch([analyse(each) for part in parts for each in part()]), 1)
    await oracle.checkpoint()
    chance = Random(seed)
    for seq, asked in enumerate(questions, start=2):
        for request in asked:
            assert await engine.search(request) == await oracle.search(request)
        written = chance.sample(range(size + 40), chance.choice((0, 1, 3, 10, 60)))
        dropped = chance.sample(range(size), chance.choice((0, 1, 5, 40)))
        batch = Batch(
            [analyse(each) for each in read_documents(seed, written, seq)],
            [f"d{each:02}" for each in dropped],
        )
        for each in (engine, oracle):
            await each.apply(batch, seq)
            await each.checkpoint()
    for request in (request for asked in questions for request in asked):
        assert await engine.search(request) == await oracle.search(request)


def check(run, monkeypatch, folder, life) -> None:
    seed, size, tasks, small, questions = life
    monkeypatch.setattr(engine_module, "SMALL", small)
    engine = WhooshEngine.create(folder)
    run(live(engine, FoldingOracle(small), seed, size, tasks, questions))
    run(engine.close())


@settings(max_examples=10)
@given(life=lives)
def test_several_segments_answer_as_the_oracle_does(run, monkeypatch, folders, life):
    check(run, monkeypatch, next(folders), life)


@pytest.mark.long
@pytest.mark.timeout(3600)
@settings(max_examples=400)
@given(life=lives)
def test_several_segments_answer_as_the_oracle_does_at_length(run, monkeypatch, folders, life):
    check(run, monkeypatch, next(folders), life)
