"""One question to one snapshot: matching, filters, order and counts, segment by segment, then joined."""

from datetime import date

import numpy as np

from indexer.engine import UNDATED, EngineAnswer, EngineHit, EngineRequest, Order, Place
from indexer.query import KeyKind, Query
from indexer.requests import Scope
from indexer.whoosh_engine.arrays import Array
from indexer.whoosh_engine.columns import YEAR
from indexer.whoosh_engine.filtering import Filtered, merged_counts
from indexer.whoosh_engine.firsts import firsts
from indexer.whoosh_engine.matching import Matched, ReadingOnLeaf
from indexer.whoosh_engine.postings import NO_ROWS
from indexer.whoosh_engine.scoring import weighted
from indexer.whoosh_engine.snapshot import Leaf, Snapshot
from indexer.whoosh_engine.texts import parts


class Answering:
    """Answers questions to one snapshot.

    A page of results is put together of several questions with the same query and different filters
    on keys, so what the last query matched is kept until another one comes.
    """

    def __init__(self, snapshot: Snapshot) -> None:
        self.snapshot = snapshot
        self._last: tuple[Query, frozenset[str]] | None = None
        self._matched: list[Matched] = []

    def answer(self, request: EngineRequest) -> EngineAnswer:
        """Answer a question; see `Engine.search`."""
        asked = request.query, request.hidden
        if asked != self._last:
            self._matched, self._last = _match(self.snapshot, *asked), asked
        parts = [
            _Part(leaf, request, matched)
            for leaf, matched in zip(self.snapshot.leaves, self._matched, strict=True)
        ]
        wanted = request.offset + request.limit
        hits = sorted((hit for part in parts for hit in part.first(wanted)), key=_place)
        return EngineAnswer(
            hits=tuple(hits[request.offset : wanted]),
            total=sum(len(part.filtered.rows) for part in parts),
            total_publications=sum(part.filtered.count_publications() for part in parts),
            facets={
                facet: merged_counts([part.filtered.tally(facet.value) for part in parts])
                for facet in request.facets
            },
            years=merged_counts([part.filtered.tally(YEAR) for part in parts]) if request.years else None,
            bearing={kind: sum(part.count_bearing(kind) for part in parts) for kind in KeyKind},
        )


def _match(snapshot: Snapshot, query: Query, hidden_ids: frozenset[str]) -> list[Matched]:
    hidden = [_rows_of(leaf, hidden_ids) for leaf in snapshot.leaves]
    terms = [weighted(snapshot, reading.rank) for reading in query.readings]
    readings = [
        [ReadingOnLeaf(leaf, reading, own, gone) for reading, own in zip(query.readings, terms, strict=True)]
        for leaf, gone in zip(snapshot.leaves, hidden, strict=True)
    ]
    best = [max(of_leaf.best for of_leaf in column) for column in zip(*readings, strict=True)]
    return [
        Matched(leaf, query, own, best, gone)
        for leaf, own, gone in zip(snapshot.leaves, readings, hidden, strict=True)
    ]


def _rows_of(leaf: Leaf, ids: frozenset[str]) -> Array:
    rows = [leaf.segment.columns.find(document_id) for document_id in ids]
    return np.array([row for row in rows if row >= 0], dtype=np.intp)


def _place(hit: EngineHit) -> tuple[float, str]:
    return hit.value, hit.document_id


class _Part:
    """The part of an answer that one segment gives."""

    def __init__(self, leaf: Leaf, request: EngineRequest, matched: Matched) -> None:
        self._leaf = leaf
        self._request = request
        self._matched = matched
        self._columns = leaf.segment.columns
        rows = matched.rows
        if request.bearing:
            rows = np.intersect1d(rows, self._bearing(request.bearing), assume_unique=True)
        if request.not_bearing:
            rows = np.setdiff1d(rows, self._bearing(request.not_bearing), assume_unique=True)
        self.filtered = Filtered(self._columns, request.filters, rows)

    def _bearing(self, kinds: frozenset[KeyKind]) -> Array:
        keys = [key for key in self._request.query.keys if key.kind in kinds]
        return self._leaf.bearing(keys) if keys else NO_ROWS

    def count_bearing(self, kind: KeyKind) -> int:
        """Return how many of the rows bear one of the query's keys of a kind."""
        bearing = self._bearing(frozenset({kind}))
        return int(np.isin(bearing, self.filtered.rows, assume_unique=True).sum()) if len(bearing) else 0

    def first(self, limit: int) -> list[EngineHit]:
        """Return the first documents of the order asked for, behind the place asked for."""
        rows = self.filtered.rows
        if not limit or not len(rows):
            return []
        newest = self.filtered.newest()
        by_score = self._request.order is Order.SCORE
        scores = self._matched.scores(rows) if by_score else None
        values = -scores if scores is not None else self._values(rows, newest)
        chosen = self._chosen(rows, values, limit)
        if scores is None:
            scores = np.zeros(len(rows))
            chosen_in_order = np.sort(chosen)
            scores[chosen_in_order] = self._matched.scores(rows[chosen_in_order])
        days = [date.fromordinal(day) if day else None for day in newest[chosen].tolist()]
        names = [name.decode() for name in self._columns.ids[rows[chosen]].tolist()]
        publications, texts = self.filtered.publications(rows[chosen]), self._texts(rows[chosen])
        numbers = (scores[chosen].tolist(), values[chosen].tolist())
        return list(map(EngineHit, names, *numbers, publications, days, texts))

    def _texts(self, rows: Array) -> list[tuple[str, ...]]:
        """Return the texts of some rows, as far as they are asked for."""
        if not self._request.texts:
            return [()] * len(rows)
        found = []
        for row in rows.tolist():
            titles, texts = parts(self._leaf.segment.texts[row])
            found.append(tuple(titles if self._request.query.scope is Scope.TITLE else titles + texts))
        return found

    def _values(self, rows: Array, newest: Array) -> Array:
        """Return the value of each row in an order: smaller stands first, undated last."""
        published = newest.astype(np.float64)
        issued = self._columns.issued[rows].astype(np.float64)
        match self._request.order:
            case Order.PUBLISHED:
                return np.where(published > 0, published, UNDATED)
            case Order.PUBLISHED_DESC:
                return np.where(published > 0, -published, UNDATED)
            case Order.ISSUED:
                return np.where(issued > 0, issued, UNDATED)
            case Order.ISSUED_DESC:
                return np.where(issued > 0, -issued, UNDATED)
            case _:
                day = np.where(issued > 0, -issued, -published)
                return np.where(self._columns.in_force[rows], day, day + UNDATED)

    def _chosen(self, rows: Array, values: Array, limit: int) -> Array:
        """Return the places of the first rows by value and id, behind the place asked for."""
        rank = self._columns.rank
        if self._request.after is None:
            return firsts(values, rows, rank, limit)
        places = np.flatnonzero(self._behind(rows, values, self._request.after))
        return places[firsts(values[places], rows[places], rank, limit)]

    def _behind(self, rows: Array, values: Array, after: Place) -> Array:
        tied = values == after.value
        behind: Array = values > after.value
        behind[tied] = self._columns.ids[rows[tied]] > after.document_id.encode()
        return behind
