"""Removal: a publication leaves the results only when its source has confirmed that it is gone.

Confirmed is what was answered with 404 or 410 on at least two separate days, or what its own page says
was withdrawn (`shared/design.md`, "Nothing is deleted because a crawl failed"). What is withdrawn stays
as a tombstone, and comes back when its page does.

A site that loses a great part of its pages at once has changed its template or died; that withdraws
nothing and is a finding for staff.
"""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from sqlalchemy import ColumnElement, Connection, RowMapping, func, or_, select

from catalog import findings, relating, schema
from catalog.errors import CatalogError
from catalog.findings import FindingKind
from catalog.folding import clean
from catalog.pushed import is_pushed
from catalog.store import log_change, log_changes, now
from catalog.twins import server_of, twins_of

CONFIRMING_DAYS = 2
"""Separate days on which a page must be absent: a night's repair of a server is no removal."""

MASS_COUNT = 10
MASS_SHARE = 0.2
"""More absent publications of a subsite than both of these are a fault of the subsite."""

SENTENCE = 300
"""Characters kept of what a page said when it was withdrawn."""

ABSENT_STATUSES = frozenset({404, 410})

_absence, _publication, _alias = schema.absence, schema.publication, schema.publication_alias


class Noted(StrEnum):
    """What came of it."""

    UNKNOWN = "unknown"  # no publication has this address, or it is not the one at which it was last seen
    WAITING = "waiting"  # noted; another day has to confirm it
    HELD_BACK = "held_back"  # too much of the subsite is absent
    WITHDRAWN = "withdrawn"
    ALREADY = "already"  # it was withdrawn before


@dataclass(frozen=True, slots=True)
class _Absent:
    """The absent publications of a subsite against all that it has."""

    absent: int
    of: int

    @property
    def is_mass(self) -> bool:
        return self.absent > MASS_COUNT and self.absent > MASS_SHARE * self.of


def note_absent(tx: Connection, alias: str, status: int, day: date) -> Noted:
    """Note that a publication's address was answered with 404 or 410 on a day (of China's calendar).

    Only the address at which it was last seen speaks for a publication: an old one may well be dead.
    Raises `ValueError` for another status, which confirms nothing.
    """
    if status not in ABSENT_STATUSES:
        raise ValueError(f"status {status} confirms no removal; 404 and 410 do")
    row = _by_alias(tx, alias)
    if row is None or not _was_seen_at(row, alias):
        return Noted.UNKNOWN
    if is_pushed(row["seen_at"]) and row["said"] is None:
        return Noted.UNKNOWN  # nobody ever saw the page: that it is not there confirms nothing
    if row["withdrawn_at"] is not None:
        return Noted.ALREADY
    days = _count(tx, row["id"], status, day)
    absent = _absent(tx, row["subsite_id"], day)
    if absent.is_mass:
        _hold_back(tx, row["subsite_id"], day, absent)
        return Noted.HELD_BACK
    if days < CONFIRMING_DAYS:
        return Noted.WAITING
    _withdraw(tx, row["id"], row["document_id"], f"原网站已没有这个页面（{status}）")
    return Noted.WITHDRAWN


def note_withdrawn(tx: Connection, alias: str, sentence: str) -> Noted:
    """Note that a publication's page says, in this sentence, that it was withdrawn: it goes at once."""
    row = _by_alias(tx, alias)
    if row is None:
        return Noted.UNKNOWN
    if row["withdrawn_at"] is not None:
        return Noted.ALREADY
    _withdraw(tx, row["id"], row["document_id"], f"原网页声明：{clean(sentence)[:SENTENCE]}")
    return Noted.WITHDRAWN


def note_present(tx: Connection, alias: str) -> bool:
    """Note that a publication's page is there; tell whether that brought it back.

    Recording a page notes it by itself.
    """
    row = _by_alias(tx, alias)
    return row is not None and bring_back(tx, row["id"])


def bring_back(tx: Connection, publication_id: str) -> bool:
    """Forget a publication's absence; tell whether it had been withdrawn."""
    row = tx.execute(select(_publication).where(_publication.c.id == publication_id)).mappings().one()
    tx.execute(_absence.delete().where(_absence.c.publication_id == publication_id))
    withdrawn = row["withdrawn_at"] is not None
    if withdrawn:
        _set(tx, _publication.c.id == publication_id, None, None)
        log_change(tx, row["document_id"], "returned")
        relating.log_targets(tx, [publication_id])
    _settle(tx, row["subsite_id"])
    return withdrawn


class NotMassError(CatalogError):
    """The finding is not of the kind that staff can confirm."""


