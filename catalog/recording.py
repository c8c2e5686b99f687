"""Writing what was met on the web, or imported, into the catalogue.

Recording is idempotent: the same content under the same alias changes nothing, so whoever was
interrupted simply records again.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import Connection, bindparam, exists, or_, select

from catalog import grouping, purging, relating, removal, schema, twins
from catalog.authority import load_organizations
from catalog.captures import store_capture
from catalog.content import Content, content_of
from catalog.evidence import evidence_of
from catalog.folding import fold
from catalog.ids import mint
from catalog.pushed import is_pushed
from catalog.records import (
    Field,
    PageRecord,
    flat_text,
)
from catalog.relations import find_relations
from catalog.resolving import Stated, resolve_all
from catalog.store import log_change, now
from catalog.subsites import column_named, ensure_column, ensure_subsite, read_with

__all__ = [
    "Change",
    "Recorded",
    "also_known",
    "column_named",
    "ensure_column",
    "ensure_subsite",
    "load_organizations",
    "read_with",
    "record",
]

_alias, _publication, _joined = schema.publication_alias, schema.publication, schema.publication_column
_capture = schema.capture
_KNOWN = (
    select(
        _alias.c.alias,
        _alias.c.content_hash,
        _alias.c.publication_id,
        _publication.c.document_id,
        _capture.c.alias.label("shown_as"),
        _capture.c.captured_at.label("shown_at"),
        or_(_publication.c.withdrawn_at.is_not(None), schema.absence.c.days.is_not(None)).label("missed"),
    )
    .join(_publication, _publication.c.id == _alias.c.publication_id)
    .join(_capture, _capture.c.id == _publication.c.capture_id)
    .outerjoin(schema.absence, schema.absence.c.publication_id == _publication.c.id)
    .where(_alias.c.alias.in_((bindparam("one"), bindparam("other"), bindparam("asked"))))
)
_NEW_PUBLICATION, _NEW_ALIAS, _JOIN = _publication.insert(), _alias.insert(), _joined.insert()
_SAID = _alias.update().where(_alias.c.alias == bindparam("said")).values(content_hash=bindparam("hash"))
_SHOWN = (
    _publication.update()
    .where(_publication.c.id == bindparam("of"))
    .values(capture_id=bindparam("capture"), url=bindparam("address"))
)
_NEVER = datetime(1, 1, 1)  # noqa: DTZ001 - the catalogue's moments are naive UTC
_COLUMNS = select(_joined.c.column_id).where(_joined.c.publication_id == bindparam("of"))


class Change(StrEnum):
    """What recording a page did."""

    NEW = "new"
    CHANGED = "changed"
    UNCHANGED = "unchanged"
    PURGED = "purged"  # it was purged before and is not taken again


@dataclass(frozen=True, slots=True)
class Recorded:
    """The publication and document a page belongs to, and what recording it did.

    `stands_at` is the address under which the publication is known, where this page is but its twin.
    """

    publication_id: str
    document_id: str
    change: Change
    stands_at: str | None = None


@dataclass(frozen=True, slots=True)
class _Known:
    """What is known of the publication that a page belongs to; `hashes` are by alias.

    One that was `missed` was withdrawn, or its page was absent when it was last asked for. What is shown of
    it was captured under an alias at a moment. `stands_at` is an alias of it, where the page is its twin and
    says the same.
    """

    publication_id: str
    document_id: str
    hashes: dict[str, str | None]
    missed: bool = False
    shown_as: str = ""
    shown_at: datetime = _NEVER
    stands_at: str | None = None


def record(connection: Connection, page: PageRecord) -> Recorded:
    """Record a page; the connection is one of `Catalog.write()`.

    Raises `RecordError` if the page is not a document or has no title.
    """
    content = content_of(page)
    known = _known(connection, page) or _twin(connection, page, content)
    if known is None:
        # What was purged does not come back under a twin of its address.
        buried = purging.tombstone(
            connection, {page.alias, page.url or page.alias, *twins.twins_of(page.alias)}
        )
        if buried is not None:
            return Recorded(buried.publication_id, buried.document_id, Change.PURGED)
        return _record_new(connection, page, content)
    joined = _join_columns(connection, known.publication_id, page.column_ids)
    returned = known.missed and removal.bring_back(connection, known.publication_id)
    if known.stands_at is not None:
        _store_aliases(connection, known, page, content)
    # A page that was met as it was takes the place of what was pushed meanwhile: it is the stronger witness.
    in_place = is_pushed(page.alias) or not is_pushed(known.shown_as)
    is_known = known.stands_at is not None or known.hashes.get(page.alias) == content.hash
    if is_known and in_place:
        if joined:
            log_change(connection, known.document_id, "recorded")
        change = Change.CHANGED if joined or returned else Change.UNCHANGED
        return Recorded(known.publication_id, known.document_id, change, known.stands_at)
    return _record_again(connection, known, page, content, joined=joined)


def _record_new(connection: Connection, page: PageRecord, content: Content) -> Recorded:
    publication_id, capture_id = mint(), mint()
    stated = resolve_all(connection, content.witnesses, page.captured_at, page.subsite_id)
    folded = fold(flat_text(content.blocks))
    evidence = evidence_of(content.title, folded, stated)
    document_id = grouping.group(connection, publication_id, evidence)
    row = {
        "id": publication_id,
        "document_id": document_id,
        "subsite_id": page.subsite_id,
        "url": page.url,
        "capture_id": capture_id,
        "created_at": now(),
    }
    connection.execute(_NEW_PUBLICATION, row)
    grouping.remember(connection, publication_id, evidence, anew=True)
    _join_columns(connection, publication_id, page.column_ids, anew=True)
    store_capture(connection, capture_id, publication_id, page, content.blocks, stated, len(folded))
    _store_aliases(connection, _Known(publication_id, document_id, {}), page, content)
    _relate(connection, publication_id, page, content, stated, anew=True)
    log_change(connection, document_id, "recorded")
    return Recorded(publication_id, document_id, Change.NEW)


def _record_again(
    connection: Connection, known: _Known, page: PageRecord, content: Content, *, joined: bool
) -> Recorded:
    capture_id, publication_id, document_id = mint(), known.publication_id, known.document_id
    stated = resolve_all(connection, content.witnesses, page.captured_at, page.subsite_id)
    folded = fold(flat_text(content.blocks))
    # What was pushed before the page was last met comes too late.
    is_late = is_pushed(page.alias) and page.captured_at < known.shown_at
    loses_text = is_late or _loses_text(connection, publication_id, page, content)
    store_capture(connection, capture_id, publication_id, page, content.blocks, stated, len(folded))
    _store_aliases(connection, known, page, content)
    if not loses_text:
        connection.execute(_SHOWN, {"of": publication_id, "capture": capture_id, "address": page.url})
        evidence = evidence_of(content.title, folded, stated)
        document_id = grouping.regroup(connection, publication_id, document_id, evidence)
        grouping.remember(connection, publication_id, evidence)
        _relate(connection, publication_id, page, content, stated)
    if joined or not loses_text:
        log_change(connection, document_id, "recorded")
    return Recorded(publication_id, document_id, Change.CHANGED)


def _relate(
    connection: Connection,
    publication_id: str,
    page: PageRecord,
    content: Content,
    stated: Stated,
    *,
    anew: bool = False,
) -> None:
    """Store what the page and its files say of other documents."""
    own = [value for witness, value in stated if value and witness.field is Field.DOC_NUMBER]
    text = "\n".join([flat_text(content.blocks), *(file.text for file in page.attachments if file.text)])
    relations = find_relations(content.title, text, own)
    relating.remember(connection, publication_id, relations, anew=anew)


def also_known(connection: Connection, alias: str, others: Iterable[str]) -> None:
    """Let a publication that is known by one of these other aliases be known by this one, too."""
    found = {
        row.alias: row.publication_id
        for row in connection.execute(select(_alias).where(_alias.c.alias.in_([alias, *others])))
    }
    if found and alias not in found:
        row = {"alias": alias, "publication_id": min(found.values()), "content_hash": None}
        connection.execute(_NEW_ALIAS, row)


def _known(connection: Connection, page: PageRecord) -> _Known | None:
    """Return the publication that a page belongs to: its alias decides before its URL.

    One that is known under the twin that was asked for has moved here: its server says so.
    """
    sought = {"one": page.alias, "other": page.url or page.alias, "asked": page.asked or page.alias}
    rows = {row.alias: row for row in connection.execute(_KNOWN, sought)}
    row = rows.get(page.alias) or rows.get(page.url) or rows.get(page.asked)
    if row is None:
        return None
    hashes = {alias: found.content_hash for alias, found in rows.items()}
    return _Known(row.publication_id, row.document_id, hashes, row.missed, row.shown_as, row.shown_at)


def _twin(connection: Connection, page: PageRecord, content: Content) -> _Known | None:
    """Return the publication that says the same under a twin of this page's address."""
    alias = twins.bearer(connection, page, content)
    if alias is None:
        return None
    row = connection.execute(_KNOWN, {"one": alias, "other": alias, "asked": alias}).one()
    return _Known(
        row.publication_id, row.document_id, {}, row.missed, row.shown_as, row.shown_at, stands_at=alias
    )


