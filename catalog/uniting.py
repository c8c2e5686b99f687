"""Uniting two publications that turn out to be one page, recorded under twins of its address before.

The server leads from the one to the other, which is the evidence (docs/decisions/0030). The older one stays,
with all captures, files and addresses of both, and shows what the address says to which the server leads.
"""

from collections.abc import Sequence

from sqlalchemy import Connection, RowMapping, Table, or_, select

from catalog import grouping, schema
from catalog.store import log_change
from catalog.twins import twins_of

RULE = "same_page"
"""The rule of a merge of documents that had but one page between them."""

_publication, _alias = schema.publication, schema.publication_alias
_SHOWN = ("url", "capture_id", "withdrawn_at", "withdrawn_why")


def unite(tx: Connection, before: str, now: str) -> bool:
    """Make one publication of those that have these aliases, of which the server leads from one to the other.

    Tells whether they are one now. What staff decided or suppressed of either keeps them apart.
    """
    rows = [_bearer(tx, alias) for alias in (before, now)]
    if now not in twins_of(before) or rows[0] is None or rows[1] is None:
        return False
    there = rows[1]
    keep, gone = sorted((rows[0], there), key=lambda row: str(row["id"]))
    if keep["id"] == gone["id"]:
        return True
    if _is_decided(tx, [keep["id"], gone["id"], keep["document_id"], gone["document_id"]]):
        return False
    _hand_over(tx, keep["id"], gone["id"], speaks=there["id"])
    shown = {name: there[name] for name in _SHOWN}
    tx.execute(_publication.update().where(_publication.c.id == keep["id"]).values(**shown))
    tx.execute(_publication.delete().where(_publication.c.id == gone["id"]))
    _settle_documents(tx, keep, gone)
    return True


def _bearer(tx: Connection, alias: str) -> RowMapping | None:
    sought = select(_publication).join(_alias, _alias.c.publication_id == _publication.c.id)
    return tx.execute(sought.where(_alias.c.alias == alias)).mappings().first()


def _is_decided(tx: Connection, ids: Sequence[str]) -> bool:
    tie, apart, suppression = schema.staff_tie, schema.staff_apart, schema.suppression
    return any(
        tx.execute(decided.limit(1)).first() is not None
        for decided in (
            select(tie.c.publication_id).where(tie.c.publication_id.in_(ids)),
            select(apart.c.publication_id).where(apart.c.publication_id.in_(ids)),
            select(suppression.c.id).where(suppression.c.target_id.in_(ids)),
        )
    )


def _hand_over(tx: Connection, keep: str, gone: str, *, speaks: str) -> None:
    """Give one publication all that the other has; statements are those of the one that `speaks`."""
    for table in (_alias, schema.capture, schema.attachment, schema.finding):
        _move(tx, table, gone, keep)
    for table, key in ((schema.publication_column, "column_id"), (schema.attachment_alias, "url")):
        own = select(table.c[key]).where(table.c.publication_id == keep)
        tx.execute(table.delete().where(table.c.publication_id == gone, table.c[key].in_(own)))
        _move(tx, table, gone, keep)
    for table in (schema.evidence, schema.relation):
        silent = gone if speaks == keep else keep
        tx.execute(table.delete().where(table.c.publication_id == silent))
        _move(tx, table, speaks, keep)
    absence = schema.absence
    tx.execute(
        absence.delete().where(or_(absence.c.publication_id == keep, absence.c.publication_id == gone))
    )


def _move(tx: Connection, table: Table, gone: str, keep: str) -> None:
    tx.execute(table.update().where(table.c.publication_id == gone).values(publication_id=keep))


def _settle_documents(tx: Connection, keep: RowMapping, gone: RowMapping) -> None:
    home, other = str(keep["document_id"]), str(gone["document_id"])
    left = select(_publication.c.id).where(_publication.c.document_id == other).limit(1)
    if other != home:
        if tx.execute(left).first() is None:
            grouping.merge(tx, other, home, RULE)
        else:
            log_change(tx, other, "recorded")
    evidence = grouping.evidence_within(tx, home)[keep["id"]]
    log_change(tx, grouping.regroup(tx, keep["id"], home, evidence), "recorded")
