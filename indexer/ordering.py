"""The order of an answer, above the engine and the same for every engine.

By relevance: documents that bear the query as their exact title, then those that bear it as their
文号 or 索引号 (in both tiers those in force first, the newest first), then the rest by score. Tiers
come from exact keys, so neither totals nor the match are touched. Other sorts have one tier.
"""

from dataclasses import dataclass, replace

from indexer.cursors import Cursor, decode_cursor
from indexer.engine import Engine, EngineAnswer, EngineHit, EngineRequest, Order, Place
from indexer.query import KeyKind
from indexer.requests import Sort

TITLE = frozenset({KeyKind.TITLE})
NUMBER = frozenset({KeyKind.DOC_NUMBER, KeyKind.INDEX_NUMBER})

ORDERS = {
    Sort.RELEVANCE: Order.SCORE,
    Sort.PUBLISHED_DESC: Order.PUBLISHED_DESC,
    Sort.PUBLISHED: Order.PUBLISHED,
    Sort.ISSUED_DESC: Order.ISSUED_DESC,
}


@dataclass(frozen=True, slots=True)
class Tier:
    """A stretch of the answer: which keys its documents bear and do not bear, and its order."""

    bearing: frozenset[KeyKind]
    not_bearing: frozenset[KeyKind]
    order: Order

    def within(self, request: EngineRequest) -> EngineRequest:
        """Narrow a request to this tier."""
        return replace(request, bearing=self.bearing, not_bearing=self.not_bearing, order=self.order)


RELEVANCE_TIERS = (
    Tier(TITLE, frozenset(), Order.IN_FORCE),
    Tier(NUMBER, TITLE, Order.IN_FORCE),
    Tier(frozenset(), TITLE | NUMBER, Order.SCORE),
)


@dataclass(frozen=True, slots=True)
class Page:
    """A page of documents in their order, the whole answer's totals, and where the next begins."""

    hits: tuple[EngineHit, ...]
    answer: EngineAnswer
    next_cursor: str | None


async def ordered_page(
    engine: Engine, request: EngineRequest, *, sort: Sort, asked: str, cursor: str | None = None
) -> Page:
    """Return the page that `request`'s offset and limit (or the cursor and limit) ask for.

    Raises `BadCursorError`.
    """
    tiers = _tiers(request, sort)
    start = decode_cursor(cursor, asked, len(tiers)) if cursor is not None else None
    whole = replace(request, order=tiers[-1].order, limit=request.limit + 1)
    if start is not None:
        whole = replace(whole, offset=0, limit=0)
    answer = await engine.search(whole)
    if start is None and (len(tiers) == 1 or not any(answer.bearing.values())):
        found = [(len(tiers) - 1, hit) for hit in answer.hits]
    else:
        found = await _through_tiers(engine, request, tiers, start)
    page = found[: request.limit]
    more = len(found) > request.limit and page
    return Page(
        hits=tuple(hit for _, hit in page),
        answer=answer,
        next_cursor=_cursor(asked, *page[-1]).encode() if more else None,
    )


def _tiers(request: EngineRequest, sort: Sort) -> tuple[Tier, ...]:
    if sort is not Sort.RELEVANCE:
        return (Tier(frozenset(), frozenset(), ORDERS[sort]),)
    if request.query.everything:
        # Nothing was asked, so nothing is more relevant: the newest come first.
        return (Tier(frozenset(), frozenset(), Order.PUBLISHED_DESC),)
    return RELEVANCE_TIERS


async def _through_tiers(
    engine: Engine, request: EngineRequest, tiers: tuple[Tier, ...], start: Cursor | None
) -> list[tuple[int, EngineHit]]:
    """Return one more than the page holds, each with its tier."""
    found: list[tuple[int, EngineHit]] = []
    offset = 0 if start else request.offset
    for number, tier in enumerate(tiers):
        if start is not None and number < start.tier:
            continue
        after = start.place if start is not None and number == start.tier else None
        wanted = request.limit + 1 - len(found)
        part = await engine.search(
            tier.within(replace(request, offset=offset, limit=wanted, after=after, facets=()))
        )
        found += [(number, hit) for hit in part.hits]
        offset = max(0, offset - part.total)
        if len(found) > request.limit:
            break
    return found


def _cursor(asked: str, tier: int, hit: EngineHit) -> Cursor:
    return Cursor(asked, tier, Place(hit.value, hit.document_id))
