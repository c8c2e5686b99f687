"""The changes of one transaction on the queue."""

import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import Connection, bindparam, delete, select, update
from sqlalchemy.dialects.sqlite import insert

from crawlers import queue_tables
from crawlers.addresses import canonical
from crawlers.jobs import FALSE_CHARSET, JobKind, JobState, LastVisit, NewJob
from crawlers.schedule import LONGEST, SHORTEST, Visit, due_at, next_interval
from crawlers.twin_jobs import TwinJobs, joined, told

# A column whose first page brings nothing new is read to its end in every so many rounds all the same:
# offices post under old dates, and what a broken page once hid must turn up again.
SWEEP_EVERY = 10

_job, _host, _round = queue_tables.job, queue_tables.host, queue_tables.round_
_sighting, _site, _listing = queue_tables.sighting, queue_tables.site, queue_tables.listing

# Built once, for they are asked for every page.
_CONTEXT = select(_job.c.context).where(_job.c.id == bindparam("of"))
_MET = select(_job.c.content_hash, _job.c.interval, _job.c.full).where(_job.c.id == bindparam("of"))


@dataclass(frozen=True, slots=True)
class ListState:
    """Whether a column is to be read to its end now, and how many items its first page had the last time."""

    sweep: bool
    items: int


class Changes:
    """What may be changed; made by `Frontier.write`."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self.twins = TwinJobs(connection)

    def begin_round(self, homes: Iterable[NewJob]) -> bool:
        """Let the servers of these home pages take part in a round; tell whether an old one is gone on with.

        A server whose round is not finished goes on with it; others join that round, or begin a new one
        together. In a new round lists are read again, what is due is visited again, and what failed in the
        last one gets another chance.
        """
        homes = list(homes)
        self.twins.rename_sites([home.site for home in homes])
        by_host: dict[str, list[NewJob]] = {}
        for home in homes:
            by_host.setdefault(home.host, []).append(home)
        known = self._hosts(list(by_host))
        open_rounds = set(
            self._connection.execute(select(_round.c.id).where(_round.c.finished_at.is_(None))).scalars()
        )
        current = {name for name, round_id in known.items() if round_id in open_rounds}
        round_id = max((known[name] for name in current), default=None)
        for name, own in by_host.items():
            if name not in current:
                round_id = round_id or self._new_round()
                self._begin_host(name, round_id)
            if sum([self.enqueue(home) for home in own]):
                self._connection.execute(update(_host).where(_host.c.name == name).values(done=False))
        return bool(current)

    def _hosts(self, names: list[str]) -> dict[str, int]:
        rows = self._connection.execute(select(_host.c.name, _host.c.round_id).where(_host.c.name.in_(names)))
        return {row.name: row.round_id for row in rows}

    def _new_round(self) -> int:
        result = self._connection.execute(_round.insert().values(started_at=time.time()))
        return int(result.inserted_primary_key[0])  # type: ignore[index]  # an insert of one row has its key

    def _begin_host(self, name: str, round_id: int) -> None:
        here, begun = _job.c.host == name, {"round_id": round_id, "done": False}
        self._connection.execute(
            insert(_host)
            .values(name=name, expires_at=0.0, **begun)
            .on_conflict_do_update(index_elements=["name"], set_=begun)
        )
        sites = select(_job.c.site).where(here).distinct()
        self._connection.execute(delete(_sighting).where(_sighting.c.site.in_(sites)))
        self._connection.execute(delete(_job).where(here, queue_tables.LISTS, ~_job.c.urgent))
        self._connection.execute(
            update(_job)
            .where(here, _job.c.kind == JobKind.DETAIL, _job.c.due_at <= time.time())
            .values(state=JobState.PENDING, attempts=0, not_before=0)
        )

    def finish_round(self, hosts: Iterable[str], owner: str | None = None) -> None:
        """Note that a round of these servers is over, unless another process is still at work in it."""
        rounds = select(_host.c.round_id).where(_host.c.name.in_(list(hosts)))
        others = select(_host.c.round_id).where(
            _host.c.owner.is_not(None), _host.c.owner != (owner or ""), _host.c.expires_at > time.time()
        )
        self._connection.execute(
            update(_round)
            .where(_round.c.finished_at.is_(None), _round.c.id.in_(rounds), _round.c.id.not_in(others))
            .values(finished_at=time.time())
        )

    def enqueue(self, job: NewJob) -> bool:
        """Queue a job unless it is known; tell whether it is new."""
        row = insert(_job).values(**queue_tables.row_of(job)).on_conflict_do_nothing()
        return bool(self._connection.execute(row).rowcount)

    def ask(self, job: NewJob, *, pushed: Iterable[tuple[str, str]] = ()) -> None:
        """Queue a job that somebody waits for, to be done now, whole, and whatever is known of it.

        `pushed` are facts (field and value) that its sender states of it; later ones take their place.
        """
        again = {"state": JobState.PENDING, "urgent": True, "full": True, "attempts": 0, "not_before": 0}
        # Its server may never have taken part in a round.
        known = insert(_host).values(name=job.host, round_id=0, done=True, expires_at=0.0)
        self._connection.execute(known.on_conflict_do_nothing())
        key = self.twins.standing([job.key]).get(job.key, job.key)
        if key == job.key and job.kind is JobKind.DETAIL:
            self.twins.ask_known([job], urgent=True)
        row = insert(_job).values(**queue_tables.row_of(job) | {"key": key} | again)
        self._connection.execute(row.on_conflict_do_update(index_elements=["key"], set_=again))
        facts = [list(fact) for fact in pushed]
        if facts:
            here = _job.c.key == key
            context = self._connection.execute(select(_job.c.context).where(here)).scalar_one()
            self._connection.execute(update(_job).where(here).values(context={**context, "pushed": facts}))

    def ask_anew(self, job: NewJob, *, pushed: Iterable[tuple[str, str]]) -> str | None:
        """Queue, as `ask` does, a page of which a whole record was pushed; return where it was last met."""
        # Nothing is known of it any more: even as it was before, it takes the place of what was pushed.
        self.ask(job, pushed=pushed)
        row = self._connection.execute(select(_job).where(_job.c.key == job.key)).one()
        values = dict.fromkeys(("content_hash", "etag", "last_modified", "files"))
        values["context"] = {**row.context, "record": True}
        self._connection.execute(update(_job).where(_job.c.id == row.id).values(values))
        return None if row.validated_url is None else str(row.validated_url)

    def forget(self, key: str) -> None:
        """Drop a job that is done with."""
        self._connection.execute(delete(_job).where(_job.c.key == key))

    def enqueue_items(self, jobs: Iterable[NewJob]) -> int:
        """Queue a list's details; those that are known learn what this column's list says of them.

        One that was done before this column was known to hold it, or before the list said this of it, is
        done again, with its files. Returns how many jobs more there are to do.
        """
        wanted = {job.key: job for job in jobs}
        for retired, key in self.twins.standing(wanted).items():
            job = wanted.pop(retired)
            context = joined(wanted[key].context, job.context) if key in wanted else job.context
            wanted[key] = replace(job, context=context)
        known = self._connection.execute(
            select(_job.c.id, _job.c.key, _job.c.context, _job.c.state).where(_job.c.key.in_(wanted))
        ).all()
        again = sum([self._joins(row, wanted.pop(row.key)) for row in known])
        if wanted:
            urgent = any(job.urgent for job in wanted.values())
            again += self.twins.ask_known(wanted.values(), urgent=urgent)
            self._connection.execute(_job.insert(), [queue_tables.row_of(job) for job in wanted.values()])
        return again + len(wanted)

    def _joins(self, known: Any, job: NewJob) -> bool:
        """Add to a known detail what a column says of it; tell whether it is to be done again."""
        context = joined(known.context, job.context)
        if context == known.context and not job.urgent:
            return False
        news = job.urgent or told(known.context) != told(context)
        again = news and known.state == JobState.DONE
        values: dict[str, Any] = {"context": context}
        if news:
            values["full"] = True
        if again or job.urgent:
            values |= {"state": JobState.PENDING, "attempts": 0, "not_before": 0, "urgent": job.urgent}
        self._connection.execute(update(_job).where(_job.c.id == known.id).values(**values))
        return bool(again)

    def sight(self, site: str, column: str, urls: Iterable[str]) -> set[str]:
        """Note the links a column's list has brought; return the canonical ones new to it in this round."""
        wanted = {canonical(url) for url in urls}
        here = (_sighting.c.site == site) & (_sighting.c.column == column)
        known = self._connection.execute(select(_sighting.c.url).where(here, _sighting.c.url.in_(wanted)))
        new = wanted - set(known.scalars())
        if new:
            rows = [{"site": site, "column": column, "url": url} for url in sorted(new)]
            self._connection.execute(_sighting.insert(), rows)
        return new

    def context_of(self, job_id: int) -> dict[str, Any]:
        """Return what lists have said of a job until now."""
        return dict(self._connection.execute(_CONTEXT, {"of": job_id}).scalar_one())

    def note_charset(self, job_id: int, *, is_false: bool) -> None:
        """Note whether a page claims to be in another charset than it is."""
        context = {**self.context_of(job_id), FALSE_CHARSET: is_false}
        self._connection.execute(update(_job).where(_job.c.id == job_id).values(context=context))

    def settle(self, job_id: int, state: JobState, error: str | None = None) -> None:
        """Note what became of a job."""
        self._connection.execute(
            update(_job)
            .where(_job.c.id == job_id)
            .values(state=state, error=error, attempts=_job.c.attempts + 1, urgent=False)
        )

    def visited(
        self, job_id: int, visit: Visit, met: LastVisit | None, *, whole: bool, note: str | None = None
    ) -> bool:
        """Note that a page was had, what it says now (None: as before), and when it is due.

        `whole` means that all that is known of it was brought up to date. A job of which a list has said
        something new since it was begun stays pending otherwise. Tells whether the page had changed.
        """
        row = self._connection.execute(_MET, {"of": job_id}).one()
        known = row.content_hash is not None
        changed = known and met is not None and met.content_hash != row.content_hash
        values: dict[str, Any] = {
            "visited_at": visit.at,
            "interval": next_interval(visit, row.interval, changed=changed),
            "changes": _job.c.changes + changed,
            "unchanged": _job.c.unchanged + 1 if known and not changed else 0,
            "absences": 0,
            "error": note,
            "attempts": _job.c.attempts + 1,
        }
        values["due_at"] = due_at(visit, values["interval"])
        if met is not None:
            given = met.validators
            values |= {"etag": given.etag, "last_modified": given.last_modified}
            values |= {"validated_url": given.url, "content_hash": met.content_hash}
            values["files"] = [file.to_json() for file in met.files]
        if whole or not row.full:
            values |= {"state": JobState.DONE, "full": False, "urgent": False}
        self._connection.execute(update(_job).where(_job.c.id == job_id).values(**values))
        return changed

    def put_off(self, job_id: int, visit: Visit, error: str) -> None:
        """Note that a page is not there now: it is asked for on the next day, then less and less."""
        self.settle(job_id, JobState.FAILED, error)
        absences = self._connection.execute(select(_job.c.absences).where(_job.c.id == job_id)).scalar_one()
        wait = min(SHORTEST * 2 ** min(absences, 10), LONGEST)
        values = {"due_at": due_at(visit, wait), "absences": absences + 1, "visited_at": visit.at}
        self._connection.execute(update(_job).where(_job.c.id == job_id).values(**values))

    def retry(self, job_id: int, not_before: float, error: str) -> None:
        """Leave a job pending until a time (epoch seconds) and count the attempt."""
        self._connection.execute(
            update(_job)
            .where(_job.c.id == job_id)
            .values(not_before=not_before, error=error, attempts=_job.c.attempts + 1)
        )

    def ask_site(self, home: NewJob) -> None:
        """Queue a subsite to be read anew and whole, before all else."""
        for table in (_sighting, _listing):
            self._connection.execute(delete(table).where(table.c.site == home.site))
        self._connection.execute(delete(_job).where(_job.c.site == home.site, queue_tables.LISTS))
        self.ask(home)

    def no_longer_urgent(self, host: str) -> None:
        """Let a server's jobs wait for its next round like all others."""
        wanted = (_job.c.host == host) & (_job.c.state == JobState.PENDING) & _job.c.urgent
        wanted &= _job.c.kind != JobKind.PUSHED  # which waits for no server
        self._connection.execute(update(_job).where(wanted).values(urgent=False, error="host_down"))

    def home_met(self, site: str, family: str, fingerprint: Sequence[int]) -> str | None:
        """Remember the family of a subsite and its home page; return the family it had until now, if any."""
        known = self.family_of(site)
        met = {"family": family, "fingerprint": list(fingerprint)}
        row = insert(_site).values(url=site, **met)
        self._connection.execute(row.on_conflict_do_update(index_elements=["url"], set_=met))
        return known

    def family_of(self, site: str) -> str | None:
        """Return the family that a subsite had when its home page was last read."""
        return self._connection.execute(select(_site.c.family).where(_site.c.url == site)).scalar()

    def list_begins(self, site: str, column: str, items: int) -> ListState:
        """Note that a column's first page was read, with so many items; tell how it was the last time."""
        here = (_listing.c.site == site) & (_listing.c.column == column)
        row = self._connection.execute(select(_listing).where(here)).first()
        if row is None:
            values = {"swept": False, "rounds": 0, "items": items}
            self._connection.execute(_listing.insert().values(site=site, column=column, **values))
            return ListState(sweep=True, items=0)
        sweep = not row.swept or row.rounds + 1 >= SWEEP_EVERY
        # A sweep that breaks off is begun again: it is swept when its end was reached.
        values = {"swept": not sweep, "rounds": row.rounds + 1, "items": items}
        self._connection.execute(update(_listing).where(here).values(**values))
        return ListState(sweep=sweep, items=row.items)

    def list_swept(self, site: str, column: str) -> None:
        """Note that a column was read to its end."""
        here = (_listing.c.site == site) & (_listing.c.column == column)
        self._connection.execute(update(_listing).where(here).values(swept=True, rounds=0))

    def list_broke(self, site: str, column: str) -> None:
        """Note that a page of a column could not be read: what lies behind it may be new."""
        here = (_listing.c.site == site) & (_listing.c.column == column)
        self._connection.execute(update(_listing).where(here).values(swept=False))
