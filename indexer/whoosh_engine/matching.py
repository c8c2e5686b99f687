"""Which rows of a segment match a query, on whole posting arrays.

The definitions are `shared/design.md`'s ("What a match is"); the oracle in `tests/support` says the
same in the plainest Python, and the two must agree to the last bit. Sets are ascending arrays of
rows. Texts are read as late as possible: after everything that arrays can tell.
"""

import itertools
from collections.abc import Iterable

import numpy as np

from indexer.analysis import LONG_WORD
from indexer.query import BIGRAM_FIELD, WORD_FIELD, Query, Reading
from indexer.requests import Scope
from indexer.whoosh_engine.arrays import Array
from indexer.whoosh_engine.postings import NO_ROWS
from indexer.whoosh_engine.scoring import WeightedTerm, candidates, score_rows
from indexer.whoosh_engine.segment import TermList
from indexer.whoosh_engine.snapshot import Leaf

NO_SCORES = np.empty(0)

FEW = 8
"""Candidates from which reading their texts is cheaper than looking up further pairs."""

MANY = 2_000
"""Texts to be read from which what was found is worth remembering; it takes some milliseconds."""


class ReadingOnLeaf:
    """One reading on one segment. If a minimum score decides, all rows that may reach it are scored."""

    def __init__(self, leaf: Leaf, reading: Reading, terms: list[WeightedTerm], hidden: Array) -> None:
        self.reading = reading
        self._leaf = leaf
        self._terms = terms
        self._rows, self._scores = NO_ROWS, NO_SCORES
        if reading.min_score is not None:
            self._rows, self._scores = candidates(leaf, terms, reading.min_score, hidden)
        self.best = float(self._scores.max(initial=0.0))

    def rows(self, holding: "Holding", best: float) -> Array:
        """Return the rows that match; `best` is the best score in the whole collection."""
        reading, phrases = self.reading, list(self.reading.phrases)
        if reading.min_score is not None:
            rows = self._rows[(self._scores > 0) & (self._scores >= reading.min_score * best)]
        elif reading.words:
            rows = holding.all_of(reading.words)
        else:
            first, *phrases = phrases
            rows = holding.containing(first)
        for phrase in phrases:
            rows = rows[holding.contain(phrase, rows)]
        for part in reading.excluded:
            rows = rows[~holding.hold(part, rows)]
        return rows

    def score(self, rows: Array) -> Array:
        """Return the scores of some rows."""
        if len(rows) and len(self._rows):
            places = np.minimum(self._rows.searchsorted(rows), len(self._rows) - 1)
            if (self._rows[places] == rows).all():
                return self._scores[places]
        return score_rows(self._leaf, self._terms, rows)


