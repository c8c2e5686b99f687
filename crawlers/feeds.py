"""Sitemaps and feeds, which any site may have beside its lists: sitemap.xml (.gz, indexes), RSS, Atom.

They are read like lists, each under a path of its own that begins with `feed:`. A feed's date is a day of
publication; a sitemap's <lastmod> is not (it is when the file was last written) and says nothing here.
Forms: sitemaps.org protocol 0.9 with Google's news extension, RSS 2.0 and 1.0, RFC 4287.
"""

import zlib
from collections.abc import Iterator
from email.utils import parsedate_to_datetime

from lxml import etree  # type: ignore[import-untyped]
from protego import Protego

from catalog.dates import CHINA
from catalog.records import Field
from crawlers.addresses import canonical, host_of, resolve
from crawlers.families.family import (
    ColumnLink,
    ListItem,
    ListPlace,
    ListReading,
    PageRequest,
    WebPage,
    said_by_list,
)
from crawlers.families.markup import is_file
from crawlers.reading.tree import Element

PREFIX = "feed:"
"""What the path of a feed begins with; its address follows."""

# The protocol allows 50 MB and 50,000 addresses; we read no more than an ordinary body holds.
_MOST_BYTES = 20 * 1024 * 1024
_MOST_ITEMS = 50_000
_MOST_MAPS = 200
_FEED_TYPES = {"application/rss+xml", "application/atom+xml", "application/rdf+xml"}


def feeds_of(page: WebPage) -> tuple[PageRequest, ...]:
    """Return the feeds that a home page names in its head, of its own server."""
    found: dict[str, PageRequest] = {}
    for link in page.tree.iter("link"):
        is_feed = (link.get("type") or "").strip().lower() in _FEED_TYPES
        url = resolve(page.url, link.get("href") or "", charset=page.charset) if is_feed else None
        if url is not None and host_of(url) == host_of(page.url):
            found.setdefault(canonical(url), PageRequest(url))
    return tuple(found.values())


def sitemaps_of(robots: str) -> tuple[PageRequest, ...]:
    """Return the sitemaps that a robots.txt names."""
    urls = (resolve(written, written) for written in Protego.parse(robots).sitemaps)
    return tuple(dict.fromkeys(PageRequest(url) for url in urls if url is not None))[:_MOST_MAPS]


def column_of(request: PageRequest) -> ColumnLink:
    """Return a feed as the column under which it is queued."""
    return ColumnLink(PREFIX + canonical(request.url), "站点地图与订阅", request)


def is_feed(place: ListPlace) -> bool:
    """Tell whether a list page is a feed's, so that `read_feed` is to read it and not the family."""
    return place.path.startswith(PREFIX)


def read_feed(body: bytes, place: ListPlace) -> ListReading:
    """Read a sitemap, an index of sitemaps (its parts come as `columns`), RSS or Atom. Never raises.

    Addresses that lead to lists (a folder, an index page) are left out.
    """
    base = place.path.removeprefix(PREFIX)
    root = _parsed(_inflated(body))
    if root is None:
        return ListReading(is_list=False)
    name = _name(root)
    if name == "sitemapindex":
        parts = [PageRequest(url) for entry in _all(root, "sitemap") if (url := _address(entry, base))]
        return ListReading(columns=tuple(column_of(part) for part in parts[:_MOST_MAPS]))
    if name not in ("urlset", "rss", "RDF", "feed"):
        return ListReading(is_list=False)
    items = {item.url: item for item in _items(root, base)}
    return ListReading(tuple(items.values()))


def _items(root: Element, base: str) -> Iterator[ListItem]:
    for count, entry in enumerate(_all(root, "url", "item", "entry")):
        url = _address(entry, base)
        if count < _MOST_ITEMS and url and not _is_list(url):
            title = _text(entry, "title")
            day = _day(_text(entry, "publication_date", "pubDate", "date", "published"))
            said = {Field.TITLE: title, Field.PUBLISHED_ON: day}
            yield ListItem(url, tuple(said_by_list(field, raw) for field, raw in said.items() if raw))


def _is_list(url: str) -> bool:
    path = url.partition("?")[0].rpartition("/")[2].lower()
    has_arguments = "?" in url
    return not is_file(url) and not has_arguments and (not path or path.startswith(("index.", "list.")))


def _inflated(body: bytes) -> bytes:
    """Return the content of a .gz, what is longer than we read cut off; b"" for a broken one."""
    if not body.startswith(b"\x1f\x8b"):
        return body[:_MOST_BYTES]
    try:
        return zlib.decompressobj(zlib.MAX_WBITS | 16).decompress(body, _MOST_BYTES)
    except zlib.error:
        return b""


def _parsed(body: bytes) -> Element | None:
    """Parse XML without entities, DTDs or network; cut or slightly wrong files are read as far as they go."""
    parser = etree.XMLParser(
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        recover=True,
        remove_comments=True,
        remove_pis=True,
    )
    try:
        return etree.fromstring(body.lstrip(), parser)
    except (etree.XMLSyntaxError, ValueError):
        return None


def _name(element: Element) -> str:
    return etree.QName(element).localname if isinstance(element.tag, str) else ""


def _all(root: Element, *names: str) -> Iterator[Element]:
    return (element for element in root.iter() if _name(element) in names)


def _address(entry: Element, base: str) -> str | None:
    """Return where an entry leads to: the text of <loc> or <link>, or the href of Atom's alternate link."""
    for child in entry:
        name, href = _name(child), child.get("href")
        if name == "loc" or (name == "link" and not href):
            return resolve(base, child.text or "")
        if name == "link" and (child.get("rel") or "alternate") == "alternate":
            return resolve(base, href)
    return None


def _text(entry: Element, *names: str) -> str | None:
    found = (" ".join("".join(child.itertext()).split()) for child in _all(entry, *names))
    return next((said for said in found if said), None)


def _day(said: str | None) -> str | None:
    """Return a date of a feed as a day in China. Sample: Mon, 15 Oct 2012 16:30:00 GMT -> 2012-10-16"""
    if said is None or said[:4].isdigit():
        return said and said[:10]
    try:
        return parsedate_to_datetime(said).astimezone(CHINA).date().isoformat()
    except (ValueError, TypeError, OverflowError):
        return None
