"""BM25 on posting arrays, in float64 and added up in one order everywhere, so that it is exact.

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

FEW_ROWS = 2
"""Rows are few if they are less than half of a segment: then they are looked up."""


@dataclass(frozen=True, slots=True)
class WeightedTerm:
    """A term and what it weighs: its own weight, its idf and BM25's k1 + 1."""

    field: TermField
    term: bytes
    weight: float


def weighted(snapshot: Snapshot, terms: Sequence[RankTerm]) -> list[WeightedTerm]:
    """Return the terms with their weights by the snapshot's statistics, the weightiest first.

    This is the order in which a score is added up, everywhere.
    """
    k1 = ranking().k1
    found = []
    for each in terms:
        weight = each.weight * snapshot.idf(each.field, each.term) * (k1 + 1)
        found.append(WeightedTerm(each.field, each.term.encode(), weight))
    return sorted(found, key=lambda each: -each.weight)


def candidates(leaf: Leaf, terms: Sequence[WeightedTerm], share: float, hidden: Array) -> tuple[Array, Array]:
    """Return ascending rows among which are all that score `share` of the leaf's best, and their scores.

    Terms are added (the weightiest first) until all that are left could not lift a row to that share
    by themselves: then only rows that have come near it need the rest. Light terms are those that
    many rows hold, so most of the work is never done. The scores are exact.
    """
    scores = np.zeros(leaf.size)
    taken, whole = 0.0, sum(each.weight for each in terms)
    threshold, added = 0.0, 0
    for each in terms:
        _add(leaf, each, scores)
        added += 1
        taken += each.weight
        left = max(0.0, whole - taken)
        if left > share * taken:  # more than any row can have of what was taken
            continue
        scores[leaf.deleted] = 0.0
        scores[hidden] = 0.0
        threshold = share * float(scores.max(initial=0.0)) * (1 - ROUNDING) - left * (1 + ROUNDING)
        if threshold > 0:
            break
    rows = np.flatnonzero(scores > 0 if threshold <= 0 else scores >= threshold)
    return rows, _add_rows(leaf, terms[added:], rows, scores[rows])


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
    return _add_rows(leaf, terms, rows, np.zeros(len(rows)))


def _add_rows(leaf: Leaf, terms: Sequence[WeightedTerm], rows: Array, scores: Array) -> Array:
    """Add terms to the scores of some ascending rows."""
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