class Holding:
    """What the rows of a segment hold and contain, within one scope."""

    def __init__(self, leaf: Leaf, scope: Scope) -> None:
        segment = leaf.segment
        self._size = leaf.size
        self._words = segment.fields[WORD_FIELD[scope].value]
        self._pairs = segment.fields[BIGRAM_FIELD[scope].value]
        self._segment = segment
        self._titles_only = scope is Scope.TITLE

    def all_of(self, words: Iterable[str]) -> Array:
        """Return the rows that hold all of some words."""
        # A short word is one list; the one held least narrows the most.
        by_cost = sorted(words, key=lambda word: (len(word) >= LONG_WORD, self._words.holding(word.encode())))
        first, *others = by_cost
        rows = self.holding(first)
        for word in others:
            rows = rows[self.hold(word, rows)]
        return rows

    def holding(self, word: str) -> Array:
        """Return the rows that hold a word: by containing a long one, as a token a short one."""
        if len(word) < LONG_WORD:
            return self._words.read(word.encode())[0]
        candidates = self._candidates(word)
        return candidates[self.hold(word, candidates)]

    def hold(self, word: str, rows: Array) -> Array:
        """Tell which of some rows hold a word."""
        token = self._at(self._words, word, rows)
        if len(word) < LONG_WORD:
            return token
        unsure = np.flatnonzero(~token)
        token[unsure[self.contain(word, rows[unsure])]] = True
        return token

    def containing(self, text: str) -> Array:
        """Return the rows whose folded text contains a text."""
        candidates = self._candidates(text)
        return candidates if len(text) <= 2 else candidates[self.contain(text, candidates)]

    def beyond(self, text: str, known: Array) -> Array:
        """Return the rows that contain a text and are not among those that are known to match."""
        candidates = np.setdiff1d(self._candidates(text), known, assume_unique=True)
        return candidates if len(text) <= 2 else candidates[self.contain(text, candidates)]

    def contain(self, text: str, rows: Array) -> Array:
        """Tell which of some rows contain a text."""
        if len(text) == 1:
            return np.isin(rows, self._candidates(text), assume_unique=True)
        found = np.zeros(len(rows), dtype=bool)
        left = self._with_pairs(text, rows)
        if len(text) > 2:
            left = left[self._read(text, rows[left])]
        found[left] = True
        return found

    def _with_pairs(self, text: str, rows: Array) -> Array:
        """Return the places of those of some rows that hold the pairs of a text; of a few, more."""
        left = np.arange(len(rows))
        for pair in sorted(_pairs(text), key=self._held_by):
            if len(left) <= FEW and len(text) > 2:
                break
            left = left[self._at(self._pairs, pair, rows[left])]
        return left

    def _read(self, text: str, rows: Array) -> Array:
        """Tell which of some rows contain a text, by reading them."""
        if len(rows) < MANY:
            return self._segment.texts.containing(text, rows, titles_only=self._titles_only)
        whole = self._segment.known.get(text, self._titles_only, lambda: self._read_all(text))
        return np.isin(rows, whole, assume_unique=True)

    def _read_all(self, text: str) -> Array:
        candidates = self._candidates(text)
        candidates = candidates[self._with_pairs(text, candidates)]
        texts = self._segment.texts
        return candidates[texts.containing(text, candidates, titles_only=self._titles_only)]

    def _candidates(self, text: str) -> Array:
        """Return rows that may contain a text: those of its rarest pair, of all pairs for one or two."""
        if len(text) == 1:
            numbers = self._pairs.terms.beginning(text.encode())
            found = np.zeros(self._size, dtype=bool)
            for number in numbers:
                found[self._pairs.postings.read(number)[0]] = True
            return np.flatnonzero(found)
        rarest = min(_pairs(text), key=self._held_by, default="")
        return self._pairs.read(rarest.encode())[0] if rarest else NO_ROWS

    def _held_by(self, pair: str) -> int:
        return self._pairs.holding(pair.encode())

    def _at(self, field: TermList, term: str, rows: Array) -> Array:
        number = field.find(term.encode())
        if number < 0:
            return np.zeros(len(rows), dtype=bool)
        result: Array = field.postings.at(number, rows) > 0
        return result


def _pairs(text: str) -> list[str]:
    return list(dict.fromkeys(map("".join, itertools.pairwise(text))))


class Matched:
    """The rows of one segment that match a query, and how well."""

    def __init__(
        self, leaf: Leaf, query: Query, readings: list[ReadingOnLeaf], best: list[float], hidden: Array
    ) -> None:
        self._readings = readings
        rows = np.arange(leaf.size) if query.everything else _match(leaf, query, readings, best)
        if len(leaf.deleted):
            rows = rows[leaf.live[rows]]
        if len(hidden):
            rows = rows[~np.isin(rows, hidden)]
        self.rows = rows

    def scores(self, rows: Array) -> Array:
        """Return the scores of some of the rows: the best of all readings."""
        scores = np.zeros(len(rows))
        for reading in self._readings:
            np.maximum(scores, reading.score(rows), out=scores)
        return scores


def _match(leaf: Leaf, query: Query, readings: list[ReadingOnLeaf], best: list[float]) -> Array:
    holding = Holding(leaf, query.scope)
    found = [reading.rows(holding, top) for reading, top in zip(readings, best, strict=True)]
    rows = found[0] if len(found) == 1 else _union(found)
    more = [holding.beyond(text, rows) for text in query.verbatim]
    if query.keys_match:
        more.append(leaf.bearing(query.keys))
    more = [each for each in more if len(each)]
    return _union([rows, *more]) if more else rows


def _union(parts: list[Array]) -> Array:
    return np.unique(np.concatenate(parts)) if parts else NO_ROWS
