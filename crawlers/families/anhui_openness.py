"""The openness system of Anhui: PHP on MongoDB, its maker is not known.

Site        Ma'anshan and its counties (zwgk.mas.gov.cn), Tianchang, Yingshang, Lu'an and Shucheng, most seen
            until 2019; Hulunbuir (www.hlbe.gov.cn). Some of them run another system by now.
Known by    /opennessTarget/?branch_id={24 hex}&column_code=10000&tag=&page=1, /opennessContent/?branch_id=…,
            /openness/detail/content/{24 hex}.html; the 24 digits are MongoDB's.
Lists       table.is-xxgkTable with a row per item: div.is-tda > a, then index number and date in the last two
            cells; elsewhere ul.m-lsbody > li. Pages by page=N; #page_list links them, the last but one to the
            last page. topic_id instead of column_code lists a topic or a genre.
Details     A table of facts whose fourth row holds the date and whose sixth row is the title; #zoom,
            .is-newscontnet, .m-article, .is-contentbox.
Oddities    The tree of columns is loaded by script as JSON: jsonTree?branch_id=… with name, code (an address)
            and children. A parent column lists what its children hold. Titles are cut with ... and no title=.
            Ma'anshan's newer site has it under a prefix: /xxgk/openness/detail/content/….
Proven by   domain.md 5.1 (key OPENNESS), 5.2; public crawlers of mas.gov.cn, luan.gov.cn, shucheng.gov.cn,
            ahys.gov.cn and hlbe.gov.cn; public source of such a site (jsonTree).
Assumed     Where the tree's JSON is asked for (any address that says jsonTree), and that a list of ten rows
            or more without links to pages may have a second page.
"""

import json
import re
from collections.abc import Iterator
from itertools import islice
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from crawlers.addresses import resolve
from crawlers.families.family import (
    ColumnLink,
    HomeReading,
    ListPlace,
    ListReading,
    PageRequest,
    WebPage,
)
from crawlers.families.markup import frames, is_file, links, own_paths, text_of, whole_title
from crawlers.families.rows import row_blocks, row_items
from crawlers.reading.page import ReadingHints
from crawlers.reading.tree import Element

# /opennessTarget/   /xxgk/opennessContent/
_LIST = re.compile(r"/openness(?:Target|Content)/?$")
# /openness/detail/content/5a0c1e7710000000000000b1.html
_DETAIL = re.compile(r"/openness\w{0,20}/detail/content/[0-9a-f]{24}\.html?$", re.IGNORECASE)
_ADDRESS = re.compile(
    r"/openness(?:Target|Content)/\?(?:[^#]*&)?branch_id=[0-9a-f]{24}\b"
    r"|/openness\w{0,20}/detail/content/[0-9a-f]{24}\.html?",
    re.IGNORECASE,
)
_OBJECT_ID = re.compile(r"[0-9a-f]{24}", re.IGNORECASE)
_TREE = re.compile(r"""["']([^"'\s<>]{0,200}jsonTree[^"'\s<>]{0,300})["']""")
_ROWS = re.compile(r"\b(?:is-xxgkTable|m-lsbody)\b")
# page=2 and so on: menus link to the first page of every list.
_FURTHER = re.compile(r"[2-9]|[1-9][0-9]{1,5}")
# 1 / 12   共12页
_PAGES = re.compile(r"\d{1,6}\s*/\s*(\d{1,6})|共\s*(\d{1,6})\s*页")
_SELECTS = ("column_code", "topic_id", "tag")
_FULL_PAGE = 10
_MOST_NODES = 5000


class AnhuiOpenness:
    """How the openness system lists page and how its details read."""

    name = "anhui_openness"
    label = "安徽信息公开系统"
    hints = ReadingHints(body=("#zoom", ".is-newscontnet", ".m-article", ".is-contentbox"))

    def recognises(self, page: WebPage) -> bool:
        """Look for an address of a list, of a body's page or of a detail: each holds an object id."""
        return any(_ADDRESS.search(path) for path in [*own_paths(page), page.url])

    def read_home(self, page: WebPage) -> HomeReading:
        """Read the links to columns, or the tree of them in JSON."""
        tree = _tree_of(page.text)
        own = _arguments(page.url).get("branch_id")
        columns: dict[str, ColumnLink] = {}
        branches: dict[str, PageRequest] = {}
        for name, url in _tree_links(page, tree) if tree else _page_links(page):
            if own and _arguments(url).get("branch_id") != own:
                continue  # the menu of a body's page leads to all the others
            path = _column_path(url)
            if path is not None and name:
                columns.setdefault(path, ColumnLink(path, name, PageRequest(_list_url(url))))
            elif _is_branch(url) and url != page.url:
                branches.setdefault(url, PageRequest(url))
        # A frame that shows a list shows one of the tree's columns.
        menus = (frame for frame in frames(page) if _column_path(frame.url) is None)
        if tree:
            return HomeReading(tuple(columns.values()))
        return HomeReading(tuple(columns.values()), (*_trees(page), *menus), tuple(branches.values()))

    def read_list(self, page: WebPage, place: ListPlace) -> ListReading:
        """Read the rows, and whether there is a further page."""
        blocks = row_blocks(page.tree, _ROWS)
        # Outside the list, files are forms and manuals.
        leads = _leads_to_item if blocks else _leads_to_detail
        items = tuple(row_items(page, blocks or [page.tree], leads))
        pager = _pager(page)
        last = max((_last_page(page, pager), place.number + (pager is None and len(items) >= _FULL_PAGE)))
        following = PageRequest(_turned(page.url, place.number + 1)) if place.number < last else None
        if not items and place.number == 1 and following is None:
            # The list may stand in a frame of its own.
            following = next(frames(page), None)
        return ListReading(items, following, is_list=bool(items or blocks) or pager is not None)


