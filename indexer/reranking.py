"""The second stage of ranking: the first candidates of an engine, read and scored once more.

It adds to each first-stage score what posting lists do not tell:

* *characters*: BM25 over the single characters of the query. 相近的商标 and 商标近似 share one word
  and one character besides. How much a character says is counted among the candidates themselves: one that
  all of them hold is what the first stage asked for and decides nothing here.
* *window*: the weight of the different pairs of the query that stand together in the best window of
  some thirty characters, wherever in a long document it is.

A pure function of rank terms, texts and scores: the same for every engine, without its statistics.
What it is worth, and what was tried and lost, stands in `docs/ranking.md`.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from indexer.query import RankTerm, TermField

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

_WORDS = frozenset({TermField.WORDS, TermField.TITLE_WORDS})
_CODE_POINTS = 0x110000
_GRID = 1 << 20  # parts of one to which weights are rounded where sums must be exact


@dataclass(frozen=True, slots=True)
class Reranking:
    """The numbers of the second stage: weights beside the first-stage score, BM25's k1 and b.

    `window_length` counts characters between the beginnings of the first pair and the last.
    """

    characters: float
    window: float
    window_length: int
    k1: float
    b: float


@dataclass(frozen=True, slots=True)
class Candidate:
    """A document of the first stage: its score and its folded texts (titles first)."""

    document_id: str
    score: float
    texts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Hits:
    """Where terms stand: ascending places in the joined texts, numbers of the terms, rows of the texts."""

    places: Ints
    terms: Ints
    rows: Ints

    def held(self, weights: Sequence[float], size: int) -> Ints:
        """Return how often each of the terms (axis 0) stands in each of `size` texts (axis 1)."""
        counts = np.bincount(self.terms * size + self.rows, minlength=len(weights) * size)
        return counts.reshape(len(weights), size)


def rerank(
    terms: Sequence[RankTerm], candidates: Sequence[Candidate], numbers: Reranking
) -> list[tuple[str, float]]:
    """Return the ids of the candidates with their new scores, best first, ties by id."""
    scores = new_scores(terms, candidates, numbers).tolist()
    found = [(candidate.document_id, score) for candidate, score in zip(candidates, scores, strict=True)]
    return sorted(found, key=lambda pair: (-pair[1], pair[0]))


def new_scores(terms: Sequence[RankTerm], candidates: Sequence[Candidate], numbers: Reranking) -> Floats:
    """Return the new scores (float64) of the candidates, in the order given.

    `terms` are the rank terms of one reading, words and bigrams, each with its weight. A candidate
    that holds none of their characters keeps its score.
    """
    scores = np.array([candidate.score for candidate in candidates], dtype=np.float64)
    characters = _character_weights(terms)
    if not candidates or not characters:
        return scores
    # A line feed is in no folded text: nothing is found across it.
    texts = ["\n".join((*candidate.texts, "")) or "\n" for candidate in candidates]
    bounds = np.cumsum([0, *map(len, texts)])
    hits = _character_hits(list(characters), "".join(texts), bounds)
    pairs, weights = _pair_hits(hits, list(characters), terms)
    scores += numbers.characters * _bm25(hits, list(characters.values()), np.diff(bounds), numbers)
    scores += numbers.window * _best_windows(pairs, weights, bounds, numbers.window_length)
    return scores


def _character_weights(terms: Sequence[RankTerm]) -> dict[str, float]:
    """Return the characters of the terms, each with the weight of its weightiest word."""
    found: dict[str, float] = {}
    for term in terms:
        weight = term.weight if term.field in _WORDS else 0.0
        for char in term.term:
            found[char] = max(found.get(char, 0.0), weight)
    return found


def _character_hits(characters: Sequence[str], text: str, bounds: Ints) -> _Hits:
    """Find the characters; terms are numbered in the order given."""
    numbers = np.zeros(_CODE_POINTS, dtype=np.uint16)
    numbers[list(map(ord, characters))] = np.arange(1, len(characters) + 1)
    found = numbers[np.frombuffer(text.encode("utf-32-le", "surrogatepass"), dtype="<u4")]
    places = np.flatnonzero(found)
    rows = np.repeat(np.arange(len(bounds) - 1), np.diff(np.searchsorted(places, bounds)))
    return _Hits(places, found[places].astype(np.int64) - 1, rows)


def _pair_hits(
    hits: _Hits, characters: Sequence[str], terms: Sequence[RankTerm]
) -> tuple[_Hits, list[float]]:
    """Find the bigrams among neighbouring characters; return them with their weights."""
    known = {char: number for number, char in enumerate(characters)}
    weights: list[float] = []
    table = np.full((len(characters), len(characters)), -1)
    for term in terms:
        if term.field not in _WORDS:
            table[known[term.term[0]], known[term.term[1]]] = len(weights)
            weights.append(term.weight)
    first = np.flatnonzero(np.diff(hits.places) == 1)
    pairs = table[hits.terms[first], hits.terms[first + 1]]
    first, pairs = first[pairs >= 0], pairs[pairs >= 0]
    return _Hits(hits.places[first], pairs, hits.rows[first]), weights


def _bm25(hits: _Hits, weights: Sequence[float], lengths: Ints, numbers: Reranking) -> Floats:
    """Return BM25 with idf and average length among the texts themselves."""
    counts = hits.held(weights, len(lengths)).astype(np.float64)
    norms = numbers.k1 * (1 - numbers.b + numbers.b * lengths / lengths.mean())
    saturated = np.divide(counts * (numbers.k1 + 1), counts + norms, out=counts, where=counts > 0)
    found: Floats = (_local_weights(weights, saturated)[:, None] * saturated).sum(axis=0)
    return found


def _best_windows(hits: _Hits, weights: Sequence[float], bounds: Ints, length: int) -> Floats:
    """Return for each text the greatest sum of weights of different pairs in one window.

    A window begins where a pair stands. A pair at p counts for the windows that begin in
    (max(its place before, p - length), p]: a difference array over the hits, summed up.
    """
    best = np.zeros(len(bounds) - 1)
    if not len(hits.places):
        return best
    gains = _exact(_local_weights(weights, hits.held(weights, len(best))))[hits.terms]
    earlier = bounds[hits.rows] - 1
    order = np.argsort(hits.terms, kind="stable")
    before, after = order[:-1], order[1:]
    again = (hits.terms[before] == hits.terms[after]) & (hits.rows[before] == hits.rows[after])
    earlier[after[again]] = hits.places[before[again]]
    first = np.searchsorted(hits.places, np.maximum(earlier, hits.places - length), side="right")
    steps = np.bincount(first, weights=gains, minlength=len(gains) + 1).astype(np.float64)
    steps[1:] -= gains
    present, starts = np.unique(hits.rows, return_index=True)
    best[present] = np.maximum.reduceat(np.cumsum(steps)[:-1], starts)
    return best


def _local_weights(weights: Sequence[float], held: Floats | Ints) -> Floats:
    """Return each term's weight times its idf among the texts."""
    holding, size = np.count_nonzero(held, axis=1), held.shape[1]
    found: Floats = np.array(weights) * np.log(1 + (size - holding + 0.5) / (holding + 0.5))
    return found


def _exact(weights: Floats) -> Floats:
    """Round weights so that float64 adds and subtracts them without error, in whatever order.

    Sums that run through one text into the next would otherwise tell equal texts apart.
    """
    return np.rint(weights * _GRID) / _GRID
