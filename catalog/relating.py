"""Which documents are meant by what others say, and what follows for whether they are in force.

Relations are stored as they were read (`catalog.relations`); whom they mean is looked up when it is
asked, because documents come, merge and part. A document is meant for sure if its printed 文号 is
named and the titles, where both are given, agree; or, without a number, if it alone bears the title.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import BindParameter, Connection, Row, and_, bindparam, or_, select

from catalog import schema
from catalog.evidence import titles_agree
from catalog.hidden import suppressed
from catalog.records import Relation, RelationKind
from catalog.store import log_changes

SHORTEST_TITLE = 6
"""Folded characters of a title that may stand for a document without its number: 通知 is no name."""

_PART = 500  # ids named in one statement

_relation, _publication, _evidence = schema.relation, schema.publication, schema.evidence
_SAID = select(_relation).where(_relation.c.publication_id == bindparam("of"))
_FORGET = _relation.delete().where(_relation.c.publication_id == bindparam("of"))
_REMEMBER = _relation.insert()
_CHANGING = (RelationKind.REPEALS, RelationKind.AMENDS)
_IDS: BindParameter[str] = bindparam("ids", expanding=True)
_NAMES: BindParameter[str] = bindparam("names", expanding=True)
_KINDS: BindParameter[str] = bindparam("kinds", expanding=True)
_LIVE = and_(
    _publication.c.withdrawn_at.is_(None),
    _publication.c.id.not_in(suppressed()),
    _publication.c.document_id.not_in(suppressed()),
)
_NAMED = (
    select(_evidence.c.kind, _evidence.c.value, _publication.c.document_id)
    .join(_publication, _publication.c.id == _evidence.c.publication_id)
    .where(_evidence.c.kind == bindparam("kind"), _evidence.c.value.in_(_NAMES), _LIVE)
    .distinct()
)
_TITLES = (
    select(_publication.c.document_id, _evidence.c.kind, _evidence.c.value)
    .join(_publication, _publication.c.id == _evidence.c.publication_id)
    # Said so that no index serves it: SQLite would walk through all titles and not through these documents'.
    .where(
        _publication.c.document_id.in_(_IDS), _evidence.c.kind.concat("").in_(("title", "doc_number")), _LIVE
    )
    .distinct()
)
_SAID_BY = (
    select(_relation, _publication.c.document_id)
    .join(_publication, _publication.c.id == _relation.c.publication_id)
    .where(_publication.c.document_id.in_(_IDS), _LIVE)
    .order_by(_publication.c.document_id, _relation.c.publication_id, _relation.c.position)
)
_SAID_OF = (
    select(_relation, _publication.c.document_id)
    .join(_publication, _publication.c.id == _relation.c.publication_id)
    .where(_relation.c.kind.in_(_KINDS), _LIVE)
    .where(or_(_relation.c.target_number.in_(_NAMES), _relation.c.target_title.in_(_NAMES)))
    .order_by(_relation.c.publication_id, _relation.c.position)
)


@dataclass(frozen=True, slots=True)
class Claim:
    """What one document says of another, both known: kind, sentence, and whether there is any doubt."""

    kind: RelationKind
    by_document: str
    of_document: str
    sentence: str
    explicit: bool


@dataclass(frozen=True, slots=True)
class _Names:
    """The folded titles and the keys of the printed numbers of a document."""

    titles: frozenset[str]
    numbers: frozenset[str]


def remember(
    connection: Connection, publication_id: str, relations: Sequence[Relation], *, anew: bool
) -> None:
    """Store what a publication says of others, in place of what it said before unless it is `anew`.

    The documents that it repeals or amends, or did before, are logged as changed.
    """
    before: Sequence[Row[Any]] = ()
    if not anew:
        before = connection.execute(
            select(_relation).where(_relation.c.publication_id == publication_id)
        ).all()
        connection.execute(_FORGET, {"of": publication_id})
    rows = [
        {
            "publication_id": publication_id,
            "position": position,
            "kind": relation.kind.value,
            "target_number": relation.target_number,
            "target_title": relation.target_title,
            "sentence": relation.sentence,
            "explicit": relation.explicit,
        }
        for position, relation in enumerate(relations)
    ]
    if rows:
        connection.execute(_REMEMBER, rows)
    log_changes(connection, _touched(connection, [*before, *relations]), "recorded")


def log_targets(connection: Connection, publication_ids: Sequence[str]) -> None:
    """Log the documents as changed whose force hangs on these publications.

    To be called when a publication leaves the results or comes back: what it repeals or amends is in force
    or is not, and where others are said to be repealed under a name that it bears, too, it is sure again, or
    not any more, who is meant.
    """
    for start in range(0, len(publication_ids), _PART):
        part = publication_ids[start : start + _PART]
        said = connection.execute(select(_relation).where(_relation.c.publication_id.in_(part))).all()
        borne = select(_evidence.c.value).where(
            _evidence.c.publication_id.in_(part), _evidence.c.kind.in_(("title", "doc_number"))
        )
        of_names = or_(_relation.c.target_number.in_(borne), _relation.c.target_title.in_(borne))
        of_namesakes = connection.execute(
            select(_relation).where(_relation.c.kind.in_(_CHANGING), of_names)
        ).all()
        log_changes(connection, _touched(connection, [*said, *of_namesakes]), "recorded")


def _touched(connection: Connection, relations: Sequence[Any]) -> list[str]:
    """Return the documents whose force may depend on these relations (rows or records)."""
    changing = [relation for relation in relations if relation.kind in _CHANGING]
    named = {
        "doc_number": [relation.target_number for relation in changing if relation.target_number],
        "title": [relation.target_title for relation in changing if relation.target_title],
    }
    found: set[str] = set()
    for kind, names in named.items():
        if names:
            found |= {
                str(row.document_id) for row in connection.execute(_NAMED, {"kind": kind, "names": names})
            }
    return sorted(found)


def claims_of(
    connection: Connection, document_ids: Sequence[str], kinds: Iterable[RelationKind] = _CHANGING
) -> dict[str, list[Claim]]:
    """Return what others say of these documents where it is sure that they are meant, by document."""
    names = _names(connection, document_ids)
    every = sorted({name for each in names.values() for name in (*each.titles, *each.numbers)})
    if not every:
        return {}
    rows = connection.execute(_SAID_OF, {"kinds": [*kinds], "names": every}).all()
    return _by(_claims(connection, rows), "of_document", document_ids)


def claims_by(connection: Connection, document_ids: Sequence[str]) -> dict[str, list[Claim]]:
    """Return, for each of these documents, what it says of documents that are meant for sure."""
    rows = connection.execute(_SAID_BY, {"ids": list(document_ids)}).all()
    return _by(_claims(connection, rows), "by_document", document_ids)


def _by(claims: Iterable[Claim], end: str, wanted: Sequence[str]) -> dict[str, list[Claim]]:
    found: dict[str, list[Claim]] = defaultdict(list)
    for claim in claims:
        if getattr(claim, end) in wanted and claim not in found[getattr(claim, end)]:
            found[getattr(claim, end)].append(claim)
    return found


def _claims(connection: Connection, rows: Sequence[Row[Any]]) -> list[Claim]:
    bearers = _bearers(connection, rows)
    names = _names(connection, sorted({document for found in bearers.values() for document in found}))
    claims = []
    for row in rows:
        meant = _meant(row, bearers, names)
        if meant is not None and meant != row.document_id:
            kind = RelationKind(row.kind)
            claims.append(Claim(kind, row.document_id, meant, row.sentence, bool(row.explicit)))
    return claims


def _meant(row: Row[Any], bearers: Mapping[str, set[str]], names: Mapping[str, _Names]) -> str | None:
    """Return the document that a relation means; None where that is not sure."""
    if row.target_number is not None:
        found = {
            document
            for document in bearers.get(row.target_number, ())
            if row.target_title is None
            or any(titles_agree(row.target_title, title) for title in names[document].titles)
        }
    elif len(row.target_title) >= SHORTEST_TITLE:
        found = bearers.get(row.target_title, set())
    else:
        return None
    return next(iter(found)) if len(found) == 1 else None


def _bearers(connection: Connection, rows: Sequence[Row[Any]]) -> dict[str, set[str]]:
    """Return the documents that bear each number and, of relations without one, each title."""
    numbers = {row.target_number for row in rows if row.target_number is not None}
    titles = {row.target_title for row in rows if row.target_number is None}
    found: dict[str, set[str]] = defaultdict(set)
    for kind, names in (("doc_number", numbers), ("title", titles)):
        if names:
            for row in connection.execute(_NAMED, {"kind": kind, "names": sorted(names)}):
                found[row.value].add(row.document_id)
    return found


def _names(connection: Connection, document_ids: Sequence[str]) -> dict[str, _Names]:
    titles: dict[str, set[str]] = defaultdict(set)
    numbers: dict[str, set[str]] = defaultdict(set)
    if document_ids:
        for row in connection.execute(_TITLES, {"ids": list(document_ids)}):
            (titles if row.kind == "title" else numbers)[row.document_id].add(row.value)
    return {name: _Names(frozenset(titles[name]), frozenset(numbers[name])) for name in titles}
