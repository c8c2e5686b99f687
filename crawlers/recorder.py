"""The recorder: makes what was fetched last, in groups.

For each group: the responses are written to the archive and synced; then one catalogue
transaction; then one queue transaction. A kill between two of these steps repeats work
and loses none: recording the same page again changes nothing.
"""

import asyncio
from collections.abc import Callable, Sequence
from typing import Any

from sqlalchemy import Connection

from catalog import recording
from catalog.captures import captured_at
from catalog.errors import RecordError
from catalog.records import ArchivePlace, Field, PageRecord, Provenance, Witness
from catalog.store import Catalog
from crawlers.addresses import canonical, host_of
from crawlers.archive import Archive
from crawlers.errors import Problem
from crawlers.families.family import ColumnLink, ListItem, ListPlace, PageRequest
from crawlers.frontier import Changes, Frontier, Job, JobKind, JobState, NewJob
from crawlers.limits import Limits
from crawlers.outcome import Failed, Home, Later, Listing, NoDocument, Outcome, Page
from crawlers.sites import Site
from crawlers.summary import CrawlSummary, Failure


class Recorder:
    """Takes outcomes from a queue until it is told that no more will come."""

    def __init__(
        self,
        catalog: Catalog,
        frontier: Frontier,
        archive: Archive,
        sites: Sequence[Site],
        limits: Limits,
        summary: CrawlSummary,
        on_commit: Callable[[Sequence[Outcome]], None],
    ) -> None:
        self._catalog = catalog
        self._frontier = frontier
        self._archive = archive
        self._sites = {site.url: site for site in sites}
        self._subsites: dict[str, str] = {}
        self._columns: dict[tuple[str, str], str] = {}
        self._limits = limits
        self._summary = summary
        self._on_commit = on_commit
        # Few more than a group: who fetches faster than we can record has to wait.
        self._queue: asyncio.Queue[Outcome | None] = asyncio.Queue(2 * limits.group)

    async def put(self, outcome: Outcome) -> None:
        """Hand over an outcome; waits while too many are under way."""
        await self._queue.put(outcome)

    async def finish(self) -> None:
        """Say that no more will come."""
        await self._queue.put(None)

    async def run(self) -> None:
        """Record until the end. What has come while a group was written is the next group."""
        ended = False
        while not ended:
            group = [await self._queue.get()]
            while len(group) < self._limits.group and not self._queue.empty():
                group.append(self._queue.get_nowait())
            outcomes = [outcome for outcome in group if outcome is not None]
            ended = len(outcomes) < len(group)
            if outcomes:
                await asyncio.to_thread(self.commit, outcomes)
                self._on_commit(outcomes)

    def commit(self, outcomes: Sequence[Outcome]) -> None:
        """Make a group last."""
        places = self._archived(outcomes)
        with self._frontier.write() as changes:
            verdicts: list[Failed | None] = []
            # Both transactions are open at once, so that lists' statements are read as they will stand.
            with self._catalog.write() as tx:
                verdicts = [
                    self._record(tx, changes, outcome, place)
                    for outcome, place in zip(outcomes, places, strict=True)
                ]
            for outcome, verdict in zip(outcomes, verdicts, strict=True):
                self._settle(changes, outcome, verdict)

    def _archived(self, outcomes: Sequence[Outcome]) -> list[ArchivePlace | None]:
        responses = [response for outcome in outcomes for response in outcome.responses]
        with self._catalog.read() as connection:
            places = self._archive.write(
                responses, lambda response: captured_at(connection, canonical(response.url))
            )
        self._summary.responses += len(responses)
        starts, start = [], 0
        for outcome in outcomes:
            starts.append(start)
            start += len(outcome.responses)
        return [
            None if outcome.main is None else places[start + outcome.main]
            for outcome, start in zip(outcomes, starts, strict=True)
        ]

    def _record(
        self, tx: Connection, changes: Changes, outcome: Outcome, place: ArchivePlace | None
    ) -> Failed | None:
        """Record a page; returns why it cannot be, if it cannot."""
        page = outcome.result
        if not isinstance(page, Page):
            return None
        context = changes.context_of(outcome.job.id)
        site = self._sites[outcome.job.site]
        record = PageRecord(
            alias=page.alias,
            subsite_id=self._subsite(tx, site),
            captured_at=page.captured_at,
            status=page.status,
            url=page.url,
            column_ids=self._column_ids(tx, context["columns"]),
            blocks=page.blocks,
            witnesses=(*page.witnesses, *_said_by_lists(context), *_said_by_site(page, site)),
            attachments=page.attachments,
            archive=place,
        )
        try:
            recorded = recording.record(tx, record)
        except RecordError as error:
            return Failed(Problem.NO_TITLE, str(error))
        self._summary.changes[recorded.change] += 1
        return None

    def _subsite(self, tx: Connection, site: Site) -> str:
        if site.url not in self._subsites:
            self._subsites[site.url] = recording.ensure_subsite(
                tx,
                root_url=canonical(site.url),
                name=site.name,
                organization=site.organization,
                family=site.family,
            )
        return self._subsites[site.url]

    def _column_ids(self, tx: Connection, columns: Sequence[Sequence[str]]) -> tuple[str, ...]:
        """Return the columns that list a page, each on its own subsite; one no longer crawled adds none."""
        return tuple(
            self._column(tx, self._sites[site], path, name)
            for site, path, name in columns
            if site in self._sites
        )

    def _column(self, tx: Connection, site: Site, path: str, name: str) -> str:
        key = (site.url, path)
        if key not in self._columns:
            self._columns[key] = recording.ensure_column(tx, self._subsite(tx, site), path=path, name=name)
        return self._columns[key]

    def _settle(self, changes: Changes, outcome: Outcome, verdict: Failed | None) -> None:
        job, result = outcome.job, verdict or outcome.result
        for warning in outcome.warnings:
            self._summary.fail(Failure(job.request.url, warning.problem, warning.detail))
        if isinstance(result, Later):
            changes.retry(job.id, result.not_before, result.detail)
            self._summary.retries += 1
            return
        self._summary.pages += 1
        if isinstance(result, Failed):
            self._fail(changes, job, result)
            return
        if isinstance(result, Home):
            self._queue_home(changes, job, result)
        elif isinstance(result, Listing):
            self._queue_list(changes, job, result)
        elif isinstance(result, NoDocument):
            self._summary.not_documents[result.kind] += 1
        else:
            self._summary.attachments += len(result.attachments)
            self._summary.dead_attachments += result.dead_attachments
        note = result.kind.value if isinstance(result, NoDocument) else None
        changes.settle(job.id, JobState.DONE, note)

    def _fail(self, changes: Changes, job: Job, failed: Failed) -> None:
        if failed.problem is Problem.ROBOTS:
            self._summary.skipped_by_robots += 1
            changes.settle(job.id, JobState.SKIPPED, failed.problem.value)
            return
        self._summary.fail(Failure(job.request.url, failed.problem, failed.detail))
        changes.settle(job.id, JobState.FAILED, f"{failed.problem.value}: {failed.detail}")

    def _queue_home(self, changes: Changes, job: Job, home: Home) -> None:
        for frame in self._near(job, home.frames)[: self._limits.frames_per_page]:
            if home.depth < self._limits.frame_depth:
                self._enqueue(
                    changes, NewJob(JobKind.HOME, job.site, frame, context={"depth": home.depth + 1})
                )
        self._queue_columns(changes, job, home.columns)

    def _queue_columns(self, changes: Changes, job: Job, met: Sequence[ColumnLink]) -> None:
        columns = {column.path: column for column in met}
        for column in list(columns.values())[: self._limits.columns_per_site]:
            if self._near(job, [column.request]):
                self._enqueue(changes, _list_job(job.site, _first_place(column), column.request))

    def _queue_list(self, changes: Changes, job: Job, listing: Listing) -> None:
        self._summary.lists += 1
        place, reading = listing.place, listing.reading
        self._queue_columns(changes, job, reading.columns)
        items = [item for item in reading.items if self._near(job, [PageRequest(item.url)])]
        if len(items) > self._limits.items_per_list:
            detail = f"栏目“{place.name}”一页列出 {len(items)} 条，只取前 {self._limits.items_per_list} 条"
            self._summary.fail(Failure(job.request.url, Problem.PAGE_BUDGET, detail))
            del items[self._limits.items_per_list :]
        self._summary.known += changes.enqueue_items(_detail_job(job.site, place, item) for item in items)
        new = changes.sight(job.site, place.path, [item.url for item in items])
        # A list that leads on without having brought an item is an empty frame around the real one.
        is_frame = not items and place.number == 1
        following = ListPlace(place.path, place.name, place.number + 1, reading.memo)
        goes_on = new or is_frame or reading.may_repeat
        if reading.next is None or not goes_on or not self._near(job, [reading.next]):
            return
        if place.number >= self._limits.pages_per_column:
            detail = f"栏目“{place.name}”已读 {place.number} 页，其余未读"
            self._summary.fail(Failure(job.request.url, Problem.PAGE_BUDGET, detail))
            return
        self._enqueue(changes, _list_job(job.site, following, reading.next))

    def _enqueue(self, changes: Changes, job: NewJob) -> None:
        self._summary.known += changes.enqueue(job)

    def _near(self, job: Job, requests: Sequence[PageRequest]) -> list[PageRequest]:
        """Keep what lies on the subsite's own server (or its https twin): only that is ever queued."""
        home = self._sites[job.site].host
        hosts = ((request, host_of(request.url)) for request in requests)
        return [request for request, host in hosts if host is not None and host.is_site_of(home)]


