"""Filters and facet counts among the matching rows of one segment.

Organisation, column, subsite and date of publication are evaluated per publication and then
collapsed to documents: a document passes if *one* of its publications passes all of them. The count
of a facet's value is the total that choosing this value alone in this facet would give, so a
facet's own filter is left aside; nearly all facets have none and share one set of rows.
"""

import itertools
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

import numpy as np

from indexer.requests import MISSING, PUBLICATION_FIELDS, DateRange, FacetCounts, Filters
from indexer.whoosh_engine.arrays import Array
from indexer.whoosh_engine.columns import YEAR, Codes, Columns, expand


@dataclass(frozen=True, slots=True)
class _Publications:
    """The publications of the rows, in their order: places, and for each the row (by its place) it is of."""

    places: Array
    starts: Array
    owners: Array


@dataclass(frozen=True, slots=True)
class _Passing:
    """Which of the rows pass, and which of their publications; None if no filter tells them apart."""

    rows: Array
    publications: Array | None


class Filtered:
    """The rows of a segment that match, under the filters of a request."""

    def __init__(self, columns: Columns, filters: Filters, rows: Array) -> None:
        self._columns = columns
        self._rows = rows
        self._publications = self._expanded(filters)
        self._always = np.ones(len(rows), dtype=bool)
        self._of_documents: dict[str, Array] = {}
        self._of_publications: dict[str, Array] = {}
        self._known: dict[str | None, _Passing] = {}
        self._read(filters)
        self._found = self._passing(None)
        self.rows = rows[self._found.rows]

    def _expanded(self, filters: Filters) -> _Publications | None:
        """Return the publications if a filter speaks of them."""
        if not filters.published and not PUBLICATION_FIELDS & filters.only.keys():
            return None
        starts, ends = self._columns.published.spans(self._rows)
        lengths = ends - starts
        owners = np.repeat(np.arange(len(self._rows)), lengths)
        return _Publications(expand(starts, ends), np.cumsum(lengths) - lengths, owners)

    def _read(self, filters: Filters) -> None:
        columns, rows = self._columns, self._rows
        for name, wanted in filters.only.items():
            if name not in PUBLICATION_FIELDS:
                self._of_documents[name] = columns.codes[name].bearing(rows, wanted)
            elif self._publications is not None:
                codes = columns.publication_codes[name]
                self._of_publications[name] = codes.bearing(self._publications.places, wanted)
        for name, unwanted in filters.without.items():
            codes = columns.union_codes[name] if name in PUBLICATION_FIELDS else columns.codes[name]
            self._always &= ~codes.bearing(rows, unwanted)
        if filters.issued:
            self._always &= _within(columns.issued[rows], filters.issued)
        if filters.published and self._publications is not None:
            days = columns.published.values[self._publications.places]
            self._of_publications[YEAR] = _within(days, filters.published)

    def _passing(self, besides: str | None) -> _Passing:
        """Return what passes, leaving one field's own filter aside."""
        own = besides if besides in self._of_documents or besides in self._of_publications else None
        if own not in self._known:
            self._known[own] = self._pass(own)
        return self._known[own]

    def _pass(self, besides: str | None) -> _Passing:
        passing = self._always.copy()
        for name, mask in self._of_documents.items():
            if name != besides:
                passing &= mask
        masks = [mask for name, mask in self._of_publications.items() if name != besides]
        if not masks or self._publications is None:
            return _Passing(passing, None)
        publications = np.logical_and.reduce(masks)
        if len(passing):
            passing &= np.logical_or.reduceat(publications, self._publications.starts)
        return _Passing(passing, publications & passing[self._publications.owners])

    def count_publications(self) -> int:
        """Return how many publications of the rows pass."""
        if self._found.publications is not None:
            return int(self._found.publications.sum())
        starts, ends = self._columns.published.spans(self.rows)
        return int((ends - starts).sum())

    def newest(self) -> Array:
        """Return for each row that passes the newest date of its passing publications; 0 for none."""
        if self._found.publications is None or self._publications is None:
            return self._columns.newest[self.rows]
        if not len(self._rows):
            return self._columns.newest[:0]
        days = self._columns.published.values[self._publications.places]
        shown = np.where(self._found.publications, days, 0)
        newest: Array = np.maximum.reduceat(shown, self._publications.starts)[self._found.rows]
        return newest

    def publications(self, rows: Array) -> list[tuple[str, ...]]:
        """Return for each of some rows that pass the ids of its passing publications."""
        starts, ends = self._columns.published.spans(rows)
        places, lengths = expand(starts, ends), ends - starts
        passing = np.ones(len(places), dtype=bool)
        if self._found.publications is not None and self._publications is not None:
            first = self._publications.starts[self._rows.searchsorted(rows)]
            passing = self._found.publications[expand(first, first + lengths)]
        names = [name.decode() for name in self._columns.publication_ids[places].tolist()]
        cuts = np.cumsum(lengths).tolist()
        return [
            tuple(itertools.compress(names[start:end], passing[start:end]))
            for start, end in zip([0, *cuts], cuts, strict=False)
        ]

    def tally(self, name: str) -> dict[str, int]:
        """Count the rows by their values of a field, MISSING among them, its own filter left aside."""
        passing = self._passing(name)
        if name in self._columns.codes:
            codes = self._columns.codes[name]
            counts = codes.tally(self._rows[passing.rows])
        elif passing.publications is None or self._publications is None:
            codes = self._columns.union_codes[name]
            counts = codes.tally(self._rows[passing.rows])
        else:
            codes = self._columns.publication_codes[name]
            counts = _tally_publications(codes, self._publications, passing.publications)
        present = np.flatnonzero(counts)
        return {codes.labels[number]: int(counts[number]) for number in present.tolist()}


def merged_counts(parts: list[dict[str, int]]) -> FacetCounts:
    """Return the counts of several segments as one."""
    total: dict[str, int] = {}
    for part in parts:
        for value, count in part.items():
            total[value] = total.get(value, 0) + count
    missing = total.pop(MISSING, 0)
    counts: Mapping[str, int] = total
    return FacetCounts(counts, missing)


def _tally_publications(codes: Codes, publications: _Publications, passing: Array) -> Array:
    """Count each document once per value, however many of its publications bear it."""
    pairs = codes.pairs(publications.places[passing], publications.owners[passing])
    return np.bincount(pairs % len(codes.labels), minlength=len(codes.labels))


def _within(days: Array, wanted: DateRange) -> Array:
    """Tell which days lie in a range; no day lies in none."""
    first = (wanted.first or date.min).toordinal()
    last = (wanted.last or date.max).toordinal()
    result: Array = (days >= first) & (days <= last) & (days > 0)
    return result
