"""Which publications are appearances of one document.

A document is what `catalog.evidence` holds together: publications that agree, directly or through
others, whatever the order in which they were met. When one of them changes, the document is looked
at again: it may gain others, and it may fall apart. Everything softer is a suggestion to staff.
"""

from collections import defaultdict
from collections.abc import Iterable

from sqlalchemy import Connection, bindparam, select

from catalog import schema
from catalog.evidence import Evidence, connected, titles_agree
from catalog.ids import mint
from catalog.store import log_change, now

_document, _publication, _suppression = schema.document, schema.publication, schema.suppression
_shared, _titles = schema.evidence.alias(), schema.evidence.alias()

_SHARING = (
    select(_publication.c.document_id, _titles.c.value)
    .join(_shared, _shared.c.publication_id == _publication.c.id)
    .join(_titles, _titles.c.publication_id == _publication.c.id)
    .where(_shared.c.kind == bindparam("kind"), _shared.c.value == bindparam("value"))
    # Said so that no index serves it: SQLite would walk through all titles and not through what is shared.
    .where(_titles.c.kind.concat("") == "title", _publication.c.id != bindparam("publication_id"))
    .distinct()
)
_FORGET = schema.evidence.delete().where(schema.evidence.c.publication_id == bindparam("of"))
_REMEMBER = schema.evidence.insert()
_NEW_DOCUMENT = _document.insert()
_MOVE = (
    _publication.update()
    .where(_publication.c.id == bindparam("publication_id"))
    .values(document_id=bindparam("to"))
)


def _agreeing(connection: Connection, publication_id: str, evidence: Evidence) -> dict[str, str]:
    """Return the documents that hold a publication agreeing with this one, each with the rule."""
    found: dict[str, str] = {}
    for kind, value in evidence.shared():
        sought = {"kind": kind, "value": value, "publication_id": publication_id}
        for document_id, title in connection.execute(_SHARING, sought):
            if titles_agree(evidence.title, title):
                found.setdefault(document_id, "same_text" if kind == "text" else "same_number")
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
    agreeing = _agreeing(connection, publication_id, evidence)
    others = _evidence_within(connection, document_id)
    others.pop(publication_id, None)
    if others:
        parts = connected({**others, publication_id: evidence})
        oldest = min(others)
        own = next(part for part in parts if publication_id in part)
        if oldest not in own:
            agreeing.pop(document_id, None)
            home = _gather(connection, agreeing) if agreeing else _mint_apart(connection, document_id)
            _move(connection, own, home)
        else:
            home = _gather(connection, {document_id: "", **agreeing})
        for part in parts:
            if part is not own and oldest not in part:
                apart = _mint_apart(connection, document_id)
                _move(connection, part, apart)
                log_change(connection, apart, "recorded")
        if len(parts) > 1:
            log_change(connection, document_id, "recorded")
        return home
    return _gather(connection, {document_id: "", **agreeing})


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


def _evidence_within(connection: Connection, document_id: str) -> dict[str, Evidence]:
    table = schema.evidence
    rows: dict[str, list[tuple[str, str]]] = defaultdict(list)
    for publication_id, kind, value in connection.execute(
        select(table.c.publication_id, table.c.kind, table.c.value)
        .join(_publication, _publication.c.id == table.c.publication_id)
        .where(_publication.c.document_id == document_id)
    ):
        rows[publication_id].append((kind, value))
    return {publication_id: Evidence.of_rows(pairs) for publication_id, pairs in rows.items()}


def _gather(connection: Connection, agreeing: dict[str, str]) -> str:
    """Merge documents (each with the rule that brought it) into the oldest; return that one."""
    home, *others = sorted(agreeing)
    for other in others:
        _merge(connection, other, home, agreeing[other] or agreeing[home])
    return home


def _mint_document(connection: Connection) -> str:
    document_id = mint()
    connection.execute(_NEW_DOCUMENT, {"id": document_id, "created_at": now()})
    return document_id


def _mint_apart(connection: Connection, document_id: str) -> str:
    """Make a document for publications that leave another; what was suppressed stays suppressed."""
    apart = _mint_document(connection)
    merged = select(_document.c.id).where(_document.c.merged_into == document_id)
    row = connection.execute(
        select(_suppression.c.why, _suppression.c.who, _suppression.c.suppressed_at)
        .where(_suppression.c.lifted_at.is_(None))
        .where((_suppression.c.target_id == document_id) | _suppression.c.target_id.in_(merged))
        .order_by(_suppression.c.suppressed_at)
    ).first()
    if row is not None:
        connection.execute(
            _suppression.insert(),
            {"id": mint(), "target_kind": "document", "target_id": apart, **row._mapping},
        )
    return apart


def _move(connection: Connection, publication_ids: Iterable[str], document_id: str) -> None:
    rows = [{"publication_id": publication_id, "to": document_id} for publication_id in publication_ids]
    connection.execute(_MOVE, rows)


def _merge(connection: Connection, document_id: str, into: str, rule: str) -> None:
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
