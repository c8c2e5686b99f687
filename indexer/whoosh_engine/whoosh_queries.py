"""Whoosh's query objects, evaluated on whole arrays.

The sets are those that Whoosh finds. The scores are ours, BM25 as in `scoring`, by the statistics
that are frozen with the base:

* a term scores in the fields of `TermField`; keys and ids score 1;
* a query scores what its parts score, added up in their order; NOT and what does not match add nothing;
* prefixes, ranges and EVERY score 1 (with `constantscore=False` the sum of their terms), a phrase
  the sum of its words;
* a boost multiplies the weight of everything within.
"""

from collections.abc import Callable, Sequence
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np
from whoosh import query as whoosh_query

from indexer.analysis import LONG_WORD
from indexer.query import TermField
from indexer.ranking import ranking
from indexer.requests import Scope
from indexer.whoosh_engine.arrays import Array
from indexer.whoosh_engine.matching import Holding
from indexer.whoosh_engine.postings import NO_ROWS
from indexer.whoosh_engine.segment import TermList
from indexer.whoosh_engine.snapshot import Leaf, Snapshot
from indexer.whoosh_engine.whoosh_codec import ID, Names

PHRASE_SCOPES = {TermField.WORDS.value: Scope.ALL, TermField.TITLE_WORDS.value: Scope.TITLE}

_BEHIND_ALL = b"\xff"
"""Stands in no UTF-8 text: a prefix with it is behind all that begins with the prefix."""


class UnsupportedQueryError(Exception):
    """A query cannot be evaluated on arrays; `whoosh_codec.whoosh_reader` takes every kind."""


class Found(NamedTuple):
    """How many documents match, the first of them (id, score), and all rows of each segment."""

    total: int
    hits: list[tuple[str, float]]
    rows: list[Array]


def search(snapshot: Snapshot, query: Any, limit: int) -> Found:
    """Return the exact total, the best `limit` hits by score and then id, and the rows of each leaf."""
    parts = evaluate(snapshot, query)
    hits = [
        hit for leaf, part in zip(snapshot.leaves, parts, strict=True) for hit in _first(leaf, *part, limit)
    ]
    hits.sort(key=lambda hit: (-hit[1], hit[0]))
    return Found(sum(len(rows) for rows, _ in parts), hits[:limit], [rows for rows, _ in parts])


def evaluate(snapshot: Snapshot, query: Any) -> list[tuple[Array, Array]]:
    """Return for each leaf the live rows that match, ascending, and their scores, float64.

    Raises `UnsupportedQueryError` for kinds of queries that are not evaluated here.
    """
    return [_live(leaf, *_Planner(snapshot, leaf).plan(query, 1.0).all()) for leaf in snapshot.leaves]


def _live(leaf: Leaf, rows: Array, scores: Array) -> tuple[Array, Array]:
    if not len(leaf.deleted) or not len(rows):
        return rows, scores
    live = leaf.live[rows]
    return rows[live], scores[live]


def _first(leaf: Leaf, rows: Array, scores: Array, limit: int) -> list[tuple[str, float]]:
    """Return the best hits of a leaf in no particular order."""
    if len(rows) > limit:
        best = _best(leaf.segment.columns.rank, rows, scores, limit) if limit else NO_ROWS
        rows, scores = rows[best], scores[best]
    return list(zip(map(leaf.segment.columns.name, rows.tolist()), scores.tolist(), strict=True))


def _best(rank: Array, rows: Array, scores: Array, limit: int) -> Array:
    """Return the places of the best scores; of those that tie for the last places the smallest ids."""
    places = _greatest(scores, limit)
    if len(places) == limit:
        return places
    kept = scores[places]
    last = kept.min()
    better, tied = places[kept > last], places[kept == last]
    return np.concatenate([better, tied[_greatest(-rank[rows[tied]].astype(np.int64), limit - len(better))]])


def _greatest(values: Array, limit: int) -> Array:
    """Return the places of the `limit` greatest values and of those that equal the last of them."""
    if len(values) < 64 * limit:
        return np.flatnonzero(values >= _nth_greatest(values, limit))
    # What is great enough in a sample bounds what is great enough in all, and leaves little to sort.
    places = np.flatnonzero(values >= _nth_greatest(values[::16], limit))
    kept = values[places]
    found: Array = places[kept >= _nth_greatest(kept, limit)]
    return found


def _nth_greatest(values: Array, number: int) -> Any:
    return np.partition(values, len(values) - number)[len(values) - number]


