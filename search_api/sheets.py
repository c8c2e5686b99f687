"""A document's facts as its page shows them: official labels, values, and who said so."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from urllib.parse import quote_plus

from catalog.documents import DocumentView
from catalog.records import TRUST, Field, Provenance, Witness
from catalog.weighing import Statement as StoredStatement
from indexer.requests import Facet
from search_api import wording
from search_api.labels import Labels
from search_api.templating import chinese_date

ONLY_IF_STATED = (Field.EFFECTIVE_ON, Field.EXPIRES_ON, Field.KEYWORDS, Field.SOURCE, Field.ABSTRACT)
"""Facts without a facet or a column of their own; their rows stand only where a page states them."""


@dataclass(frozen=True, slots=True)
class Value:
    """One value; `url` finds the other documents that bear it."""

    text: str
    url: str | None = None


@dataclass(frozen=True, slots=True)
class Row:
    """A fact. Without values it is 未标明; `provenance` is in Chinese, `guessed` if we inferred it."""

    label: str
    values: tuple[Value, ...]
    provenance: str | None = None
    guessed: bool = False


@dataclass(frozen=True, slots=True)
class Statement:
    """What a page says of itself, word for word."""

    label: str
    raw: str
    provenance: str


@dataclass(frozen=True, slots=True)
class Sheet:
    """The facts of a document, and per publication who published it and what was stated there.

    `validity_said` tells, in Chinese, who stated whether the document is in force.
    """

    rows: tuple[Row, ...]
    validity_said: str | None
    publishers: dict[str, str]
    statements: dict[str, tuple[Statement, ...]]


def sheet_of(document: DocumentView, labels: Labels) -> Sheet:
    """Return the facts of a document; its publications' own facts are taken together."""
    witnesses = [witness for publication in document.publications for witness in publication.witnesses]
    index_numbers = _texts(publication.index_number for publication in document.publications)
    organizations = _distinct(
        code for publication in document.publications for code in publication.organizations
    )
    columns = _distinct(code for publication in document.publications for code in publication.columns)

    def coded(field: Field, facet: Facet, codes: Iterable[str]) -> Row:
        values = [Value(labels.label(facet, code), f"/search?{facet}={quote_plus(code)}") for code in codes]
        return _row(field, values, witnesses)

    validity = coded(Field.VALIDITY, Facet.VALIDITY, (document.validity,) if document.validity else ())
    if document.validity_derived:  # whatever its own pages say
        validity = replace(validity, provenance=wording.DERIVED)
    rows = [
        _row(Field.INDEX_NUMBER, index_numbers, witnesses),
        coded(Field.COLUMN, Facet.COLUMN, columns),
        coded(Field.PUBLISHER, Facet.ORGANIZATION, organizations),
        coded(Field.ISSUER, Facet.ISSUER, document.issuers),
        _row(Field.DOC_NUMBER, _texts([document.doc_number]), witnesses),
        validity,
        _row(Field.ISSUED_ON, _day(document.issued_on), witnesses),
        _row(Field.PUBLISHED_ON, _day(document.published_on), witnesses),
        coded(Field.TOPIC, Facet.TOPIC, document.topics),
        coded(Field.GENRE, Facet.GENRE, document.genres),
        coded(Field.AUDIENCE, Facet.AUDIENCE, document.audiences),
        coded(Field.LIFE_CYCLE, Facet.LIFE_CYCLE, document.life_cycles),
        coded(Field.FORMAT, Facet.FORMAT, document.formats),
    ]
    stated = [statement for publication in document.publications for statement in publication.statements]
    extras = [
        _row(field, _texts(_shown(one) for one in stated if one.field == field), witnesses)
        for field in ONLY_IF_STATED
    ]
    rows += [row for row in extras if row.values]
    statements = {
        publication.id: tuple(_statement(witness) for witness in publication.witnesses)
        for publication in document.publications
    }
    publishers = {
        publication.id: "、".join(
            labels.label(Facet.ORGANIZATION, code) for code in publication.organizations
        )
        for publication in document.publications
    }
    return Sheet(tuple(rows), validity.provenance, publishers, statements)


def _row(field: Field, values: Iterable[Value], witnesses: Iterable[Witness]) -> Row:
    values = tuple(values)
    stated = [witness.provenance for witness in witnesses if witness.field is field]
    best = min(stated, key=TRUST.__getitem__, default=None)
    if best is None and field in (Field.PUBLISHER, Field.COLUMN):
        best = Provenance.SITE  # not stated on the page: known from where it stands
    if not values or best is None:
        return Row(wording.FIELD[field], values)
    return Row(wording.FIELD[field], values, wording.PROVENANCE[best], best is Provenance.INFERRED)


def _shown(statement: StoredStatement) -> str:
    """Return a statement as printed; a source (本站) that means the site itself by the site's name."""
    return (statement.value if statement.field == Field.SOURCE else None) or statement.raw


def _statement(witness: Witness) -> Statement:
    return Statement(wording.FIELD[witness.field], witness.raw, wording.PROVENANCE[witness.provenance])


def _day(day: date | None) -> list[Value]:
    return [Value(chinese_date(day))] if day else []


def _texts(texts: Iterable[str | None]) -> list[Value]:
    return [Value(text) for text in _distinct(text for text in texts if text)]


def _distinct(values: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(values))
