"""The queue: what is still to be fetched, and what became of what was.

It lives in `frontier.db` and survives a kill: a job is pending until the commit that says
otherwise, and that commit comes after the archive and the catalogue are safe. Work goes in
rounds. A round reads every list once; a publication that was fetched in an earlier round is not
fetched again unless it turns up in a column it was not known in.
"""

import json
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any

from sqlalchemy import (
    JSON,
    Column,
    Connection,
    Float,
    Index,
    Integer,
    MetaData,
    Row,
    String,
    Table,
    create_engine,
    delete,
    event,
    func,
    select,
    update,
)
from sqlalchemy.dialects.sqlite import insert

from crawlers.addresses import canonical, host_of
from crawlers.families.family import PageRequest

FILE_NAME = "frontier.db"
LAYOUT = 2
"""Kept in the file's user_version. A queue of another layout is begun anew: the lists bring it again."""


class JobKind(StrEnum):
    """What is expected behind an address."""

    HOME = "home"
    LIST = "list"
    DETAIL = "detail"


# All lists of a subsite come before its details, so that a detail is fetched once and knows its columns.
_RANKS = {JobKind.HOME: 0, JobKind.LIST: 1, JobKind.DETAIL: 2}


class JobState(StrEnum):
    """What became of a job."""

    PENDING = "pending"
    DONE = "done"
    FAILED = "failed"
    SKIPPED = "skipped"


@dataclass(frozen=True, slots=True)
class NewJob:
    """A job to queue for a site (its root URL). `column` tells list jobs of one address apart."""

    kind: JobKind
    site: str
    request: PageRequest
    column: str = ""
    context: dict[str, Any] = field(default_factory=dict)

    @property
    def key(self) -> str:
        """What must not be queued twice."""
        place = "" if self.kind is JobKind.DETAIL else f" {self.site} {self.column}"
        return f"{self.kind}{place} {canonical(self.request.url)} {self.request.form or ''}".rstrip()


@dataclass(frozen=True, slots=True)
class Job:
    """A queued job. `host` is the server of its site, in whose queue it stands."""

    id: int
    kind: JobKind
    site: str
    host: str
    request: PageRequest
    context: dict[str, Any]
    attempts: int


_metadata = MetaData()

_round = Table(
    "round",
    _metadata,
    Column("id", Integer, primary_key=True),
    Column("started_at", Float, nullable=False),
    Column("finished_at", Float),
)

_job = Table(
    "job",
    _metadata,
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
    Column("attempts", Integer, nullable=False),
    Column("not_before", Float, nullable=False),  # epoch seconds
    Column("error", String),
    Index("ix_job_due", "host", "state", "rank", "id"),
)

_sighting = Table(  # the links a column has brought in this round: the stop rule counts new ones
    "sighting",
    _metadata,
    Column("site", String, primary_key=True),
    Column("column", String, primary_key=True),
    Column("url", String, primary_key=True),
)


class Frontier:
    """The open queue. Reads may come from any thread; writes go through `write()`, one at a time."""

    def __init__(self, data_dir: Path) -> None:
        data_dir.mkdir(parents=True, exist_ok=True)
        self._engine = create_engine(f"sqlite:///{data_dir / FILE_NAME}")
        event.listen(self._engine, "connect", _configure)
        event.listen(self._engine, "begin", _begin)
        with self._engine.connect().execution_options(writes=True) as connection, connection.begin():
            if connection.exec_driver_sql("PRAGMA user_version").scalar() != LAYOUT:
                _metadata.drop_all(connection)
                connection.exec_driver_sql(f"PRAGMA user_version = {LAYOUT}")
            _metadata.create_all(connection)

    def close(self) -> None:
        """Close every connection."""
        self._engine.dispose()

    @contextmanager
    def write(self) -> Iterator["Changes"]:
        """Give the changes of one transaction; all of them happen or none."""
        with self._engine.connect().execution_options(writes=True) as connection, connection.begin():
            yield Changes(connection)

    def next_job(self, host: str, sites: Iterable[str], besides: Iterable[int]) -> Job | None:
        """Return the job of a host to be done now, leaving out those under way; None if there is none."""
        with self._engine.begin() as connection:
            row = connection.execute(
                select(_job)
                .where(_pending(host, sites), _job.c.not_before <= time.time())
                .where(_job.c.id.not_in(list(besides)))
                .order_by(_job.c.rank, _job.c.id)
                .limit(1)
            ).first()
        return None if row is None else _job_of(row)

    def next_due(self, host: str, sites: Iterable[str]) -> float | None:
        """Return when the next job of a host is due (epoch seconds); None if it has no job left."""
        with self._engine.begin() as connection:
            return connection.execute(
                select(func.min(_job.c.not_before)).where(_pending(host, sites))
            ).scalar()

    def count(self, state: JobState) -> int:
        """Count the jobs in a state."""
        with self._engine.begin() as connection:
            count = connection.execute(select(func.count()).where(_job.c.state == state)).scalar_one()
        return int(count)


