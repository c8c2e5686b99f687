"""Whoosh's query objects evaluated in the plainest Python, document by document."""

from collections.abc import Callable
from typing import Any

from whoosh import query
from written import Indexed, terms_of

from indexer.documents import AnalysedDocument
from indexer.query import TermField
from indexer.ranking import idf, ranking
from indexer.whoosh_engine.segment import KEYS
from indexer.whoosh_engine.whoosh_schema import ID

Scores = dict[str, float]


class Plain:
    """The same queries, document by document."""

    def __init__(self, indexed: Indexed) -> None:
        self._live = indexed.live
        self._base = indexed.parts[0]
        self._statistics = indexed.snapshot.manifest.statistics

    def scores(self, asked: Any, boost: float = 1.0) -> Scores:
        boost *= getattr(asked, "boost", 1.0)
        found: Scores = getattr(self, "_" + type(asked).__name__.strip("_").lower())(asked, boost)
        return found

    def _where(self, holds: Callable[[AnalysedDocument], bool], score: float) -> Scores:
        return {each.document.id: score for each in self._live if holds(each)}

    def _term(self, asked: query.Term, boost: float) -> Scores:
        return self._one(asked.fieldname, asked.text, boost)

    def _one(self, field: str, text: str, boost: float) -> Scores:
        holding = [each for each in self._live if text in terms_of(each, field)]
        if field in (KEYS, ID):
            return {each.document.id: boost for each in holding}
        numbers, average = ranking(), self._statistics.averages[field] or 1.0
        in_base = sum(text in terms_of(each, field) for each in self._base)
        weight = boost * idf(self._statistics.documents, in_base) * (numbers.k1 + 1)
        scores = {}
        for each in holding:
            counted = terms_of(each, field)[text]
            length = each.lengths[TermField(field)]
            norm = numbers.k1 * (1 - numbers.b + numbers.b * length / average)
            scores[each.document.id] = weight * counted / (counted + norm)
        return scores

    def _some(self, asked: Any, boost: float, wanted: Callable[[str], bool]) -> Scores:
        terms = {term for each in self._live for term in terms_of(each, asked.fieldname) if wanted(term)}
        if not asked.constantscore:
            return self._sum([self._one(asked.fieldname, term, boost) for term in sorted(terms)])
        return self._where(lambda each: not terms.isdisjoint(terms_of(each, asked.fieldname)), boost)

    def _sum(self, parts: list[Scores]) -> Scores:
        total: Scores = {}
        for part in parts:
            for name, score in part.items():
                total[name] = total.get(name, 0.0) + score
        return total

    def _prefix(self, asked: query.Prefix, boost: float) -> Scores:
        return self._some(asked, boost, lambda term: term.startswith(asked.text))

    def _termrange(self, asked: query.TermRange, boost: float) -> Scores:
        def within(term: str) -> bool:
            above = asked.start is None or term > asked.start or (term == asked.start and not asked.startexcl)
            below = asked.end is None or term < asked.end or (term == asked.end and not asked.endexcl)
            return above and below

        return self._some(asked, boost, within)

    def _every(self, asked: query.Every, boost: float) -> Scores:
        return self._where(
            lambda each: asked.fieldname is None or bool(terms_of(each, asked.fieldname)), boost
        )

    def _nullquery(self, _asked: object, _boost: float) -> Scores:
        return {}

    def _not(self, asked: query.Not, _boost: float) -> Scores:
        gone = self.scores(asked.query)
        return self._where(lambda each: each.document.id not in gone, 0.0)

    def _and(self, asked: query.And, boost: float) -> Scores:
        parts = [self.scores(each, boost) for each in asked.subqueries]
        names = set.intersection(*map(set, parts)) if parts else set()
        return {name: score for name, score in self._sum(parts).items() if name in names}

    def _or(self, asked: query.Or, boost: float) -> Scores:
        return self._sum([self.scores(each, boost) for each in asked.subqueries])

    def _andnot(self, asked: query.AndNot, boost: float) -> Scores:
        gone = self.scores(asked.b)
        return {name: score for name, score in self.scores(asked.a, boost).items() if name not in gone}

    def _andmaybe(self, asked: query.AndMaybe, boost: float) -> Scores:
        sure, more = self.scores(asked.a, boost), self.scores(asked.b, boost)
        return {name: score + more.get(name, 0.0) for name, score in sure.items()}

    def _constantscorequery(self, asked: query.ConstantScoreQuery, boost: float) -> Scores:
        return dict.fromkeys(self.scores(asked.child), boost * asked.score)

    def _phrase(self, asked: query.Phrase, boost: float) -> Scores:
        text = "".join(asked.words)

        def holds(each: AnalysedDocument) -> bool:
            texts = each.folded_titles + (each.folded_texts if asked.fieldname == "words" else ())
            return bool(text) and any(text in folded for folded in texts)

        words = self._sum([self._one(asked.fieldname, word, boost) for word in asked.words])
        return {name: words.get(name, 0.0) for name in self._where(holds, 0.0)}
