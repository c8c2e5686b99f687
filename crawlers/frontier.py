"""The queue: what is still to be fetched, and what became of what was.

It lives in `frontier.db` and survives a kill: a job is pending until the commit that says
otherwise, and that commit comes after the archive and the catalogue are safe. Work goes in
rounds, server by server. A round reads the lists; a publication that is known is visited again
when it is due (`crawlers.schedule`), when a list says something new of it, or when somebody asks.
Several processes may work on one queue: each server is leased by one of them (`crawlers.leases`).
"""

import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Row, bindparam, create_engine, event, exists, func, select

from crawlers import queue_tables
from crawlers.changes import Changes
from crawlers.families.family import PageRequest
from crawlers.jobs import FALSE_CHARSET, Job, JobKind, JobNews, JobState, LastVisit, MetFile, NewJob
from crawlers.reading.fingerprint import Fingerprint
from crawlers.response import Validators
from crawlers.schedule import files_are_due
from crawlers.twin_jobs import TwinJobs

__all__ = ["FILE_NAME", "Changes", "Frontier", "Job", "JobKind", "JobState", "NewJob"]

FILE_NAME = "frontier.db"

_job, _host = queue_tables.job, queue_tables.host
# Built once: a job is chosen for each page, and building a statement takes longer than asking it.
_NEXT = (
    select(_job)
    .where(
        _job.c.host == bindparam("of"),
        _job.c.state == JobState.PENDING,
        _job.c.site.in_(bindparam("sites", expanding=True)),
        _job.c.not_before <= bindparam("now"),
        _job.c.id.not_in(bindparam("besides", expanding=True)),
    )
    .order_by(_job.c.urgent.desc(), _job.c.rank, _job.c.id)
    .limit(1)
)
_NEXT_URGENT = _NEXT.where(_job.c.urgent)
# Asked server by server, in the index, not by reading all jobs.
_URGENT_HOSTS = select(_host.c.name).where(
    exists().where(_job.c.host == _host.c.name, _job.c.state == JobState.PENDING, _job.c.urgent)
)


