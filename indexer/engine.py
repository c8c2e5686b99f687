"""The protocol that every engine speaks, in logical terms only.

An engine holds "the catalogue at change seq N". It is fed with analysed documents and answers
queries with document ids, scores, sort values, totals and facets. There are no document numbers and
no matchers in it, and everything can be awaited, so that a cluster can stand behind it as well as a
folder of files. `tests/indexer/test_engine_contract.py` is its law, `tests/support/oracle.py` its
plainest form.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Protocol

from indexer.dictionary import Dictionary
from indexer.documents import AnalysedDocument
from indexer.query import KeyKind, Query, TermField
from indexer.requests import Facet, FacetCounts, Filters

UNDATED = 9_999_999.0
"""The sort value of a document without the date asked for: behind every dated one."""


class Order(StrEnum):
    """Orders an engine knows. Within an order ties stand by document id."""

    SCORE = "score"
    PUBLISHED_DESC = "-published"
    PUBLISHED = "published"
    ISSUED_DESC = "-issued"
    ISSUED = "issued"
    IN_FORCE = "in_force"  # those in force first, then the newest by date of issue


@dataclass(frozen=True, slots=True)
class Place:
    """A place in an order: the sort value and id of the document before it."""

    value: float
    document_id: str


@dataclass(frozen=True, slots=True)
class EngineRequest:
    """One question to an engine.

    `bearing` keeps only documents that bear one of these kinds of the query's keys, `not_bearing`
    drops them. `years` asks for the counts by year of publication, `texts` for the hits' texts.
    `hidden` are documents to treat as if they were not there. `after` starts behind a place in the
    order; `offset` counts from there.
    """

    query: Query
    filters: Filters = Filters()
    order: Order = Order.SCORE
    offset: int = 0
    limit: int = 10
    after: Place | None = None
    facets: tuple[Facet, ...] = ()
    years: bool = False
    texts: bool = False
    bearing: frozenset[KeyKind] = frozenset()
    not_bearing: frozenset[KeyKind] = frozenset()
    hidden: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class EngineHit:
    """A document of the answer. `value` is its sort value: smaller stands first.

    `texts` are its folded pieces within the scope of the query, titles first, if they were asked for.
    """

    document_id: str
    score: float
    value: float
    publications: tuple[str, ...]
    published_on: date | None
    texts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class EngineAnswer:
    """Exact totals, facets, and the documents asked for.

    `total_publications` counts publications that pass the filters; `years` counts documents by the
    years of their passing publications, the range of publication dates left aside; `bearing` tells
    for each kind of key how many documents of the total bear one of the query's.
    """

    hits: tuple[EngineHit, ...]
    total: int
    total_publications: int
    facets: Mapping[Facet, FacetCounts] = field(default_factory=dict)
    years: FacetCounts | None = None
    bearing: Mapping[KeyKind, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Batch:
    """Documents to add or replace, and ids of documents to drop (known or not)."""

    documents: Sequence[AnalysedDocument] = ()
    dropped: Sequence[str] = ()


class Engine(Protocol):
    """An index of documents."""

    @property
    def seq(self) -> int:
        """The change of the catalogue up to which a search sees everything."""

    @property
    def dictionary(self) -> Dictionary:
        """What its texts were cut by, and questions to it are to be cut by."""

    async def apply(self, batch: Batch, seq: int) -> None:
        """Take a batch that brings the index to `seq`; neither durable nor visible yet."""

    async def checkpoint(self) -> None:
        """Make everything applied durable and visible, all or nothing."""

    async def promote(self) -> None:
        """Make this index the one that servers answer from."""

    async def search(self, request: EngineRequest) -> EngineAnswer:
        """Answer a question."""

    async def terms(self, field: TermField, prefix: str, limit: int) -> list[tuple[str, int]]:
        """Return terms that begin with `prefix`, in order, with the number of documents holding each."""

    async def close(self) -> None:
        """Let go of files and connections."""
