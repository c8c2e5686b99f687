"""The crawl: one worker for each server, one recorder for all.

A worker takes the jobs of its server one after the other (home pages, then lists, then details) and
hands what came of them to the recorder. It is done when its server has no job left and none is on its way.
"""

import asyncio
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

from catalog import recording
from catalog.durability import sole_holder
from catalog.organizations import read_organizations
from catalog.store import Catalog
from crawlers.archive import Archive
from crawlers.errors import CrawlRunningError, HostDownError, StoppedError
from crawlers.families.family import PageRequest
from crawlers.fetching import Fetcher
from crawlers.frontier import Frontier, Job, JobKind, JobState, NewJob
from crawlers.limits import Limits
from crawlers.outcome import Outcome
from crawlers.politeness import rest
from crawlers.recorder import Recorder
from crawlers.sites import Site, Sites
from crawlers.summary import CrawlSummary, Failure
from crawlers.visit import Visitor

LOCK_FILE = "crawl.lock"

Progress = Callable[[CrawlSummary], None]


async def crawl(
    sites: Sites,
    data_dir: Path,
    *,
    limits: Limits | None = None,
    stop: asyncio.Event | None = None,
    on_progress: Progress | None = None,
) -> CrawlSummary:
    """Crawl the sites into the catalogue of a data folder and return what was done.

    An interrupted round is gone on with; after a finished one a new round reads all lists again and
    fetches only the links that are new. When `stop` is set, the crawl ends after the requests under way.
    `on_progress` is called after each group that was recorded.

    Raises `CrawlRunningError` if another crawl works in the folder, `CatalogError` if the catalogue or the
    organisations file cannot be read.
    """
    limits = limits or Limits()
    started = time.monotonic()
    # Whatever is wrong with this file is to be known before anything is made or changed.
    entries = read_organizations(sites.organizations) if sites.organizations else ()
    with _lock(data_dir), Catalog.open(data_dir) as catalog:
        with catalog.write() as tx:
            recording.load_organizations(tx, entries)
        frontier, archive = Frontier(data_dir), Archive(data_dir, limits)
        try:
            run = _Crawl(sites, catalog, frontier, archive, limits, stop or asyncio.Event(), on_progress)
            summary = await run.run()
        finally:
            archive.close()
            frontier.close()
    summary.seconds = time.monotonic() - started
    return summary


@contextmanager
def _lock(data_dir: Path) -> Iterator[None]:
    """Keep a second crawl out of the folder."""
    with ExitStack() as stack:
        try:
            stack.enter_context(sole_holder(data_dir / LOCK_FILE))
        except BlockingIOError as error:
            raise CrawlRunningError(data_dir) from error
        yield


def _first(errors: BaseExceptionGroup[BaseException]) -> BaseException:
    error = errors.exceptions[0]
    return _first(error) if isinstance(error, BaseExceptionGroup) else error


class _Crawl:
    """One run over the sites."""

    def __init__(
        self,
        sites: Sites,
        catalog: Catalog,
        frontier: Frontier,
        archive: Archive,
        limits: Limits,
        stop: asyncio.Event,
        on_progress: Progress | None,
    ) -> None:
        self._sites = {site.url: site for site in sites.sites}
        self._hosts: dict[str, list[Site]] = {}
        for site in sites.sites:
            self._hosts.setdefault(str(site.host), []).append(site)
        self._frontier = frontier
        self._limits = limits
        self._stop = stop
        self._on_progress = on_progress
        self._all_sites = sites
        self._summary = CrawlSummary(sites=len(sites.sites))
        self._under_way: dict[str, dict[int, Job]] = {host: {} for host in self._hosts}
        self._committed = {host: asyncio.Event() for host in self._hosts}
        self._recorder = Recorder(
            catalog, frontier, archive, sites.sites, limits, self._summary, self._note_commit
        )

    async def run(self) -> CrawlSummary:
        """Do everything there is to do."""
        summary = self._summary
        with self._frontier.write() as changes:
            homes = [NewJob(JobKind.HOME, url, PageRequest(url)) for url in self._sites]
            summary.resumed = not changes.begin_round(homes)
        summary.known = self._frontier.count(JobState.PENDING)
        async with Fetcher(self._all_sites, self._limits, self._stop) as fetcher:
            visitor = Visitor(fetcher, self._limits)
            try:
                async with asyncio.TaskGroup() as group:
                    group.create_task(self._recorder.run())
                    group.create_task(self._work_all(visitor))
            except BaseExceptionGroup as errors:
                # The first is the cause (a full disk, say); the others are what broke because of it.
                raise _first(errors) from errors
        summary.interrupted = self._stop.is_set()
        if not summary.interrupted:
            with self._frontier.write() as changes:
                changes.finish_round()
        return summary

    async def _work_all(self, visitor: Visitor) -> None:
        async with asyncio.TaskGroup() as group:
            for host in self._hosts:
                group.create_task(self._work(host, visitor))
        await self._recorder.finish()

    async def _work(self, host: str, visitor: Visitor) -> None:
        """Do the jobs of one server until there are none, or it is to be left alone."""
        under_way = self._under_way[host]
        while not self._stop.is_set():
            job = self._next_job(host)
            if job is None:
                if not await self._wait(host):
                    return
                continue
            try:
                outcome = await visitor.visit(job, self._sites[job.site])
            except StoppedError:
                return
            except HostDownError as error:
                self._summary.fail(Failure(str(error.host), error.problem, error.detail))
                return
            under_way[job.id] = job
            await self._recorder.put(outcome)

    def _next_job(self, host: str) -> Job | None:
        """Return the next job that may be done now. Details wait until all lists before them are recorded."""
        under_way = self._under_way[host]
        job = self._frontier.next_job(host, self._urls(host), under_way)
        lists_under_way = any(known.kind is not JobKind.DETAIL for known in under_way.values())
        return None if job is not None and job.kind is JobKind.DETAIL and lists_under_way else job

    async def _wait(self, host: str) -> bool:
        """Wait until there may be something to do for a server; False if there is nothing left."""
        if self._under_way[host]:
            self._committed[host].clear()
            await self._committed[host].wait()
            return True
        due_at = self._frontier.next_due(host, self._urls(host))
        if due_at is None:
            return False
        with suppress(StoppedError):
            await rest(due_at - time.time(), self._stop)
        return True

    def _urls(self, host: str) -> list[str]:
        return [site.url for site in self._hosts[host]]

    def _note_commit(self, outcomes: Sequence[Outcome]) -> None:
        for outcome in outcomes:
            self._under_way[outcome.job.host].pop(outcome.job.id, None)
            self._committed[outcome.job.host].set()
        if self._on_progress is not None:
            self._on_progress(self._summary)
