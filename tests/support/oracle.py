"""The oracle: the engine protocol in the plainest Python, with no index at all.

Every question walks over every document. It is slow and obviously right; other engines must give
the same sets, totals, counts, scores and order.
"""

from collections import Counter
from dataclasses import replace
from datetime import date

from indexer.dictionary import Dictionary, shipped
from indexer.documents import AnalysedDocument, IndexPublication
from indexer.engine import UNDATED, Batch, EngineAnswer, EngineHit, EngineRequest, Order
from indexer.query import WORD_FIELD, Key, KeyKind, Query, RankTerm, Reading, TermField
from indexer.ranking import idf, ranking
from indexer.requests import MISSING, PUBLICATION_FIELDS, DateRange, FacetCounts, Filters, Scope
from indexer.whoosh_engine.commits import is_stale


class OracleEngine:
    """All documents in a dictionary."""

    def __init__(self) -> None:
        self._waiting: dict[str, AnalysedDocument | None] = {}
        self._documents: dict[str, AnalysedDocument] = {}
        self._base: dict[str, AnalysedDocument] = {}  # whose statistics score, until enough has changed
        self._next_seq = 0
        self.seq = 0

    @property
    def dictionary(self) -> Dictionary:
        return shipped()

    async def apply(self, batch: Batch, seq: int) -> None:
        for name in batch.dropped:
            self._waiting[name] = None
        for document in batch.documents:
            self._waiting[document.document.id] = document
        self._next_seq = seq

    async def checkpoint(self) -> None:
        for name, document in self._waiting.items():
            if document is None:
                self._documents.pop(name, None)
            else:
                self._documents[name] = document
        self._waiting.clear()
        self.seq = self._next_seq
        left = sum(self._documents.get(name) is document for name, document in self._base.items())
        changed = len(self._documents) - left + len(self._base) - left
        if not left or is_stale(len(self._base), changed):
            self._base = dict(self._documents)

    async def promote(self) -> None:
        """There is nothing to promote."""

    async def close(self) -> None:
        """There is nothing to close."""

    async def terms(self, field: TermField, prefix: str, limit: int) -> list[tuple[str, int]]:
        counts = Counter(term for document in self._documents.values() for term in document.terms[field])
        return [(term, counts[term]) for term in sorted(counts, key=str.encode) if term.startswith(prefix)][
            :limit
        ]

    async def search(self, request: EngineRequest) -> EngineAnswer:
        live = {name: each for name, each in self._documents.items() if name not in request.hidden}
        scorer = _Scorer(live, self._base, request.query)
        matched = {name for name, each in live.items() if scorer.matches(each)}
        if request.bearing:
            matched = {name for name in matched if _bears(live[name], request.query, request.bearing)}
        matched = {name for name in matched if not _bears(live[name], request.query, request.not_bearing)}
        filters = request.filters
        found = {name for name in matched if _passes(live[name], filters)}
        hits = [_hit(live[name], request, scorer.score(live[name])) for name in found]
        hits.sort(key=lambda hit: (hit.value, hit.document_id))
        if request.after is not None:
            place = (request.after.value, request.after.document_id)
            hits = [hit for hit in hits if (hit.value, hit.document_id) > place]
        return EngineAnswer(
            hits=tuple(hits[request.offset : request.offset + request.limit]),
            total=len(found),
            total_publications=sum(len(_publications(live[name], filters)) for name in found),
            facets={facet: _count(facet.value, live, matched, filters) for facet in request.facets},
            years=_count_years(live, matched, filters) if request.years else None,
            bearing={
                kind: sum(_bears(live[name], request.query, frozenset({kind})) for name in found)
                for kind in KeyKind
            },
        )


class _Scorer:
    """Matching and BM25 over the live collection, by definition, with the statistics of the base."""

    def __init__(
        self, live: dict[str, AnalysedDocument], base: dict[str, AnalysedDocument], query: Query
    ) -> None:
        self._live = live
        self._base = base.values()
        self._query = query
        self._scores = [self._score_all(reading) for reading in query.readings]

    def score(self, each: AnalysedDocument) -> float:
        return max((scores[each.document.id] for scores in self._scores), default=0.0)

    def matches(self, each: AnalysedDocument) -> bool:
        query = self._query
        if query.everything:
            return True
        taken = any(
            self._takes(reading, scores, each)
            for reading, scores in zip(query.readings, self._scores, strict=True)
        )
        named = query.keys_match and _bears(each, query, frozenset(KeyKind))
        return taken or named or any(_contains(each, text, query.scope) for text in query.verbatim)

    def _takes(self, reading: Reading, scores: dict[str, float], each: AnalysedDocument) -> bool:
        if reading.min_score is None:
            taken = all(_holds(each, word, self._query.scope) for word in reading.words)
        else:
            score = scores[each.document.id]
            taken = score > 0 and score >= reading.min_score * max(scores.values())
        return (
            taken
            and all(_contains(each, phrase, self._query.scope) for phrase in reading.phrases)
            and not any(_holds(each, part, self._query.scope) for part in reading.excluded)
        )

    def _score_all(self, reading: Reading) -> dict[str, float]:
        numbers = ranking()
        scores = dict.fromkeys(self._live, 0.0)
        weighed = [(term.weight * self._idf(term) * (numbers.k1 + 1), term) for term in reading.rank]
        for weight, term in sorted(weighed, key=lambda pair: -pair[0]):  # the weightiest first
            lengths = [each.lengths[term.field] for each in self._base]
            average = sum(lengths) / max(len(lengths), 1) or 1.0
            for each in self._live.values():
                count = each.terms[term.field][term.term]
                length = each.lengths[term.field]
                norm = numbers.k1 * (1 - numbers.b + numbers.b * length / average)
                scores[each.document.id] += weight * count / (count + norm)
        return scores

    def _idf(self, term: RankTerm) -> float:
        return idf(len(self._base), sum(each.terms[term.field][term.term] > 0 for each in self._base))


