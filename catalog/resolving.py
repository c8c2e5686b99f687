"""From a value as stated to the value we reckon with: a date, a number's key, a vocabulary code."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta

from sqlalchemy import Connection, bindparam, select

from catalog import authority, doc_numbers, index_numbers, schema
from catalog.dates import iso_date
from catalog.own_site import is_own_site, site_name
from catalog.records import DATE_FIELDS, ORGANIZATION_FIELDS, VOCABULARY_FIELDS, Field, Witness
from catalog.vocabulary import Term, vocabulary

_own = schema.own_term
_KNOWN_TERM = select(_own.c.code).where(_own.c.field == bindparam("in"), _own.c.code == bindparam("sought"))
_NEW_TERM = _own.insert()

Stated = list[tuple[Witness, str | None]]
"""Statements with the values they stand for; a statement of two topics stands there twice."""


PAST_FIELDS = frozenset({Field.ISSUED_ON, Field.PUBLISHED_ON})
"""Days that cannot lie ahead of the day on which the page was met."""

CHINA = timedelta(hours=8)


def resolve_all(
    connection: Connection, witnesses: tuple[Witness, ...], met_at: datetime, subsite_id: str
) -> Stated:
    """Return every statement of a page met at a moment (UTC) with each value it stands for, as stated.

    A source that is but the site itself stands for the site's name.
    """
    latest = (met_at + CHINA).date() + timedelta(days=1)
    found: Stated = []
    for witness in witnesses:
        if witness.field is Field.SOURCE and is_own_site(witness.raw):
            found.append((witness, site_name(connection, subsite_id)))
        else:
            found += [(witness, value) for value in resolve(connection, witness, latest)]
    return found


def resolve(connection: Connection, witness: Witness, latest: date) -> list[str | None]:
    """Return the values a statement stands for: one, several (joint bodies, two topics), or `[None]`.

    None means that the statement is kept and cannot be read as what its field asks for; a day of
    issue or publication behind `latest` cannot (domain.md 3.4). A label that maps to no code is
    stored under a code of its own.
    """
    return list(_values(connection, witness, latest)) or [None]


def _values(connection: Connection, witness: Witness, latest: date) -> Sequence[str | None]:
    field, raw = witness.field, witness.raw
    if field in DATE_FIELDS:
        day = iso_date(raw, not_after=latest if field in PAST_FIELDS else None)
        return [day.isoformat() if day else None]
    if field is Field.DOC_NUMBER:
        return [number.key for number in doc_numbers.parse_all(raw)]
    if field is Field.INDEX_NUMBER:
        return [index_numbers.key(raw)]
    if field in ORGANIZATION_FIELDS:
        return list(authority.codes_of(connection, raw))
    if field in VOCABULARY_FIELDS:
        return [store_term(connection, field, term) for term in vocabulary(field.value).resolve(raw)]
    return [raw]


def store_term(connection: Connection, field: Field, term: Term) -> str:
    """Return the term's code; the label of a code of its own is stored first."""
    if term.code.startswith("x-"):
        sought = {"in": field.value, "sought": term.code}
        if connection.execute(_KNOWN_TERM, sought).first() is None:
            connection.execute(_NEW_TERM, {"field": field.value, "code": term.code, "label": term.label})
    return term.code