class Changes:
    """The changes of one transaction on the queue."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def begin_round(self, homes: list[NewJob]) -> bool:
        """Start a round, or go on with one that was interrupted; tell whether it is a new one.

        Sites added to an unfinished round join it. In a new round the lists are read again, and what
        failed in the last one gets another chance.
        """
        unfinished = self._connection.execute(
            select(_round.c.id).where(_round.c.finished_at.is_(None))
        ).first()
        if unfinished is None:
            self._connection.execute(_round.insert().values(started_at=time.time()))
            self._connection.execute(delete(_sighting))
            self._connection.execute(delete(_job).where(_job.c.kind != JobKind.DETAIL))
            self._connection.execute(
                update(_job)
                .where(_job.c.state != JobState.DONE)
                .values(state=JobState.PENDING, attempts=0, not_before=0, error=None)
            )
        for home in homes:
            self.enqueue(home)
        return unfinished is None

    def finish_round(self) -> None:
        """Note that everything of this round has been tried."""
        self._connection.execute(
            update(_round).where(_round.c.finished_at.is_(None)).values(finished_at=time.time())
        )

    def enqueue(self, job: NewJob) -> bool:
        """Queue a job unless it is known; tell whether it is new."""
        row = insert(_job).values(**_values(job)).on_conflict_do_nothing()
        result = self._connection.execute(row)
        return bool(result.rowcount)

    def enqueue_items(self, jobs: Iterable[NewJob]) -> int:
        """Queue a list's details; those that are known learn what this column's list says of them.

        One that was done before this column was known to hold it is done again. Returns how many jobs more
        there are to do.
        """
        wanted = {job.key: job for job in jobs}
        known = self._connection.execute(
            select(_job.c.id, _job.c.key, _job.c.context, _job.c.state).where(_job.c.key.in_(wanted))
        ).all()
        again = sum(self._joins(row, wanted.pop(row.key)) for row in known)
        if wanted:
            self._connection.execute(_job.insert(), [_values(job) for job in wanted.values()])
        return again + len(wanted)

    def _joins(self, known: Any, job: NewJob) -> bool:
        """Add to a known detail what one more column says of it; tell whether it is to be done again."""
        columns = _joined(known.context["columns"], job.context["columns"])
        if columns == known.context["columns"]:
            return False
        witnesses = _joined(known.context["witnesses"], job.context["witnesses"])
        values: dict[str, Any] = {"context": {**known.context, "columns": columns, "witnesses": witnesses}}
        again = bool(known.state == JobState.DONE)
        if again:
            values |= {"state": JobState.PENDING, "attempts": 0, "not_before": 0}
        self._connection.execute(update(_job).where(_job.c.id == known.id).values(**values))
        return again

    def sight(self, site: str, column: str, urls: Iterable[str]) -> int:
        """Note the links a column's list has brought; return how many it had not brought before."""
        wanted = {canonical(url) for url in urls}
        here = (_sighting.c.site == site) & (_sighting.c.column == column)
        known = self._connection.execute(select(_sighting.c.url).where(here, _sighting.c.url.in_(wanted)))
        new = wanted - set(known.scalars())
        if new:
            rows = [{"site": site, "column": column, "url": url} for url in sorted(new)]
            self._connection.execute(_sighting.insert(), rows)
        return len(new)

    def context_of(self, job_id: int) -> dict[str, Any]:
        """Return what lists have said of a job until now."""
        context = self._connection.execute(select(_job.c.context).where(_job.c.id == job_id)).scalar_one()
        return dict(context)

    def settle(self, job_id: int, state: JobState, error: str | None = None) -> None:
        """Note what became of a job."""
        self._connection.execute(
            update(_job)
            .where(_job.c.id == job_id)
            .values(state=state, error=error, attempts=_job.c.attempts + 1)
        )

    def retry(self, job_id: int, not_before: float, error: str) -> None:
        """Leave a job pending until a time (epoch seconds) and count the attempt."""
        self._connection.execute(
            update(_job)
            .where(_job.c.id == job_id)
            .values(not_before=not_before, error=error, attempts=_job.c.attempts + 1)
        )


def _values(job: NewJob) -> dict[str, Any]:
    return {
        "key": job.key,
        "host": str(host_of(job.site)),
        "site": job.site,
        "kind": job.kind,
        "rank": _RANKS[job.kind],
        "url": job.request.url,
        "form": job.request.form,
        "context": job.context,
        "state": JobState.PENDING,
        "attempts": 0,
        "not_before": 0,
    }


def _configure(connection: Any, _record: object) -> None:
    connection.isolation_level = None  # we say BEGIN ourselves
    connection.execute("PRAGMA busy_timeout=60000")
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=FULL")


def _begin(connection: Connection) -> None:
    # A writer takes the lock at once, so that no transaction fails half way.
    writes = connection.get_execution_options().get("writes", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def _pending(host: str, sites: Iterable[str]) -> Any:
    return (_job.c.host == host) & (_job.c.state == JobState.PENDING) & _job.c.site.in_(list(sites))


def _job_of(row: Row[Any]) -> Job:
    return Job(
        id=row.id,
        kind=JobKind(row.kind),
        site=row.site,
        host=row.host,
        request=PageRequest(row.url, row.form),
        context=row.context,
        attempts=row.attempts,
    )


def _joined(known: list[Any], new: list[Any]) -> list[Any]:
    """Put both together, each entry once; the order does not depend on which came first."""
    entries = {json.dumps(entry, ensure_ascii=False): entry for entry in (*known, *new)}
    return [entries[key] for key in sorted(entries)]
