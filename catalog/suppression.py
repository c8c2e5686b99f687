"""Suppression: taking a document or a publication out of every answer, at once and reversibly.

Nothing is deleted; each suppression is a row that says what, why, who and when, and is lifted by
saying the same again.
"""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, or_, select, update

from catalog import relating, schema
from catalog.errors import CatalogError, UnknownIdError
from catalog.grouping import surviving
from catalog.hidden import suppressed
from catalog.ids import mint
from catalog.store import log_change, now

__all__ = [
    "Suppressed",
    "SuppressionError",
    "suppress",
    "suppressed",
    "suppressed_ids",
    "suppression_changes",
    "unsuppress",
]


class SuppressionError(CatalogError):
    """The suppression cannot be made or lifted."""


@dataclass(frozen=True, slots=True)
class Suppressed:
    """What a command did: the target, and the document whose answers change."""

    target_kind: str
    target_id: str
    document_id: str
    at: datetime


def suppress(connection: Connection, target_id: str, *, why: str, who: str) -> Suppressed:
    """Take a document or publication out of every answer.

    Raises `UnknownIdError`, or `SuppressionError` if it is suppressed already or `why` is empty.
    """
    if not why.strip():
        raise SuppressionError("必须用 --why 写明撤下的理由。")
    kind, document_id = _target(connection, target_id)
    if _active(connection, target_id, document_id if kind == "document" else None):
        raise SuppressionError(f"{target_id} 已经撤下；恢复请用 gongkai unsuppress。")
    moment = now()
    connection.execute(
        schema.suppression.insert().values(
            id=mint(), target_kind=kind, target_id=target_id, why=why, who=who, suppressed_at=moment
        )
    )
    log_change(connection, document_id, "suppressed")
    _log_related(connection, kind, target_id, document_id)
    return Suppressed(kind, target_id, document_id, moment)


def unsuppress(connection: Connection, target_id: str, *, why: str, who: str) -> Suppressed:
    """Bring back what was suppressed; raises as `suppress` does."""
    if not why.strip():
        raise SuppressionError("必须用 --why 写明恢复的理由。")
    kind, document_id = _target(connection, target_id)
    active = _active(connection, target_id, document_id if kind == "document" else None)
    if _is_purged(connection, document_id):
        raise SuppressionError(f"{target_id} 已经彻底删除，没有内容可以恢复。")
    if not active:
        raise SuppressionError(f"{target_id} 没有被撤下，不需要恢复。")
    moment = now()
    table = schema.suppression
    connection.execute(
        update(table).where(table.c.id.in_(active)).values(lifted_at=moment, lifted_why=why, lifted_by=who)
    )
    log_change(connection, document_id, "unsuppressed")
    _log_related(connection, kind, target_id, document_id)
    return Suppressed(kind, target_id, document_id, moment)


def suppressed_ids(connection: Connection) -> frozenset[str]:
    """Return the ids that `suppressed` selects."""
    return frozenset(connection.execute(suppressed()).scalars())


def suppression_changes(connection: Connection, since: int) -> frozenset[str]:
    """Return the documents whose suppression changed after change `since`, and those they merged into.

    An index that has read only up to `since` may show too much of these; a server hides them until
    the index has followed.
    """
    table, document = schema.change, schema.document
    rows = connection.execute(
        select(table.c.document_id, document.c.merged_into)
        .join(document, document.c.id == table.c.document_id)
        .where(table.c.seq > since, table.c.kind.in_(("suppressed", "unsuppressed")))
    )
    return frozenset(str(name) for row in rows for name in row if name is not None)


def _log_related(connection: Connection, kind: str, target_id: str, document_id: str) -> None:
    """Log whom the target repeals or amends: what it says counts no more, or again."""
    if kind == "publication":
        relating.log_targets(connection, [target_id])
        return
    publication = schema.publication
    own = connection.execute(select(publication.c.id).where(publication.c.document_id == document_id))
    relating.log_targets(connection, own.scalars().all())


def _active(connection: Connection, target_id: str, survivor: str | None) -> list[str]:
    """Return the suppressions in force: of the id given, and of all that became one with a document."""
    table, document = schema.suppression, schema.document
    targets: ColumnElement[bool] = table.c.target_id == target_id
    if survivor is not None:
        merged = select(document.c.id).where(document.c.merged_into == survivor)
        targets = or_(targets, table.c.target_id == survivor, table.c.target_id.in_(merged))
    found = connection.execute(select(table.c.id).where(targets, table.c.lifted_at.is_(None))).scalars()
    return list(found)


def _is_purged(connection: Connection, document_id: str) -> bool:
    """Tell whether nothing is left of a document because it was purged."""
    left = select(schema.publication.c.id).where(schema.publication.c.document_id == document_id)
    gone = select(schema.purged_alias.c.purge_id).where(schema.purged_alias.c.document_id == document_id)
    return connection.execute(left).first() is None and connection.execute(gone).first() is not None


def _target(connection: Connection, target_id: str) -> tuple[str, str]:
    """Return the kind of the target and the document that it belongs to."""
    publication = schema.publication
    owner = connection.execute(
        select(publication.c.document_id).where(publication.c.id == target_id)
    ).scalar()
    if owner is not None:
        return "publication", str(owner)
    survivor = surviving(connection, target_id)
    if survivor is None:
        raise UnknownIdError(target_id)
    return "document", survivor
