"""Any other site: lists are found by their shape.

Site        Whatever no other family recognises.
Known by    Nothing: it is what is left.
Lists       The links whose row also holds a date.
Details     The body containers that all readers try.
Oddities    None of its own.
Proven by   domain.md 5.2.
"""

from collections.abc import Iterator
from itertools import islice
from urllib.parse import urlsplit

from catalog.records import Field
from crawlers.addresses import host_of
from crawlers.families.family import (
    ColumnLink,
    HomeReading,
    ListItem,
    ListPlace,
    ListReading,
    PageRequest,
    WebPage,
    said_by_list,
)
from crawlers.families.markup import DATE, frames, links, text_of, whole_title
from crawlers.reading.page import ReadingHints

_COLUMN_NAME = 12
_ROW_ELEMENTS = 8


class Generic:
    """Reads pages of no known family."""

    name = "generic"
    label = "通用"
    hints = ReadingHints()

    def recognises(self, page: WebPage) -> bool:  # noqa: ARG002 - it claims nothing
        """Recognise nothing: it reads what is left."""
        return False

    def read_home(self, page: WebPage) -> HomeReading:
        """Take short links to the page's own server as columns."""
        columns: dict[str, ColumnLink] = {}
        for link, url in links(page, page.tree):
            parts, name = urlsplit(url), text_of(link)
            if host_of(url) == host_of(page.url) and 1 < len(name) <= _COLUMN_NAME:
                path = f"{parts.path}?{parts.query}" if parts.query else parts.path
                columns.setdefault(path, ColumnLink(path, name, PageRequest(url)))
        return HomeReading(tuple(columns.values()), tuple(frames(page)))

    def read_list(self, page: WebPage, place: ListPlace) -> ListReading:
        """Take the links beside which a date stands."""
        items = tuple(_items(page))
        return ListReading(items, is_list=bool(items) or place.number > 1)


def _items(page: WebPage) -> Iterator[ListItem]:
    for link, url in links(page, page.tree):
        row = link.getparent()
        is_row = row is not None and not list(islice(row, _ROW_ELEMENTS, _ROW_ELEMENTS + 1))
        dates = DATE.findall(text_of(row)) if is_row else []
        title = whole_title(link)
        if len(dates) == 1 and title:
            said = {Field.TITLE: title, Field.PUBLISHED_ON: dates[0]}
            yield ListItem(url, tuple(said_by_list(field, raw) for field, raw in said.items()))


FAMILY = Generic()
