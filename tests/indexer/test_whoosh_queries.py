"""Whoosh's queries on whole arrays find what Whoosh finds, and score as the plainest Python does."""

import random
from collections.abc import Iterator
from dataclasses import replace
from itertools import count
from pathlib import Path
from typing import Any

import made_up
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from whoosh import query
from whoosh.searching import Searcher
from whoosh_asking import FIELDS, Asking
from whoosh_plain import Plain, Scores
from whoosh_stock import stock_index
from written import Indexed, UnsyncedStorage, write

from indexer.documents import IndexDocument, IndexPublication, analyse
from indexer.whoosh_engine.merging import Source, merge
from indexer.whoosh_engine.postings import NO_ROWS
from indexer.whoosh_engine.segment import Segment
from indexer.whoosh_engine.snapshot import Leaf, Snapshot
from indexer.whoosh_engine.whoosh_codec import whoosh_reader
from indexer.whoosh_engine.whoosh_plans import UnsupportedQueryError
from indexer.whoosh_engine.whoosh_queries import evaluate, search
from indexer.whoosh_engine.whoosh_schema import ID


@pytest.fixture(scope="module")
def folders(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    root, names = tmp_path_factory.mktemp("segments"), count()

    def make() -> Iterator[Path]:
        while True:
            folder = root / str(next(names))
            folder.mkdir()
            yield folder

    return make()


@st.composite
def collections(draw: st.DrawFn, folders: Iterator[Path], copies: int = 1) -> Indexed:
    """Some documents, so often, in up to three segments; some of them deleted."""
    drawn = [analyse(each) for each in draw(made_up.collections(most=10))]
    every = [
        replace(each, document=replace(each.document, id=f"{each.document.id}-{copy}"))
        for copy in range(copies)
        for each in drawn
    ]
    cuts = sorted(draw(st.lists(st.integers(0, len(every)), max_size=2)))
    parts = [every[start:end] for start, end in zip([0, *cuts], [*cuts, len(every)], strict=True)]
    parts.sort(key=len, reverse=True)
    ids = [each.document.id for each in every]
    chance = random.Random(draw(st.integers(0, 1 << 32)))
    deleted = frozenset(chance.sample(ids, chance.randrange(len(ids) // 2 + 1)))
    return Indexed(parts, deleted, write(parts, deleted, next(folders)))


def found(snapshot: Snapshot, asked: Any) -> Scores:
    scores: Scores = {}
    for leaf, (rows, values) in zip(snapshot.leaves, evaluate(snapshot, asked), strict=True):
        assert values.dtype == np.float64
        assert (np.diff(rows) > 0).all()
        names = map(leaf.segment.columns.name, rows.tolist())
        scores.update(zip(names, values.tolist(), strict=True))
    return scores


def check_plain(indexed: Indexed, seed: int, queries: int) -> None:
    asking, plain = Asking(indexed, seed), Plain(indexed)
    for _ in range(queries):
        asked = asking.any()
        expected = plain.scores(asked)
        assert found(indexed.snapshot, asked) == expected, asked
        limit = asking.chance.randrange(6)
        total, hits, rows = search(indexed.snapshot, asked, limit)
        assert total == len(expected) == sum(map(len, rows)), asked
        assert hits == sorted(expected.items(), key=lambda hit: (-hit[1], hit[0]))[:limit], asked


def found_by_whoosh(searcher: Searcher, asked: query.Query) -> set[str]:
    names = [searcher.stored_fields(number)[ID] for number in searcher.docs_for_query(asked)]
    assert len(set(names)) == len(names)
    return set(names)


def check_whoosh(indexed: Indexed, seed: int, queries: int) -> None:
    asking = Asking(indexed, seed)
    ours = Searcher(whoosh_reader(indexed.snapshot))
    with stock_index(indexed) as stock:
        for _ in range(queries):
            asked = asking.whole()
            expected = found_by_whoosh(stock, asked)
            assert found_by_whoosh(ours, asked) == expected, asked
            assert set(found(indexed.snapshot, asked)) == expected, asked
            assert len(ours.search(asked, limit=None)) == len(expected), asked


@settings(max_examples=90)
@given(data=st.data(), seed=st.integers(0, 1 << 32))
def test_scores_are_those_of_plain_python_to_the_last_bit(folders, data, seed):
    check_plain(data.draw(collections(folders)), seed, 40)


@settings(max_examples=12)
@given(data=st.data(), seed=st.integers(0, 1 << 32))
def test_common_and_dense_lists_score_alike(folders, data, seed):
    check_plain(data.draw(collections(folders, copies=30)), seed, 15)


@settings(max_examples=12)
@given(data=st.data(), seed=st.integers(0, 1 << 32))
def test_stock_whoosh_whoosh_on_our_segments_and_arrays_find_the_same(folders, data, seed):
    check_whoosh(data.draw(collections(folders)), seed, 60)


@pytest.mark.long
@pytest.mark.timeout(1800)
@settings(max_examples=600)
@given(data=st.data(), seed=st.integers(0, 1 << 32), copies=st.sampled_from((1, 1, 7, 30)))
def test_scores_are_those_of_plain_python_at_length(folders, data, seed, copies):
    check_plain(data.draw(collections(folders, copies)), seed, 60)


@pytest.mark.long
@pytest.mark.timeout(1800)
@settings(max_examples=500)
@given(data=st.data(), seed=st.integers(0, 1 << 32))
def test_stock_whoosh_and_arrays_find_the_same_at_length(folders, data, seed):
    check_whoosh(data.draw(collections(folders)), seed, 80)


@pytest.mark.parametrize(
    "asked",
    [
        query.Wildcard("words", "民*局"),
        query.Or([query.Term("words", "民政"), query.FuzzyTerm("words", "民政")]),
        query.Or([query.Term("words", "民政"), query.Term("words", "局")], scale=0.9),
        query.Phrase("words", ["民政", "局"], slop=3),
        query.Phrase("bigrams", ["民政", "政局"]),
        query.Term("nowhere", "民政"),
    ],
)
def test_what_is_not_evaluated_is_refused(tmp_path, asked):
    snapshot = write([[]], (), tmp_path)
    with pytest.raises(UnsupportedQueryError):
        evaluate(snapshot, asked)


def test_beyond_a_block_of_rows_everything_is_found_as_in_the_small(tmp_path):
    """Seventy copies of a thousand documents stand in two blocks; each copy finds what the one finds."""
    chance = random.Random(5)
    documents = [
        IndexDocument(
            id=f"{number:04}",
            titles=(f"关于{chance.choice(made_up.FRAGMENTS[:9])}的通知",),
            texts=("".join(chance.choices(made_up.FRAGMENTS[:20], k=chance.randint(1, 12))),),
            keys=frozenset(),
            publications=(IndexPublication(f"{number}"),),
        )
        for number in range(1000)
    ]
    base = [analyse(each) for each in documents]
    small = write([base], (), tmp_path)
    [leaf] = small.leaves
    storage = UnsyncedStorage(tmp_path)
    stamp = merge([Source(leaf.segment, np.ones(leaf.size, bool))] * 70, storage, "large")
    # Both are scored by the statistics of the small one, which is the base.
    large = Leaf(Segment(storage, stamp), NO_ROWS, small.manifest.statistics, None)
    both = Snapshot(storage, small.manifest)
    both.leaves.append(large)
    asking = Asking(Indexed([base], frozenset(), small), 11, FIELDS[:-1])  # ids are no more distinct
    for _ in range(150):
        asked = asking.whole()
        (rows, scores), (many, their_scores) = evaluate(both, asked)
        assert (many == np.concatenate([rows + copy * leaf.size for copy in range(70)])).all(), asked
        assert (their_scores == np.tile(scores, 70)).all(), asked
