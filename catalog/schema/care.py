"""The tables of what happens to what was published: changes, removal, findings, staff's decisions."""

from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    Date,
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
from sqlalchemy import text as sql

from catalog.schema.base import metadata

suppression = Table(
    "suppression",
    metadata,
    Column("id", String, primary_key=True),
    Column("target_kind", String, nullable=False),  # document | publication
    Column("target_id", String, nullable=False, index=True),
    Column("why", String, nullable=False),
    Column("who", String, nullable=False),
    Column("suppressed_at", DateTime, nullable=False),
    Column("lifted_at", DateTime),
    Column("lifted_why", String),
    Column("lifted_by", String),
)

change = Table(
    "change",
    metadata,
    Column("seq", Integer, primary_key=True),
    Column("document_id", ForeignKey("document.id"), nullable=False, index=True),
    # recorded | merged | split | suppressed | unsuppressed | withdrawn | returned | purged
    Column("kind", String, nullable=False),
    Column("changed_at", DateTime, nullable=False),
    sqlite_autoincrement=True,
)

absence = Table(
    "absence",  # of a publication's page, since it was last seen
    metadata,
    Column("publication_id", ForeignKey("publication.id"), primary_key=True),
    Column("first_day", Date, nullable=False),
    Column("last_day", Date, nullable=False, index=True),
    Column("status", Integer, nullable=False),  # 404 | 410
    Column("days", Integer, nullable=False),  # separate ones
)

_OPEN = sql("resolved_at IS NULL")

finding = Table(
    "finding",
    metadata,
    Column("id", String, primary_key=True),
    Column("kind", String, nullable=False),  # catalog.findings.FindingKind
    Column("subject", String, nullable=False),  # a URL, a host or an id
    Column("subsite_id", ForeignKey("subsite.id")),
    Column("publication_id", ForeignKey("publication.id"), index=True),
    Column("detail", String, nullable=False),
    Column("first_seen", DateTime, nullable=False),
    Column("last_seen", DateTime, nullable=False),
    Column("times", Integer, nullable=False),
    Column("resolved_at", DateTime),
    Index("uq_finding_open", "kind", "subject", unique=True, sqlite_where=_OPEN, postgresql_where=_OPEN),
)

relation = Table(
    "relation",
    metadata,
    Column("publication_id", ForeignKey("publication.id"), primary_key=True),  # the one that says it
    Column("position", Integer, primary_key=True),
    Column("kind", String, nullable=False),  # catalog.records.RelationKind
    Column("target_number", String, index=True),  # canonical key of the 文号
    Column("target_title", String, index=True),  # folded
    Column("sentence", String, nullable=False),
    Column("explicit", Boolean, nullable=False),  # number and wording leave no doubt
)

decision = Table(
    "decision",  # of staff, on what is one document
    metadata,
    Column("id", String, primary_key=True),
    Column("kind", String, nullable=False),  # merge | split
    Column("who", String, nullable=False),
    Column("why", String, nullable=False),
    Column("decided_at", DateTime, nullable=False),
    Column("details", JSON, nullable=False),  # what undoing it needs
    Column("undone_at", DateTime),
    Column("undone_by", String),
    Column("undone_why", String),
)

staff_tie = Table(
    "staff_tie",  # publications of one document because staff said so
    metadata,
    Column("decision_id", ForeignKey("decision.id"), primary_key=True),
    Column("publication_id", ForeignKey("publication.id"), primary_key=True, index=True),
)

staff_apart = Table(
    "staff_apart",  # publications that nothing but staff joins to others
    metadata,
    Column("publication_id", ForeignKey("publication.id"), primary_key=True),
    Column("decision_id", ForeignKey("decision.id"), nullable=False),
)

suggestion = Table(
    "suggestion",
    metadata,
    Column("id", String, primary_key=True),
    Column("first_document_id", ForeignKey("document.id"), nullable=False),
    Column("second_document_id", ForeignKey("document.id"), nullable=False, index=True),
    Column("reason", String, nullable=False),
    Column("similarity", Float, nullable=False),
    Column("made_at", DateTime, nullable=False),
    Column("state", String, nullable=False, index=True),  # open | accepted | refused
    Column("decided_at", DateTime),
    Column("decided_by", String),
    UniqueConstraint("first_document_id", "second_document_id"),
)

text_sketch = Table(
    "text_sketch",  # what near-duplicates are found by, see catalog.sketches
    metadata,
    Column("text_hash", ForeignKey("text.hash"), primary_key=True),
    Column("sketch", LargeBinary, nullable=False),
)

follower = Table(
    "follower",  # how far somebody has followed the log of changes
    metadata,
    Column("name", String, primary_key=True),
    Column("seq", Integer, nullable=False),
)

purge = Table(
    "purge",  # tombstones: nothing of the content
    metadata,
    Column("id", String, primary_key=True),
    Column("target_kind", String, nullable=False),  # document | publication
    Column("target_id", String, nullable=False, index=True),
    Column("why", String, nullable=False),
    Column("who", String, nullable=False),
    Column("purged_at", DateTime, nullable=False),
)

purged_alias = Table(
    "purged_alias",  # so that a crawl does not bring it back
    metadata,
    Column("alias_hash", String, primary_key=True),  # SHA-256 of the alias
    Column("purge_id", ForeignKey("purge.id"), nullable=False),
    Column("publication_id", String, nullable=False),
    Column("document_id", ForeignKey("document.id"), nullable=False),
)

archive_removal = Table(
    "archive_removal",  # archive files that nothing points into, to be removed
    metadata,
    Column("file", String, primary_key=True),
)
