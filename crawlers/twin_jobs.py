"""Jobs of addresses that are twins (http or https, with or without www): of one page only one is visited.

A twin is asked for once, for what stands there is not known (`catalog.twins`). Where it turns out to be a
page that has a job, its own job is retired: kept, never due, and every list that names its address speaks to
the job that is visited in its place. That one follows the page to wherever the server leads, and gives way to
a twin when its own address is gone: a publication is absent only when all of its addresses are.
"""

import time
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, Row, delete, select, update
from sqlalchemy.dialects.sqlite import insert

from catalog.twins import twins_of
from crawlers import queue_tables
from crawlers.addresses import canonical
from crawlers.families.family import PageRequest
from crawlers.jobs import JobKind, JobState, NewJob

NOTE = "twin"
"""What the queue keeps of a retired job."""

_NEVER = 1e12  # epoch seconds
_BATCH = 500

_job, _twin = queue_tables.job, queue_tables.twin
# What is known of a page from its visits goes over to the job that is visited from now on.
_KNOWLEDGE = (
    "state",
    "error",
    "due_at",
    "visited_at",
    "interval",
    "changes",
    "unchanged",
    "absences",
    "etag",
    "last_modified",
    "validated_url",
    "content_hash",
    "files",
)


def key_of(url: str) -> str:
    """Return the key of a publication's job."""
    return NewJob(JobKind.DETAIL, "", PageRequest(url)).key


