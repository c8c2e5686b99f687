"""Puts the city's documents on its subsites: who publishes what, where, when, and what the page states."""

import datetime
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from random import Random
from typing import Any

from demo.bodies import Body, bodies
from demo.city import City, Column, Publication, Subsite
from demo.data import load
from demo.documents import Document
from demo.names import pick
from demo.planting import plant
from demo.subjects import labels
from demo.writing import LAST_DAY, write_documents

DEFAULT_SEED = 2012
DEFAULT_PUBLICATIONS = 1200
LEAST_PUBLICATIONS = 60
"""Fewer do not hold every genre and every trap."""

_DOCUMENTS_PER_PUBLICATION = 0.79
_OFFICIAL = "G1"
_BRACKETS = ("〔〕", "〔〕", "〔〕", "〔〕", "〔〕", "[]", "（）", "【】", "﹝﹞", "()")
_NEVER_PRINTED = "无"
_BLANK = 0.3


def generate(seed: int = DEFAULT_SEED, publications: int = DEFAULT_PUBLICATIONS) -> City:
    """Make the city with exactly that many publications; ValueError if fewer than `LEAST_PUBLICATIONS`.

    The same seed and number make the same city, byte for byte.
    """
    if publications < LEAST_PUBLICATIONS:
        raise ValueError(f"发布条数 {publications} 太少，至少为 {LEAST_PUBLICATIONS}。")
    documents = list(write_documents(seed, round(publications * _DOCUMENTS_PER_PUBLICATION)))
    _mark_abolished(documents)
    press = _Press(Random(f"{seed}:press"), subsites())  # noqa: S311
    for document in documents:
        press.publish(document, press.home_of(document.issuers[0]), document.issuers[0])
    press.republish(documents, publications - len(documents))
    city = City(seed, documents, press.subsites)
    for subsite in city.subsites:
        _add_empty_column(subsite)
    plant(city, press.rng)
    for subsite in city.subsites:
        for column in subsite.columns.values():
            column.publications.sort(key=lambda entry: (entry.published_on, entry.article), reverse=True)
    return city


def subsites() -> list[Subsite]:
    """Return the city's subsites, nothing published on them yet."""
    known = {"key", "name", "family", "per_page", "beyond_end", "layout", "groups"}
    return [
        Subsite(
            place=place,
            body=bodies()[entry["body"]],
            traps=frozenset(entry["traps"]),
            **{name: value for name, value in entry.items() if name in known},
        )
        for place, entry in enumerate(load("sites.json")["sites"])
    ]


def _mark_abolished(documents: list[Document]) -> None:
    for document in documents:
        for number in document.abolishes:
            documents[number].validity = "LV03"