class _Node:
    """A query on one leaf. `bound` rows match at most; deleted rows may be among them."""

    bound: int

    def rows(self) -> Array:
        """Return the rows that match, ascending."""
        raise NotImplementedError

    def hold(self, rows: Array) -> Array:
        """Tell which of some ascending rows match."""
        raise NotImplementedError

    def score(self, rows: Array) -> Array:
        """Return the scores of some ascending rows; 0 for those that do not match."""
        raise NotImplementedError

    def all(self) -> tuple[Array, Array]:
        """Return the rows that match and their scores."""
        rows = self.rows()
        return rows, self.score(rows)

    def add(self, scores: Array, held: Array) -> None:
        """Add the scores to those of all rows, and mark the rows that match."""
        rows, own = self.all()
        scores[rows] += own
        held[rows] = True


class _Term(_Node):
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

    def rows(self) -> Array:
        return self.read()[0]

    def hold(self, rows: Array) -> Array:
        held: Array = self.at(rows) > 0
        return held

    def score(self, rows: Array) -> Array:
        return self.part(self.at(rows), self.norm[rows])

    def all(self) -> tuple[Array, Array]:
        rows, counts = self.read()
        return rows, self.part(counts, self.norm[rows])

    def add(self, scores: Array, held: Array) -> None:
        frequencies = self._postings.frequencies(self._number)
        if frequencies is None:
            super().add(scores, held)
        else:
            scores += self.part(frequencies, self.norm)
            held |= frequencies > 0


class _Rows(_Node):
    """Rows that all score the same; they are looked for when they are needed."""

    def __init__(self, leaf: Leaf, bound: int, find: Callable[[], Array], score: float) -> None:
        self._size, self.bound, self._find, self._score = leaf.size, bound, find, score

    @cached_property
    def _held(self) -> Array:
        held = np.zeros(self._size, dtype=bool)
        held[self.rows()] = True
        return held

    def rows(self) -> Array:
        return self._find()

    def hold(self, rows: Array) -> Array:
        held: Array = self._held[rows]
        return held

    def score(self, rows: Array) -> Array:
        return np.where(self.hold(rows), self._score, 0.0)

    def all(self) -> tuple[Array, Array]:
        rows = self.rows()
        return rows, np.full(len(rows), self._score, dtype=np.float64)


class _Scored(_Rows):
    """What another node matches, with a score of its own (ConstantScoreQuery; NOT scores 0)."""

    def __init__(self, leaf: Leaf, child: _Node, score: float) -> None:
        super().__init__(leaf, child.bound, child.rows, score)
        self.hold = child.hold  # type: ignore[method-assign]


class _Not(_Node):
    """All rows but those of another node."""

    def __init__(self, leaf: Leaf, child: _Node) -> None:
        self.bound, self._child = leaf.size, child

    def rows(self) -> Array:
        held = np.ones(self.bound, dtype=bool)
        held[self._child.rows()] = False
        return np.flatnonzero(held)

    def hold(self, rows: Array) -> Array:
        return ~self._child.hold(rows)

    def score(self, rows: Array) -> Array:
        return np.zeros(len(rows))


class _And(_Node):
    """What all parts match. The rarest is read; the others are looked up in what is left."""

    def __init__(self, parts: Sequence[_Node]) -> None:
        self._parts = parts
        self._rarest, *self._others = sorted(parts, key=lambda part: part.bound)
        self.bound = self._rarest.bound

    def rows(self) -> Array:
        return self._met()[0]

    def _met(self) -> tuple[Array, dict[_Node, Array]]:
        """Return the rows, and for each term how often they hold it."""
        counts: dict[_Node, Array] = {}
        if isinstance(self._rarest, _Term):
            rows, counts[self._rarest] = self._rarest.read()
        else:
            rows = self._rarest.rows()
        for part in self._others:
            if not len(rows):
                return rows, {}
            held = part.at(rows) if isinstance(part, _Term) else part.hold(rows)
            kept = np.flatnonzero(held != 0)
            if len(kept) < len(rows):
                rows, held = rows[kept], held[kept]
                counts = {term: each[kept] for term, each in counts.items()}
            if isinstance(part, _Term):
                counts[part] = held
        return rows, counts

    def all(self) -> tuple[Array, Array]:
        rows, counts = self._met()
        return rows, self._sum(rows, counts)

    def _sum(self, rows: Array, counts: dict[_Node, Array]) -> Array:
        scores = np.zeros(len(rows))
        if not len(rows):
            return scores
        norms: dict[int, Array] = {}
        for part in self._parts:
            if isinstance(part, _Term):
                if (norm := norms.get(id(part.norm))) is None:
                    norm = norms[id(part.norm)] = part.norm[rows]
                scores += part.part(counts[part] if part in counts else part.at(rows), norm)
            else:
                scores += part.score(rows)
        return scores

    def hold(self, rows: Array) -> Array:
        left = np.arange(len(rows))
        for part in (self._rarest, *self._others):
            left = left[part.hold(rows[left])]
        held = np.zeros(len(rows), dtype=bool)
        held[left] = True
        return held

    def score(self, rows: Array) -> Array:
        scores, held = np.zeros(len(rows)), np.flatnonzero(self.hold(rows))
        scores[held] = self._sum(rows[held], {})
        return scores


