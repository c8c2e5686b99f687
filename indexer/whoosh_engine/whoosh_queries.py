"""Whoosh's query objects, evaluated on whole arrays.

The sets are those that Whoosh finds. The scores are ours, BM25 as in `scoring`, by the statistics
that are frozen with the base:

* a term scores in the fields of `TermField`; keys and ids score 1;
* a query scores what its parts score, added up in their order; NOT and what does not match add nothing;
* prefixes, ranges and EVERY score 1 (with `constantscore=False` the sum of their terms), a phrase
  the sum of its words;
* a boost multiplies the weight of everything within.
"""

from typing import Any, NamedTuple

from indexer.whoosh_engine.arrays import Array
from indexer.whoosh_engine.firsts import firsts
from indexer.whoosh_engine.snapshot import Leaf, Snapshot
from indexer.whoosh_engine.whoosh_plans import Planner


class Found(NamedTuple):
    """How many documents match, the first of them (id, score), and all rows of each segment."""

    total: int
    hits: list[tuple[str, float]]
    rows: list[Array]


def search(snapshot: Snapshot, query: Any, limit: int) -> Found:
    """Return the exact total, the best `limit` hits by score and then id, and the rows of each leaf."""
    parts = evaluate(snapshot, query)
    hits = [
        hit for leaf, part in zip(snapshot.leaves, parts, strict=True) for hit in _first(leaf, *part, limit)
    ]
    hits.sort(key=lambda hit: (-hit[1], hit[0]))
    return Found(sum(len(rows) for rows, _ in parts), hits[:limit], [rows for rows, _ in parts])


def evaluate(snapshot: Snapshot, query: Any) -> list[tuple[Array, Array]]:
    """Return for each leaf the live rows that match, ascending, and their scores, float64.

    Raises `UnsupportedQueryError` for kinds of queries that are not evaluated here.
    """
    return [_live(leaf, *Planner(snapshot, leaf).plan(query, 1.0).all()) for leaf in snapshot.leaves]


def _live(leaf: Leaf, rows: Array, scores: Array) -> tuple[Array, Array]:
    if not len(leaf.deleted) or not len(rows):
        return rows, scores
    live = leaf.live[rows]
    return rows[live], scores[live]


def _first(leaf: Leaf, rows: Array, scores: Array, limit: int) -> list[tuple[str, float]]:
    """Return the best hits of a leaf."""
    columns = leaf.segment.columns
    best = firsts(-scores, rows, columns.rank, limit)
    return list(zip(map(columns.name, rows[best].tolist()), scores[best].tolist(), strict=True))
