"""Which documents match a query and how well, on whole posting arrays.

The definitions are `shared/design.md`'s ("What a match is"); the oracle in `tests/indexer` says the
same in the plainest Python, and the two must agree to the last bit.
"""

import itertools

import numpy as np

from indexer.analysis import LONG_WORD
from indexer.query import BIGRAM_FIELD, WORD_FIELD, KeyKind, Query, RankTerm, Reading, TermField
from indexer.ranking import idf, ranking
from indexer.requests import Scope
from indexer.whoosh_engine.facts import Floats, Ints, Mask
from indexer.whoosh_engine.snapshot import Snapshot

FEW = 16
"""Candidates from which reading their texts is cheaper than intersecting further."""


class Matching:
    """One query on one snapshot; `live` says which documents are there at all."""

    def __init__(self, snapshot: Snapshot, query: Query, live: Mask) -> None:
        self._snapshot = snapshot
        self._query = query
        self._live = live
        self._title_only = query.scope is Scope.TITLE
        self._words = WORD_FIELD[query.scope]
        self._bigrams = BIGRAM_FIELD[query.scope]
        self._documents = int(live.sum())
        self._norms: dict[TermField, Floats] = {}

    def evaluate(self) -> tuple[Mask, Floats]:
        """Return which documents match, and the score of every document."""
        query = self._query
        scores = np.zeros(self._snapshot.size)
        if query.everything:
            return self._live.copy(), scores
        matched = np.zeros(self._snapshot.size, dtype=bool)
        for reading in query.readings:
            reading_scores = self._score(reading.rank)
            np.maximum(scores, reading_scores, out=scores)
            matched |= self._read(reading, reading_scores)
        for text in query.verbatim:
            matched |= self._mask(self._containing(text))
        if query.keys_match:
            for rows in (self._snapshot.bearing(key) for key in query.keys):
                matched[rows] = True
        return matched & self._live, scores

    def bearing(self, kinds: frozenset[KeyKind]) -> Mask:
        """Tell which documents bear one of the query's keys of these kinds."""
        found = np.zeros(self._snapshot.size, dtype=bool)
        for key in self._query.keys:
            if key.kind in kinds:
                found[self._snapshot.bearing(key)] = True
        return found

    def _read(self, reading: Reading, scores: Floats) -> Mask:
        if reading.min_score is None:
            found = self._live.copy()
            for word in reading.words:
                found &= self._mask(self._holding(word))
        else:
            best = float(scores[self._live].max(initial=0.0))
            found = self._live & (scores > 0) & (scores >= reading.min_score * best)
        for phrase in reading.phrases:
            found &= self._mask(self._containing(phrase))
        for part in reading.excluded:
            found &= ~self._mask(self._holding(part))
        return found

    def _score(self, terms: tuple[RankTerm, ...]) -> Floats:
        """Return BM25 over the terms, added up in their order."""
        numbers = ranking()
        scores = np.zeros(self._snapshot.size)
        for term in terms:
            rows, counts = self._snapshot.postings(term.field.value, term.term)
            present = self._live[rows]
            rows, counts = rows[present], counts[present]
            if len(rows):
                weight = term.weight * idf(self._documents, len(rows)) * (numbers.k1 + 1)
                scores[rows] += weight * counts / (counts + self._norm(term.field)[rows])
        return scores

    def _norm(self, field: TermField) -> Floats:
        """Return the part of BM25 that depends on the length of each document."""
        if field not in self._norms:
            numbers = ranking()
            lengths = self._snapshot.facts.lengths[field]
            average = float(lengths[self._live].sum()) / max(self._documents, 1) or 1.0
            self._norms[field] = numbers.k1 * (1 - numbers.b + numbers.b * lengths / average)
        return self._norms[field]

    def _holding(self, word: str) -> Ints:
        """Return the rows that hold a word: by containing a long one, as a token a short one."""
        rows, _ = self._snapshot.postings(self._words.value, word)
        if len(word) < LONG_WORD:
            return rows
        return self._containing(word, known=rows)

    def _containing(self, text: str, known: Ints | None = None) -> Ints:
        """Return the rows whose folded text contains a text; `known` do and need no reading."""
        candidates = self._candidates(text)
        if len(text) <= 2:
            return candidates
        known = np.empty(0, dtype=np.int64) if known is None else known
        unsure = np.setdiff1d(candidates, known, assume_unique=True)
        needle = text.encode()
        sure = [row for row in unsure if self._live[row] and needle in self._text(int(row))]
        return np.concatenate([known, np.array(sure, dtype=np.int64)])

    def _candidates(self, text: str) -> Ints:
        """Return the rows that hold every bigram of a text (or any pair that begins with one character)."""
        field = self._bigrams
        if len(text) == 1:
            pairs = self._snapshot.beginning(field, text)
            parts = [self._snapshot.postings(field.value, pair)[0] for pair in pairs]
            return np.unique(np.concatenate(parts)) if parts else np.empty(0, dtype=np.int64)
        pairs = list(dict.fromkeys(map("".join, itertools.pairwise(text))))
        lists = sorted((self._snapshot.postings(field.value, pair)[0] for pair in pairs), key=len)
        found = lists[0]
        for rows in lists[1:]:
            if len(found) <= FEW:
                break
            found = np.intersect1d(found, rows, assume_unique=True)
        return found

    def _text(self, row: int) -> bytes:
        return self._snapshot.titles(row) if self._title_only else self._snapshot.text(row)

    def _mask(self, rows: Ints) -> Mask:
        found = np.zeros(self._snapshot.size, dtype=bool)
        found[rows] = True
        return found
