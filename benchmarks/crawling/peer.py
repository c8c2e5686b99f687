"""Scrapy over the sites on standard input: `python -m benchmarks.crawling.peer FOLDER`.

The spider asks for the same pages: homes, lists, details, as the same families read them.
"""

import json
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import scrapy
from scrapy.crawler import CrawlerProcess
from scrapy.http import Request, TextResponse

from benchmarks.crawling.keeping import Keeper, Read
from catalog.records import PageKind
from crawlers.addresses import canonical
from crawlers.families import FAMILIES
from crawlers.families.family import ColumnLink, ListItem, ListPlace, PageRequest
from crawlers.feeds import column_of
from crawlers.fetching import Fetched
from crawlers.frontier import Job, JobKind
from crawlers.limits import Limits
from crawlers.outcome import Failed, Home, Listing
from crawlers.page_texts import content_hash, read_detail, read_listing
from crawlers.response import Response
from crawlers.servers import USER_AGENT

LIMITS = Limits()
SETTINGS = {
    "LOG_LEVEL": "ERROR",
    "ROBOTSTXT_OBEY": True,
    "USER_AGENT": USER_AGENT,
    "CONCURRENT_REQUESTS": LIMITS.hosts,
    "CONCURRENT_REQUESTS_PER_DOMAIN": 1,
    "DOWNLOAD_DELAY": 0,
    "COOKIES_ENABLED": False,
    "TELNETCONSOLE_ENABLED": False,
    # As its manual advises for many domains at once ("Broad Crawls").
    "SCHEDULER_PRIORITY_QUEUE": "scrapy.pqueues.DownloaderAwarePriorityQueue",
    "REACTOR_THREADPOOL_MAXSIZE": 20,
}
_FRAME_DEPTH = 3


class Pipeline:
    """Hands what was read to the keeper."""

    def __init__(self, folder: Path) -> None:
        self._keeper = Keeper(folder)

    @classmethod
    def from_crawler(cls, crawler: Any) -> "Pipeline":
        """Make it as Scrapy wants it."""
        return cls(Path(crawler.settings["FOLDER"]))

    def process_item(self, item: dict[str, Read]) -> dict[str, Read]:
        """Take a page."""
        self._keeper.put(item["read"])
        return item

    def close_spider(self) -> None:
        """Keep the rest."""
        self._keeper.close()


class Spider(scrapy.Spider):
    """Walks the subsites."""

    name = "subsites"

    def __init__(self, sites: list[tuple[str, str]]) -> None:
        super().__init__()
        self._sites = sites
        self._listed: set[str] = set()
        self._asked: set[tuple[str, str]] = set()

    async def start(self) -> Any:
        """Yield the home pages."""
        for name, url in self._sites:
            yield self._home((name, url), PageRequest(url), {})

    def _home(self, site: tuple[str, str], request: PageRequest, context: dict[str, Any]) -> Request:
        return _asking(request, self.read_listing, site=site, kind=JobKind.HOME, context=context)

    def read_listing(
        self, response: TextResponse, site: tuple[str, str], kind: JobKind, context: dict[str, Any]
    ) -> Iterator[Any]:
        """Read a home page or a list, and ask for what it leads to."""
        ours = _ours(response)
        job = Job(0, kind, site[1], "", PageRequest(response.url), context, 0)
        result = read_listing(job, None, Fetched(ours, (ours,)))
        family = getattr(result, "family", None)
        yield {"read": Read(ours, site, family)}
        if isinstance(result, Home):
            if result.depth < _FRAME_DEPTH:
                for page in (*result.reading.frames, *result.reading.organs):
                    yield self._home(site, page, {"family": family, "depth": result.depth + 1})
            feeds = [column_of(feed) for feed in result.reading.feeds]
            yield from self._columns(site, family, (*result.reading.columns, *feeds))
        elif isinstance(result, Listing):
            yield from self._columns(site, family, result.reading.columns)
            yield from self._listing(site, result)

    def _columns(
        self, site: tuple[str, str], family: str | None, columns: tuple[ColumnLink, ...]
    ) -> Iterator[Request]:
        for column in columns:
            if (site[1], column.path) not in self._asked:
                self._asked.add((site[1], column.path))
                place = ListPlace(column.path, column.name, 1, column.memo)
                yield self._list(site, family, place, column.request)

    def _list(
        self, site: tuple[str, str], family: str | None, place: ListPlace, request: PageRequest
    ) -> Request:
        context = {
            "family": family,
            "path": place.path,
            "name": place.name,
            "number": place.number,
            "memo": place.memo,
        }
        return _asking(request, self.read_listing, site=site, kind=JobKind.LIST, context=context)

    def _listing(self, site: tuple[str, str], listing: Listing) -> Iterator[Request]:
        place, reading = listing.place, listing.reading
        new = False
        for item in reading.items:
            key = canonical(item.url)
            if key in self._listed:
                continue
            self._listed.add(key)
            new = True
            said = {"family": listing.family, "place": place, "item": item}
            yield _asking(PageRequest(item.url), self.read_detail, site=site, **said)
        is_frame = not reading.items and place.number == 1
        if reading.next is not None and (new or is_frame or reading.may_repeat):
            following = ListPlace(place.path, place.name, place.number + 1, reading.memo)
            yield self._list(site, listing.family, following, reading.next)

    def read_detail(
        self, response: TextResponse, site: tuple[str, str], family: str, place: ListPlace, item: ListItem
    ) -> Iterator[Any]:
        """Read a publication."""
        ours = _ours(response)
        reading = read_detail(ours, FAMILIES[family])
        if isinstance(reading, Failed) or reading.page_kind is not PageKind.DOCUMENT:
            yield {"read": Read(ours, site, family)}
            return
        content_hash(reading)  # what the next visit is compared with
        yield {"read": Read(ours, site, family, reading, place, item)}


def _asking(request: PageRequest, callback: Any, **said: Any) -> Request:
    headers = {"Content-Type": request.content_type} if request.content_type else {}
    method = "GET" if request.form is None else "POST"
    return Request(
        request.url, callback, method, headers, request.form or "", cb_kwargs=said, dont_filter=True
    )


def _ours(response: TextResponse) -> Response:
    headers = tuple(
        (name.decode("latin-1"), value.decode("latin-1"))
        for name, values in response.headers.items()
        for value in values
    )
    moment = datetime.now(UTC).replace(tzinfo=None)
    body = response.body
    return Response(response.url, response.status, "OK", "HTTP/1.1", headers, body, body, moment)


def main() -> None:
    """Crawl and print a line of JSON."""
    sites = [(name, url) for name, url in json.load(sys.stdin)]
    started = time.monotonic()
    process = CrawlerProcess({**SETTINGS, "FOLDER": sys.argv[1], "ITEM_PIPELINES": {Pipeline: 1}})
    crawler = process.create_crawler(Spider)
    process.crawl(crawler, sites=sites)
    process.start()
    seconds = time.monotonic() - started
    failures = sum(
        count for name, count in crawler.stats.get_stats().items() if name.startswith("spider_exceptions/")
    )
    print(json.dumps({"seconds": seconds, "failures": failures, "version": scrapy.__version__}))


if __name__ == "__main__":
    main()
