"""The whole search on a collection in memory: match, first stage, tiers, second stage."""

import itertools
import time
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from benchmarks.ranking import feedback
from benchmarks.ranking.asking import TRIGRAMS, Term, terms
from benchmarks.ranking.collection import Collection
from benchmarks.ranking.measures import Figures, judge
from benchmarks.ranking.postings import Floats, Ints
from benchmarks.ranking.setup import Model, Setup
from indexer.analysis import LONG_WORD
from indexer.query import KeyKind, Query, RankTerm, Reading, TermField
from indexer.reranking import Candidate, rerank
from indexer.understanding import understand

Mask = NDArray[np.bool_]

TITLE_FIELD: dict[str, TermField] = {
    TermField.WORDS: TermField.TITLE_WORDS,
    TermField.BIGRAMS: TermField.TITLE_BIGRAMS,
}


class Scorer:
    """Asks the queries of a set; what does not depend on the set-up is kept."""

    def __init__(self, collection: Collection) -> None:
        self.collection = collection
        self._containing: dict[str, Ints] = {}
        self._trigrams: dict[str, tuple[Ints, Floats]] = {}

    def measure(self, setup: Setup) -> Figures:
        """Ask every query once."""
        outcomes = [self._timed(number, setup) for number in range(len(self._queries))]
        judged = np.array([outcome[0] for outcome in outcomes])
        totals = np.array([outcome[1] for outcome in outcomes], dtype=np.float64)
        spent = float(np.mean([outcome[2] for outcome in outcomes]) * 1000)
        return Figures(*judged.T, totals, spent)

    def score(self, asked: list[Term], setup: Setup) -> Floats:
        """Return the first-stage score of every document: a sum over (field, term)."""
        scores = np.zeros(self.collection.size)
        for field, term, weight in asked:
            rows, counts = self._postings(field, term)
            if not len(rows):
                continue
            weight *= self.idf(len(rows)) ** setup.idf_power
            if setup.title_weight != 1 and field in TITLE_FIELD:
                in_titles, title_counts = self.collection.postings[TITLE_FIELD[field]](term)
                counts = counts.copy()
                counts[np.searchsorted(rows, in_titles)] += (setup.title_weight - 1) * title_counts
            scores[rows] += weight * self._saturated(field, rows, counts, setup)
            if setup.title_added and field in TITLE_FIELD:
                title = TITLE_FIELD[field]
                rows, counts = self.collection.postings[title](term)
                if len(rows):
                    scores[rows] += setup.title_added * weight * self._saturated(title, rows, counts, setup)
        return scores

    def idf(self, holding: int) -> float:
        """Return BM25's idf."""
        return float(np.log(1 + (self.collection.size - holding + 0.5) / (holding + 0.5)))

    @cached_property
    def _queries(self) -> list[Query]:
        return [understand(text).query for text in self.collection.queries]

    def _timed(self, number: int, setup: Setup) -> tuple[tuple[float, float, float, float], int, float]:
        start = time.perf_counter()
        order, total = self._ask(number, setup)
        spent = time.perf_counter() - start
        return judge(order, self.collection.wanted[number]), total, spent

    def _ask(self, number: int, setup: Setup) -> tuple[list[int], int]:
        query, text = self._queries[number], self.collection.queries[number]
        scores = np.zeros(self.collection.size)
        matched = np.zeros(self.collection.size, dtype=bool)
        asked: list[Term] = []
        for reading in query.readings:
            asked = terms(text, reading, setup)
            found = self.score(asked, setup)
            if setup.feedback:
                more = feedback.words(self, asked, found, setup.feedback)
                found += self.score(more, setup)
            np.maximum(scores, found, out=scores)
            matched |= self._read(reading, found, setup.min_score)
        for verbatim in query.verbatim:
            matched |= self._mask(self._holding(verbatim))
        bearing = self._bearing(query)
        matched |= bearing
        if setup.title_share:
            scores *= 1 + setup.title_share * self._title_share(asked)
        first = np.flatnonzero(bearing).tolist()
        rest = np.flatnonzero(matched & ~bearing)
        rest = rest[np.lexsort((rest, -scores[rest]))][: setup.depth]
        return first + self._second_stage(asked, rest, scores, setup), int(matched.sum())

    def _second_stage(self, asked: list[Term], rows: Ints, scores: Floats, setup: Setup) -> list[int]:
        if setup.reranking is None:
            return rows.tolist()
        titles, texts = self.collection.titles, self.collection.texts
        candidates = [
            Candidate(f"{row:09}", float(scores[row]), (titles[row], texts[row])) for row in rows.tolist()
        ]
        rank = [RankTerm(TermField(field), term, weight) for field, term, weight in asked]
        return [int(name) for name, _ in rerank(rank, candidates, setup.reranking)]

    def _read(self, reading: Reading, scores: Floats, min_score: float) -> Mask:
        if reading.min_score is None:
            found = np.ones(len(scores), dtype=bool)
            for word in reading.words:
                found &= self._mask(self._holding(word))
        else:
            found = (scores > 0) & (scores >= min_score * scores.max(initial=0.0))
        for phrase in reading.phrases:
            found &= self._mask(self._holding(phrase))
        for part in reading.excluded:
            found &= ~self._mask(self._holding(part))
        return found

    def _bearing(self, query: Query) -> Mask:
        titles = (key.value for key in query.keys if key.kind is KeyKind.TITLE)
        return self._mask([row for title in titles for row in self.collection.bearing.get(title, ())])

    def _holding(self, text: str) -> Ints:
        if len(text) < LONG_WORD:
            return self.collection.postings[TermField.WORDS](text)[0]
        if text not in self._containing:
            rows = self._together(text)
            kept = [row for row in rows.tolist() if self.collection.contains(row, text)]
            self._containing[text] = np.array(kept, dtype=np.int64)
        return self._containing[text]

    def _together(self, text: str) -> Ints:
        """Return the rows that hold all pairs of a text."""
        postings = self.collection.postings[TermField.BIGRAMS]
        pairs = {first + second for first, second in itertools.pairwise(text)}
        lists = sorted((postings(pair)[0] for pair in pairs), key=len)
        found = lists[0]
        for rows in lists[1:]:
            found = np.intersect1d(found, rows, assume_unique=True)
        return found

    def _postings(self, field: str, term: str) -> tuple[Ints, Floats]:
        if field != TRIGRAMS:
            return self.collection.postings[TermField(field)](term)
        if term not in self._trigrams:
            titles, texts, rows = self.collection.titles, self.collection.texts, self._together(term)
            counts = np.array([titles[row].count(term) + texts[row].count(term) for row in rows], dtype=float)
            self._trigrams[term] = rows[counts > 0], counts[counts > 0]
        return self._trigrams[term]

    def _saturated(self, field: str, rows: Ints, counts: Floats, setup: Setup) -> Floats:
        lengths = self._lengths(field, setup.title_weight)
        relative = lengths[rows] / (lengths.mean() or 1.0)
        if setup.model is Model.IN_L2:
            counts = counts * np.log2(1 + 1 / np.maximum(relative, 1e-9))
            return (setup.k1 + 1) * counts / (counts + 1)
        b = setup.bigram_b if setup.bigram_b is not None and field == TermField.BIGRAMS else setup.b
        norms = setup.k1 * (1 - b + b * relative)
        return (setup.k1 + 1) * (counts / (counts + norms) + setup.plus)

    def _lengths(self, field: str, title_weight: float) -> Floats:
        lengths = self.collection.lengths[TermField.BIGRAMS if field == TRIGRAMS else TermField(field)]
        if title_weight != 1 and field in TITLE_FIELD:
            return lengths + (title_weight - 1) * self.collection.lengths[TITLE_FIELD[field]]
        return lengths

    def _title_share(self, asked: list[Term]) -> Floats:
        """Return the share of each title's words that the query names."""
        found = np.zeros(self.collection.size)
        for term in asked:
            if term.field == TermField.WORDS:
                found[self.collection.postings[TermField.TITLE_WORDS](term.term)[0]] += 1
        return found / np.maximum(self.collection.lengths[TermField.TITLE_WORDS], 1)

    def _mask(self, rows: Ints | list[int]) -> Mask:
        found = np.zeros(self.collection.size, dtype=bool)
        found[rows] = True
        return found
