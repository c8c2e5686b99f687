"""The tables of the queue, `frontier.db`."""

from typing import Any

from sqlalchemy import JSON, Boolean, Column, Connection, Float, Index, Integer, MetaData, String, Table

from crawlers.jobs import RANKS, JobKind, JobState, NewJob

LAYOUT = 4
"""Kept in the file's user_version. A queue of another layout is begun anew: the lists bring it again."""

metadata = MetaData()

round_ = Table(
    "round",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("started_at", Float, nullable=False),
    Column("finished_at", Float),
)

host = Table(  # a server: the round it takes part in, and which process has it
    "host",
    metadata,
    Column("name", String, primary_key=True),
    Column("round_id", Integer, nullable=False),
    Column("done", Boolean, nullable=False),
    Column("owner", String),
    Column("expires_at", Float, nullable=False),  # epoch seconds
)

site = Table(  # what is remembered of a subsite from round to round
    "site",
    metadata,
    Column("url", String, primary_key=True),
    Column("family", String, nullable=False),
    Column("fingerprint", JSON, nullable=False),  # of its home page
)

listing = Table(  # whether a column's list was once read to its end, and how many rounds ago
    "listing",
    metadata,
    Column("site", String, primary_key=True),
    Column("column", String, primary_key=True),
    Column("swept", Boolean, nullable=False),
    Column("rounds", Integer, nullable=False),
    Column("items", Integer, nullable=False),  # on its first page, last time
)

job = Table(
    "job",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("key", String, nullable=False, unique=True),
    Column("host", String, nullable=False),
    Column("site", String, nullable=False),
    Column("kind", String, nullable=False),
    Column("rank", Integer, nullable=False),
    Column("url", String, nullable=False),
    Column("form", String),
    Column("context", JSON, nullable=False),
    Column("state", String, nullable=False),
    Column("urgent", Boolean, nullable=False),
    Column("full", Boolean, nullable=False),  # to be fetched with its files, whatever is known of it
    Column("attempts", Integer, nullable=False),
    Column("not_before", Float, nullable=False),  # epoch seconds: of the next attempt
    Column("error", String),
    # What is known from the last visit, and when the next is due.
    Column("due_at", Float, nullable=False),  # epoch seconds
    Column("visited_at", Float),  # epoch seconds
    Column("interval", Float),  # seconds
    Column("changes", Integer, nullable=False),
    Column("unchanged", Integer, nullable=False),  # visits in a row that met what was known
    Column("absences", Integer, nullable=False),  # visits in a row that found nothing there
    Column("etag", String),
    Column("last_modified", String),
    Column("validated_url", String),  # the page these two were given for
    Column("content_hash", String),
    Column("files", JSON),  # of the page, as they were last had (`jobs.MetFile`)
    Index("ix_job_due", "host", "state", "urgent", "rank", "id"),
    Index("ix_job_site", "site", "kind"),
)

twin = Table(  # which job is visited in place of a retired one (`twin_jobs`)
    "twin",
    metadata,
    Column("key", String, primary_key=True),
    Column("of", String, nullable=False, index=True),
)

LISTS = job.c.kind.in_([JobKind.HOME, JobKind.LIST])
"""What is queued anew from round to round."""

sighting = Table(  # the links a column has brought in this round: the stop rule counts new ones
    "sighting",
    metadata,
    Column("site", String, primary_key=True),
    Column("column", String, primary_key=True),
    Column("url", String, primary_key=True),
)


def row_of(job: NewJob) -> dict[str, Any]:
    """Return the row of a job that nothing is known of yet."""
    return {
        "key": job.key,
        "host": job.host,
        "site": job.site,
        "kind": job.kind,
        "rank": RANKS[job.kind],
        "url": job.request.url,
        "form": job.request.form,
        "context": job.context,
        "state": JobState.PENDING,
        "urgent": job.urgent,
        "full": job.urgent,
        "attempts": 0,
        "not_before": 0,
        "due_at": 0,
        "changes": 0,
        "unchanged": 0,
        "absences": 0,
    }


def make(connection: Connection) -> None:
    """Make the tables; a queue of another layout is begun anew."""
    if connection.exec_driver_sql("PRAGMA user_version").scalar() != LAYOUT:
        metadata.drop_all(connection)
        connection.exec_driver_sql(f"PRAGMA user_version = {LAYOUT}")
    metadata.create_all(connection)


def configure(connection: Any, _record: object) -> None:
    """Set up a new connection to the file."""
    connection.isolation_level = None  # we say BEGIN ourselves
    connection.execute("PRAGMA busy_timeout=60000")
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=FULL")


def begin(connection: Connection) -> None:
    """Begin a transaction. A writer takes the lock at once, so that none fails half way."""
    writes = connection.get_execution_options().get("writes", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")
