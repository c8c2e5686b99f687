"""The crawl: one worker for each server, one recorder for all.

A worker takes the jobs of a server this process has leased one after the other (home pages, then lists,
then details) and hands what came of them to the recorder. It is done when its server has no job left and
none is on its way. Servers that another crawl has are its business; those of one that died are taken over.
"""

import asyncio
import time
from collections.abc import Callable, Iterable, Sequence
from contextlib import closing, suppress
from functools import partial
from pathlib import Path

from catalog import recording
from catalog.organizations import read_organizations
from catalog.purging import tombstone
from catalog.store import Catalog
from catalog.twins import twins_of
from crawlers.addresses import canonical
from crawlers.archive import Archive
from crawlers.doors import Door
from crawlers.errors import FetchError, HostDownError, Problem, StoppedError
from crawlers.families.family import PageRequest
from crawlers.fetching import Fetcher
from crawlers.frontier import Frontier, Job, JobKind, JobState, NewJob
from crawlers.leases import Leases
from crawlers.limits import Limits
from crawlers.network import Network
from crawlers.outcome import Outcome
from crawlers.politeness import rest
from crawlers.pushing import Pushes
from crawlers.recorder import Recorder
from crawlers.response import Response
from crawlers.sites import Site, Sites
from crawlers.summary import CrawlSummary, Failure
from crawlers.visit import Visitor

# How often a process looks for servers that have become free and for jobs somebody waits for.
LOOK_SECONDS = 0.5

Progress = Callable[[CrawlSummary], None]


async def crawl(
    sites: Sites,
    data_dir: Path,
    *,
    limits: Limits | None = None,
    stop: asyncio.Event | None = None,
    on_progress: Progress | None = None,
    urgent_only: bool = False,
    network: Network | None = None,
) -> CrawlSummary:
    """Crawl the sites into the catalogue of a data folder and return what was done.

    An interrupted round is gone on with; after a finished one a new round reads the lists again and
    visits what is new or due. It ends with the round, also where other processes do part of it. When
    `stop` is set, it ends after the requests under way. `on_progress` is called after each group that was
    recorded. With `urgent_only` no round is begun: only what somebody waits for is done. `network` is how
    servers are reached, the system's ways if None.

    Raises `CatalogError` if the catalogue or the organisations file cannot be read.
    """
    limits = limits or Limits()
    started = time.monotonic()
    # Whatever is wrong with this file is to be known before anything is made or changed.
    entries = read_organizations(sites.organizations) if sites.organizations else ()
    with Catalog.open(data_dir) as catalog:
        with catalog.write() as tx:
            recording.load_organizations(tx, entries)
        frontier, archive = Frontier(data_dir), Archive(data_dir, limits)
        try:
            with Leases(frontier) as leases:
                run = _Crawl(
                    sites, catalog, leases, frontier, archive, limits, stop or asyncio.Event(), on_progress
                )
                summary = await run.run(network, urgent_only=urgent_only)
        finally:
            archive.close()
            frontier.close()
    summary.seconds = time.monotonic() - started
    return summary


def _first(errors: BaseExceptionGroup[BaseException]) -> BaseException:
    error = errors.exceptions[0]
    return _first(error) if isinstance(error, BaseExceptionGroup) else error


