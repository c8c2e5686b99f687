"""Which nodes a query of Whoosh becomes on a leaf."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from whoosh import query as whoosh_query

from indexer.query import TermField
from indexer.ranking import ranking
from indexer.requests import Scope
from indexer.whoosh_engine.arrays import Array
from indexer.whoosh_engine.postings import NO_ROWS
from indexer.whoosh_engine.segment import TermList
from indexer.whoosh_engine.snapshot import Leaf, Snapshot
from indexer.whoosh_engine.whoosh_compounds import AndNode, MaybeNode, NotNode, OrNode
from indexer.whoosh_engine.whoosh_names import Names
from indexer.whoosh_engine.whoosh_nodes import Node, PhraseNode, RowsNode, ScoredNode, TermNode
from indexer.whoosh_engine.whoosh_schema import ID

PHRASE_SCOPES = {TermField.WORDS.value: Scope.ALL, TermField.TITLE_WORDS.value: Scope.TITLE}

_BEHIND_ALL = b"\xff"
"""Stands in no UTF-8 text: a prefix with it is behind all that begins with the prefix."""


class UnsupportedQueryError(Exception):
    """A query cannot be evaluated on arrays; `whoosh_codec.whoosh_reader` takes every kind."""


class Planner:
    """Makes nodes of queries, for one leaf."""

    def __init__(self, snapshot: Snapshot, leaf: Leaf) -> None:
        self._snapshot, self._leaf = snapshot, leaf

    def plan(self, query: Any, boost: float) -> Node:
        """Return the node of a query that stands within queries of a certain boost."""
        kind = type(query)
        if kind not in _PLANS:
            raise UnsupportedQueryError(f"{kind.__module__}.{kind.__qualname__} is not evaluated on arrays")
        return _PLANS[kind](self, query, boost * getattr(query, "boost", 1.0))

    def _nothing(self, _query: Any = None, _boost: float = 1.0) -> Node:
        return RowsNode(self._leaf, 0, lambda: NO_ROWS, 0.0)

    def _field(self, name: str) -> TermList | Names:
        if name == ID:
            return Names(self._leaf.segment.columns)
        if name not in self._leaf.segment.fields:
            raise UnsupportedQueryError(f"there is no field {name!r}")
        return self._leaf.segment.fields[name]

    def _term(self, query: Any, boost: float) -> Node:
        return self._one(query.fieldname, _encoded(query.text), boost)

    def _one(self, name: str, term: bytes, boost: float) -> Node:
        held = self._field(name)
        number = held.terms.find(term)
        if number < 0:
            return self._nothing()
        if name not in _TERM_FIELDS:
            return self._terms(name, range(number, number + 1), boost)
        field = TermField(name)
        weight = boost * self._snapshot.idf(field, term.decode()) * (ranking().k1 + 1)
        return TermNode(self._leaf, field, number, weight)

    def _terms(self, name: str, numbers: range, score: float) -> Node:
        held = self._field(name)
        if isinstance(held, Names):
            return RowsNode(self._leaf, len(numbers), lambda: held.rows(numbers), score)
        bound = int(held.postings.holding[numbers.start : numbers.stop].sum())
        return RowsNode(self._leaf, bound, lambda: _holding_any(held, numbers), score)

    def _expanded(self, query: Any, numbers: range, boost: float) -> Node:
        """Return the node of a query that means several terms of a field."""
        if query.constantscore:
            return self._terms(query.fieldname, numbers, boost)
        terms = self._field(query.fieldname).terms
        return OrNode(self._leaf, [self._one(query.fieldname, terms[number], boost) for number in numbers])

    def _prefix(self, query: Any, boost: float) -> Node:
        terms, prefix = self._field(query.fieldname).terms, _encoded(query.text)
        return self._expanded(query, range(terms.place(prefix), terms.place(prefix + _BEHIND_ALL)), boost)

    def _range(self, query: Any, boost: float) -> Node:
        terms = self._field(query.fieldname).terms
        first, last = 0, len(terms)
        if query.start is not None:
            start = _encoded(query.start)
            first = terms.place(start) + (query.startexcl and terms.find(start) >= 0)
        if query.end is not None:
            end = _encoded(query.end)
            last = terms.place(end) + (not query.endexcl and terms.find(end) >= 0)
        return self._expanded(query, range(first, max(first, last)), boost)

    def _every(self, query: Any, boost: float) -> Node:
        size = self._leaf.size
        if query.fieldname is None or query.fieldname == ID:
            return RowsNode(self._leaf, size, lambda: np.arange(size), boost)
        return self._terms(query.fieldname, range(len(self._field(query.fieldname).terms)), boost)

    def _all(self, queries: Sequence[Any], boost: float) -> list[Node]:
        return [self.plan(each, boost) for each in queries]

    def _and(self, query: Any, boost: float) -> Node:
        return AndNode(self._all(query.subqueries, boost)) if len(query.subqueries) else self._nothing()

    def _or(self, query: Any, boost: float) -> Node:
        if query.scale or query.minmatch:
            raise UnsupportedQueryError("Or with `scale` or `minmatch` is not evaluated on arrays")
        parts = self._all(query.subqueries, boost)
        return parts[0] if len(parts) == 1 else OrNode(self._leaf, parts)

    def _not(self, query: Any, boost: float) -> Node:
        return NotNode(self._leaf, self.plan(query.query, boost))

    def _and_not(self, query: Any, boost: float) -> Node:
        return AndNode([self.plan(query.a, boost), NotNode(self._leaf, self.plan(query.b, boost))])

    def _and_maybe(self, query: Any, boost: float) -> Node:
        return MaybeNode(self.plan(query.a, boost), self.plan(query.b, boost))

    def _constant(self, query: Any, boost: float) -> Node:
        return ScoredNode(self._leaf, self.plan(query.child, boost), boost * query.score)

    def _phrase(self, query: Any, boost: float) -> Node:
        if query.slop != 1 or query.fieldname not in PHRASE_SCOPES:
            raise UnsupportedQueryError("only phrases without slop in words and title_words are evaluated")
        text = "".join(query.words)
        if not text:
            return self._nothing()
        words = [self._one(query.fieldname, _encoded(word), boost) for word in query.words]
        return PhraseNode(self._leaf, PHRASE_SCOPES[query.fieldname], text, OrNode(self._leaf, words))


_TERM_FIELDS = frozenset(field.value for field in TermField)
_PLANS: dict[type, Callable[[Planner, Any, float], Node]] = {
    type(whoosh_query.NullQuery): Planner._nothing,
    whoosh_query.Term: Planner._term,
    whoosh_query.Prefix: Planner._prefix,
    whoosh_query.TermRange: Planner._range,
    whoosh_query.Every: Planner._every,
    whoosh_query.And: Planner._and,
    whoosh_query.Or: Planner._or,
    whoosh_query.Not: Planner._not,
    whoosh_query.AndNot: Planner._and_not,
    whoosh_query.AndMaybe: Planner._and_maybe,
    whoosh_query.ConstantScoreQuery: Planner._constant,
    whoosh_query.Phrase: Planner._phrase,
}


def _encoded(text: str | bytes) -> bytes:
    """Return a term as it is stored; what no document can hold is found nowhere."""
    return text if isinstance(text, bytes) else text.encode("utf-8", "surrogatepass")


def _holding_any(held: TermList, numbers: range) -> Array:
    found = np.zeros(held.postings.size, dtype=bool)
    for flat in held.postings.flat(numbers.start, numbers.stop):
        found[flat.rows] = True
    return np.flatnonzero(found)
