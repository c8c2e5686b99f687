"""Scores of whole posting lists, of some rows and of pruned lists are the same; the first rows are right."""

from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from made_postings import Files, random_lists, write_lists

from indexer.query import TermField
from indexer.whoosh_engine.arrays import Array, ArrayWriter
from indexer.whoosh_engine.firsts import firsts
from indexer.whoosh_engine.manifest import Statistics
from indexer.whoosh_engine.postings import Postings
from indexer.whoosh_engine.scoring import WeightedTerm, candidates, score_all, score_rows
from indexer.whoosh_engine.segment import TermList
from indexer.whoosh_engine.snapshot import Leaf
from indexer.whoosh_engine.terms import Terms

seeds = st.integers(0, 1 << 32)


@pytest.fixture(scope="module")
def mapped(tmp_path_factory) -> Files:
    return Files(tmp_path_factory.mktemp("files"))


def scored_leaf(mapped: Files, chance: np.random.Generator, size: int) -> tuple[Leaf, list[WeightedTerm]]:
    """Return a leaf of random rows, and terms: heavy ones in few rows, light ones in many, one nowhere."""
    lists = random_lists(chance, size)
    listed = [f"{number:02}".encode() for number in range(len(lists))]
    writer = ArrayWriter()
    write_lists(writer, "f", size, lists, [])
    held = TermList(Terms.of(listed), Postings(mapped(writer), "f", size))
    lengths: Array = chance.integers(1, 2_000, size)
    segment = SimpleNamespace(
        size=size, fields={TermField.WORDS.value: held}, lengths={TermField.WORDS: lengths}
    )
    deleted = np.sort(chance.choice(size, chance.choice((0, 3, size // 3)), replace=False))
    leaf = Leaf(segment, deleted, Statistics(size, {"words": 700.0}), None)
    weights = [float(np.log(1 + size / len(each)) * chance.choice((0.3, 1.0, 2.0))) for each in lists]
    weighted = [
        WeightedTerm(TermField.WORDS, t, w) for t, w in zip((*listed, b"no"), (*weights, 5.0), strict=True)
    ]
    return leaf, [weighted[place] for place in chance.permutation(len(weighted))]


@settings(max_examples=300)
@given(seeds, st.integers(50, 6_000), st.sampled_from((0.02, 0.22, 0.22, 0.5, 1.0)))
def test_pruning_loses_no_row_and_changes_no_score(mapped, seed, size, share):
    chance = np.random.default_rng(seed)
    leaf, terms = scored_leaf(mapped, chance, size)
    hidden = chance.choice(size, chance.choice((0, 2)), replace=False)
    rows, scores = candidates(leaf, terms, share, hidden)
    every = score_all(leaf, terms)
    assert (scores == every[rows]).all()
    assert (np.diff(rows) > 0).all()
    seen = leaf.live.copy()
    seen[hidden] = False
    best = every[seen].max(initial=0.0)
    assert scores.max(initial=0.0) == best
    expected = np.flatnonzero(seen & (every > 0) & (every >= share * best))
    assert rows[(scores > 0) & (scores >= share * best)].tolist() == expected.tolist()
    for wanted in (1, size // 20, size // 2):
        some = np.sort(chance.choice(size, wanted, replace=False))
        assert (score_rows(leaf, terms, some) == every[some]).all()


@settings(max_examples=100)
@given(seeds, st.integers(0, 3_000), st.integers(0, 60), st.sampled_from((1, 5, 10_000)))
def test_the_first_rows_are_those_that_sorting_all_of_them_gives(seed, size, limit, different):
    chance = np.random.default_rng(seed)
    rank = chance.permutation(size + 10).astype(np.uint32)
    rows = np.sort(chance.choice(size + 10, size, replace=False))
    values = chance.integers(0, different, size) / 7
    assert firsts(values, rows, rank, limit).tolist() == np.lexsort((rank[rows], values))[:limit].tolist()
