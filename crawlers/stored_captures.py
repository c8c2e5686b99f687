"""Captures as the catalogue holds them, to be read again and compared."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, or_, select
from sqlalchemy.orm import aliased  # noqa: F401

from catalog import schema
from catalog.publication_rows import attachments, statements
from catalog.records import ArchivePlace, Block, Field, Provenance, Witness
from catalog.stored_text import StoredText

BATCH = 200


@dataclass(frozen=True, slots=True)
class StoredAttachment:
    """A file of a capture; `text` is None where none was read."""

    url: str
    name: str
    text: str | None


@dataclass(frozen=True, slots=True)
class StoredCapture:
    """What a capture holds, and the publication and subsite it belongs to.

    `organization` is the official name of the body that the subsite belongs to.
    """

    id: str
    publication_id: str
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
    attachments: tuple[StoredAttachment, ...]
