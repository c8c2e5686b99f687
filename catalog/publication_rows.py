"""What the tables say of publications: the statements with which documents are read.

They are made once; making one anew costs as much time as running it.
"""

from collections import defaultdict
from collections.abc import Sequence

from sqlalchemy import BindParameter, Connection, RowMapping, bindparam, select

from catalog import schema
from catalog.documents import AttachmentView
from catalog.records import TextProvenance
from catalog.schema import capture_attachment, publication, publication_column, site_column, subsite, witness
from catalog.stored_text import StoredText
from catalog.suppression import suppressed
from catalog.weighing import Statement

_IDS: BindParameter[str] = bindparam("ids", expanding=True)
_PUBLICATIONS = (
    select(
        publication.c.id,
        publication.c.document_id,
        publication.c.url,
        publication.c.subsite_id,
        publication.c.capture_id,
        subsite.c.name.label("subsite_name"),
        subsite.c.organization_code,
        schema.capture.c.captured_at,
        schema.text.c.blocks,
    )
    .join(subsite, subsite.c.id == publication.c.subsite_id)
    .join(schema.capture, schema.capture.c.id == publication.c.capture_id)
    .join(schema.text, schema.text.c.hash == schema.capture.c.text_hash)
    .where(publication.c.document_id.in_(_IDS), publication.c.withdrawn_at.is_(None))
    .where(publication.c.id.not_in(suppressed()), publication.c.document_id.not_in(suppressed()))
    .order_by(publication.c.id)
)
_STATEMENTS = (
    select(witness.c.capture_id, witness.c.field, witness.c.raw, witness.c.provenance, witness.c.value)
    .where(witness.c.capture_id.in_(_IDS))
    .order_by(witness.c.capture_id, witness.c.position)
)
_ATTACHMENTS = (
    select(
        capture_attachment.c.capture_id,
        capture_attachment.c.attachment_id,
        capture_attachment.c.url,
        capture_attachment.c.name,
        capture_attachment.c.kind,
        capture_attachment.c.provenance,
        capture_attachment.c.confidence,
        capture_attachment.c.problem,
        schema.text.c.blocks,
    )
    .outerjoin(schema.text, schema.text.c.hash == capture_attachment.c.text_hash)
    .where(capture_attachment.c.capture_id.in_(_IDS))
    .order_by(capture_attachment.c.capture_id, capture_attachment.c.position)
)
_COLUMNS = (
    select(publication_column.c.publication_id, site_column.c.content_class, site_column.c.name)
    .join(site_column, site_column.c.id == publication_column.c.column_id)
    .where(publication_column.c.publication_id.in_(_IDS))
    .order_by(site_column.c.id)
)


def publication_rows(connection: Connection, document_ids: Sequence[str]) -> Sequence[RowMapping]:
    """Return the publications of documents that are to be shown, by id: not withdrawn, not suppressed."""
    return connection.execute(_PUBLICATIONS, {"ids": document_ids}).mappings().all()


def statements(connection: Connection, capture_ids: Sequence[str]) -> dict[str, list[Statement]]:
    """Return the statements of each capture in their order."""
    found: dict[str, list[Statement]] = defaultdict(list)
    for capture_id, *stated in connection.execute(_STATEMENTS, {"ids": capture_ids}):
        found[capture_id].append(Statement(*stated))
    return found


def attachments(connection: Connection, capture_ids: Sequence[str]) -> dict[str, list[AttachmentView]]:
    """Return the attachments of each capture in their order."""
    found: dict[str, list[AttachmentView]] = defaultdict(list)
    for row in connection.execute(_ATTACHMENTS, {"ids": capture_ids}):
        view = AttachmentView(
            id=row.attachment_id,
            url=row.url,
            name=row.name,
            content=None if row.blocks is None else StoredText(row.blocks),
            kind=row.kind,
            provenance=None if row.provenance is None else TextProvenance(row.provenance),
            confidence=row.confidence,
            problem=row.problem,
        )
        found[row.capture_id].append(view)
    return found


def columns(connection: Connection, publication_ids: Sequence[str]) -> dict[str, list[tuple[str, str]]]:
    """Return (content class, name) of the columns of each publication."""
    found: dict[str, list[tuple[str, str]]] = defaultdict(list)
    for publication_id, content_class, name in connection.execute(_COLUMNS, {"ids": publication_ids}):
        found[publication_id].append((content_class, name))
    return found
