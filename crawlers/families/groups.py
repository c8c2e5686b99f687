"""The list on a page of unknown make: the rows of links that stand side by side, and which of them count.

A row is a list's entry or a table's row around a link, else the largest element that leads nowhere else.
Rows of one parent are a group; the groups of equal brothers (a list cut into blocks of five) are one. A list
is a group whose rows hold dates, else one of long texts.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from urllib.parse import parse_qsl, urlsplit

from crawlers.addresses import host_of
from crawlers.families.family import WebPage
from crawlers.families.markup import DATE, links, text_of, whole_title
from crawlers.reading.tree import Element, is_unseen

# Sample: [10-15]   10-15   10/15   10月15日
_DAY = re.compile(r"(?<![\d-])(?:0?[1-9]|1[0-2])\s*[-/.月]\s*(?:[12]\d|3[01]|0?[1-9])(?![\d-])日?")
# A month with its day on a line of its own. Sample: <b>15</b><i>2012-10</i>
_MONTH = re.compile(r"(?<!\d)(?:19|20)\d\d\s*[-./年]\s*(?:0?[1-9]|1[0-2])(?!\d)")
# What lists put before a link's name. Sample: [通知] 关于…
_MARKER = re.compile(r"^[\[【〔(（·•>»\s]{0,3}|[\]】〕)）\s]{0,3}$")
_DIGITS = re.compile(r"[0-9a-fA-F-]{16,}|\d+")
_ROW_TAGS = {"li", "tr", "dt"}
_LEAST_NAME = 5
_LONG_NAME = 10
_LEAST_LONG = 5
# Rows may carry an abstract; a date of its own stands with few words. Sample: 发布时间：2012-10-15 09:30
_ROW_TEXT = 800
_DATE_TEXT = 60
_CLIMB = 8
_CELLS = 12
_MOST_LINKS = 20_000


@dataclass(slots=True)
class Row:
    """A link of a list: its address, the whole name if the list gives it, and the day if it does."""

    url: str
    name: str
    title: str | None
    day: str | None
    is_dated: bool


@dataclass(slots=True)
class Group:
    """Rows that stand side by side, in the order of the page."""

    rows: list[Row] = field(default_factory=list)

    @property
    def dated(self) -> int:
        """How many of the rows hold a date."""
        return sum(row.is_dated for row in self.rows)

    @property
    def is_dated(self) -> bool:
        """Whether most rows hold one."""
        return 2 * self.dated >= len(self.rows) > 0

    @property
    def is_long(self) -> bool:
        """Whether these are names of documents rather than of columns."""
        long = sum(len(row.name) >= _LONG_NAME for row in self.rows)
        return len(self.rows) >= _LEAST_LONG and 4 * long >= 3 * len(self.rows)


def groups(page: WebPage, root: Element) -> list[Group]:
    """Return the groups of named links below an element that lead to the page's own server."""
    found = list(islice(_named(page, root), _MOST_LINKS))
    targets = _targets(found)
    made: dict[object, Group] = {}
    taken: set[Element] = set()
    for link, url in found:
        row = _row_of(link, targets)
        if row not in taken:
            taken.add(row)
            made.setdefault(_key(row), Group()).rows.append(_read(link, url, row, targets))
    return list(made.values())


def best(candidates: Sequence[Group], prefix: str) -> Group | None:
    """Return the group that is a column's list; None if there is none.

    Dated rows count more than long names, addresses in the column's own folder (`prefix`) more than others,
    many rows more than few.
    """
    lists = [group for group in candidates if group.is_dated or group.is_long]
    return max(
        lists, key=lambda group: (group.is_dated, _lies_in(group, prefix), len(group.rows)), default=None
    )


def shape(url: str) -> str:
    """Return an address with numbers made equal: those of one column's details are alike.

    Sample: /art/2012/3/14/art_7_54321.html -> /art/0/0/0/art_0_0.html
    """
    parts = urlsplit(url)
    names = sorted({name for name, _ in parse_qsl(parts.query)})
    return _DIGITS.sub("0", parts.path) + ("?" + "&".join(names) if names else "")


def _named(page: WebPage, root: Element) -> Iterator[tuple[Element, str]]:
    here = host_of(page.url)
    for link, url in links(page, root):
        name = _name(link)
        if len(name) >= _LEAST_NAME and host_of(url) == here and urlsplit(url)[2:4] != ("/", ""):
            yield link, url


def _name(link: Element) -> str:
    said = _MARKER.sub("", text_of(link))
    return max(said, " ".join((link.get("title") or "").split()), key=len)


def _targets(found: list[tuple[Element, str]]) -> dict[Element, str | None]:
    """Return for each element around a link the one address that is in it, or None if there are several."""
    targets: dict[Element, str | None] = {}
    for link, url in found:
        for element in (link, *islice(link.iterancestors(), _CLIMB)):
            targets[element] = url if targets.get(element, url) == url else None
    return targets


def _row_of(link: Element, targets: dict[Element, str | None]) -> Element:
    """Return the element around a link that is a row by its tag, else the largest that leads nowhere else."""
    row = link
    for element in islice(link.iterancestors(), _CLIMB):
        if targets.get(element) is None or element.tag in ("body", "html"):
            break
        row = element
        if row.tag in _ROW_TAGS and not _is_cell(row, targets):
            break
    return row


def _is_cell(row: Element, targets: dict[Element, str | None]) -> bool:
    """Tell whether an entry is but a cell of its row.

    Sample: <ul><li>1</li><li><a>…</a></li><li>2012-10-15</li></ul>
    """
    parent = row.getparent()
    if row.tag != "li" or parent is None or targets.get(parent) is None:
        return False
    return any(
        other is not row and other.tag == "li" and other not in targets for other in islice(parent, _CELLS)
    )


def _key(row: Element) -> object:
    """Return what rows of one list have in common."""
    parent = row.getparent()
    around = None if parent is None else parent.getparent()
    if around is None:
        return parent, row.tag
    return around, parent.tag, parent.get("class"), row.tag


def _read(link: Element, url: str, row: Element, targets: dict[Element, str | None]) -> Row:
    said = _seen_text(row, _ROW_TEXT)
    day = _day(said)
    beside = row.getnext()
    if day is None and beside is not None and beside not in targets:
        # <dt><a>…</a></dt><dd>2012-10-15</dd>
        said = f"{said} {_seen_text(beside, _DATE_TEXT)}"
        day = _day(said)
    is_dated = day is not None or bool(_DAY.search(said) or _MONTH.search(said))
    return Row(url, _name(link), whole_title(link), day, is_dated)


def _seen_text(element: Element, limit: int) -> str:
    """Return what an element says; "" where it is no part of a list: unseen, or longer than a row can be."""
    said = "" if is_unseen(element) else text_of(element)
    return said if len(said) <= limit else ""


def _day(said: str) -> str | None:
    return next(iter(DATE.findall(said)[-1:]), None)


def _lies_in(group: Group, prefix: str) -> bool:
    own = sum(urlsplit(row.url).path.startswith(prefix) for row in group.rows)
    return len(prefix) > 1 and 2 * own > len(group.rows)
