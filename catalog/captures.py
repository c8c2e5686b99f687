"""Captures: what a publication's page said at one moment. They are only ever added to."""

from sqlalchemy import Connection, bindparam, select

from catalog import schema, texts
from catalog.folding import clean
from catalog.ids import mint
from catalog.records import ArchivePlace, AttachmentRecord, Block, PageRecord, paragraphs
from catalog.resolving import Stated
from catalog.twins import twins_of

_alias = schema.attachment_alias
_CAPTURE, _WITNESSES = schema.capture.insert(), schema.witness.insert()
_KNOWN_ATTACHMENT = select(_alias.c.attachment_id).where(
    _alias.c.publication_id == bindparam("of"), _alias.c.url == bindparam("sought")
)


_PLACES = (
    select(schema.capture.c.archive_file, schema.capture.c.archive_offset, schema.capture.c.archive_length)
    .join(
        schema.publication_alias, schema.publication_alias.c.publication_id == schema.capture.c.publication_id
    )
    .where(
        schema.publication_alias.c.alias == bindparam("sought"), schema.capture.c.alias == bindparam("sought")
    )
    .where(schema.capture.c.archive_file.is_not(None))
    .order_by(schema.capture.c.captured_at.desc())
    .limit(1)
)


def captured_at(connection: Connection, alias: str) -> ArchivePlace | None:
    """Return where the archive holds what was last captured under an alias; None if nothing was."""
    row = connection.execute(_PLACES, {"sought": alias}).first()
    return None if row is None else ArchivePlace(*row)


def store_capture(
    connection: Connection,
    capture_id: str,
    publication_id: str,
    page: PageRecord,
    blocks: tuple[Block, ...],
    stated: Stated,
    characters: int,
) -> None:
    """Append a capture with its text (of so many visible characters), its statements and attachments."""
    archive = page.archive
    row = {
        "id": capture_id,
        "publication_id": publication_id,
        "alias": page.alias,
        "captured_at": page.captured_at,
        "status": page.status,
        "page_kind": page.page_kind.value,
        "text_hash": texts.store_text(connection, blocks, characters),
        "archive_file": archive.file if archive else None,
        "archive_offset": archive.offset if archive else None,
        "archive_length": archive.length if archive else None,
        "extra": page.extra or None,
    }
    connection.execute(_CAPTURE, row)
    rows = [
        {
            "capture_id": capture_id,
            "position": position,
            "field": witness.field.value,
            "raw": witness.raw,
            "provenance": witness.provenance.value,
            "value": value,
        }
        for position, (witness, value) in enumerate(stated)
    ]
    connection.execute(_WITNESSES, rows)
    for position, attachment in enumerate(page.attachments):
        _store_attachment(connection, capture_id, publication_id, position, attachment)


def _moved_attachment(connection: Connection, publication_id: str, url: str) -> str:
    """Return the file that the publication has under a twin of this address, else a new one."""
    for twin in twins_of(url):
        known = connection.execute(_KNOWN_ATTACHMENT, {"of": publication_id, "sought": twin}).scalar()
        if known is not None:
            return str(known)
    attachment_id = mint()
    connection.execute(schema.attachment.insert().values(id=attachment_id, publication_id=publication_id))
    return attachment_id


def _store_attachment(
    connection: Connection,
    capture_id: str,
    publication_id: str,
    position: int,
    attachment: AttachmentRecord,
) -> None:
    sought = {"of": publication_id, "sought": attachment.url}
    attachment_id = connection.execute(_KNOWN_ATTACHMENT, sought).scalar()
    if attachment_id is None:
        attachment_id = _moved_attachment(connection, publication_id, attachment.url)
        connection.execute(
            _alias.insert().values(
                publication_id=publication_id, url=attachment.url, attachment_id=attachment_id
            )
        )
    text_hash = None
    if attachment.text is not None:
        text_hash = texts.store_text(connection, texts.cleaned(paragraphs(attachment.text)))
    connection.execute(
        schema.capture_attachment.insert().values(
            capture_id=capture_id,
            position=position,
            attachment_id=attachment_id,
            url=attachment.url,
            name=clean(attachment.name),
            text_hash=text_hash,
            kind=attachment.kind,
            provenance=attachment.provenance,
            confidence=attachment.confidence,
            problem=None if attachment.problem is None else clean(attachment.problem),
        )
    )
