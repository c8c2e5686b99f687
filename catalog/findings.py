"""Findings: what is wrong at a source, one readable line for each, for as long as it is so.

A finding is open until whoever saw it sees that it is over. There is at most one open finding of a
kind about a subject; seen again, it counts. One that returns after it was resolved is a new one.
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from functools import cache
from importlib import resources

from sqlalchemy import Connection, RowMapping, select

from catalog import schema
from catalog.errors import CatalogError
from catalog.folding import clean
from catalog.ids import mint
from catalog.store import now

LONGEST = 500
"""Characters kept of a subject or a sentence: both may come from a page."""

_PART = 500  # subjects named in one statement

_finding = schema.finding


class FindingKind(StrEnum):
    """The kinds of findings; their labels for people are in `data/finding_kinds.json`."""

    UNREACHABLE = "unreachable"
    HOST_DOWN = "host_down"
    TIMED_OUT = "timed_out"
    CERTIFICATE = "certificate"
    BLOCKED = "blocked"
    FORBIDDEN_ADDRESS = "forbidden_address"
    TOO_LARGE = "too_large"
    BROKEN_RESPONSE = "broken_response"
    REDIRECT_LOOP = "redirect_loop"
    WRONG_CHARSET = "wrong_charset"
    BUDGET = "budget"
    EMPTY_LIST = "empty_list"
    MASS_ABSENCE = "mass_absence"
    TEMPLATE_CHANGED = "template_changed"
    HOME_IN_PLACE = "home_in_place"
    LOGIN_IN_PLACE = "login_in_place"
    SHELL = "shell"
    SOFT_404 = "soft_404"
    HACKED = "hacked"
    HIDDEN_LINKS = "hidden_links"
    READ_PLAINLY = "read_plainly"
    NO_DOCUMENT = "no_document"
    NO_TITLE = "no_title"
    UNDATED = "undated"
    DEAD_ATTACHMENT = "dead_attachment"
    ATTACHMENT_UNREADABLE = "attachment_unreadable"
    OCR_DOUBTFUL = "ocr_doubtful"
    DISK_FULL = "disk_full"
    OTHER = "other"

    @property
    def label(self) -> str:
        """What people see."""
        return _labels()[self.value]


class UnknownFindingError(CatalogError):
    """No open finding has this id."""

    def __init__(self, given: str) -> None:
        super().__init__(f"没有编号为 {given!r} 的未了问题。编号见 gongkai findings。")


@dataclass(frozen=True, slots=True)
class Finding:
    """A finding as stored. `detail` is a Chinese sentence; moments are UTC."""

    id: str
    kind: FindingKind
    subject: str
    subsite_id: str | None
    publication_id: str | None
    detail: str
    first_seen: datetime
    last_seen: datetime
    times: int
    resolved_at: datetime | None


def report(
    tx: Connection,
    kind: FindingKind,
    subject: str,
    detail: str,
    *,
    subsite_id: str | None = None,
    publication_id: str | None = None,
) -> str:
    """Say that something is wrong (still, or again); return the id of the open finding."""
    moment, subject, said = now(), _bounded(subject), {"detail": _bounded(detail)}
    said |= {
        key: value
        for key, value in (("subsite_id", subsite_id), ("publication_id", publication_id))
        if value is not None
    }
    known = tx.execute(
        select(_finding.c.id).where(
            _finding.c.kind == kind, _finding.c.subject == subject, _finding.c.resolved_at.is_(None)
        )
    ).scalar()
    if known is not None:
        seen = {"last_seen": moment, "times": _finding.c.times + 1}
        tx.execute(_finding.update().where(_finding.c.id == known).values(**said, **seen))
        return str(known)
    row = {"id": mint(), "kind": kind, "subject": subject, "times": 1}
    tx.execute(_finding.insert().values(**row, **said, first_seen=moment, last_seen=moment))
    return str(row["id"])


def resolve(tx: Connection, kind: FindingKind, subject: str) -> bool:
    """Say that it is over; tell whether there was such an open finding."""
    done = tx.execute(
        _finding.update()
        .where(
            _finding.c.kind == kind, _finding.c.subject == _bounded(subject), _finding.c.resolved_at.is_(None)
        )
        .values(resolved_at=now())
    )
    return done.rowcount > 0


def rename(tx: Connection, kinds: Iterable[FindingKind], before: str, subject: str) -> None:
    """Let the open findings of these kinds speak of another subject, in place of those it has itself."""
    said_of = (_finding.c.subject == _bounded(before)) & _finding.c.resolved_at.is_(None)
    for kind in kinds:
        own = (_finding.c.kind == kind) & said_of
        if tx.execute(select(_finding.c.id).where(own)).first() is None:
            continue
        resolve(tx, kind, subject)
        tx.execute(_finding.update().where(own).values(subject=_bounded(subject)))


def finding_by_id(connection: Connection, finding_id: str) -> Finding:
    """Return an open finding; raises `UnknownFindingError`."""
    query = select(_finding).where(_finding.c.id == finding_id, _finding.c.resolved_at.is_(None))
    row = connection.execute(query).mappings().first()
    if row is None:
        raise UnknownFindingError(finding_id)
    return _of_row(row)


def resolve_by_id(tx: Connection, finding_id: str) -> None:
    """Say that a finding is over; raises `UnknownFindingError` if no open one has this id."""
    done = tx.execute(
        _finding.update()
        .where(_finding.c.id == finding_id, _finding.c.resolved_at.is_(None))
        .values(resolved_at=now())
    )
    if done.rowcount == 0:
        raise UnknownFindingError(finding_id)


def open_findings(
    connection: Connection,
    *,
    kind: FindingKind | None = None,
    subsite_id: str | None = None,
    resolved: bool = False,
) -> Iterator[Finding]:
    """Give the open findings (with `resolved` also the others), the latest seen first."""
    query = select(_finding).order_by(_finding.c.last_seen.desc(), _finding.c.id.desc())
    if not resolved:
        query = query.where(_finding.c.resolved_at.is_(None))
    if kind is not None:
        query = query.where(_finding.c.kind == kind)
    if subsite_id is not None:
        query = query.where(_finding.c.subsite_id == subsite_id)
    for row in connection.execute(query).mappings():
        yield _of_row(row)


def open_about(
    connection: Connection, subjects: Iterable[str], kinds: Iterable[FindingKind] = tuple(FindingKind)
) -> list[Finding]:
    """Return the open findings of these kinds about these subjects; no others are looked at."""
    wanted, of_kinds = sorted({_bounded(subject) for subject in subjects}), list(kinds)
    found: list[Finding] = []
    for start in range(0, len(wanted), _PART):
        # Kinds are named so that the index of open findings (kind, subject) serves it.
        query = select(_finding).where(
            _finding.c.kind.in_(of_kinds),
            _finding.c.subject.in_(wanted[start : start + _PART]),
            _finding.c.resolved_at.is_(None),
        )
        found += [_of_row(row) for row in connection.execute(query).mappings()]
    return found


def _of_row(row: RowMapping) -> Finding:
    return Finding(**{**row, "kind": FindingKind(row["kind"])})


def _bounded(text: str) -> str:
    return clean(text)[:LONGEST]


@cache
def _labels() -> Mapping[str, str]:
    raw = resources.files("catalog").joinpath("data/finding_kinds.json").read_text("utf-8")
    labels: dict[str, str] = json.loads(raw)
    return labels
