"""The recorder: makes what was fetched last, in groups.

For each group: the responses are written to the archive and synced; then one catalogue
transaction; then one queue transaction. A kill between two of these steps repeats work
and loses none: recording the same page again changes nothing.
"""

import asyncio
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from sqlalchemy import Connection
from sqlalchemy.exc import OperationalError

from catalog import recording
from catalog.captures import captured_at
from catalog.errors import RecordError
from catalog.pushed import is_pushed, pushed_alias
from catalog.records import ArchivePlace, Field, PageRecord, Provenance, Witness
from catalog.store import Catalog
from crawlers import noticing
from crawlers.addresses import canonical
from crawlers.archive import Archive
from crawlers.errors import Problem
from crawlers.frontier import Changes, Frontier
from crawlers.limits import Limits
from crawlers.outcome import Failed, Outcome, Page, Unchanged
from crawlers.queueing import Queueing
from crawlers.settling import Group, Settling, said_by_lists
from crawlers.sites import Site
from crawlers.summary import CrawlSummary
from crawlers.twin_pages import asked_twin, settle_twins

# Each attempt waits a minute for the lock (`catalog.store.BUSY_TIMEOUT_MS`).
COMMIT_ATTEMPTS = 5


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
        self._subsites: dict[tuple[str, str | None], str] = {}
        self._columns: dict[tuple[str, str], str] = {}
        self._limits = limits
        self._settling = Settling(Queueing(self._sites, limits))
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
        """Make a group last. A catalogue or queue that somebody else holds for very long is tried again."""
        places = self._archived(outcomes)
        for attempt in range(COMMIT_ATTEMPTS):
            tally = CrawlSummary()
            try:
                self._commit(outcomes, places, tally)
            except OperationalError as error:
                self._forget()
                if not _is_locked(error) or attempt + 1 == COMMIT_ATTEMPTS:
                    raise
            else:
                self._summary.add(tally)
                return

    def _commit(
        self, outcomes: Sequence[Outcome], places: Sequence[ArchivePlace | None], tally: CrawlSummary
    ) -> None:
        # Both transactions are open at once, so that lists' statements are read as they will stand; the
        # catalogue's ends first.
        with self._frontier.write() as changes, self._catalog.write() as tx:
            recorded = [
                self._record(tx, changes, outcome, place, tally)
                for outcome, place in zip(outcomes, places, strict=True)
            ]
            group = Group(tx, changes, tally, noticing.open_pages(tx, _addresses(outcomes)))
            for outcome, done in zip(outcomes, recorded, strict=True):
                site = self._sites[outcome.job.site]
                subsite_id = self._subsite(tx, site, outcome.job.context.get("family"))
                verdict = done if isinstance(done, Failed) else None
                self._settling.settle(group, outcome, verdict, site, subsite_id)
                if not isinstance(done, Failed):
                    settle_twins(tx, changes, outcome, None if done is None else done.stands_at)

    def _forget(self) -> None:
        """Drop what is remembered of rows that were rolled back."""
        self._subsites.clear()
        self._columns.clear()

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
        self,
        tx: Connection,
        changes: Changes,
        outcome: Outcome,
        place: ArchivePlace | None,
        tally: CrawlSummary,
    ) -> recording.Recorded | Failed | None:
        """Record a page; returns why it cannot be, if it cannot; None if there is none."""
        page = outcome.result
        if not isinstance(page, Page):
            return None
        context = changes.context_of(outcome.job.id)
        site = self._sites[outcome.job.site]
        record = PageRecord(
            alias=page.alias,
            subsite_id=self._subsite(tx, site, context.get("family")),
            captured_at=page.captured_at,
            status=page.status,
            url=page.url,
            column_ids=(*self._column_ids(tx, context), *self._named_columns(tx, site, page.columns)),
            blocks=page.blocks,
            witnesses=(
                *page.witnesses,
                *_said_by_lists(context),
                *_pushed(context),
                *_said_by_site(page, site),
            ),
            attachments=page.attachments,
            archive=place,
            asked=asked_twin(outcome.job, page.alias),
        )
        address = canonical(outcome.job.request.url)
        try:
            if context.get("record") and page.alias != address:
                recording.also_known(tx, page.alias, [pushed_alias(address)])
            if is_pushed(page.alias):
                known = canonical(context["seen_at"]) if context.get("seen_at") else address
                recording.also_known(tx, page.alias, [address, known])
            recorded = recording.record(tx, record)
        except RecordError as error:
            return Failed(Problem.NO_TITLE, str(error))
        if is_pushed(page.alias):
            # The page, when it is met, is known by the address that was pushed.
            recording.also_known(tx, address, [page.alias])
        tally.changes[recorded.change] += 1
        return recorded

    def server_down(self, sites: Sequence[Site], problem: Problem, detail: str) -> None:
        """Note a server that is left alone in this run."""
        with self._catalog.write() as tx:
            noticing.server_down(tx, sites, problem, detail)

    def round_over(self, sites: Sequence[Site], began: float) -> None:
        """Note that a round of a server's subsites, begun then (epoch seconds), went through."""
        standing = self._frontier.notes_of([site.url for site in sites])
        families = {
            site: self._frontier.family_since(site.url, began) for site in sites if site.family is None
        }
        with self._catalog.write() as tx:
            noticing.round_over(tx, sites, began, standing, self._frontier.misdeclares)
            for site, family in families.items():
                if family is not None:
                    recording.read_with(tx, canonical(site.url), family)

    def _subsite(self, tx: Connection, site: Site, family: str | None) -> str:
        family = site.family or family
        key = (site.url, family)
        if key not in self._subsites:
            self._subsites[key] = recording.ensure_subsite(
                tx,
                root_url=canonical(site.url),
                name=site.name,
                organization=site.organization,
                family=family,
                is_named=site.family is not None,
            )
        return self._subsites[key]

    def _column_ids(self, tx: Connection, context: dict[str, Any]) -> tuple[str, ...]:
        """Return the columns that list a page, each on its own subsite; one no longer crawled adds none."""
        return tuple(
            self._column(tx, self._sites[site], path, name, context.get("family"))
            for site, path, name in context["columns"]
            if site in self._sites
        )

    def _named_columns(self, tx: Connection, site: Site, names: Sequence[str]) -> Iterator[str]:
        """Give the columns of a subsite that bear these names; one that no list shows is made."""
        for name in names:
            subsite_id = self._subsite(tx, site, None)
            known = recording.column_named(tx, subsite_id, name)
            yield known or self._column(tx, site, pushed_alias(name), name, None)

    def _column(self, tx: Connection, site: Site, path: str, name: str, family: str | None) -> str:
        key = (site.url, path)
        if key not in self._columns:
            subsite_id = self._subsite(tx, site, family)
            self._columns[key] = recording.ensure_column(tx, subsite_id, path=path, name=name)
        return self._columns[key]


def _addresses(outcomes: Sequence[Outcome]) -> set[str]:
    """Return the addresses under which there may be findings of the pages that were had."""
    found = {outcome.job.request.url for outcome in outcomes}
    had = (outcome.result for outcome in outcomes)
    return found | {result.alias for result in had if isinstance(result, Page | Unchanged)}


def _is_locked(error: OperationalError) -> bool:
    return getattr(error.orig, "sqlite_errorcode", None) in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)


def _said_by_lists(context: dict[str, Any]) -> tuple[Witness, ...]:
    return tuple(Witness(Field(field), raw, Provenance.LIST) for field, raw in said_by_lists(context))


def _pushed(context: dict[str, Any]) -> tuple[Witness, ...]:
    return tuple(Witness(Field(field), raw, Provenance.IMPORT) for field, raw in context.get("pushed", ()))


def _said_by_site(page: Page, site: Site) -> tuple[Witness, ...]:
    """Where no publisher is printed, it is whoever the sites file says the subsite belongs to."""
    if site.organization is None or any(witness.field is Field.PUBLISHER for witness in page.witnesses):
        return ()
    return (Witness(Field.PUBLISHER, site.organization, Provenance.SITE),)
