"""What an order of documents is worth, and whether one set-up is better than another."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

import numpy as np

from benchmarks.ranking.postings import Floats

RESAMPLES = 10_000
SEED = 20_200_203

_DISCOUNTS = 1 / np.log2(np.arange(2, 12))


@dataclass(frozen=True, slots=True)
class Figures:
    """One value per query, in the order of the queries; `milliseconds` is the mean per query."""

    ndcg_at_10: Floats
    hit_at_1: Floats
    mrr_at_10: Floats
    recall_at_100: Floats
    totals: Floats
    milliseconds: float


def judge(order: Sequence[int], wanted: Collection[int]) -> tuple[float, float, float, float]:
    """Return nDCG@10, hit@1, MRR@10 and R@100 of rows in their order (gain is binary)."""
    right = np.array([row in wanted for row in order[:100]], dtype=np.float64)
    top = right[:10]
    ideal = _DISCOUNTS[: min(len(wanted), 10)].sum()
    places = np.flatnonzero(top)
    return (
        float(top @ _DISCOUNTS[: len(top)] / ideal) if ideal else 0.0,
        float(top[0]) if len(top) else 0.0,
        float(1 / (places[0] + 1)) if len(places) else 0.0,
        float(right.sum() / (len(wanted) or 1)),
    )


def interval(better: Floats, worse: Floats) -> tuple[float, float, float]:
    """Return the mean gain per query and its 95 % interval, by paired bootstrap over the queries."""
    gains = better - worse
    random = np.random.default_rng(SEED)
    means = [
        gains[random.integers(0, len(gains), (1000, len(gains)))].mean(axis=1)
        for _ in range(RESAMPLES // 1000)
    ]
    low, high = np.percentile(np.concatenate(means), (2.5, 97.5))
    return float(gains.mean()), float(low), float(high)
