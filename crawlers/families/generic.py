"""Any other site: columns, lists and their pages are found by shape, whatever made them.

Site        Whatever no other family recognises.
Known by    Nothing: it is what is left.
Lists       The largest group of rows with dates, else of long names (`groups`). Lists kept as text in a
            <script> or in CDATA are read as if they stood in the page. Pages turn as `paging` says.
Details     The body containers that all readers try; no hints.
Oddities    Columns are taken from short links, so some lead to pages that are no lists: these bring nothing,
            or, not deep in the site, the columns below them. On further pages a row counts only if its
            address has a shape the first page had (drift guard). Lists that a script loads are asked for
            only where the page itself states the request (`loading`); answers may be HTML or JSON.
Proven by   domain.md 5.2 (keys BUDGET, CG, CG-TRS, JS-LIST); the figures of `benchmarks.families`.
"""

import re
from collections.abc import Iterator
from urllib.parse import urlsplit

from catalog.records import Field
from crawlers.addresses import canonical, host_of
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
from crawlers.families.groups import Group, Row, best, groups, shape
from crawlers.families.json_rows import json_items
from crawlers.families.loading import load_request, loaded
from crawlers.families.markup import frames, is_file, links, text_of
from crawlers.families.paging import has_more, next_page
from crawlers.reading.page import ReadingHints
from crawlers.reading.tree import Element, parse

_COLUMN_NAME = 16
_HUB_DEPTH = 2
_SHAPES = 20
_NO_COLUMN = re.compile(
    r"^(?:.?首页|主页|返回.*|上一?页|下一?页|尾页|末页|更多.{0,3}|more.{0,3}|设为首页|加入收藏|收藏.*|登[录陆].*|注册|退出|管理.*|"
    r"English|EN|RSS.*|网站地图|无障碍.*|长者.*|适老.*|手机版|移动版|简体.*|繁体.*|繁體.*|打印.*|关闭.*|搜索|检索|高级搜索|"
    r".*统计|.*邮箱|.*微[博信].*|关于我们|联系我们|版权.*|隐私.*|网站声明|\d+|[^\w]+)$",
    re.IGNORECASE,
)
# <script type="text/xml">   <script type="text/template">
_KEPT = re.compile(r"text/(?:xml|html|template|x-[\w-]+)", re.IGNORECASE)
_CDATA = "<![CDATA["
_MOST_KEPT = 2_000_000


class Generic:
    """Reads pages of no known family."""

    name = "generic"
    label = "通用"
    hints = ReadingHints()

    def recognises(self, page: WebPage) -> bool:  # noqa: ARG002 - it claims nothing
        """Recognise nothing: it reads what is left."""
        return False

    def read_home(self, page: WebPage) -> HomeReading:
        """Take short links that stand in no list of documents as columns."""
        rows = [
            row for group in groups(page, page.tree) if group.is_dated or group.is_long for row in group.rows
        ]
        columns = _columns(page, {row.url for row in rows}, depth=1)
        # A frame that shows one of the columns is no menu.
        known = {column.path for column in columns}
        menus = (frame for frame in frames(page) if _path(frame.url) not in known)
        return HomeReading(columns, tuple(menus))

    def read_list(self, page: WebPage, place: ListPlace) -> ListReading:
        """Read the list and find its next page; on a page without any list, the columns it leads to."""
        if items := json_items(page):
            return ListReading(tuple(items), _loaded_next(place, place.memo), place.memo)
        found = best([group for root in _roots(page) for group in groups(page, root)], _folder(place.path))
        rows = _own_rows(found, place)
        memo = place.memo if place.number > 1 else _first_memo(page, rows, place)
        following = _loaded_next(place, memo)
        if rows:
            following = next_page(page, place.number) or following
        elif place.number == 1:
            # The list may stand in a frame of its own.
            following = next(frames(page), following)
        depth = int(place.memo.get("depth", _HUB_DEPTH))
        is_hub = not rows and place.number == 1 and depth < _HUB_DEPTH
        return ListReading(
            items=tuple(_item(row) for row in rows),
            next=following,
            memo=memo,
            is_list=bool(rows),
            columns=_columns(page, set(), depth=depth + 1) if is_hub else (),
        )


def _first_memo(page: WebPage, rows: list[Row], place: ListPlace) -> dict[str, str]:
    """Return what further pages must know: the shapes of addresses, and the list that a script loads.

    Such a list begins with its first page where the column's page is empty, else with its second.
    """
    memo = place.memo | _shapes(rows)
    return memo | loaded(page) | {"shift": "0" if rows else "1"} if not rows or has_more(page) else memo


def _loaded_next(place: ListPlace, memo: dict[str, str]) -> PageRequest | None:
    return load_request(memo, place.number + 1 - int(memo.get("shift", "0")))


def _roots(page: WebPage) -> Iterator[Element]:
    """Yield the page, and the lists it keeps as text for a script to show."""
    yield page.tree
    kept = [
        "".join(script.itertext())
        for script in page.tree.iter("script", "textarea")
        if script.tag == "textarea" or _KEPT.match(script.get("type") or "")
    ]
    if not kept and _CDATA in page.text:
        kept = [page.text]
    text = "".join(kept)[:_MOST_KEPT]
    if "<" in text:
        yield parse(text.replace(_CDATA, "").replace("]]>", ""))


def _columns(page: WebPage, items: set[str], depth: int) -> tuple[ColumnLink, ...]:
    columns: dict[str, ColumnLink] = {}
    here = canonical(page.url)
    for link, url in links(page, page.tree):
        name = text_of(link) or " ".join((link.get("title") or "").split())
        if not 2 <= len(name) <= _COLUMN_NAME or _NO_COLUMN.match(name):
            continue
        if host_of(url) != host_of(page.url) or is_file(url) or url in items or canonical(url) == here:
            continue
        if urlsplit(url).path not in ("", "/") or urlsplit(url).query:
            path = _path(url)
            columns.setdefault(path, ColumnLink(path, name, PageRequest(url), {"depth": str(depth)}))
    return tuple(columns.values())


def _path(url: str) -> str:
    parts = urlsplit(canonical(url))
    return f"{parts.path}?{parts.query}" if parts.query else parts.path


def _folder(path: str) -> str:
    return path.partition("?")[0].rpartition("/")[0] + "/"


def _own_rows(group: Group | None, place: ListPlace) -> list[Row]:
    """Return a group's rows; on further pages only if they are of the kind the first page listed."""
    known = set(place.memo.get("shapes", "").split())
    rows = [] if group is None else group.rows
    if place.number == 1 or not known:
        return rows
    return [row for row in rows if shape(row.url) in known]


def _shapes(rows: list[Row]) -> dict[str, str]:
    shapes = dict.fromkeys(shape(row.url) for row in rows)
    return {"shapes": " ".join(list(shapes)[:_SHAPES])}


def _item(row: Row) -> ListItem:
    said = {Field.TITLE: row.title, Field.PUBLISHED_ON: row.day}
    return ListItem(row.url, tuple(said_by_list(field, raw) for field, raw in said.items() if raw))


FAMILY = Generic()