def _pieces(each: AnalysedDocument, scope: Scope) -> tuple[str, ...]:
    return each.folded_titles if scope is Scope.TITLE else each.folded_titles + each.folded_texts


def _contains(each: AnalysedDocument, text: str, scope: Scope) -> bool:
    return any(text in piece for piece in _pieces(each, scope))


def _holds(each: AnalysedDocument, word: str, scope: Scope) -> bool:
    if len(word) >= 3:
        return _contains(each, word, scope)
    return each.terms[WORD_FIELD[scope]][word] > 0


def _bears(each: AnalysedDocument, query: Query, kinds: frozenset[KeyKind]) -> bool:
    wanted: set[Key] = {key for key in query.keys if key.kind in kinds}
    return bool(wanted & each.document.keys)


def _within(day: date | None, wanted: DateRange) -> bool:
    if not wanted:
        return True
    return day is not None and (wanted.first or date.min) <= day <= (wanted.last or date.max)


def _has(values: frozenset[str], wanted: frozenset[str]) -> bool:
    return bool(values & wanted) or (MISSING in wanted and not values)


def _publications(
    each: AnalysedDocument, filters: Filters, besides: str | None = None
) -> list[IndexPublication]:
    return [
        publication
        for publication in each.document.publications
        if _within(publication.published_on, filters.published)
        and all(
            _has(publication.values.get(name, frozenset()), wanted)
            for name, wanted in filters.only.items()
            if name in PUBLICATION_FIELDS and name != besides
        )
    ]


def _passes(each: AnalysedDocument, filters: Filters, besides: str | None = None) -> bool:
    document = each.document
    for name, wanted in filters.only.items():
        own = name not in PUBLICATION_FIELDS and name != besides
        if own and not _has(document.values.get(name, frozenset()), wanted):
            return False
    for name, unwanted in filters.without.items():
        owners = document.publications if name in PUBLICATION_FIELDS else (document,)
        if any(_has(owner.values.get(name, frozenset()), unwanted) for owner in owners):
            return False
    if not _within(document.issued_on, filters.issued):
        return False
    return bool(_publications(each, filters, besides))


def _count_years(live: dict[str, AnalysedDocument], matched: set[str], filters: Filters) -> FacetCounts:
    counts: Counter[int] = Counter()
    missing = 0
    filters = replace(filters, published=DateRange())
    for name in matched:
        if _passes(live[name], filters):
            days = [publication.published_on for publication in _publications(live[name], filters)]
            counts.update({day.year for day in days if day})
            missing += None in days
    return FacetCounts({str(year): count for year, count in counts.items()}, missing)


def _count(name: str, live: dict[str, AnalysedDocument], matched: set[str], filters: Filters) -> FacetCounts:
    counts: Counter[str] = Counter()
    missing = 0
    for document_id in matched:
        each = live[document_id]
        if not _passes(each, filters, besides=name):
            continue
        if name in PUBLICATION_FIELDS:
            stated = [
                publication.values.get(name, frozenset())
                for publication in _publications(each, filters, besides=name)
            ]
        else:
            stated = [each.document.values.get(name, frozenset())]
        counts.update(frozenset[str]().union(*stated))
        missing += any(not values for values in stated)
    return FacetCounts(dict(counts), missing)


def _hit(each: AnalysedDocument, request: EngineRequest, score: float) -> EngineHit:
    publications = _publications(each, request.filters)
    days = [publication.published_on for publication in publications if publication.published_on]
    newest = max(days, default=None)
    names = tuple(publication.id for publication in publications)
    value = _sort_value(each, score, newest, request.order)
    texts = tuple(filter(None, _pieces(each, request.query.scope))) if request.texts else ()
    return EngineHit(each.document.id, score, value, names, newest, texts)


def _sort_value(each: AnalysedDocument, score: float, published: date | None, order: Order) -> float:
    issued = each.document.issued_on
    match order:
        case Order.SCORE:
            return -score
        case Order.PUBLISHED:
            return published.toordinal() if published else UNDATED
        case Order.PUBLISHED_DESC:
            return -published.toordinal() if published else UNDATED
        case Order.ISSUED:
            return issued.toordinal() if issued else UNDATED
        case Order.ISSUED_DESC:
            return -issued.toordinal() if issued else UNDATED
        case Order.IN_FORCE:
            newest = issued or published
            value = -newest.toordinal() if newest else 0
            return value if each.document.in_force else value + UNDATED