def _first_place(column: ColumnLink) -> ListPlace:
    return ListPlace(column.path, column.name, 1, column.memo)


def _detail_job(site: str, place: ListPlace, item: ListItem) -> NewJob:
    context = {
        "columns": [[site, place.path, place.name]],
        "witnesses": sorted([witness.field.value, witness.raw] for witness in item.witnesses),
    }
    return NewJob(JobKind.DETAIL, site, PageRequest(item.url), context=context)


def _list_job(site: str, place: ListPlace, request: PageRequest) -> NewJob:
    context: dict[str, Any] = {
        "path": place.path,
        "name": place.name,
        "number": place.number,
        "memo": place.memo,
    }
    return NewJob(JobKind.LIST, site, request, column=f"{place.path} {place.number}", context=context)


def _said_by_lists(context: dict[str, Any]) -> tuple[Witness, ...]:
    return tuple(Witness(Field(said), raw, Provenance.LIST) for said, raw in context["witnesses"])


def _said_by_site(page: Page, site: Site) -> tuple[Witness, ...]:
    """Where no publisher is printed, it is whoever the sites file says the subsite belongs to."""
    if site.organization is None or any(witness.field is Field.PUBLISHER for witness in page.witnesses):
        return ()
    return (Witness(Field.PUBLISHER, site.organization, Provenance.SITE),)
