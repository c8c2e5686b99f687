"""Labels and parents of every code, wherever it comes from: vocabularies, bodies, labels of our own.

Codes are what filters and facets reckon with; labels are presentation.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import Connection, select

from catalog import schema
from catalog.records import VOCABULARY_FIELDS
from catalog.vocabulary import vocabulary

ORGANIZATION = "organization"
"""The field under which bodies are looked up; publishers and issuers share one authority table."""

_ALIASES = {"publisher": ORGANIZATION, "issuer": ORGANIZATION}


@dataclass(frozen=True, slots=True)
class Terms:
    """A snapshot of the catalogue's codes. `labels` and `parents` are keyed by (field, code)."""

    labels: Mapping[tuple[str, str], str]
    parents: Mapping[tuple[str, str], str]

    def label(self, field: str, code: str) -> str:
        """Return what a person reads for a code; the code itself if nobody knows it."""
        return self.labels.get((_ALIASES.get(field, field), code), code)

    def parent(self, field: str, code: str) -> str | None:
        """Return the code one level up, if any."""
        return self.parents.get((_ALIASES.get(field, field), code))

    def lineage(self, field: str, code: str) -> tuple[str, ...]:
        """Return the code, then its ancestors up to the root."""
        found = [code]
        while (parent := self.parent(field, found[-1])) is not None and parent not in found:
            found.append(parent)
        return tuple(found)


def load_terms(connection: Connection) -> Terms:
    """Read all codes; cheap enough to do again whenever the catalogue has changed."""
    labels: dict[tuple[str, str], str] = {}
    parents: dict[tuple[str, str], str] = {}
    for field in VOCABULARY_FIELDS:
        for term in vocabulary(field.value).terms:
            labels[field.value, term.code] = term.label
            if term.parent is not None:
                parents[field.value, term.code] = term.parent
    for row in connection.execute(select(schema.own_term)):
        labels[row.field, row.code] = row.label
    for row in connection.execute(select(schema.organization)):
        labels[ORGANIZATION, row.code] = row.name
        if row.parent is not None:
            parents[ORGANIZATION, row.code] = row.parent
    return Terms(labels, parents)
