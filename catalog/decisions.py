"""What staff decide on what is one document: merging, splitting, and undoing either.

A decision outlives the pages: publications that were merged stay together when one of them changes, and
one that was split out is joined to nothing by itself. Each is recorded with who, why and when, and with
what undoing it needs. Undoing brings back the ids that were there before.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection, select

from catalog import grouping, schema
from catalog.errors import CatalogError, UnknownIdError
from catalog.evidence import connected
from catalog.ids import mint
from catalog.store import log_change, now
from catalog.suppression import suppressed_ids

_decision, _document, _publication = schema.decision, schema.document, schema.publication
_tie, _apart = schema.staff_tie, schema.staff_apart


class DecisionError(CatalogError):
    """The decision cannot be made or undone."""


class DecisionKind(StrEnum):
    """The kinds of decisions."""

    MERGE = "merge"
    SPLIT = "split"


@dataclass(frozen=True, slots=True)
class Decision:
    """A decision as stored.

    `details` of a merge: `into` and `merged` (documents), `kept` and `brought` (their publications then),
    `redirects` (documents that had been merged into `merged`). Of a split: `publication`, `from` and
    `to` (documents), `ties` (decisions that had tied it), `apart` (an earlier split of it, or null).
    """

    id: str
    kind: DecisionKind
    who: str
    why: str
    decided_at: datetime
    details: dict[str, Any]
    undone_at: datetime | None = None
    undone_by: str | None = None
    undone_why: str | None = None

    def concerns(self) -> set[str]:
        """Return the ids of the documents and publications that the decision is about."""
        if self.kind is DecisionKind.SPLIT:
            return {str(self.details[key]) for key in ("publication", "from", "to")}
        publications = {*self.details["kept"], *self.details["brought"]}
        return {str(self.details["into"]), str(self.details["merged"]), *publications}


def merge(tx: Connection, one: str, other: str, *, why: str, who: str) -> Decision:
    """Make two documents one; the younger leaves a redirect.

    Raises `UnknownIdError`, or `DecisionError` if they are one already, or one is suppressed or empty.
    """
    _demand_reason(why)
    into, merged = sorted((_survivor(tx, one), _survivor(tx, other)))
    if into == merged:
        raise DecisionError(f"{one} 和 {other} 已经是同一件文件。")
    for document_id in (into, merged):
        if document_id in suppressed_ids(tx):
            raise DecisionError(f"文件 {document_id} 已经撤下，不能合并；请先用 gongkai unsuppress 恢复。")
    kept, brought = _publications(tx, into), _publications(tx, merged)
    if not kept or not brought:
        raise DecisionError(f"文件 {merged if kept else into} 已没有发布记录，不能合并。")
    redirects = tx.execute(select(_document.c.id).where(_document.c.merged_into == merged)).scalars().all()
    details = {"into": into, "merged": merged, "kept": kept, "brought": brought, "redirects": [*redirects]}
    decision = _store(tx, DecisionKind.MERGE, who, why, details)
    _tie_together(tx, decision.id, [*kept, *brought])
    grouping.merge(tx, merged, into, grouping.STAFF)
    log_change(tx, into, "recorded")
    return decision


def split(tx: Connection, publication_id: str, *, why: str, who: str) -> Decision:
    """Give a publication a document of its own, to which nothing is joined by itself.

    What only this publication held together goes apart as well. Raises `UnknownIdError`, or
    `DecisionError` if the publication is alone in its document.
    """
    _demand_reason(why)
    document_id = tx.execute(
        select(_publication.c.document_id).where(_publication.c.id == publication_id)
    ).scalar()
    if document_id is None:
        raise UnknownIdError(publication_id)
    members = grouping.evidence_within(tx, document_id)
    own = members.pop(publication_id)
    if not members:
        raise DecisionError(f"发布记录 {publication_id} 本来就单独是一件文件，不需要拆分。")
    apart = tx.execute(_apart.select().where(_apart.c.publication_id == publication_id)).first()
    home = grouping.mint_apart(tx, document_id)
    details = {
        "publication": publication_id,
        "from": document_id,
        "to": home,
        "ties": sorted(own.ties),
        "apart": None if apart is None else apart.decision_id,
    }
    decision = _store(tx, DecisionKind.SPLIT, who, why, details)
    tx.execute(_tie.delete().where(_tie.c.publication_id == publication_id))
    _keep_apart(tx, publication_id, decision.id)
    grouping.move(tx, [publication_id], home)
    parts, oldest = connected(members), min(members)
    grouping.part_off(tx, document_id, [part for part in parts if oldest not in part])
    log_change(tx, home, "split")
    log_change(tx, document_id, "recorded")
    return decision


def undo(tx: Connection, decision_id: str, *, why: str, who: str) -> Decision:
    """Undo a decision. Raises `DecisionError` if it is unknown or undone, or something stands on it."""
    _demand_reason(why)
    decision = next(_decisions(tx, [decision_id]), None)
    if decision is None:
        raise DecisionError(f"没有编号为 {decision_id!r} 的决定。编号见 gongkai decisions。")
    if decision.undone_at is not None:
        raise DecisionError(f"决定 {decision_id} 已经撤销过。")
    _refuse_if_built_upon(tx, decision)
    if decision.kind is DecisionKind.MERGE:
        _undo_merge(tx, decision)
    else:
        _undo_split(tx, decision)
    undone = {"undone_at": now(), "undone_by": who, "undone_why": why}
    tx.execute(_decision.update().where(_decision.c.id == decision_id).values(**undone))
    return next(_decisions(tx, [decision_id]))


def decisions(connection: Connection) -> Iterator[Decision]:
    """Give all decisions, the latest first."""
    return _decisions(connection)


def _undo_merge(tx: Connection, decision: Decision) -> None:
    into, merged = decision.details["into"], decision.details["merged"]
    tx.execute(_tie.delete().where(_tie.c.decision_id == decision.id))
    members = grouping.evidence_within(tx, into)
    kept, brought = set(decision.details["kept"]), set(decision.details["brought"])
    parts = sorted(connected(members), key=min)
    leaving = [part for part in parts if part & brought and not part & kept]
    if not leaving:
        raise DecisionError(
            "两件文件的网页现在自己就说明是同一件（正文或文号与标题一致），撤销合并也分不开；"
            "要分开某一条发布，请用 gongkai split。"
        )
    staying = [part for part in parts if part not in leaving]
    grouping.inherit_suppression(tx, into, [into, merged])
    tx.execute(_document.update().where(_document.c.id == merged).values(merged_into=None, merge_rule=None))
    redirects = decision.details["redirects"]
    was_there = _document.c.id.in_(redirects) & (_document.c.merged_into == into)
    tx.execute(_document.update().where(was_there).values(merged_into=merged))
    grouping.move(tx, leaving[0], merged)
    grouping.part_off(tx, merged, leaving[1:])
    grouping.part_off(tx, into, staying[1:])
    log_change(tx, merged, "split")
    log_change(tx, into, "recorded")


def _undo_split(tx: Connection, decision: Decision) -> None:
    publication_id, before = decision.details["publication"], decision.details["apart"]
    tx.execute(_apart.delete().where(_apart.c.publication_id == publication_id))
    if before is not None:
        _keep_apart(tx, publication_id, before)
    standing = [tie.id for tie in _decisions(tx, decision.details["ties"]) if tie.undone_at is None]
    tx.execute(_tie.delete().where(_tie.c.publication_id == publication_id))
    for tie in standing:
        _tie_together(tx, tie, [publication_id])
    document_id = tx.execute(
        select(_publication.c.document_id).where(_publication.c.id == publication_id)
    ).scalar_one()
    evidence = grouping.evidence_within(tx, document_id)[publication_id]
    log_change(tx, grouping.regroup(tx, publication_id, document_id, evidence), "recorded")


def _refuse_if_built_upon(tx: Connection, decision: Decision) -> None:
    mine, moment = decision.concerns(), (decision.decided_at, decision.id)
    for later in _decisions(tx):
        if (later.decided_at, later.id) <= moment or later.undone_at is not None:
            continue
        if later.concerns() & mine:
            raise DecisionError(f"后来的决定 {later.id} 建立在它之上，请先撤销那一个。")
    key = "into" if decision.kind is DecisionKind.MERGE else "to"
    home = decision.details[key]
    survivor = _survivor(tx, home)
    if survivor != home:
        raise DecisionError(f"文件 {home} 后来又归入了 {survivor}，不能直接撤销；要分开请用 gongkai split。")
    listed = "brought" if decision.kind is DecisionKind.MERGE else "publication"
    if not set(_publications(tx, home)) & set(_listed(decision.details[listed])):
        raise DecisionError(f"文件 {home} 中已没有当时的发布记录，没有可以撤销的。")


def _listed(value: str | Sequence[str]) -> Sequence[str]:
    return [value] if isinstance(value, str) else value


def _survivor(tx: Connection, document_id: str) -> str:
    survivor = grouping.surviving(tx, document_id)
    if survivor is None:
        raise UnknownIdError(document_id)
    return survivor


def _publications(tx: Connection, document_id: str) -> list[str]:
    rows = tx.execute(select(_publication.c.id).where(_publication.c.document_id == document_id))
    return sorted(rows.scalars())


def _store(tx: Connection, kind: DecisionKind, who: str, why: str, details: dict[str, Any]) -> Decision:
    decision = Decision(mint(), kind, who, why, now(), details)
    row = {"id": decision.id, "kind": kind, "who": who, "why": why, "details": details}
    tx.execute(_decision.insert().values(**row, decided_at=decision.decided_at))
    return decision


def _tie_together(tx: Connection, decision_id: str, publication_ids: Iterable[str]) -> None:
    rows = [{"decision_id": decision_id, "publication_id": name} for name in publication_ids]
    tx.execute(_tie.insert(), rows)


def _keep_apart(tx: Connection, publication_id: str, decision_id: str) -> None:
    tx.execute(_apart.delete().where(_apart.c.publication_id == publication_id))
    tx.execute(_apart.insert().values(publication_id=publication_id, decision_id=decision_id))


def _decisions(connection: Connection, ids: Sequence[str] | None = None) -> Iterator[Decision]:
    query = select(_decision).order_by(_decision.c.decided_at.desc(), _decision.c.id.desc())
    if ids is not None:
        query = query.where(_decision.c.id.in_(ids))
    for row in connection.execute(query).mappings():
        yield Decision(**{**row, "kind": DecisionKind(row["kind"])})


def _demand_reason(why: str) -> None:
    if not why.strip():
        raise DecisionError("必须用 --why 写明理由。")