class _Crawl:
    """One run over the sites."""

    def __init__(
        self,
        sites: Sites,
        catalog: Catalog,
        leases: Leases,
        frontier: Frontier,
        archive: Archive,
        limits: Limits,
        stop: asyncio.Event,
        on_progress: Progress | None,
    ) -> None:
        self._sites = {site.url: site for site in sites.sites}
        self._hosts: dict[str, list[Site]] = {}
        for site in sites.sites:
            self._hosts.setdefault(site.host.server, []).append(site)
        self._catalog = catalog
        self._leases = leases
        self._frontier = frontier
        self._limits = limits
        self._stop = stop
        self._on_progress = on_progress
        self._all_sites = sites
        self._pushes = Pushes(frontier.data_dir)
        self._urgent_only = False
        # Servers that were left alone: their round was not seen through.
        self._given_up: set[str] = set()
        self._summary = CrawlSummary(sites=len(sites.sites))
        self._under_way: dict[str, dict[int, Job]] = {host: {} for host in self._hosts}
        self._committed = {host: asyncio.Event() for host in self._hosts}
        self._recorder = Recorder(
            catalog, frontier, archive, sites.sites, limits, self._summary, self._note_commit
        )

    async def run(self, network: Network | None, *, urgent_only: bool) -> CrawlSummary:
        """Do everything there is to do."""
        summary, self._urgent_only = self._summary, urgent_only
        await asyncio.to_thread(self._answer_pushes)
        if not urgent_only:
            homes = [NewJob(JobKind.HOME, url, PageRequest(url)) for url in self._sites]
            with self._frontier.write() as changes:
                summary.resumed = changes.begin_round(homes)
        summary.known = self._frontier.count(JobState.PENDING)
        doors = partial(Door, self._frontier.data_dir)
        async with Fetcher(
            self._all_sites, self._limits, self._stop, network, doors, self._is_purged
        ) as fetcher:
            visitor = Visitor(fetcher, self._limits, self._frontier.home_of, self._pushed)
            try:
                async with asyncio.TaskGroup() as group:
                    group.create_task(self._recorder.run())
                    group.create_task(self._work_all(visitor))
            except BaseExceptionGroup as errors:
                # The first is the cause (a full disk, say); the others are what broke because of it.
                raise _first(errors) from errors
            finally:
                visitor.close()
                self._pushes.close()
        await asyncio.to_thread(self._answer_pushes)
        summary.interrupted = self._stop.is_set()
        if not summary.interrupted and not urgent_only:
            with self._frontier.write() as changes:
                changes.finish_round(self._hosts, self._leases.owner)
        return summary

    def _is_purged(self, url: str) -> bool:
        with self._catalog.read() as connection:
            return tombstone(connection, {url, canonical(url), *twins_of(canonical(url))}) is not None

    def _pushed(self, entry_id: str) -> Response | None:
        """Return what was pushed; nothing of what was purged may reach the archive again."""
        response = self._pushes.response_of(entry_id)
        if response is not None and self._is_purged(response.url):
            raise FetchError(Problem.PURGED, response.url)
        return response

    async def _work_all(self, visitor: Visitor) -> None:
        """Keep a worker at each server that is ours until there is nothing left, here or elsewhere."""
        async with asyncio.TaskGroup() as group:
            workers: dict[str, asyncio.Task[None]] = {}
            while not self._stop.is_set():
                workers = {host: worker for host, worker in workers.items() if not worker.done()}
                for host in await asyncio.to_thread(self._claim, set(workers)):
                    workers[host] = group.create_task(self._work(host, visitor))
                if not workers and not await asyncio.to_thread(self._left):
                    break
                await self._pause(workers.values())
        await self._recorder.finish()

    async def _pause(self, workers: Iterable[asyncio.Task[None]]) -> None:
        """Wait until a worker is done or all is to end, but not for long."""
        end = asyncio.ensure_future(self._stop.wait())
        await asyncio.wait([end, *workers], timeout=LOOK_SECONDS, return_when=asyncio.FIRST_COMPLETED)
        end.cancel()

    def _answer_pushes(self) -> None:
        with closing(Pushes(self._frontier.data_dir)) as pushes:
            pushes.exchange(self._frontier, self._sites.values())

    def _claim(self, at_work: set[str]) -> list[str]:
        self._pushes.exchange(self._frontier, self._sites.values())
        names = [name for name in self._hosts if name not in at_work]
        urgent = self._frontier.urgent_hosts() & set(names)
        if self._urgent_only:
            names = sorted(urgent)
        return self._leases.claim(names, urgent, self._limits.hosts - len(at_work)) if names else []

    def _left(self) -> bool:
        """Tell whether anything is left to be done by anybody."""
        urgent = bool(self._frontier.urgent_hosts() & set(self._hosts))
        return (
            urgent
            or self._pushes.waiting(self._sites.values())
            or (not self._urgent_only and bool(self._leases.open(self._hosts)))
        )

    async def _work(self, host: str, visitor: Visitor) -> None:
        """Do what there is to do at a server and give it back."""
        done = await self._work_off(host, visitor)
        while self._under_way[host]:
            await self._commit_of(host)
        await asyncio.to_thread(self._give_back, host, done)

    def _give_back(self, host: str, done: bool) -> None:
        began = self._frontier.round_began(host)
        if done and began is not None and host not in self._given_up:
            self._recorder.round_over(self._hosts[host], began)
        self._leases.release(host, done=done)

    async def _work_off(self, host: str, visitor: Visitor) -> bool:
        """Do the jobs of one server; tell whether there are none left or it is to be left alone."""
        while not self._stop.is_set() and self._leases.holds(host):
            job = self._next_job(host)
            if job is None:
                if not await self._wait(host):
                    return not self._urgent_only
                continue
            try:
                outcome = await visitor.visit(job, self._sites[job.site])
            except StoppedError:
                return False
            except HostDownError as error:
                self._summary.fail(Failure(str(error.host), error.problem, error.detail))
                await asyncio.to_thread(self._give_up, host, error)
                return not self._urgent_only
            self._under_way[host][job.id] = job
            await self._recorder.put(outcome)
        return False

    def _give_up(self, host: str, error: HostDownError) -> None:
        """Tell of a server that is down, and let nobody wait for it."""
        self._given_up.add(host)
        self._recorder.server_down(self._hosts[host], error.problem, error.detail)
        with self._frontier.write() as changes:
            changes.no_longer_urgent(host)

    def _next_job(self, host: str) -> Job | None:
        """Return the next job that may be done now. Details wait until all lists before them are recorded."""
        under_way = self._under_way[host]
        job = self._frontier.next_job(host, self._urls(host), under_way, urgent_only=self._urgent_only)
        lists_under_way = any(known.kind is not JobKind.DETAIL for known in under_way.values())
        return None if job is not None and job.kind is JobKind.DETAIL and lists_under_way else job

    async def _wait(self, host: str) -> bool:
        """Wait until there may be something to do for a server; False if there is nothing left."""
        if self._under_way[host]:
            await self._commit_of(host)
            return True
        due_at = self._frontier.next_due(host, self._urls(host), urgent_only=self._urgent_only)
        if due_at is None:
            return False
        with suppress(StoppedError):
            await rest(due_at - time.time(), self._stop)
        return True

    async def _commit_of(self, host: str) -> None:
        self._committed[host].clear()
        await self._committed[host].wait()

    def _urls(self, host: str) -> list[str]:
        return [site.url for site in self._hosts[host]]

    def _note_commit(self, outcomes: Sequence[Outcome]) -> None:
        for outcome in outcomes:
            self._under_way[outcome.job.host].pop(outcome.job.id, None)
            self._committed[outcome.job.host].set()
        if self._on_progress is not None:
            self._on_progress(self._summary)
