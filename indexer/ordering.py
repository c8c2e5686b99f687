"""The order of an answer, above the engine and the same for every engine.

By relevance: documents that bear the query as their exact title, then those that bear it as their
文号 or 索引号 (in both tiers those in force first, the newest first), then the rest: first the engine's
best, read and ranked once more (`reranking`), behind them the others by the engine's score. Tiers come
from exact keys, so neither totals nor the match are touched. Other sorts have one tier.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from indexer.cursors import Cursor, decode_cursor
from indexer.engine import Engine, EngineAnswer, EngineHit, EngineRequest, Order, Place
from indexer.query import KeyKind, Query
from indexer.ranking import reranking
from indexer.requests import Sort
from indexer.reranking import Candidate, rerank

TITLE = frozenset({KeyKind.TITLE})
NUMBER = frozenset({KeyKind.DOC_NUMBER, KeyKind.INDEX_NUMBER})

HEAD = 200
"""How many of the engine's best are read and ranked once more; of 100 fewer right answers are among them."""

ORDERS = {
    Sort.RELEVANCE: Order.SCORE,
    Sort.PUBLISHED_DESC: Order.PUBLISHED_DESC,
    Sort.PUBLISHED: Order.PUBLISHED,
    Sort.ISSUED_DESC: Order.ISSUED_DESC,
}


@dataclass(frozen=True, slots=True)
class Tier:
    """A stretch of the answer: which keys its documents bear and do not bear, and its order.

    It begins behind so many documents of that order (`skipped`) and ends after `most` of them; those
    of a head are `reread`.
    """

    bearing: frozenset[KeyKind]
    not_bearing: frozenset[KeyKind]
    order: Order
    skipped: int = 0
    most: int | None = None
    reread: bool = False

    def within(self, request: EngineRequest) -> EngineRequest:
        """Narrow a request to this tier's keys and order."""
        return replace(
            request, bearing=self.bearing, not_bearing=self.not_bearing, order=self.order, facets=()
        )

    def length(self, total: int) -> int:
        """Return how many of all documents with its keys stand in this tier."""
        behind = max(0, total - self.skipped)
        return behind if self.most is None else min(behind, self.most)


_REST = TITLE | NUMBER
RELEVANCE_TIERS = (
    Tier(TITLE, frozenset(), Order.IN_FORCE),
    Tier(NUMBER, TITLE, Order.IN_FORCE),
    Tier(frozenset(), _REST, Order.SCORE, most=HEAD, reread=True),
    Tier(frozenset(), _REST, Order.SCORE, skipped=HEAD),
)


@dataclass(frozen=True, slots=True)
class Page:
    """A page of documents in their order, the whole answer's totals, and where the next begins."""

    hits: tuple[EngineHit, ...]
    answer: EngineAnswer
    next_cursor: str | None


@dataclass(frozen=True, slots=True)
class _Stretch:
    """Documents of a tier from a place on, and how many the whole tier has."""

    hits: Sequence[EngineHit]
    length: int


async def ordered_page(
    engine: Engine, request: EngineRequest, *, sort: Sort, asked: str, cursor: str | None = None
) -> Page:
    """Return the page that `request`'s offset and limit (or the cursor and limit) ask for.

    Raises `BadCursorError`.
    """
    tiers = _tiers(request, sort)
    start = decode_cursor(cursor, asked, len(tiers)) if cursor is not None else None
    answer, known = await _first_look(engine, request, tiers, start)
    found = await _through_tiers(engine, request, tiers, start, known)
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


async def _first_look(
    engine: Engine, request: EngineRequest, tiers: tuple[Tier, ...], start: Cursor | None
) -> tuple[EngineAnswer, Mapping[int, _Stretch]]:
    """Ask for totals and facets, and in the same breath for what the first page most likely shows."""
    look = replace(request, order=tiers[-1].order)
    if start is not None:
        return await engine.search(replace(look, offset=0, limit=0)), {}
    if len(tiers) == 1:
        answer = await engine.search(replace(look, limit=request.limit + 1))
        return answer, {0: _Stretch(answer.hits, answer.total)}
    answer = await engine.search(replace(look, offset=0, limit=HEAD, texts=True))
    if any(answer.bearing.values()):
        return answer, {}
    head = _reread(request.query, answer.hits)
    nothing = _Stretch((), 0)
    return answer, {0: nothing, 1: nothing, 2: _Stretch(head[request.offset :], len(head))}


async def _through_tiers(
    engine: Engine,
    request: EngineRequest,
    tiers: tuple[Tier, ...],
    start: Cursor | None,
    known: Mapping[int, _Stretch],
) -> list[tuple[int, EngineHit]]:
    """Return one more than the page holds, each with its tier."""
    found: list[tuple[int, EngineHit]] = []
    offset = 0 if start else request.offset
    for number, tier in enumerate(tiers):
        if start is not None and number < start.tier:
            continue
        wanted = request.limit + 1 - len(found)
        stretch = known.get(number)
        if stretch is None:
            after = start.place if start is not None and number == start.tier else None
            stretch = await _stretch(engine, tier, replace(request, offset=offset, limit=wanted, after=after))
        found += [(number, hit) for hit in stretch.hits[:wanted]]
        offset = max(0, offset - stretch.length)
        if len(found) > request.limit:
            break
    return found


async def _stretch(engine: Engine, tier: Tier, request: EngineRequest) -> _Stretch:
    """Return a tier's documents from the request's offset or place on."""
    narrowed = tier.within(request)
    if tier.reread:
        whole = replace(narrowed, offset=0, limit=HEAD, after=None, texts=True)
        head = _reread(request.query, (await engine.search(whole)).hits)
        return _Stretch(_behind(head, request), len(head))
    skipped = 0 if request.after is not None else tier.skipped
    part = await engine.search(replace(narrowed, offset=request.offset + skipped))
    return _Stretch(part.hits, tier.length(part.total))


def _reread(query: Query, hits: Sequence[EngineHit]) -> list[EngineHit]:
    """Rank documents once more by their texts; the value of each is its place from now on.

    What the second stage finds depends on which documents it is shown, so its scores order these
    documents and no others.
    """
    terms = [term for reading in query.readings for term in reading.rank]
    by_id = {hit.document_id: hit for hit in hits}
    candidates = [Candidate(hit.document_id, hit.score, hit.texts) for hit in hits]
    return [
        replace(by_id[document_id], score=score, value=float(place), texts=())
        for place, (document_id, score) in enumerate(rerank(terms, candidates, reranking()))
    ]


def _behind(head: Sequence[EngineHit], request: EngineRequest) -> Sequence[EngineHit]:
    """Return the part of a head behind the place asked for.

    The document may have moved; if it has gone, its successor stands at its place.
    """
    after = request.after
    if after is None:
        return head[request.offset :]
    places = [place for place, hit in enumerate(head) if hit.document_id == after.document_id]
    return head[places[0] + 1 if places else int(max(after.value, 0.0)) :]


def _cursor(asked: str, tier: int, hit: EngineHit) -> Cursor:
    return Cursor(asked, tier, Place(hit.value, hit.document_id))