def confirm_mass(tx: Connection, finding_id: str) -> int:
    """Withdraw, on the word of staff, what was held back; return how many publications.

    Raises `UnknownFindingError`, or `NotMassError` if the finding is of another kind.
    """
    finding = findings.finding_by_id(tx, finding_id)
    if finding.kind is not FindingKind.MASS_ABSENCE or finding.subsite_id is None:
        raise NotMassError(f"{finding_id} 是“{finding.kind.label}”，只有“大面积失效”可以确认删除。")
    subsite_id = finding.subsite_id
    rows = tx.execute(
        select(_publication.c.id, _publication.c.document_id, _absence.c.status)
        .join(_absence, _absence.c.publication_id == _publication.c.id)
        .where(_publication.c.subsite_id == subsite_id, _publication.c.withdrawn_at.is_(None))
        .where(_absence.c.days >= CONFIRMING_DAYS)
    ).all()
    for row in rows:
        _withdraw(tx, row.id, row.document_id, f"原网站已没有这个页面（{row.status}），经人工确认")
    findings.resolve_by_id(tx, finding_id)
    return len(rows)


def _by_alias(tx: Connection, alias: str) -> RowMapping | None:
    capture = schema.capture
    return (
        tx.execute(
            select(_publication, capture.c.alias.label("seen_at"), _alias.c.content_hash.label("said"))
            .join(_alias, _alias.c.publication_id == _publication.c.id)
            .join(capture, capture.c.id == _publication.c.capture_id)
            .where(_alias.c.alias == alias)
        )
        .mappings()
        .first()
    )


def _was_seen_at(row: RowMapping, alias: str) -> bool:
    """Tell whether an address is the one at which a publication was last seen.

    One that moved to a twin and said nothing new has no capture from there (`catalog.twins`).
    """
    if alias in (row["url"], row["seen_at"]):
        return True
    return alias in twins_of(row["seen_at"]) and server_of(alias) == server_of(row["url"] or "")


def _count(tx: Connection, publication_id: str, status: int, day: date) -> int:
    """Add a day to a publication's absence unless it is counted; return the number of days."""
    known = tx.execute(select(_absence).where(_absence.c.publication_id == publication_id)).first()
    if known is None:
        row = {"publication_id": publication_id, "first_day": day, "last_day": day}
        tx.execute(_absence.insert().values(**row, status=status, days=1))
        return 1
    if day <= known.last_day:
        return int(known.days)
    tx.execute(
        _absence.update()
        .where(_absence.c.publication_id == publication_id)
        .values(last_day=day, status=status, days=known.days + 1)
    )
    return int(known.days) + 1


def _absent(tx: Connection, subsite_id: str, day: date | None) -> _Absent:
    """Count what is absent and not settled, with what this very day settled."""
    counts: ColumnElement[bool] = _publication.c.withdrawn_at.is_(None)
    if day is not None:
        counts = or_(counts, _absence.c.last_day == day)
    absent = tx.execute(
        select(func.count())
        .select_from(_absence)
        .join(_publication, _publication.c.id == _absence.c.publication_id)
        .where(_publication.c.subsite_id == subsite_id, counts)
    ).scalar_one()
    if absent <= MASS_COUNT:
        return _Absent(absent, 0)
    of = tx.execute(
        select(func.count())
        .select_from(_publication)
        .outerjoin(_absence, _absence.c.publication_id == _publication.c.id)
        .where(_publication.c.subsite_id == subsite_id, counts)
    ).scalar_one()
    return _Absent(absent, of)


def _hold_back(tx: Connection, subsite_id: str, day: date, absent: _Absent) -> None:
    """Raise the finding, and bring back what this day had withdrawn before so much was absent."""
    hasty = tx.execute(
        select(_publication.c.id, _publication.c.document_id)
        .join(_absence, _absence.c.publication_id == _publication.c.id)
        .where(_publication.c.subsite_id == subsite_id, _publication.c.withdrawn_at.is_not(None))
        .where(_absence.c.last_day == day)
    ).all()
    for row in hasty:
        _set(tx, _publication.c.id == row.id, None, None)
    log_changes(tx, [row.document_id for row in hasty], "returned")
    relating.log_targets(tx, [row.id for row in hasty])
    subsite = _subsite(tx, subsite_id)
    findings.report(
        tx,
        FindingKind.MASS_ABSENCE,
        subsite["root_url"],
        f"“{subsite['name']}”的 {absent.of} 条发布中有 {absent.absent} 条打不开，"
        "可能是网站改版或停用，没有撤下任何一条。确实已删除的，请运行 gongkai findings --confirm 确认。",
        subsite_id=subsite_id,
    )


def _settle(tx: Connection, subsite_id: str) -> None:
    """Resolve the finding of a subsite most of whose pages are back."""
    if not _absent(tx, subsite_id, None).is_mass:
        findings.resolve(tx, FindingKind.MASS_ABSENCE, _subsite(tx, subsite_id)["root_url"])


def _withdraw(tx: Connection, publication_id: str, document_id: str, why: str) -> None:
    _set(tx, _publication.c.id == publication_id, now(), why)
    log_change(tx, document_id, "withdrawn")
    relating.log_targets(tx, [publication_id])


def _set(tx: Connection, which: ColumnElement[bool], moment: object, why: str | None) -> None:
    tx.execute(_publication.update().where(which).values(withdrawn_at=moment, withdrawn_why=why))


def _subsite(tx: Connection, subsite_id: str) -> RowMapping:
    table = schema.subsite
    return tx.execute(select(table).where(table.c.id == subsite_id)).mappings().one()