class _Or(_Node):
    """What any part matches; scores are added up in one array over all rows."""

    def __init__(self, leaf: Leaf, parts: Sequence[_Node]) -> None:
        self._size, self._parts = leaf.size, parts
        self.bound = min(leaf.size, sum(part.bound for part in parts))

    def rows(self) -> Array:
        held = np.zeros(self._size, dtype=bool)
        for part in self._parts:
            held[part.rows()] = True
        return np.flatnonzero(held)

    def all(self) -> tuple[Array, Array]:
        scores, held = np.zeros(self._size), np.zeros(self._size, dtype=bool)
        for part in self._parts:
            part.add(scores, held)
        rows = np.flatnonzero(held)
        return rows, scores[rows]

    def hold(self, rows: Array) -> Array:
        held = np.zeros(len(rows), dtype=bool)
        for part in self._parts:
            held |= part.hold(rows)
        return held

    def score(self, rows: Array) -> Array:
        scores = np.zeros(len(rows))
        for part in self._parts:
            scores += part.score(rows)
        return scores


class _Maybe(_Node):
    """What one node matches; another one adds to its scores."""

    def __init__(self, sure: _Node, maybe: _Node) -> None:
        self._sure, self._maybe = sure, maybe
        self.bound, self.rows, self.hold = sure.bound, sure.rows, sure.hold  # type: ignore[method-assign]

    def all(self) -> tuple[Array, Array]:
        rows, scores = self._sure.all()
        return rows, scores + self._maybe.score(rows)

    def score(self, rows: Array) -> Array:
        return np.where(self.hold(rows), self._sure.score(rows) + self._maybe.score(rows), 0.0)


class _Phrase(_Node):
    """What contains a text verbatim; its words score. It is looked for last, for texts must be read.

    Where the text stands as a token it need not be read: a token is a piece of the folded text.
    """

    def __init__(self, leaf: Leaf, scope: Scope, text: str, words: _Node) -> None:
        self._holding, self._text, self._words = Holding(leaf, scope), text, words
        self.bound = leaf.size + 1

    def rows(self) -> Array:
        if len(self._text) < LONG_WORD:
            return self._holding.containing(self._text)
        return self._holding.holding(self._text)

    def hold(self, rows: Array) -> Array:
        if len(self._text) < LONG_WORD:
            return self._holding.contain(self._text, rows)
        return self._holding.hold(self._text, rows)

    def score(self, rows: Array) -> Array:
        return np.where(self.hold(rows), self._words.score(rows), 0.0)

    def all(self) -> tuple[Array, Array]:
        rows = self.rows()
        return rows, self._words.score(rows)