class TwinJobs:
    """The retired jobs of the queue, within one transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def standing(self, keys: Iterable[str]) -> dict[str, str]:
        """Return, by the keys of retired jobs among these, the keys of the jobs visited in their place."""
        wanted = list(keys)
        found: dict[str, str] = {}
        for start in range(0, len(wanted), _BATCH):
            part = _twin.c.key.in_(wanted[start : start + _BATCH])
            found |= {row.key: row.of for row in self._connection.execute(select(_twin).where(part))}
        return found

    def ask_known(self, jobs: Iterable[NewJob], *, urgent: bool = False) -> int:
        """Have the known twins of new jobs visited before them; return how many that are.

        What a twin says can only be compared with what the known page says today, and the server may lead
        from the old address to the new one.
        """
        keys = [key_of(form) for job in jobs for form in twins_of(canonical(job.request.url))]
        asked = 0
        for start in range(0, len(keys), _BATCH):
            part = (_job.c.key.in_(keys[start : start + _BATCH])) & (_job.c.state == JobState.DONE)
            again = {"state": JobState.PENDING, "urgent": urgent, "attempts": 0, "not_before": 0}
            asked += self._connection.execute(update(_job).where(part).values(**again)).rowcount
        return asked

    def follow(self, job_id: int, url: str) -> None:
        """Let a job follow its page to the twin of its address to which the server led."""
        row, key = self._row(_job.c.id == job_id), key_of(url)
        if row is None or row.key == key:
            return
        self._connection.execute(delete(_twin).where(_twin.c.key == key))
        there = self._row(_job.c.key == key)
        if there is None:
            self._connection.execute(update(_job).where(_job.c.id == job_id).values(key=key, url=url))
            self._stand_for(row.key, key)
            return
        if not there.urgent:  # what somebody waits for is done all the same
            known = {name: row._mapping[name] for name in _KNOWLEDGE}
            self._connection.execute(update(_job).where(_job.c.id == there.id).values(**known))
        self._retire(row, there)

    def retire(self, job_id: int, stands_at: str) -> bool:
        """Visit one job of two, because their pages are the same; tell whether that is the known address's.

        Where that one has no job or could not be had, the page is visited where it was met now.
        """
        row, there = self._row(_job.c.id == job_id), self._row(_job.c.key == key_of(stands_at))
        if row is None or there is None or row.id == there.id:
            return True
        if there.state == JobState.FAILED:
            self._retire(there, row)
            return False
        self._retire(row, there)
        return True

    def give_way(self, job_id: int) -> str | None:
        """Let a twin be visited in place of a job whose address is gone; return the twin's address.

        None where there is no twin, or it was gone itself when it was last asked for.
        """
        row = self._row(_job.c.id == job_id)
        if row is None:
            return None
        keys = select(_twin.c.key).where(_twin.c.of == row.key).order_by(_twin.c.key)
        for key in self._connection.execute(keys).scalars().all():
            twin = self._row(_job.c.key == key) or self._made(key, row)
            since = row.absences == 0 and (row.visited_at or 0) > (twin.visited_at or 0)
            if twin.absences == 0 or since:
                self._swap(row, twin)
                return str(twin.url)
        return None

    def rename_sites(self, urls: Sequence[str]) -> None:
        """Bring over what is known of subsites whose root was a twin of one of these until now."""
        for url in urls:
            for before in set(twins_of(canonical(url))) - set(urls):
                for table in (queue_tables.site, queue_tables.listing, queue_tables.sighting):
                    name = table.c.url if table is queue_tables.site else table.c.site
                    rows = update(table).prefix_with("OR IGNORE").where(name == before)
                    self._connection.execute(rows.values({name.name: url}))
                rows = update(_job).where(_job.c.site == before, _job.c.kind == JobKind.DETAIL)
                self._connection.execute(rows.values(site=url))

    def _row(self, which: Any) -> Row[Any] | None:
        return self._connection.execute(select(_job).where(which)).first()

    def _made(self, key: str, row: Row[Any]) -> Row[Any]:
        """Make the job of an address from which another's job has moved on."""
        request = PageRequest(key.partition(" ")[2])
        job = NewJob(JobKind.DETAIL, row.site, request, context=row.context)
        self._connection.execute(_job.insert().values(**queue_tables.row_of(job)))
        return self._connection.execute(select(_job).where(_job.c.key == key)).one()

    def _swap(self, gone: Row[Any], twin: Row[Any]) -> None:
        self._connection.execute(delete(_twin).where(_twin.c.key == twin.key))
        context = joined(gone.context, twin.context)
        now = {"state": JobState.PENDING, "full": True, "attempts": 0, "not_before": 0, "due_at": 0}
        here = update(_job).where(_job.c.id == twin.id)
        self._connection.execute(here.values(**now, context=context, urgent=gone.urgent))
        absent = {"absences": gone.absences + 1, "visited_at": time.time()}
        self._connection.execute(update(_job).where(_job.c.id == gone.id).values(**absent))
        self._out_of_use(gone, twin.key)

    def _retire(self, row: Row[Any], there: Row[Any]) -> None:
        context = joined(there.context, row.context)
        values: dict[str, Any] = {"context": context}
        if told(context) != told(there.context):
            # As where another column comes to list a page that was done (`Changes.enqueue_items`).
            values |= {"full": True, "state": JobState.PENDING, "attempts": 0, "not_before": 0}
        self._connection.execute(update(_job).where(_job.c.id == there.id).values(**values))
        self._out_of_use(row, there.key)

    def _out_of_use(self, row: Row[Any], key: str) -> None:
        retired = {"state": JobState.SKIPPED, "error": NOTE, "due_at": _NEVER, "urgent": False, "full": False}
        self._connection.execute(update(_job).where(_job.c.id == row.id).values(**retired))
        self._stand_for(row.key, key)

    def _stand_for(self, retired: str, key: str) -> None:
        """Note which job is visited in place of one, and of those it was itself visited in place of."""
        self._connection.execute(update(_twin).where(_twin.c.of == retired).values(of=key))
        row = insert(_twin).values(key=retired, of=key)
        self._connection.execute(row.on_conflict_do_update(index_elements=["key"], set_={"of": key}))


def told(context: Mapping[str, Any]) -> dict[str, Any]:
    """Return what lists say of a publication: the columns it stands in, and facts."""
    return {name: context[name] for name in ("columns", "said")}


def joined(known: Mapping[str, Any], new: Mapping[str, Any]) -> dict[str, Any]:
    """Return what is known of a job with what a list says of it now, in an order free of chance."""
    entries = {tuple(entry): entry for entry in (*known["columns"], *new["columns"])}
    return {
        **known,
        **new,
        "columns": [entries[key] for key in sorted(entries)],
        "said": {**known["said"], **new["said"]},
    }
