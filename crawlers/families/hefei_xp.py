"""The old Hefei disclosure system (`.xp`).

Site        zwgk.hefei.gov.cn and its subsites, seen in copies of 2015 to 2018; probably the upgrade of 2012.
Known by    /zwgk/public/index.xp and spage.xp; GBK; framesets (doAction=sframe).
Lists       spage.xp?doAction=sxxlist&cid=&type=1&mlid=…&unitid=…, also xxlist&unitid=, zdlylist2&type=5&id=.
            A table with bgcolor #e4e4e4: second cell the index number, third the link, fourth the date,
            fifth a hidden table with the whole name. Pages are turned by the script goPage(n); the page and
            the number of pages stand in <font color=#FF6600>.
Details     spage.xp?doAction=view&indexno=667938726/201802-00052. The content table has the class `bk`, the
            text ends at the comment GWD SHARE BEGIN.
Oddities    The index number in the address holds a slash. What goPage does is not known from the copies; it
            is read here from the page: an address it goes to, or a form it submits, else `curPage=n` is added
            as in zdlylist2.
Proven by   domain.md 5.1 (keys HF-OLD, HF-LIST, HF-GBK, HF2017) and 5.2; a public crawler of Chaohu's lists.
"""

import re
from collections.abc import Iterator
from urllib.parse import parse_qsl, quote, urlencode, urlsplit, urlunsplit

from catalog.records import Field
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
from crawlers.families.markup import DATE, frames, links, own_paths, text_of, whole_title
from crawlers.families.turning import turned
from crawlers.reading.page import ReadingHints
from crawlers.reading.tree import Element

_LIST_ACTIONS = {"sxxlist", "xxlist", "zdlylist2"}
_PAGE_ARGUMENTS = {"curpage"}
_LIST_COLOUR = "#e4e4e4"
_COUNT_COLOUR = "#ff6600"

# /zwgk/public/spage.xp?doAction=smenu
_ADDRESS = re.compile(r"/(?:index|spage)\.xp(?:$|\?)")
# javascript:goPage(2)   goPage('2')
_TURN = re.compile(r"goPage\s*\(\s*['\"]?(\d{1,6})['\"]?\s*\)")
# function goPage(n){ … }
_TURNER = re.compile(r"function\s+goPage\s*\(")


class HefeiXp:
    """How the `.xp` lists page and how its details read."""

    name = "hefei_xp"
    label = "合肥 .xp 信息公开系统"
    hints = ReadingHints(body=("table.bk",), body_end="GWD SHARE BEGIN")

    def recognises(self, page: WebPage) -> bool:
        """Look for an address of the system, or for the list's table under its script."""
        if any(_ADDRESS.search(path) for path in own_paths(page)) or _ADDRESS.search(page.url):
            return True
        return _TURNER.search(page.text) is not None and next(_rows(page), None) is not None

    def read_home(self, page: WebPage) -> HomeReading:
        """Read the frameset or the menu in one of its frames."""
        columns: dict[str, ColumnLink] = {}
        for link, url in links(page, page.tree):
            name = text_of(link) or " ".join((link.get("title") or "").split())
            if _action(url) in _LIST_ACTIONS and name:
                columns.setdefault(_column_path(url), ColumnLink(_column_path(url), name, PageRequest(url)))
        # A frame that shows a list shows one of the menu's columns.
        menus = (frame for frame in frames(page) if _action(frame.url) not in _LIST_ACTIONS)
        return HomeReading(tuple(columns.values()), tuple(menus))

    def read_list(self, page: WebPage, place: ListPlace) -> ListReading:
        """Read the table of items and what goPage would do for the next page."""
        rows = list(_rows(page))
        items = tuple(item for row in rows for item in _row_items(page, row))
        following = _next_page(page, place.number + 1)
        if not items and place.number == 1 and following is None:
            # The list may stand in a frame of its own.
            following = next(frames(page), None)
        # A list with nothing in it may leave its table out, but it can still turn pages.
        is_list = bool(rows) or _TURNER.search(page.text) is not None
        return ListReading(items, following, is_list=is_list)


def _action(url: str) -> str:
    return dict(parse_qsl(urlsplit(url).query)).get("doAction", "")


def _column_path(url: str) -> str:
    """Return what tells a column from the others: path and arguments, without the page number."""
    parts = urlsplit(url)
    arguments = sorted(
        (name, value)
        for name, value in parse_qsl(parts.query, encoding="gb18030", errors="replace")
        if name.lower() not in _PAGE_ARGUMENTS and value
    )
    return f"{parts.path}?{urlencode(arguments)}"


def _rows(page: WebPage) -> Iterator[Element]:
    """Yield the rows of the list, its head included; not those of tables within it."""
    for row in page.tree.iter("tr"):
        table = next(row.iterancestors("table"), None)
        if table is not None and (table.get("bgcolor") or "").strip().lower() == _LIST_COLOUR:
            yield row


def _row_items(page: WebPage, row: Element) -> Iterator[ListItem]:
    cells = [cell for cell in row if cell.tag in ("td", "th")]
    if len(cells) < 4:
        return
    found = next(
        ((link, url) for link, url in links(page, cells[2]) if _action(url) not in _LIST_ACTIONS), None
    )
    if found is None:
        return
    link, url = found
    said = {
        Field.TITLE: whole_title(link) or _whole_name(text_of(link), cells[4:5]),
        Field.INDEX_NUMBER: text_of(cells[1]),
        Field.PUBLISHED_ON: next(iter(DATE.findall(text_of(cells[3]))), None),
    }
    yield ListItem(url, tuple(said_by_list(field, raw) for field, raw in said.items() if raw))


def _whole_name(cut: str, cells: list[Element]) -> str | None:
    """Return the name a row's hidden table gives whole where its link cuts it short."""
    stem = cut.rstrip("….")
    texts = (text_of(cell) for outer in cells for cell in outer.iter("td") if cell.find(".//td") is None)
    return next((text for text in texts if text.startswith(stem) and len(text) > len(stem)), None)


def _next_page(page: WebPage, number: int) -> PageRequest | None:
    """Return the request for a page if the list offers it or a later one."""
    offered = [int(asked) for asked in _TURN.findall(page.text)]
    if max([*offered, _page_count(page)]) < number:
        return None
    return turned(page, "goPage", number) or PageRequest(_with_argument(page.url, "curPage", str(number)))


def _page_count(page: WebPage) -> int:
    """Return the number of pages the list prints.

    Sample: 第<font color=#FF6600>1</font>页 共<font color=#FF6600>12</font>页
    """
    counts = [
        text_of(font) for font in page.tree.iter("font") if (font.get("color") or "").lower() == _COUNT_COLOUR
    ]
    return int(counts[1]) if len(counts) > 1 and re.fullmatch(r"[0-9]{1,6}", counts[1]) else 0


def _with_argument(url: str, name: str, value: str) -> str:
    """Return the address with one argument set; the others stay as they were written."""
    parts = urlsplit(url)
    kept = [
        pair for pair in parts.query.split("&") if pair and pair.partition("=")[0].lower() != name.lower()
    ]
    return urlunsplit(parts._replace(query="&".join([*kept, f"{name}={quote(value)}"])))


FAMILY = HefeiXp()
