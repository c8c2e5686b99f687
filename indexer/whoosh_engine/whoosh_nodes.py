"""What a query is on one leaf: nodes that find rows, tell which rows match, and score them.

Here are those that read the index; `whoosh_compounds` puts them together.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable
from functools import cached_property

import numpy as np
from typing_extensions import override

from indexer.analysis import LONG_WORD
from indexer.query import TermField
from indexer.requests import Scope
from indexer.whoosh_engine.arrays import Array
from indexer.whoosh_engine.matching import Holding
from indexer.whoosh_engine.snapshot import Leaf


class Node(ABC):
    """A query on one leaf. `bound` rows match at most; deleted rows may be among them."""

    bound: int

    @abstractmethod
    def rows(self) -> Array:
        """Return the rows that match, ascending."""

    @abstractmethod
    def hold(self, rows: Array) -> Array:
        """Tell which of some ascending rows match."""

    @abstractmethod
    def score(self, rows: Array) -> Array:
        """Return the scores of some ascending rows; 0 for those that do not match."""

    def all(self) -> tuple[Array, Array]:
        """Return the rows that match and their scores."""
        rows = self.rows()
        return rows, self.score(rows)

    def add(self, scores: Array, held: Array) -> None:
        """Add the scores to those of all rows, and mark the rows that match."""
        rows, own = self.all()
        scores[rows] += own
        held[rows] = True


class TermNode(Node):
    """A term that is in the leaf."""

    def __init__(self, leaf: Leaf, field: TermField, number: int, weight: float) -> None:
        self._postings = leaf.segment.fields[field.value].postings
        self._number, self._weight = number, weight
        self.norm = leaf.norm(field)
        self.bound = int(self._postings.holding[number])

    def read(self) -> tuple[Array, Array]:
        """Return the rows and how often each holds the term."""
        return self._postings.read(self._number)

    def at(self, rows: Array) -> Array:
        """Return how often each of some rows holds the term."""
        return self._postings.at(self._number, rows)

    def part(self, counts: Array, norm: Array) -> Array:
        """Return the scores, given frequencies and the norms of their rows."""
        part = self._weight * counts
        part /= counts + norm
        return part

    @override
    def rows(self) -> Array:
        return self.read()[0]

    @override
    def hold(self, rows: Array) -> Array:
        held: Array = self.at(rows) > 0
        return held

    @override
    def score(self, rows: Array) -> Array:
        return self.part(self.at(rows), self.norm[rows])

    @override
    def all(self) -> tuple[Array, Array]:
        rows, counts = self.read()
        return rows, self.part(counts, self.norm[rows])

    @override
    def add(self, scores: Array, held: Array) -> None:
        frequencies = self._postings.frequencies(self._number)
        if frequencies is None:
            super().add(scores, held)
        else:
            scores += self.part(frequencies, self.norm)
            held |= frequencies > 0


class RowsNode(Node):
    """Rows that all score the same; they are looked for when they are needed."""

    def __init__(self, leaf: Leaf, bound: int, find: Callable[[], Array], score: float) -> None:
        self._size, self.bound, self._find, self._score = leaf.size, bound, find, score

    @cached_property
    def _held(self) -> Array:
        held = np.zeros(self._size, dtype=bool)
        held[self.rows()] = True
        return held

    @override
    def rows(self) -> Array:
        return self._find()

    @override
    def hold(self, rows: Array) -> Array:
        held: Array = self._held[rows]
        return held

    @override
    def score(self, rows: Array) -> Array:
        return np.where(self.hold(rows), self._score, 0.0)

    @override
    def all(self) -> tuple[Array, Array]:
        rows = self.rows()
        return rows, np.full(len(rows), self._score, dtype=np.float64)


class ScoredNode(RowsNode):
    """What another node matches, with a score of its own (ConstantScoreQuery; NOT scores 0)."""

    def __init__(self, leaf: Leaf, child: Node, score: float) -> None:
        super().__init__(leaf, child.bound, child.rows, score)
        self.hold = child.hold  # type: ignore[method-assign]


class PhraseNode(Node):
    """What contains a text verbatim; its words score. It is looked for last, for texts must be read.

    Where the text stands as a token it need not be read: a token is a piece of the folded text.
    """

    def __init__(self, leaf: Leaf, scope: Scope, text: str, words: Node) -> None:
        self._holding, self._text, self._words = Holding(leaf, scope), text, words
        self.bound = leaf.size + 1

    @override
    def rows(self) -> Array:
        if len(self._text) < LONG_WORD:
            return self._holding.containing(self._text)
        return self._holding.holding(self._text)

    @override
    def hold(self, rows: Array) -> Array:
        if len(self._text) < LONG_WORD:
            return self._holding.contain(self._text, rows)
        return self._holding.hold(self._text, rows)

    @override
    def score(self, rows: Array) -> Array:
        return np.where(self.hold(rows), self._words.score(rows), 0.0)

    @override
    def all(self) -> tuple[Array, Array]:
        rows = self.rows()
        return rows, self._words.score(rows)