class _Planner:
    """Makes nodes of queries, for one leaf."""

    def __init__(self, snapshot: Snapshot, leaf: Leaf) -> None:
        self._snapshot, self._leaf = snapshot, leaf

    def plan(self, query: Any, boost: float) -> _Node:
        """Return the node of a query that stands within queries of a certain boost."""
        kind = type(query)
        if kind not in _PLANS:
            raise UnsupportedQueryError(f"{kind.__module__}.{kind.__qualname__} is not evaluated on arrays")
        return _PLANS[kind](self, query, boost * getattr(query, "boost", 1.0))

    def _nothing(self, _query: Any = None, _boost: float = 1.0) -> _Node:
        return _Rows(self._leaf, 0, lambda: NO_ROWS, 0.0)

    def _field(self, name: str) -> TermList | Names:
        if name == ID:
            return Names(self._leaf.segment.columns)
        if name not in self._leaf.segment.fields:
            raise UnsupportedQueryError(f"there is no field {name!r}")
        return self._leaf.segment.fields[name]

    def _term(self, query: Any, boost: float) -> _Node:
        return self._one(query.fieldname, _encoded(query.text), boost)

    def _one(self, name: str, term: bytes, boost: float) -> _Node:
        held = self._field(name)
        number = held.terms.find(term)
        if number < 0:
            return self._nothing()
        if name not in _TERM_FIELDS:
            return self._terms(name, range(number, number + 1), boost)
        field = TermField(name)
        weight = boost * self._snapshot.idf(field, term.decode()) * (ranking().k1 + 1)
        return _Term(self._leaf, field, number, weight)

    def _terms(self, name: str, numbers: range, score: float) -> _Node:
        held = self._field(name)
        if isinstance(held, Names):
            return _Rows(self._leaf, len(numbers), lambda: held.rows(numbers), score)
        bound = int(held.postings.holding[numbers.start : numbers.stop].sum())
        return _Rows(self._leaf, bound, lambda: _holding_any(held, numbers), score)

    def _expanded(self, query: Any, numbers: range, boost: float) -> _Node:
        """Return the node of a query that means several terms of a field."""
        if query.constantscore:
            return self._terms(query.fieldname, numbers, boost)
        terms = self._field(query.fieldname).terms
        return _Or(self._leaf, [self._one(query.fieldname, terms[number], boost) for number in numbers])

    def _prefix(self, query: Any, boost: float) -> _Node:
        terms, prefix = self._field(query.fieldname).terms, _encoded(query.text)
        return self._expanded(query, range(terms.place(prefix), terms.place(prefix + _BEHIND_ALL)), boost)

    def _range(self, query: Any, boost: float) -> _Node:
        terms = self._field(query.fieldname).terms
        first, last = 0, len(terms)
        if query.start is not None:
            start = _encoded(query.start)
            first = terms.place(start) + (query.startexcl and terms.find(start) >= 0)
        if query.end is not None:
            end = _encoded(query.end)
            last = terms.place(end) + (not query.endexcl and terms.find(end) >= 0)
        return self._expanded(query, range(first, max(first, last)), boost)

    def _every(self, query: Any, boost: float) -> _Node:
        size = self._leaf.size
        if query.fieldname is None or query.fieldname == ID:
            return _Rows(self._leaf, size, lambda: np.arange(size), boost)
        return self._terms(query.fieldname, range(len(self._field(query.fieldname).terms)), boost)

    def _all(self, queries: Sequence[Any], boost: float) -> list[_Node]:
        return [self.plan(each, boost) for each in queries]

    def _and(self, query: Any, boost: float) -> _Node:
        return _And(self._all(query.subqueries, boost)) if len(query.subqueries) else self._nothing()

    def _or(self, query: Any, boost: float) -> _Node:
        if query.scale or query.minmatch:
            raise UnsupportedQueryError("Or with `scale` or `minmatch` is not evaluated on arrays")
        parts = self._all(query.subqueries, boost)
        return parts[0] if len(parts) == 1 else _Or(self._leaf, parts)

    def _not(self, query: Any, boost: float) -> _Node:
        return _Not(self._leaf, self.plan(query.query, boost))

    def _and_not(self, query: Any, boost: float) -> _Node:
        return _And([self.plan(query.a, boost), _Not(self._leaf, self.plan(query.b, boost))])

    def _and_maybe(self, query: Any, boost: float) -> _Node:
        return _Maybe(self.plan(query.a, boost), self.plan(query.b, boost))

    def _constant(self, query: Any, boost: float) -> _Node:
        return _Scored(self._leaf, self.plan(query.child, boost), boost * query.score)

    def _phrase(self, query: Any, boost: float) -> _Node:
        if query.slop != 1 or query.fieldname not in PHRASE_SCOPES:
            raise UnsupportedQueryError("only phrases without slop in words and title_words are evaluated")
        text = "".join(query.words)
        if not text:
            return self._nothing()
        words = [self._one(query.fieldname, _encoded(word), boost) for word in query.words]
        return _Phrase(self._leaf, PHRASE_SCOPES[query.fieldname], text, _Or(self._leaf, words))


_TERM_FIELDS = frozenset(field.value for field in TermField)
_PLANS: dict[type, Callable[[_Planner, Any, float], _Node]] = {
    type(whoosh_query.NullQuery): _Planner._nothing,
    whoosh_query.Term: _Planner._term,
    whoosh_query.Prefix: _Planner._prefix,
    whoosh_query.TermRange: _Planner._range,
    whoosh_query.Every: _Planner._every,
    whoosh_query.And: _Planner._and,
    whoosh_query.Or: _Planner._or,
    whoosh_query.Not: _Planner._not,
    whoosh_query.AndNot: _Planner._and_not,
    whoosh_query.AndMaybe: _Planner._and_maybe,
    whoosh_query.ConstantScoreQuery: _Planner._constant,
    whoosh_query.Phrase: _Planner._phrase,
}


def _encoded(text: str | bytes) -> bytes:
    """Return a term as it is stored; what no document can hold is found nowhere."""
    return text if isinstance(text, bytes) else text.encode("utf-8", "surrogatepass")


def _holding_any(held: TermList, numbers: range) -> Array:
    found = np.zeros(held.postings.size, dtype=bool)
    for flat in held.postings.flat(numbers.start, numbers.stop):
        found[flat.rows] = True
    return np.flatnonzero(found)
