"""Captures as the catalogue holds them, to be read again and compared."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, RowMapping, Select, or_, select

from catalog import schema
from catalog.publication_rows import statements
from catalog.records import (
    ArchivePlace,
    AttachmentRecord,
    Block,
    Field,
    Provenance,
    TextProvenance,
    Witness,
)
from catalog.stored_text import StoredText

BATCH = 200

_capture, _publication, _subsite = schema.capture, schema.publication, schema.subsite
_shown = schema.capture.alias("shown")
_file = schema.capture_attachment


@dataclass(frozen=True, slots=True)
class StoredCapture:
    """What a capture holds, and the publication and subsite it belongs to.

    `url` is where the publication is now, which may be a twin of where the capture was made; `is_shown` says
    that it is the publication's current one, `organization` is the official name of the body that the subsite
    belongs to.
    """

    id: str
    publication_id: str
    url: str | None
    is_shown: bool
    subsite_id: str
    subsite_url: str
    subsite_name: str
    family: str | None
    organization: str | None
    alias: str
    captured_at: datetime
    status: int
    place: ArchivePlace
    extra: dict[str, Any]
    blocks: tuple[Block, ...]
    witnesses: tuple[Witness, ...]
    attachments: tuple[AttachmentRecord, ...]


def _wanted(family: str | None, site: str | None) -> Select[Any]:
    """Select the captures to read again, in the order of the archive: shown ones, and those after them.

    What came after the one that is shown lost its text, perhaps only to the reader of that day.
    """
    query = (
        select(_capture.c.id, _capture.c.archive_file, _capture.c.archive_offset, _capture.c.publication_id)
        .join(_publication, _publication.c.id == _capture.c.publication_id)
        .join(_subsite, _subsite.c.id == _publication.c.subsite_id)
        .join(_shown, _shown.c.id == _publication.c.capture_id)
        .where(_capture.c.archive_file.is_not(None), _publication.c.withdrawn_at.is_(None))
        .where(or_(_capture.c.id == _shown.c.id, _capture.c.captured_at > _shown.c.captured_at))
        .order_by(_capture.c.archive_file, _capture.c.archive_offset, _capture.c.id)
    )
    if family is not None:
        query = query.where(_subsite.c.family == family)
    if site is not None:
        query = query.where(_subsite.c.root_url == site)
    return query


def capture_ids(connection: Connection, *, family: str | None = None, site: str | None = None) -> list[str]:
    """Return the ids of the captures to read again; of several readings of one response the latest."""
    latest: dict[tuple[str, int, str], str] = {}
    for row in connection.execute(_wanted(family, site)):
        latest[row.archive_file, row.archive_offset, row.publication_id] = row.id
    return list(latest.values())


def load_captures(connection: Connection, ids: Sequence[str]) -> Iterator[StoredCapture]:
    """Yield captures in the order of their ids."""
    for start in range(0, len(ids), BATCH):
        part = list(ids[start : start + BATCH])
        said, files = statements(connection, part), _attachments(connection, part)
        rows = {row["id"]: row for row in connection.execute(_rows(part)).mappings()}
        for capture_id in part:
            if capture_id in rows:
                witnesses = tuple(
                    Witness(Field(one.field), one.raw, Provenance(one.provenance))
                    for one in said.get(capture_id, [])
                )
                yield _capture_of(rows[capture_id], witnesses, tuple(files.get(capture_id, [])))


def _rows(ids: Sequence[str]) -> Select[Any]:
    return (
        select(
            _capture,
            _publication.c.subsite_id,
            _publication.c.url,
            (_publication.c.capture_id == _capture.c.id).label("is_shown"),
            _subsite.c.root_url,
            _subsite.c.name.label("subsite_name"),
            _subsite.c.family,
            schema.organization.c.name.label("organization"),
            schema.text.c.blocks,
        )
        .join(_publication, _publication.c.id == _capture.c.publication_id)
        .join(_subsite, _subsite.c.id == _publication.c.subsite_id)
        .join(schema.text, schema.text.c.hash == _capture.c.text_hash)
        .outerjoin(schema.organization, schema.organization.c.code == _subsite.c.organization_code)
        .where(_capture.c.id.in_(ids))
    )


def _attachments(connection: Connection, ids: Sequence[str]) -> dict[str, list[AttachmentRecord]]:
    found: dict[str, list[AttachmentRecord]] = {}
    rows = connection.execute(
        select(_file, schema.text.c.blocks)
        .outerjoin(schema.text, schema.text.c.hash == _file.c.text_hash)
        .where(_file.c.capture_id.in_(ids))
        .order_by(_file.c.capture_id, _file.c.position)
    )
    for row in rows:
        record = AttachmentRecord(
            url=row.url,
            name=row.name,
            text=None if row.blocks is None else StoredText(row.blocks).text,
            kind=row.kind,
            provenance=TextProvenance(row.provenance) if row.provenance else None,
            confidence=row.confidence,
            problem=row.problem,
        )
        found.setdefault(row.capture_id, []).append(record)
    return found


def _capture_of(
    row: RowMapping, witnesses: tuple[Witness, ...], attachments: tuple[AttachmentRecord, ...]
) -> StoredCapture:
    return StoredCapture(
        id=row["id"],
        publication_id=row["publication_id"],
        url=row["url"],
        is_shown=bool(row["is_shown"]),
        subsite_id=row["subsite_id"],
        subsite_url=row["root_url"],
        subsite_name=row["subsite_name"],
        family=row["family"],
        organization=row["organization"],
        alias=row["alias"],
        captured_at=row["captured_at"],
        status=row["status"],
        place=ArchivePlace(row["archive_file"], row["archive_offset"], row["archive_length"]),
        extra=row["extra"] or {},
        blocks=StoredText(row["blocks"]).blocks,
        witnesses=witnesses,
        attachments=attachments,
    )
