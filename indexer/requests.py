"""What is asked of the index and what it answers, in the words of the API grammar.

Nothing here knows of an engine: `indexer.query` turns the text into logical terms, an engine
(`indexer.engine`) answers them, `indexer.ordering` puts tiers first and cuts the page.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

MISSING = "_missing"
"""The filter value for 'not stated' (未标明)."""


class Facet(StrEnum):
    """The nine facets, in the order in which pages show them."""

    ORGANIZATION = "organization"
    TOPIC = "topic"
    GENRE = "genre"
    COLUMN = "column"
    AUDIENCE = "audience"
    LIFE_CYCLE = "life_cycle"
    FORMAT = "format"
    VALIDITY = "validity"
    ISSUER = "issuer"


SUBSITE = "subsite"
"""Filters like a facet but is never counted."""

PUBLICATION_FIELDS = frozenset({"organization", "column", "subsite"})
"""Fields that are evaluated per publication; the others belong to the document."""

FILTER_FIELDS = (*(facet.value for facet in Facet), SUBSITE)


class Scope(StrEnum):
    """Where the words are looked for."""

    ALL = "all"
    TITLE = "title"


class Match(StrEnum):
    """How the text is read; see `shared/design.md`, "What a match is"."""

    SMART = "smart"
    EXACT = "exact"


class Sort(StrEnum):
    """Orders of the answer; undated documents stand last in each."""

    RELEVANCE = "relevance"
    PUBLISHED_DESC = "-published"
    PUBLISHED = "published"
    ISSUED_DESC = "-issued"


@dataclass(frozen=True, slots=True)
class DateRange:
    """Days from `first` to `last`, both included; None leaves that end open."""

    first: date | None = None
    last: date | None = None

    def __bool__(self) -> bool:
        return self.first is not None or self.last is not None


@dataclass(frozen=True, slots=True)
class Filters:
    """Which documents are wanted.

    `only` and `without` map a name of FILTER_FIELDS to codes (or MISSING): within one field any
    value of `only` will do, all fields must agree; any value of `without` drops the document.
    In trees a code stands for its children too.
    """

    only: Mapping[str, frozenset[str]] = field(default_factory=dict)
    without: Mapping[str, frozenset[str]] = field(default_factory=dict)
    published: DateRange = DateRange()
    issued: DateRange = DateRange()


@dataclass(frozen=True, slots=True)
class SearchRequest:
    """One search. `offset` counts from 0; `cursor` (from an earlier answer) takes its place."""

    q: str = ""
    scope: Scope = Scope.ALL
    match: Match = Match.SMART
    filters: Filters = Filters()
    sort: Sort = Sort.RELEVANCE
    offset: int = 0
    limit: int = 10
    cursor: str | None = None
    facets: tuple[Facet, ...] = ()


@dataclass(frozen=True, slots=True)
class Hit:
    """One document of an answer. `publications` are those that pass the filters."""

    document_id: str
    score: float
    publications: tuple[str, ...]
    published_on: date | None


@dataclass(frozen=True, slots=True)
class FacetCounts:
    """How many documents bear each value (ancestors included) and how many bear none."""

    counts: Mapping[str, int]
    missing: int


@dataclass(frozen=True, slots=True)
class Interpretation:
    """A reading of the query other than as typed, shown to the user."""

    kind: str
    text: str


@dataclass(frozen=True, slots=True)
class SearchAnswer:
    """The documents of one page, the exact totals, and the counts that were asked for.

    `marks` are the folded texts to highlight; `seq` tells up to which change of the catalogue the
    index had read; `next_cursor` is None on the last page.
    """

    hits: tuple[Hit, ...]
    total: int
    total_publications: int
    facets: Mapping[Facet, FacetCounts]
    marks: tuple[str, ...]
    interpretations: tuple[Interpretation, ...]
    seq: int
    next_cursor: str | None


class SearchError(Exception):
    """The request cannot be answered as it stands."""


class BadCursorError(SearchError):
    """The cursor was not made by this service for this order."""
