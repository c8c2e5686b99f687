"""Filters and facet counts.

Organisation, column, subsite and date of publication are evaluated per publication and then
collapsed to documents: a document passes if *one* of its publications passes all of them. The count
of a facet's value is the total that choosing this value alone in this facet would give.
"""

from datetime import date

import numpy as np

from indexer.requests import (
    MISSING,
    PUBLICATION_FIELDS,
    DateRange,
    Facet,
    FacetCounts,
    Filters,
)
from indexer.whoosh_engine.facts import Facts, Ints, Mask, Values


class Filtering:
    """The filters of one request as masks over the facts of one snapshot."""

    def __init__(self, facts: Facts, filters: Filters) -> None:
        self._facts = facts
        self._documents: dict[str, Mask] = {}
        self._publications: dict[str, Mask] = {}
        self._always: list[Mask] = []
        for name, wanted in filters.only.items():
            if name in PUBLICATION_FIELDS:
                self._publications[name] = _bearing(facts.publication_values[name], wanted)
            else:
                self._documents[name] = _bearing(facts.values[name], wanted)
        for name, unwanted in filters.without.items():
            if name in PUBLICATION_FIELDS:
                bearing = facts.documents_of(_bearing(facts.publication_values[name], unwanted))
            else:
                bearing = _bearing(facts.values[name], unwanted)
            self._always.append(~bearing)
        if filters.issued:
            self._always.append(_within(facts.issued, filters.issued))
        self._published = _within(facts.published, filters.published) if filters.published else None

    def publications(self, besides: str | None = None) -> Mask:
        """Tell which publications pass, leaving one field's own filter aside."""
        found = np.ones(len(self._facts.publication_ids), dtype=bool)
        if self._published is not None:
            found &= self._published
        for name, mask in self._publications.items():
            if name != besides:
                found &= mask
        return found

    def documents(self, besides: str | None = None) -> Mask:
        """Tell which documents pass by their own facts, leaving one field's own filter aside."""
        found = np.ones(len(self._facts.ids), dtype=bool)
        for mask in self._always:
            found &= mask
        for name, mask in self._documents.items():
            if name != besides:
                found &= mask
        return found

    def passing(self) -> Mask:
        """Tell which documents pass everything."""
        return self.documents() & self._facts.documents_of(self.publications())

    def counts(self, facet: Facet, matched: Mask) -> FacetCounts:
        """Count the values of a facet among the matched documents, its own filter left aside."""
        name = facet.value
        documents = matched & self.documents(besides=name)
        publications = self.publications(besides=name) & documents[self._facts.publication_owner]
        if name in PUBLICATION_FIELDS:
            values = self._facts.publication_values[name]
            kept = publications[values.owners]
            owners = self._facts.publication_owner[values.owners[kept]]
            unstated = self._facts.documents_of(publications & ~values.stated)
            return _tally(values, owners, values.codes[kept], int(unstated.sum()))
        documents &= self._facts.documents_of(publications)
        values = self._facts.values[name]
        kept = documents[values.owners]
        unstated = documents & ~values.stated
        return _tally(values, values.owners[kept], values.codes[kept], int(unstated.sum()))


def _bearing(values: Values, wanted: frozenset[str]) -> Mask:
    found = values.bearing(wanted)
    return found | ~values.stated if MISSING in wanted else found


def _within(days: Ints, wanted: DateRange) -> Mask:
    """Tell which days lie in a range; no day lies in none."""
    first = (wanted.first or date.min).toordinal()
    last = (wanted.last or date.max).toordinal()
    return (days >= first) & (days <= last) & (days > 0)


def _tally(values: Values, owners: Ints, codes: Ints, missing: int) -> FacetCounts:
    """Count each document once per value, however many of its publications bear it."""
    pairs = np.unique(owners * len(values.labels) + codes) if len(owners) else owners
    numbers, counts = np.unique(pairs % max(len(values.labels), 1), return_counts=True)
    found = {values.labels[number]: int(count) for number, count in zip(numbers, counts, strict=True)}
    return FacetCounts(found, missing)