def _store_aliases(connection: Connection, known: _Known, page: PageRecord, content: Content) -> None:
    if page.alias in known.hashes:
        connection.execute(_SAID, {"said": page.alias, "hash": content.hash})
    rows = [
        {
            "alias": alias,
            "publication_id": known.publication_id,
            "content_hash": content.hash if alias == page.alias else None,
        }
        for alias in dict.fromkeys((page.alias, page.url or page.alias, page.asked or page.alias))
        if alias not in known.hashes
    ]
    if rows:
        connection.execute(_NEW_ALIAS, rows)


def _join_columns(
    connection: Connection, publication_id: str, column_ids: tuple[str, ...], *, anew: bool = False
) -> bool:
    """Put the publication into columns; tell whether any was new to it."""
    if not column_ids:
        return False
    known = set() if anew else set(connection.execute(_COLUMNS, {"of": publication_id}).scalars())
    new = [column_id for column_id in dict.fromkeys(column_ids) if column_id not in known]
    if new:
        rows = [{"publication_id": publication_id, "column_id": column_id} for column_id in new]
        connection.execute(_JOIN, rows)
    return bool(new)


def _loses_text(connection: Connection, publication_id: str, page: PageRecord, content: Content) -> bool:
    """Tell whether showing this capture would take away a text that the publication shows now.

    Readers fail more often than offices empty their pages.
    """
    if content.blocks:
        return False
    capture, text, attachment = _capture, schema.text, schema.capture_attachment
    with_text = exists().where(
        attachment.c.capture_id == capture.c.id,
        text.c.hash == attachment.c.text_hash,
        text.c.characters > 0,
    )
    body, files = connection.execute(
        select(text.c.characters, with_text.correlate(capture))
        .join(capture, capture.c.text_hash == text.c.hash)
        .join(_publication, _publication.c.capture_id == capture.c.id)
        .where(_publication.c.id == publication_id)
    ).one()
    reads_files = any(attachment.text and fold(attachment.text) for attachment in page.attachments)
    return bool(body) or (bool(files) and not reads_files)
