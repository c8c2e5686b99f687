"""A document as everybody but the recorder sees it: one value put together from its publications."""

from dataclasses import dataclass
from datetime import date, datetime

from catalog.records import Block, Witness


@dataclass(frozen=True, slots=True)
class AttachmentView:
    """A file of a publication; `text` is what could be read from it."""

    id: str
    url: str
    name: str
    text: str | None


@dataclass(frozen=True, slots=True)
class PublicationView:
    """One live appearance of a document. Codes are vocabulary codes; empty where not stated."""

    id: str
    url: str | None
    subsite_id: str
    subsite_name: str
    organizations: tuple[str, ...]
    columns: tuple[str, ...]
    column_names: tuple[str, ...]
    index_number: str | None
    published_on: date | None
    captured_at: datetime
    title: str
    blocks: tuple[Block, ...]
    witnesses: tuple[Witness, ...]
    attachments: tuple[AttachmentView, ...]


@dataclass(frozen=True, slots=True)
class DocumentView:
    """A live document.

    `titles` and `texts` hold every distinct title and text of its publications (attachments'
    texts among `texts`), the representative publication's first. Facets are vocabulary codes.
    """

    id: str
    title: str
    titles: tuple[str, ...]
    texts: tuple[str, ...]
    doc_number: str | None
    doc_numbers: tuple[str, ...]
    issuers: tuple[str, ...]
    issued_on: date | None
    published_on: date | None
    topics: tuple[str, ...]
    genres: tuple[str, ...]
    audiences: tuple[str, ...]
    life_cycles: tuple[str, ...]
    formats: tuple[str, ...]
    validity: str | None
    publications: tuple[PublicationView, ...]
