"""The first rows of an order: the smallest values, those alike by the ids of their documents.

Sorting some hundred rows is cheap; what takes time is leaving out the hundred thousands behind them.
"""

from typing import Any

import numpy as np

from indexer.whoosh_engine.arrays import Array

SAMPLE = 16
"""Every so many of the values are looked at to bound the others."""

MANY = 64
"""Values for each one wanted, from which a sample is worth its own sorting."""


def firsts(values: Array, rows: Array, rank: Array, limit: int) -> Array:
    """Return the places of the first `limit` rows by value and id, in order.

    `values` and `rows` go together; `rank` is the place of every row of the segment by id.
    """
    if not limit:
        return np.empty(0, dtype=np.intp)
    places = _smallest(values, limit)
    if len(places) > limit:
        kept = values[places]
        last = kept.max()
        smaller, tied = places[kept < last], places[kept == last]
        by_id = _smallest(rank[rows[tied]], limit - len(smaller))
        places = np.concatenate([smaller, tied[by_id]])
    found: Array = places[np.lexsort((rank[rows[places]], values[places]))]
    return found


def _smallest(values: Array, limit: int) -> Array:
    """Return the places of the `limit` smallest values and of those that equal the last of them."""
    if len(values) <= limit:
        return np.arange(len(values))
    if len(values) < MANY * limit:
        return np.flatnonzero(values <= _nth_smallest(values, limit))
    # What is small enough in a sample bounds what is small enough in all, and leaves little to sort.
    places = np.flatnonzero(values <= _nth_smallest(values[::SAMPLE], limit))
    kept = values[places]
    found: Array = places[kept <= _nth_smallest(kept, limit)]
    return found


def _nth_smallest(values: Array, number: int) -> Any:
    return np.partition(values, number - 1)[number - 1]
