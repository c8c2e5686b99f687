"""Whoosh's query objects, made at random of terms that documents hold and some that none does."""

import random
from collections.abc import Sequence

from whoosh import query
from written import Indexed

from indexer.whoosh_engine.segment import KEYS
from indexer.whoosh_engine.whoosh_schema import ID

FIELDS = ("words", "title_words", "bigrams", KEYS, ID)


class Asking:
    """Makes queries at random, of terms that documents hold and some that none does."""

    def __init__(self, indexed: Indexed, seed: int, fields: Sequence[str] = FIELDS) -> None:
        self.chance = random.Random(seed)
        self._fields = fields
        self._terms = {field: [*indexed.terms(field), "云", "乌有", "~"] for field in fields}

    def term(self) -> tuple[str, str]:
        field = self.chance.choice(self._fields)
        return field, self.chance.choice(self._terms[field])

    def boost(self) -> float:
        return self.chance.choice((1.0, 1.0, 0.7, 2.5))

    def leaf(self) -> query.Query:
        chance, (field, text) = self.chance, self.term()
        match chance.randrange(8):
            case 0:
                constant = chance.random() < 0.7
                return query.Prefix(field, text[: chance.randrange(3)], self.boost(), constant or not text)
            case 1:
                start, end = chance.choice((text, None)), chance.choice((*self._terms[field][::3], None))
                flags = chance.random() < 0.5, chance.random() < 0.5
                return query.TermRange(field, start, end, *flags, self.boost(), chance.random() < 0.7)
            case 2:
                return query.Every(chance.choice((None, *self._fields)), self.boost())
            case _:
                return query.Term(field, text, self.boost())

    def clauses(self, depth: int) -> list[query.Query]:
        return [self.whole(depth - 1) for _ in range(self.chance.randint(1, 4))]

    def whole(self, depth: int = 3) -> query.Query:
        """Return a query as Whoosh itself answers well.

        Its NOT on its own may find deleted documents, and its ANDNOT forgets to exclude the first
        document if the excluded ones begin before it; NOT inside AND, beside something else, is right.
        """
        chance = self.chance
        if depth <= 0 or chance.random() < 0.2:
            return self.leaf()
        match chance.randrange(5):
            case 0:
                return query.Or(self.clauses(depth), self.boost())
            case 1:
                return query.AndMaybe(self.whole(depth - 1), self.whole(depth - 1))
            case 2:
                return query.ConstantScoreQuery(self.whole(depth - 1), 1.5)
            case 3:
                return query.And([*self.clauses(depth), query.Not(self.whole(depth - 1))], self.boost())
            case _:
                return query.And(self.clauses(depth), self.boost())

    def any(self, depth: int = 3) -> query.Query:
        """Return any query that is evaluated on arrays."""
        chance = self.chance
        if depth <= 0:
            return self.leaf()
        several = [self.any(depth - 1) for _ in range(chance.randint(0, 3))]
        match chance.randrange(8):
            case 0:
                return query.Not(self.any(depth - 1))
            case 1:
                field = chance.choice(("words", "title_words"))
                words = chance.choices(self._terms[field], k=chance.randint(0, 3))
                return query.Phrase(field, words, boost=self.boost())
            case 2:
                return query.NullQuery
            case 3:
                return query.Or(several, self.boost())
            case 4:
                return query.And(several, self.boost())
            case 5:
                return query.AndNot(self.any(depth - 1), self.any(depth - 1))
            case _:
                return self.whole(depth)
