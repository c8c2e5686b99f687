"""Indexes of some hundred documents, made from a seed, since Hypothesis cannot draw so many."""

from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from random import Random

from made_up import CODES, FRAGMENTS
from oracle import OracleEngine

from catalog.folding import fold
from indexer.documents import IndexDocument, IndexPublication
from indexer.query import Key, KeyKind
from indexer.requests import Facet

BY_PUBLICATION = ("organization", "column")
DOCUMENT_FACETS = [facet.value for facet in Facet if facet not in (Facet.ORGANIZATION, Facet.COLUMN)]


class FoldingOracle(OracleEngine):
    """The oracle of an engine that folds at once only up to `small` documents.

    Above that the statistics of the base stay, as long as something of it is left.
    """

    def __init__(self, small: int) -> None:
        super().__init__()
        self._small = small

    async def checkpoint(self) -> None:
        base = self._base
        await super().checkpoint()
        left = any(self._documents.get(name) is document for name, document in base.items())
        if left and len(self._documents) > self._small:
            self._base = base


def read_documents(seed: int, numbers: Iterable[int], version: int = 0) -> Iterator[IndexDocument]:
    """Yield documents by their numbers; another version of one has nothing to do with the first."""
    for number in numbers:
        yield _document(Random(f"{seed} {number} {version}"), f"d{number:02}")


def _document(chance: Random, document_id: str) -> IndexDocument:
    titles = dict.fromkeys(_text(chance, 1, 6) for _ in range(chance.randint(1, 2)))
    keys = {Key(KeyKind.TITLE, fold(title)) for title in titles}
    if chance.random() < 0.3:
        keys.add(Key(KeyKind.DOC_NUMBER, chance.choice(("云政办〔2012〕45号", "云政〔2011〕1号"))))
    return IndexDocument(
        id=document_id,
        titles=tuple(titles),
        texts=tuple(_text(chance, 0, 40) for _ in range(chance.randint(0, 2))),
        keys=frozenset(keys),
        publications=tuple(
            IndexPublication(
                f"{document_id}-{number}", _day(chance), _values(chance, "organization", "column")
            )
            for number in range(chance.choice((1, 1, 1, 2, 3)))
        ),
        issued_on=_day(chance),
        in_force=chance.random() < 0.7,
        values=_values(chance, *DOCUMENT_FACETS),
    )


def _text(chance: Random, fewest: int, most: int) -> str:
    # A few fragments stand in most documents, some in hardly any.
    places = (int(len(FRAGMENTS) * chance.random() ** 2) for _ in range(chance.randint(fewest, most)))
    return "".join(FRAGMENTS[place] for place in places)


def _day(chance: Random) -> date | None:
    return date(2012, 6, 20) + timedelta(days=chance.randrange(40)) if chance.random() < 0.8 else None


def _values(chance: Random, *names: str) -> dict[str, frozenset[str]]:
    return {name: frozenset(chance.sample(CODES, chance.randint(0, 2))) for name in names}
