"""Nodes that are put together from others: AND, OR, NOT, ANDMAYBE."""

from collections.abc import Sequence

import numpy as np
from typing_extensions import override

from indexer.whoosh_engine.arrays import Array
from indexer.whoosh_engine.snapshot import Leaf
from indexer.whoosh_engine.whoosh_nodes import Node, TermNode


class NotNode(Node):
    """All rows but those of another node."""

    def __init__(self, leaf: Leaf, child: Node) -> None:
        self.bound, self._child = leaf.size, child

    @override
    def rows(self) -> Array:
        held = np.ones(self.bound, dtype=bool)
        held[self._child.rows()] = False
        return np.flatnonzero(held)

    @override
    def hold(self, rows: Array) -> Array:
        return ~self._child.hold(rows)

    @override
    def score(self, rows: Array) -> Array:
        return np.zeros(len(rows))


class AndNode(Node):
    """What all parts match. The rarest is read; the others are looked up in what is left."""

    def __init__(self, parts: Sequence[Node]) -> None:
        self._parts = parts
        self._rarest, *self._others = sorted(parts, key=lambda part: part.bound)
        self.bound = self._rarest.bound

    @override
    def rows(self) -> Array:
        return self._met()[0]

    def _met(self) -> tuple[Array, dict[Node, Array]]:
        """Return the rows, and for each term how often they hold it."""
        counts: dict[Node, Array] = {}
        if isinstance(self._rarest, TermNode):
            rows, counts[self._rarest] = self._rarest.read()
        else:
            rows = self._rarest.rows()
        for part in self._others:
            if not len(rows):
                return rows, {}
            held = part.at(rows) if isinstance(part, TermNode) else part.hold(rows)
            kept = np.flatnonzero(held != 0)
            if len(kept) < len(rows):
                rows, held = rows[kept], held[kept]
                counts = {term: each[kept] for term, each in counts.items()}
            if isinstance(part, TermNode):
                counts[part] = held
        return rows, counts

    @override
    def all(self) -> tuple[Array, Array]:
        rows, counts = self._met()
        return rows, self._sum(rows, counts)

    def _sum(self, rows: Array, counts: dict[Node, Array]) -> Array:
        scores = np.zeros(len(rows))
        if not len(rows):
            return scores
        norms: dict[int, Array] = {}
        for part in self._parts:
            if isinstance(part, TermNode):
                if (norm := norms.get(id(part.norm))) is None:
                    norm = norms[id(part.norm)] = part.norm[rows]
                scores += part.part(counts[part] if part in counts else part.at(rows), norm)
            else:
                scores += part.score(rows)
        return scores

    @override
    def hold(self, rows: Array) -> Array:
        left = np.arange(len(rows))
        for part in (self._rarest, *self._others):
            left = left[part.hold(rows[left])]
        held = np.zeros(len(rows), dtype=bool)
        held[left] = True
        return held

    @override
    def score(self, rows: Array) -> Array:
        scores, held = np.zeros(len(rows)), np.flatnonzero(self.hold(rows))
        scores[held] = self._sum(rows[held], {})
        return scores


class OrNode(Node):
    """What any part matches; scores are added up in one array over all rows."""

    def __init__(self, leaf: Leaf, parts: Sequence[Node]) -> None:
        self._size, self._parts = leaf.size, parts
        self.bound = min(leaf.size, sum(part.bound for part in parts))

    @override
    def rows(self) -> Array:
        held = np.zeros(self._size, dtype=bool)
        for part in self._parts:
            held[part.rows()] = True
        return np.flatnonzero(held)

    @override
    def all(self) -> tuple[Array, Array]:
        scores, held = np.zeros(self._size), np.zeros(self._size, dtype=bool)
        for part in self._parts:
            part.add(scores, held)
        rows = np.flatnonzero(held)
        return rows, scores[rows]

    @override
    def hold(self, rows: Array) -> Array:
        held = np.zeros(len(rows), dtype=bool)
        for part in self._parts:
            held |= part.hold(rows)
        return held

    @override
    def score(self, rows: Array) -> Array:
        scores = np.zeros(len(rows))
        for part in self._parts:
            scores += part.score(rows)
        return scores


class MaybeNode(Node):
    """What one node matches; another one adds to its scores."""

    def __init__(self, sure: Node, maybe: Node) -> None:
        self._sure, self._maybe, self.bound = sure, maybe, sure.bound

    @override
    def rows(self) -> Array:
        return self._sure.rows()

    @override
    def hold(self, rows: Array) -> Array:
        return self._sure.hold(rows)

    @override
    def all(self) -> tuple[Array, Array]:
        rows, scores = self._sure.all()
        return rows, scores + self._maybe.score(rows)

    @override
    def score(self, rows: Array) -> Array:
        return np.where(self.hold(rows), self._sure.score(rows) + self._maybe.score(rows), 0.0)
