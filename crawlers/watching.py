"""Watching: rounds at an interval, within time windows, for as long as the process lives.

Between rounds, and outside of the windows, only what somebody waits for is done. Whatever goes wrong in a
round is logged and ends that round alone.
"""

import asyncio
import logging
import time
from collections.abc import Callable, Coroutine
from contextlib import closing, suppress
from dataclasses import dataclass, field
from pathlib import Path

from sqlalchemy.exc import SQLAlchemyError

from catalog.errors import CatalogError
from crawlers.crawl import crawl
from crawlers.errors import CrawlError, SitesFileError, StoppedError
from crawlers.frontier import Frontier
from crawlers.limits import Limits
from crawlers.politeness import rest
from crawlers.pushing import Pushes
from crawlers.sites import read_sites
from crawlers.summary import CrawlSummary
from crawlers.windows import Windows

LOOK_SECONDS = 1.0
# After a round that failed as a whole (a full disk, a catalogue that cannot be opened).
PAUSE_SECONDS = 60.0

logger = logging.getLogger("gongkai.crawl")

Told = Callable[[CrawlSummary], None]


class SitesFile:
    """A sites file that is read again when it changes; while it is wrong, what it said before holds."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._seen = self._stamp()
        self.sites = read_sites(path)

    def changed(self) -> bool:
        """Read the file if it is another one now; tell whether that gave other sites."""
        stamp = self._stamp()
        if stamp == self._seen:
            return False
        self._seen = stamp
        try:
            sites = read_sites(self._path)
        except SitesFileError as error:
            logger.error("站点清单有误，继续使用原来的清单：%s", error)
            return False
        changed, self.sites = sites != self.sites, sites
        if changed:
            logger.info("站点清单已更新，现有 %d 个站点。", len(sites.sites))
        return changed

    def _stamp(self) -> tuple[int, int, int]:
        try:
            stat = self._path.stat()
        except OSError:
            return (0, 0, 0)  # it is being replaced
        return (stat.st_mtime_ns, stat.st_size, stat.st_ino)


@dataclass(frozen=True, slots=True)
class Watch:
    """How to watch: seconds between the begins of two rounds, and when servers may be asked."""

    interval: float
    windows: Windows = field(default_factory=Windows)
    limits: Limits = field(default_factory=Limits)


async def watch(
    sites: Path, data_dir: Path, how: Watch, *, stop: asyncio.Event, on_round: Told | None = None
) -> None:
    """Crawl round after round until `stop` is set; then end after the requests under way.

    Raises `SitesFileError` if the sites file is wrong at the beginning. `on_round` is told of each round.
    """
    file = SitesFile(sites)
    due = 0.0
    with closing(Frontier(data_dir)) as frontier, closing(Pushes(data_dir)) as pushes, suppress(StoppedError):
        while True:
            file.changed()
            begun, servers = time.time(), {site.host.server for site in file.sites.sites}
            pushes.exchange(frontier, file.sites.sites)
            if how.windows.open_at(begun) and begun >= due:
                ended = await _round(file, data_dir, how, stop, on_round)
                # What broke off is gone on with as soon as may be, and not at once where it failed.
                due = begun + how.interval if ended else time.time() + min(PAUSE_SECONDS, how.interval)
            elif frontier.urgent_hosts() & servers:
                await _safely(crawl(file.sites, data_dir, limits=how.limits, stop=stop, urgent_only=True))
            await rest(LOOK_SECONDS, stop)


async def _round(
    file: SitesFile, data_dir: Path, how: Watch, stop: asyncio.Event, on_round: Told | None
) -> bool:
    """Crawl until the round or the window is over; False if the round is not. New sites join in at once."""
    while True:
        pause = asyncio.Event()
        guard = asyncio.create_task(_guard(file, how.windows, stop, pause))
        summary = await _safely(crawl(file.sites, data_dir, limits=how.limits, stop=pause))
        guard.cancel()
        with suppress(asyncio.CancelledError):
            await guard
        if summary is None:
            return False
        if on_round is not None:
            on_round(summary)
        if not summary.interrupted:
            return True
        if stop.is_set():
            raise StoppedError
        if not how.windows.open_at(time.time()):
            return False


async def _guard(file: SitesFile, windows: Windows, stop: asyncio.Event, pause: asyncio.Event) -> None:
    """Set `pause` when the round is to break off."""
    with suppress(StoppedError):
        while windows.open_at(time.time()) and not file.changed():
            await rest(LOOK_SECONDS, stop)
    pause.set()


async def _safely(crawling: Coroutine[None, None, CrawlSummary]) -> CrawlSummary | None:
    """Wait for a crawl; what breaks it is logged."""
    try:
        return await crawling
    except (CrawlError, CatalogError, OSError, SQLAlchemyError) as error:
        logger.error("本轮抓取中断，稍后再试；已入库的内容不受影响：%s", error)
        return None
