"""Asks a subsite of the demo city without a socket, and walks its lists as a crawl does."""

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from urllib.parse import parse_qsl, urljoin, urlsplit

from crawlers.addresses import canonical, host_of
from crawlers.families.family import (
    ColumnLink,
    Family,
    ListItem,
    ListPlace,
    ListReading,
    PageRequest,
    WebPage,
)
from crawlers.reading.decoding import decode
from crawlers.reading.tree import parse
from demo.city import Subsite
from demo.pages import Answer

_MOST_REQUESTS = 3000
_FRAME_DEPTH = 3
_PAGES_PER_COLUMN = 500


@dataclass(slots=True)
class Walk:
    """What lists brought: items by address, and how many requests that took."""

    items: dict[str, ListItem] = field(default_factory=dict)
    requests: int = 0


def ask(subsite: Subsite, request: PageRequest) -> Answer | None:
    """Return what a subsite answers; None where it has no such page."""
    parts = urlsplit(request.url)
    said = parse_qsl(f"{parts.query}&{request.form or ''}", encoding=subsite.cms.charset, errors="replace")
    return subsite.cms.answer(subsite, parts.path, dict(said))


def seen(answer: Answer, url: str) -> WebPage:
    """Return an answer as the page that a family reads."""
    text = decode(answer.body, None)
    return WebPage(url, text, "utf-8", parse(text))


def walk(subsite: Subsite, family: Family) -> Walk:
    """Read home pages, then all columns to their end, within the budgets of a crawl."""
    walked = Walk()
    columns = deque(_columns(subsite, family, walked))
    known: set[str] = set()
    while columns:
        column = columns.popleft()
        if column.path not in known:
            known.add(column.path)
            columns.extend(_read_column(subsite, family, column, walked))
    return walked


def _page(subsite: Subsite, request: PageRequest, walked: Walk) -> WebPage | None:
    if host_of(request.url) != host_of(subsite.root()) or walked.requests >= _MOST_REQUESTS:
        return None
    walked.requests += 1
    answer = ask(subsite, request)
    if answer is not None and (location := answer.headers.get("location")):
        return _page(subsite, PageRequest(urljoin(request.url, location)), walked)
    return None if answer is None or answer.status >= 300 else seen(answer, request.url)


def _columns(subsite: Subsite, family: Family, walked: Walk) -> Iterator[ColumnLink]:
    homes = deque([(PageRequest(subsite.root()), 0)])
    known: set[str] = set()
    while homes:
        request, depth = homes.popleft()
        page = None if request.url in known else _page(subsite, request, walked)
        known.add(request.url)
        if page is not None:
            home = family.read_home(page)
            yield from home.columns
            homes += [(frame, depth + 1) for frame in (*home.frames, *home.organs) if depth < _FRAME_DEPTH]


def _read_column(
    subsite: Subsite, family: Family, column: ColumnLink, walked: Walk
) -> tuple[ColumnLink, ...]:
    """Read a column until a page brings no new link; return the columns met on the way."""
    request: PageRequest | None = column.request
    memo, brought, met = column.memo, set[str](), tuple[ColumnLink, ...]()
    for number in range(1, _PAGES_PER_COLUMN + 1):
        page = None if request is None else _page(subsite, request, walked)
        if page is None:
            break
        reading = family.read_list(page, ListPlace(column.path, column.name, number, memo))
        met += reading.columns
        if not _goes_on(reading, number, brought, walked):
            break
        request, memo = reading.next, reading.memo
    return met


def _goes_on(reading: ListReading, number: int, brought: set[str], walked: Walk) -> bool:
    urls = {canonical(item.url): item for item in reading.items}
    new = urls.keys() - brought
    brought |= new
    for url in new:
        walked.items.setdefault(url, urls[url])
    return bool(new) or reading.may_repeat or (not reading.items and number == 1)