def _arguments(url: str) -> dict[str, str]:
    return dict(parse_qsl(urlsplit(url).query))


def _is_branch(url: str) -> bool:
    """Tell whether an address is that of a body's own page."""
    said = _arguments(url)
    found = _LIST.search(urlsplit(url).path) is not None and _OBJECT_ID.fullmatch(said.get("branch_id", ""))
    return bool(found) and not any(said.get(name) for name in _SELECTS)


def _column_path(url: str) -> str | None:
    """Return what tells a column from the others: body and column or topic; None for no column."""
    said = _arguments(url)
    if not _LIST.search(urlsplit(url).path) or not _OBJECT_ID.fullmatch(said.get("branch_id", "")):
        return None
    kept = {name: said[name] for name in _SELECTS if said.get(name)}
    return f"/opennessTarget/?{urlencode({'branch_id': said['branch_id'], **kept})}" if kept else None


def _list_url(url: str) -> str:
    """Return the address of the list itself: opennessContent is the page around it."""
    parts = urlsplit(url)
    return urlunsplit(parts._replace(path=parts.path.replace("/opennessContent", "/opennessTarget")))


def _leads_to_detail(url: str) -> bool:
    return _DETAIL.search(urlsplit(url).path) is not None


def _leads_to_item(url: str) -> bool:
    return _leads_to_detail(url) or is_file(url)


def _page_links(page: WebPage) -> Iterator[tuple[str, str]]:
    for link, url in links(page, page.tree):
        yield whole_title(link) or text_of(link), url


def _trees(page: WebPage) -> Iterator[PageRequest]:
    for found in islice(_TREE.finditer(page.text), 20):
        url = resolve(page.url, found.group(1), charset=page.charset)
        if url is not None:
            yield PageRequest(url)


def _tree_of(text: str) -> list[Any]:
    """Return the tree of columns if the text is one: [{"name": …, "code": address, "children": […]}]."""
    if not text.lstrip("\ufeff \r\n\t").startswith(("[", "{")):
        return []
    try:
        tree = json.loads(text.lstrip("\ufeff"))
    except (ValueError, RecursionError):
        return []
    return list(tree.values()) if isinstance(tree, dict) else tree if isinstance(tree, list) else []


def _tree_links(page: WebPage, tree: list[Any]) -> Iterator[tuple[str, str]]:
    """Yield name and address of the nodes, parents before children."""
    waiting = tree[::-1]
    for _ in range(_MOST_NODES):
        if not waiting:
            return
        node = waiting.pop()
        if not isinstance(node, dict):
            continue
        children = node.get("children")
        if isinstance(children, list):
            waiting += children[::-1]
        name, address = node.get("name") or node.get("text"), node.get("code")
        if isinstance(name, str) and isinstance(address, str):
            url = resolve(page.url, address, charset=page.charset)
            if url is not None:
                yield " ".join(name.split()), url


def _pager(page: WebPage) -> Element | None:
    """Return what turns the list: the element named so, else what holds a link to a further page of it."""
    named = (element for element in page.tree.iter("div", "ul", "p") if element.get("id") == "page_list")
    found = next(named, None)
    return _holder_of_turns(page) if found is None else found


def _holder_of_turns(page: WebPage) -> Element | None:
    path = _column_path(page.url)
    for link, url in links(page, page.tree):
        if _FURTHER.fullmatch(_arguments(url).get("page", "")) and _column_path(url) == path:
            return link.getparent()
    return None


def _last_page(page: WebPage, pager: Element | None) -> int:
    """Return the number of the last page that the list links to or names."""
    if pager is None:
        return 0
    path = _column_path(page.url)
    numbers = [_arguments(url).get("page", "") for _, url in links(page, pager) if _column_path(url) == path]
    numbers += [number for pair in _PAGES.findall(text_of(pager)) for number in pair]
    return max((int(number) for number in numbers if re.fullmatch(r"[0-9]{1,6}", number)), default=0)


def _turned(url: str, number: int) -> str:
    """Return the address of a list with its page set."""
    parts = urlsplit(url)
    kept = [pair for pair in parts.query.split("&") if pair and not pair.startswith("page=")]
    return urlunsplit(parts._replace(query="&".join([*kept, f"page={number}"])))


FAMILY = AnhuiOpenness()
