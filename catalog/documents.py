"""A document as everybody but the recorder sees it: one value put together from its publications."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property

from catalog.records import Block, TextProvenance, Witness
from catalog.stored_text import StoredText
from catalog.weighing import Statement


@dataclass(frozen=True)
class AttachmentView:
    """A file of a publication; `content` is what could be read from it, the rest as in `AttachmentRecord`."""

    id: str
    url: str
    name: str
    content: StoredText | None
    kind: str | None = None
    provenance: TextProvenance | None = None
    confidence: float | None = None
    problem: str | None = None

    @property
    def text(self) -> str | None:
        """The plain text of the file, None where nothing could be read."""
        return None if self.content is None else self.content.text


@dataclass(frozen=True)
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
    content: StoredText
    statements: tuple[Statement, ...]
    attachments: tuple[AttachmentView, ...]

    @property
    def blocks(self) -> tuple[Block, ...]:
        """The text of the page, piece by piece."""
        return self.content.blocks

    @cached_property
    def witnesses(self) -> tuple[Witness, ...]:
        """The distinct statements as stated, whether they could be read or not."""
        return tuple(dict.fromkeys(statement.witness() for statement in self.statements))


@dataclass(frozen=True)
class DocumentView:
    """A live document.

    `titles` holds every distinct title of its publications, the representative publication's first.
    Facets are vocabulary codes. `validity` may be `validity_derived` from what another document says of
    this one without doubt; `validity_possible` is what one says that may mean this one.
    """

    id: str
    title: str
    titles: tuple[str, ...]
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
    validity_derived: bool
    validity_possible: str | None
    publications: tuple[PublicationView, ...]

    @cached_property
    def texts(self) -> tuple[str, ...]:
        """Every distinct text of the publications and their attachments, the representative's first."""
        return tuple(self.each_text())

    def each_text(self) -> Iterator[str]:
        """Give what `texts` holds one by one; those that are not asked for are not decoded."""
        contents: dict[StoredText, None] = {}  # what several publications share is decoded once
        for publication in self.publications:
            contents[publication.content] = None
            contents |= {file.content: None for file in publication.attachments if file.content is not None}
        given: set[str] = set()
        for content in contents:
            text = content.text
            if text and text not in given:
                given.add(text)
                yield text