@dataclass(slots=True)
class _Press:
    """Registers what is published: index numbers, article numbers, and where each body's site is."""

    rng: Random
    subsites: list[Subsite]
    serials: Counter[str] = field(default_factory=Counter)
    articles: int = 10_000

    def home_of(self, body: Body) -> Subsite:
        """Return the subsite on which a body publishes: its own, its host's, or the portal."""
        for subsite, entry in zip(self.subsites, load_sites(), strict=True):
            if body is subsite.body or body.key in entry.get("hosts", ()):
                return subsite
        return self.subsites[0]

    def republish(self, documents: list[Document], count: int) -> None:
        """Publish official documents of the city again on other subsites, two more times or once."""
        candidates = [
            document
            for document in documents
            if document.genre.startswith(_OFFICIAL)
            and document.doc_number
            and document.issuers[0].kind in {"city", "department"}
        ]
        for document, subsite in self._appearances(candidates, count):
            self.publish(document, subsite, subsite.body)

    def _appearances(self, candidates: list[Document], count: int) -> Iterator[tuple[Document, Subsite]]:
        for document in self.rng.sample(candidates, len(candidates)):
            home = self.home_of(document.issuers[0])
            others = [subsite for subsite in self.subsites[1:] if subsite is not home]
            wanted = min(2 if self.rng.random() < 0.7 else 1, count)
            yield from ((document, subsite) for subsite in self.rng.sample(others, wanted))
            count -= wanted
            if not count:
                return

    def publish(self, document: Document, subsite: Subsite, publisher: Body) -> None:
        """Publish a document once on a subsite."""
        own = publisher in document.issuers
        published_on = self._published_on(document, own)
        self.articles += 1 + int(self.rng.random() * 9)
        columns = tuple(self._columns(document, subsite, publisher))
        publication = Publication(
            document=document,
            subsite=subsite,
            publisher=publisher,
            columns=columns,
            index_number=self._index_number(publisher, published_on, subsite),
            published_on=published_on,
            article=self.articles,
            printed={},
        )
        publication.printed = self._printed(publication, own=own)
        subsite.publications.append(publication)
        for column in columns:
            column.publications.append(publication)

    def _published_on(self, document: Document, own: bool) -> datetime.date:
        days = int(self.rng.random() * 12) if own else int(self.rng.random() * 90)
        if self.rng.random() < 0.05:
            days += int(self.rng.random() * 1200)  # put on line years later
        return min(document.issued_on + datetime.timedelta(days=days), LAST_DAY + datetime.timedelta(days=30))

    def _columns(self, document: Document, subsite: Subsite, unit: Body) -> Iterator[Column]:
        classes = [document.column]
        if document.column == "C03":
            classes.append("C02")  # the parent column shows its child's items too
        if document.extra_column and self.rng.random() < 0.4 and document.extra_column not in classes:
            classes.append(document.extra_column)
        for content_class in classes:
            yield column_of(subsite, unit, content_class)

    def _index_number(self, publisher: Body, day: datetime.date, subsite: Subsite) -> str:
        start = subsite.cms.index_start(publisher, day)
        self.serials[start] += 1
        return f"{start}{self.serials[start]:05}"

    def _printed(self, publication: Publication, *, own: bool) -> dict[str, str]:
        document = publication.document
        facets = {
            "topic": labels("topic")[document.topic],
            "genre": labels("genre")[document.genre],
            "audience": labels("audience")[document.audience],
            "life_cycle": labels("life_cycle")[document.life_cycle] if document.life_cycle else "",
            "format": "文本",
            "validity": labels("validity")[document.validity] if document.validity else "",
            "keywords": "、".join(document.keywords),
        }
        stated = {
            "title": document.title,
            "index_number": publication.index_number,
            "publisher": publication.publisher.name_on(publication.published_on),
            "published_on": publication.published_on.isoformat(),
            "issued_on": document.issued_on.isoformat(),
            "doc_number": self._printed_number(publication, own=own),
            "issuer": "、".join(document.issuer_names),
            "column": publication.columns[0].name,
            "source": publication.publisher.short_name_on(publication.published_on),
            "abstract": "",
            **{name: "" if self.rng.random() < _BLANK else label for name, label in facets.items()},
        }
        unstated = publication.subsite.cms.unstated
        return {name: value for name, value in stated.items() if name not in unstated}

    def _printed_number(self, publication: Publication, *, own: bool) -> str:
        number = publication.document.doc_number
        if number is None:
            return pick(self.rng, (_NEVER_PRINTED, "", "-"))
        if not own and "number_only_in_body" in publication.subsite.traps:
            publication.traps.add("number_only_in_body")
            return _NEVER_PRINTED
        return number.translate(str.maketrans("〔〕", pick(self.rng, _BRACKETS)))


def column_of(subsite: Subsite, unit: Body, content_class: str) -> Column:
    """Return a column of the subsite, opened if it is new."""
    key = (unit.key, content_class)
    if key not in subsite.columns:
        number = 1000 * (subsite.place + 1) + len(subsite.columns) + 1
        subsite.columns[key] = Column(subsite, unit, content_class, number)
    return subsite.columns[key]


def load_sites() -> list[dict[str, Any]]:
    """Return the entries of the list of subsites."""
    entries: list[dict[str, Any]] = load("sites.json")["sites"]
    return entries


def _add_empty_column(subsite: Subsite) -> None:
    used = {content_class for _, content_class in subsite.columns}
    empty = next((code for code in reversed(labels("column")) if code not in used), None)
    if empty:
        column_of(subsite, subsite.body, empty)
