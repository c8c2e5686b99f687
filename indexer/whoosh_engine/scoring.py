"""BM25 on posting arrays, in float64 and in the order of the query's terms, so that it is exact.

Adding term by term to one array over all rows costs by the postings; looking the terms up for a few
rows costs by the rows. Both give the same bits.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from indexer.query import RankTerm, TermField
from indexer.ranking import ranking
from indexer.whoosh_engine.arrays import Array
from indexer.whoosh_engine.snapshot import Leaf, Snapshot

ROUNDING = 1e-9
"""Far more than sums of the same numbers in another order can differ by, relatively."""

FEW_ROWS = 8
"""Rows are few if they are less than 1/8 of a segment: then they are looked up."""


@dataclass(frozen=True, slots=True)
class WeightedTerm:
    """A term and what it weighs: its own weight, its idf and BM25's k1 + 1."""

    field: TermField
    term: bytes
    weight: float


def weighted(snapshot: Snapshot, terms: Sequence[RankTerm]) -> list[WeightedTerm]:
    """Return the terms with their weights by the snapshot's statistics."""
    k1 = ranking().k1
    found = []
    for each in terms:
        weight = each.weight * snapshot.idf(each.field, each.term) * (k1 + 1)
        found.append(WeightedTerm(each.field, each.term.encode(), weight))
    return found


def candidates(leaf: Leaf, terms: Sequence[WeightedTerm], share: float, hidden: Array) -> tuple[Array, Array]:
    """Return ascending rows among which are all that score `share` of the leaf's best, and their scores.

    Terms are added from the weightiest on, until all that are left could not lift a row to that share
    by themselves: then only rows that have come near it need the rest. Light terms are those that
    many rows hold, so most of the work is never done. The scores are exact.
    """
    partial = np.zeros(leaf.size)
    taken, whole = 0.0, sum(each.weight for each in terms)
    threshold = 0.0
    for each in sorted(terms, key=lambda each: -each.weight):
        _add(leaf, each, partial)
        taken += each.weight
        left = max(0.0, whole - taken)
        if left > share * taken:  # more than any row can have of what was taken
            continue
        partial[leaf.deleted] = 0.0
        partial[hidden] = 0.0
        threshold = share * float(partial.max(initial=0.0)) * (1 - ROUNDING) - left * (1 + ROUNDING)
        if threshold > 0:
            break
    rows = np.flatnonzero(partial > 0 if threshold <= 0 else partial >= threshold)
    return rows, score_rows(leaf, terms, rows)


def score_all(leaf: Leaf, terms: Sequence[WeightedTerm]) -> Array:
    """Return the score of every row."""
    scores = np.zeros(leaf.size)
    for each in terms:
        _add(leaf, each, scores)
    return scores


def _add(leaf: Leaf, each: WeightedTerm, scores: Array) -> None:
    held = leaf.segment.fields[each.field.value]
    number = held.find(each.term)
    if number < 0:
        return
    norm = leaf.norm(each.field)
    frequencies = held.postings.frequencies(number)
    if frequencies is not None:
        scores += _part(each.weight, frequencies, norm)
        return
    rows, counts = held.postings.read(number)
    scores[rows] += _part(each.weight, counts, norm[rows])


def score_rows(leaf: Leaf, terms: Sequence[WeightedTerm], rows: Array) -> Array:
    """Return the scores of some ascending rows."""
    if len(rows) * FEW_ROWS > leaf.size:
        return score_all(leaf, terms)[rows]
    scores = np.zeros(len(rows))
    for each in terms:
        held = leaf.segment.fields[each.field.value]
        number = held.find(each.term)
        if number >= 0:
            counts = held.postings.at(number, rows)
            scores += _part(each.weight, counts, leaf.norm(each.field)[rows])
    return scores


def _part(weight: float, counts: Array, norm: Array) -> Array:
    result: Array = weight * counts / (counts + norm)
    return result