class Frontier:
    """The open queue. Reads may come from any thread; writes go through `write()`, one at a time."""

    def __init__(self, data_dir: Path) -> None:
        data_dir.mkdir(parents=True, exist_ok=True)
        self.data_dir = data_dir
        self._engine = create_engine(f"sqlite:///{data_dir / FILE_NAME}")
        event.listen(self._engine, "connect", queue_tables.configure)
        event.listen(self._engine, "begin", queue_tables.begin)
        with self.transaction() as connection:
            queue_tables.make(connection)

    def close(self) -> None:
        """Close every connection."""
        self._engine.dispose()

    @contextmanager
    def transaction(self) -> Iterator[Connection]:
        """Give a connection that writes; all of its changes happen or none."""
        with self._engine.connect().execution_options(writes=True) as connection, connection.begin():
            yield connection

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """Give a connection that sees one unchanging state of the queue."""
        with self._engine.begin() as connection:
            yield connection

    @contextmanager
    def write(self) -> Iterator[Changes]:
        """Give the changes of one transaction; all of them happen or none."""
        with self.transaction() as connection:
            yield Changes(connection)

    def next_job(
        self, host: str, sites: Iterable[str], besides: Iterable[int], *, urgent_only: bool = False
    ) -> Job | None:
        """Return the job of a server to be done now, leaving out those under way; None if there is none."""
        with self.read() as connection:
            row = connection.execute(
                _NEXT_URGENT if urgent_only else _NEXT,
                {"of": host, "sites": list(sites), "now": time.time(), "besides": list(besides)},
            ).first()
        return None if row is None else _job_of(row)

    def next_due(self, host: str, sites: Iterable[str], *, urgent_only: bool = False) -> float | None:
        """Return when the next attempt of a server's jobs is due (epoch seconds); None if no job is left."""
        with self.read() as connection:
            return connection.execute(
                select(func.min(_job.c.not_before)).where(_pending(host, sites, urgent_only))
            ).scalar()

    def count(self, state: JobState) -> int:
        """Count the jobs in a state."""
        with self.read() as connection:
            count = connection.execute(select(func.count()).where(_job.c.state == state)).scalar_one()
        return int(count)

    def urgent_hosts(self) -> set[str]:
        """Return the servers that have jobs somebody waits for."""
        with self.read() as connection:
            return set(connection.execute(_URGENT_HOSTS).scalars())

    def state_of(self, key: str) -> JobNews | None:
        """Return what became of a job; None if it is unknown."""
        with self.read() as connection:
            key = TwinJobs(connection).standing([key]).get(key, key)
            row = connection.execute(
                select(_job.c.state, _job.c.urgent, _job.c.error).where(_job.c.key == key)
            ).first()
        return None if row is None else JobNews(JobState(row.state), row.urgent, row.error)

    def home_of(self, site: str) -> Fingerprint:
        """Return the fingerprint of a subsite's home page as it was last read; empty if it never was."""
        table = queue_tables.site
        with self.read() as connection:
            known = connection.execute(select(table.c.fingerprint).where(table.c.url == site)).scalar()
        return Fingerprint(tuple(known or ()))

    def round_began(self, host: str) -> float | None:
        """Return when the round began that a server takes part in (epoch seconds)."""
        table, rounds = queue_tables.host, queue_tables.round_
        with self.read() as connection:
            return connection.execute(
                select(rounds.c.started_at)
                .join(table, table.c.round_id == rounds.c.id)
                .where(table.c.name == host)
            ).scalar()

    def notes_of(self, sites: Iterable[str]) -> set[tuple[str, str]]:
        """Return what details of these subsites were when they were last read, as (subsite, note).

        The notes of pages that were had and are no documents: a `PageKind`, or `HOME_IN_PLACE`.
        """
        wanted = _job.c.site.in_(list(sites)) & (_job.c.kind == JobKind.DETAIL)
        wanted &= (_job.c.state == JobState.DONE) & _job.c.error.is_not(None)
        with self.read() as connection:
            rows = connection.execute(select(_job.c.site, _job.c.error).where(wanted).distinct())
            return {(row.site, row.error) for row in rows}

    def misdeclares(self, site: str) -> bool:
        """Tell whether any page of a subsite claimed a false charset when it was last had."""
        wanted = _details(site) & _job.c.context[FALSE_CHARSET].as_boolean().is_(True)
        with self.read() as connection:
            return connection.execute(select(_job.c.id).where(wanted).limit(1)).first() is not None

    def family_since(self, site: str, moment: float) -> str | None:
        """Return the family that most pages of a subsite, visited since (epoch seconds), were read with.

        Of several the first by name; None if no page was visited.
        """
        family = _job.c.context["family"].as_string()
        query = (
            select(family)
            .where(_details(site), _job.c.visited_at >= moment, family.is_not(None))
            .group_by(family)
            .order_by(func.count().desc(), family)
        )
        with self.read() as connection:
            return connection.execute(query.limit(1)).scalar()

    def urgent_of(self, site: str) -> int:
        """Count the jobs of a subsite that somebody waits for."""
        wanted = (_job.c.site == site) & (_job.c.state == JobState.PENDING) & _job.c.urgent
        with self.read() as connection:
            return int(connection.execute(select(func.count()).where(wanted)).scalar_one())


def _details(site: str) -> Any:
    """Select the details of a subsite that are done."""
    return (_job.c.site == site) & (_job.c.kind == JobKind.DETAIL) & (_job.c.state == JobState.DONE)


def _pending(host: str, sites: Iterable[str], urgent_only: bool) -> Any:
    pending = (_job.c.host == host) & (_job.c.state == JobState.PENDING) & _job.c.site.in_(list(sites))
    return pending & _job.c.urgent if urgent_only else pending


def _last_visit(row: Row[Any]) -> LastVisit:
    validators = Validators(row.etag, row.last_modified, row.validated_url)
    return LastVisit(validators, row.content_hash, tuple(map(MetFile.from_json, row.files or ())))


def _job_of(row: Row[Any]) -> Job:
    known = row.content_hash is not None and not row.full and not files_are_due(row.unchanged)
    return Job(
        id=row.id,
        kind=JobKind(row.kind),
        site=row.site,
        host=row.host,
        request=PageRequest(row.url, row.form),
        context=row.context,
        attempts=row.attempts,
        urgent=row.urgent,
        seen_at=row.validated_url,
        last=_last_visit(row) if known else None,
    )
