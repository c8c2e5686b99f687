"""The tables of what was published, where and by whom."""

from sqlalchemy import (
    JSON,
    Column,
    DateTime,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    String,
    Table,
    UniqueConstraint,
)

from catalog.schema.base import metadata

organization = Table(
    "organization",
    metadata,
    Column("code", String, primary_key=True),
    Column("name", String, nullable=False),
    Column("parent", String),
    Column("since", Integer),
    Column("until", Integer),
    Column("successor", String),
    Column("origin", String, nullable=False),  # file: an organisations file; stated: made from a printed name
)

organization_name = Table(
    "organization_name",
    metadata,
    Column("folded", String, primary_key=True),
    Column("code", ForeignKey("organization.code"), primary_key=True),
    Column("kind", String, nullable=False),  # official | short | former
)

own_term = Table(
    "own_term",
    metadata,
    Column("field", String, primary_key=True),
    Column("code", String, primary_key=True),
    Column("label", String, nullable=False),
)

subsite = Table(
    "subsite",
    metadata,
    Column("id", String, primary_key=True),
    Column("root_url", String, nullable=False, unique=True),
    Column("name", String, nullable=False),
    Column("organization_code", ForeignKey("organization.code")),
    Column("family", String),
    Column("created_at", DateTime, nullable=False),
)

site_column = Table(
    "site_column",
    metadata,
    Column("id", String, primary_key=True),
    Column("subsite_id", ForeignKey("subsite.id"), nullable=False),
    Column("path", String, nullable=False),
    Column("name", String, nullable=False),
    Column("content_class", String, nullable=False),
    Column("update_rule", String),
    UniqueConstraint("subsite_id", "path"),
)

document = Table(
    "document",
    metadata,
    Column("id", String, primary_key=True),
    Column("created_at", DateTime, nullable=False),
    Column("merged_into", ForeignKey("document.id")),
    Column("merge_rule", String),  # why it was merged: the rule of catalog.grouping
)

publication = Table(
    "publication",
    metadata,
    Column("id", String, primary_key=True),
    Column("document_id", ForeignKey("document.id"), nullable=False, index=True),
    Column("subsite_id", ForeignKey("subsite.id"), nullable=False, index=True),
    Column("url", String),
    Column("capture_id", String, nullable=False),
    Column("created_at", DateTime, nullable=False),
    Column("withdrawn_at", DateTime),
    Column("withdrawn_why", String),  # the status seen on separate days, or the page's own sentence
)

publication_alias = Table(
    "publication_alias",
    metadata,
    Column("alias", String, primary_key=True),
    Column("publication_id", ForeignKey("publication.id"), nullable=False, index=True),
    Column("content_hash", String),  # of what was last recorded under this alias
)

publication_column = Table(
    "publication_column",
    metadata,
    Column("publication_id", ForeignKey("publication.id"), primary_key=True),
    Column("column_id", ForeignKey("site_column.id"), primary_key=True),
)

text = Table(
    "text",
    metadata,
    Column("hash", String, primary_key=True),
    Column("blocks", LargeBinary, nullable=False),  # zlib over JSON, see catalog.texts
    Column("characters", Integer, nullable=False),  # visible ones
)

capture = Table(
    "capture",
    metadata,
    Column("id", String, primary_key=True),
    Column("publication_id", ForeignKey("publication.id"), nullable=False, index=True),
    Column("alias", String, nullable=False),
    Column("captured_at", DateTime, nullable=False),
    Column("status", Integer, nullable=False),
    Column("page_kind", String, nullable=False),
    Column("text_hash", ForeignKey("text.hash"), nullable=False),
    Column("archive_file", String),
    Column("archive_offset", Integer),
    Column("archive_length", Integer),
    Column("extra", JSON),
)

witness = Table(
    "witness",
    metadata,
    Column("capture_id", ForeignKey("capture.id"), primary_key=True),
    Column("position", Integer, primary_key=True),
    Column("field", String, nullable=False),
    Column("raw", String, nullable=False),
    Column("provenance", String, nullable=False),
    Column("value", String),  # code, key or ISO date; null where the statement could not be read
)

attachment = Table(
    "attachment",
    metadata,
    Column("id", String, primary_key=True),
    Column("publication_id", ForeignKey("publication.id"), nullable=False),
)

attachment_alias = Table(
    "attachment_alias",
    metadata,
    Column("publication_id", ForeignKey("publication.id"), primary_key=True),
    Column("url", String, primary_key=True),
    Column("attachment_id", ForeignKey("attachment.id"), nullable=False),
)

capture_attachment = Table(
    "capture_attachment",
    metadata,
    Column("capture_id", ForeignKey("capture.id"), primary_key=True),
    Column("position", Integer, primary_key=True),
    Column("attachment_id", ForeignKey("attachment.id"), nullable=False),
    Column("url", String, nullable=False),
    Column("name", String, nullable=False),
    Column("text_hash", ForeignKey("text.hash")),
    Column("kind", String),  # pdf, docx, …: by content
    Column("provenance", String),  # text | ocr
    Column("confidence", Float),  # of ocr, 0 to 100
    Column("problem", String),  # why it has no text, or why its text is doubtful
)

evidence = Table(
    "evidence",
    metadata,
    Column("publication_id", ForeignKey("publication.id"), primary_key=True),
    Column("kind", String, primary_key=True),  # title | text | doc_number
    Column("value", String, primary_key=True),
    Index(None, "kind", "value"),
)
