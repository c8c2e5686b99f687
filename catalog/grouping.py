"""Which publications are appearances of one document.

A document is what `catalog.evidence` holds together: publications that agree, directly or through
others, whatever the order in which they were met. When one of them changes, the document is looked
at again: it may gain others, and it may fall apart. Everything softer is a suggestion to staff, whose
decisions (`catalog.decisions`) hold whatever the pages say.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import replace

from sqlalchemy import Connection, bindparam, exists, select

from catalog import schema
from catalog.evidence import Evidence, connected, titles_agree
from catalog.ids import mint
from catalog.store import log_change, now

_document, _publication, _suppression = schema.document, schema.publication, schema.suppression
_shared, _titles = schema.evidence.alias(), schema.evidence.alias()
_tie, _apart = schema.staff_tie, schema.staff_apart

_SHARING = (
    select(_publication.c.document_id, _titles.c.value)
    .join(_shared, _shared.c.publication_id == _publication.c.id)
    .join(_titles, _titles.c.publication_id == _publication.c.id)
    .where(_shared.c.kind == bindparam("kind"), _shared.c.value == bindparam("value"))
    # Said so that no index serves it: SQLite would walk through all titles and not through what is shared.
    .where(_titles.c.kind.concat("") == "title", _publication.c.id != bindparam("publication_id"))
    .where(~exists().where(_apart.c.publication_id == _publication.c.id))
    .distinct()
)
_other_tie = _tie.alias()
_TIED = (
    select(_publication.c.document_id)
    .join(_other_tie, _other_tie.c.publication_id == _publication.c.id)
    .join(_tie, _tie.c.decision_id == _other_tie.c.decision_id)
    .where(_tie.c.publication_id == bindparam("publication_id"))
    .distinct()
)
_TIES = select(_tie.c.publication_id, _tie.c.decision_id).join(
    _publication, _publication.c.id == _tie.c.publication_id
)
_APART = select(_apart.c.publication_id).join(_publication, _publication.c.id == _apart.c.publication_id)
_FORGET = schema.evidence.delete().where(schema.evidence.c.publication_id == bindparam("of"))
_REMEMBER = schema.evidence.insert()
_NEW_DOCUMENT = _document.insert()
_MOVE = (
    _publication.update()
    .where(_publication.c.id == bindparam("publication_id"))
    .values(document_id=bindparam("to"))
)


STAFF = "staff"
"""The rule of a merge that staff decided."""


def _agreeing(connection: Connection, publication_id: str, evidence: Evidence) -> dict[str, str]:
    """Return the documents that hold a publication agreeing with this one, each with the rule."""
    found: dict[str, str] = {}
    for kind, value in evidence.shared():
        sought = {"kind": kind, "value": value, "publication_id": publication_id}
        for document_id, title in connection.execute(_SHARING, sought):
            if titles_agree(evidence.title, title):
                found.setdefault(document_id, "same_text" if kind == "text" else "same_number")
    if evidence.ties:
        for document_id in connection.execute(_TIED, {"publication_id": publication_id}).scalars():
            found.setdefault(document_id, STAFF)
    return found


def group(connection: Connection, publication_id: str, evidence: Evidence) -> str:
    """Return the document of a new publication.

    Documents that turn out to be one are merged into the oldest and leave a redirect.
    """
    agreeing = _agreeing(connection, publication_id, evidence)
    return _gather(connection, agreeing) if agreeing else _mint_document(connection)


def regroup(connection: Connection, publication_id: str, document_id: str, evidence: Evidence) -> str:
    """Return the document of a publication of `document_id` whose evidence has changed.

    Publications that no longer agree go apart: those that hold together with the oldest of the others
    keep the document, the rest get documents of their own. A publication that was alone keeps its
    document whatever it says. Then documents that turn out to be one are merged.
    """
    others = evidence_within(connection, document_id)
    before = others.pop(publication_id, evidence)
    evidence = replace(evidence, ties=before.ties, apart=before.apart)
    agreeing = _agreeing(connection, publication_id, evidence)
    if others:
        parts = connected({**others, publication_id: evidence})
        oldest = min(others)
        own = next(part for part in parts if publication_id in part)
        if oldest not in own:
            agreeing.pop(document_id, None)
            home = _gather(connection, agreeing) if agreeing else mint_apart(connection, document_id)
            move(connection, own, home)
        else:
            home = _gather(connection, {document_id: "", **agreeing})
        part_off(connection, document_id, [part for part in parts if part is not own and oldest not in part])
        if len(parts) > 1:
            log_change(connection, document_id, "recorded")
        return home
    return _gather(connection, {document_id: "", **agreeing})


def part_off(connection: Connection, document_id: str, parts: Iterable[Iterable[str]]) -> None:
    """Give each of these parts of a document a document of its own."""
    for part in parts:
        apart = mint_apart(connection, document_id)
        move(connection, part, apart)
        log_change(connection, apart, "recorded")


def remember(connection: Connection, publication_id: str, evidence: Evidence, *, anew: bool = False) -> None:
    """Store the evidence of a publication, in place of what it offered before unless it is `anew`."""
    if not anew:
        connection.execute(_FORGET, {"of": publication_id})
    rows = [
        {"publication_id": publication_id, "kind": kind, "value": value} for kind, value in evidence.rows()
    ]
    connection.execute(_REMEMBER, rows)


def surviving(connection: Connection, document_id: str) -> str | None:
    """Return the id under which a document lives on (its own, unless merged); None if unknown."""
    row = connection.execute(
        select(_document.c.id, _document.c.merged_into).where(_document.c.id == document_id)
    ).first()
    return None if row is None else str(row.merged_into or row.id)


def evidence_within(connection: Connection, document_id: str) -> dict[str, Evidence]:
    """Return what each publication of a document offers, and what staff decided of it."""
    table, within = schema.evidence, _publication.c.document_id == document_id
    rows: dict[str, list[tuple[str, str]]] = defaultdict(list)
    for publication_id, kind, value in connection.execute(
        select(table.c.publication_id, table.c.kind, table.c.value)
        .join(_publication, _publication.c.id == table.c.publication_id)
        .where(within)
    ):
        rows[publication_id].append((kind, value))
    ties: dict[str, set[str]] = defaultdict(set)
    for publication_id, decision_id in connection.execute(_TIES.where(within)):
        ties[publication_id].add(decision_id)
    apart = set(connection.execute(_APART.where(within)).scalars())
    return {
        name: replace(Evidence.of_rows(pairs), ties=frozenset(ties[name]), apart=name in apart)
        for name, pairs in rows.items()
    }


def _gather(connection: Connection, agreeing: dict[str, str]) -> str:
    """Merge documents (each with the rule that brought it) into the oldest; return that one."""
    home, *others = sorted(agreeing)
    for other in others:
        merge(connection, other, home, agreeing[other] or agreeing[home])
    return home


def _mint_document(connection: Connection) -> str:
    document_id = mint()
    connection.execute(_NEW_DOCUMENT, {"id": document_id, "created_at": now()})
    return document_id


def mint_apart(connection: Connection, document_id: str) -> str:
    """Make a document for publications that leave another; what was suppressed stays suppressed."""
    apart = _mint_document(connection)
    inherit_suppression(connection, document_id, [apart])
    return apart


def inherit_suppression(connection: Connection, document_id: str, heirs: Iterable[str]) -> None:
    """Suppress those of the documents that are not, if this one is (or one that was merged into it)."""
    active = _suppression.c.lifted_at.is_(None)
    merged = select(_document.c.id).where(_document.c.merged_into == document_id)
    row = connection.execute(
        select(_suppression.c.why, _suppression.c.who, _suppression.c.suppressed_at)
        .where(active, (_suppression.c.target_id == document_id) | _suppression.c.target_id.in_(merged))
        .order_by(_suppression.c.suppressed_at)
    ).first()
    if row is None:
        return
    for heir in heirs:
        own = select(_suppression.c.id).where(active, _suppression.c.target_id == heir)
        if connection.execute(own).first() is None:
            copied = {"id": mint(), "target_kind": "document", "target_id": heir, **row._mapping}
            connection.execute(_suppression.insert(), copied)


def move(connection: Connection, publication_ids: Iterable[str], document_id: str) -> None:
    """Put publications into a document."""
    rows = [{"publication_id": publication_id, "to": document_id} for publication_id in publication_ids]
    connection.execute(_MOVE, rows)


def merge(connection: Connection, document_id: str, into: str, rule: str) -> None:
    """Merge a document into another, for which `rule` speaks; it leaves a redirect."""
    connection.execute(
        _publication.update().where(_publication.c.document_id == document_id).values(document_id=into)
    )
    # Earlier redirects follow, so that a redirect is always one step long.
    connection.execute(
        _document.update().where(_document.c.merged_into == document_id).values(merged_into=into)
    )
    connection.execute(
        _document.update().where(_document.c.id == document_id).values(merged_into=into, merge_rule=rule)
    )
    log_change(connection, document_id, "merged")
