"""大汉 (Hanweb) JCMS.

Site        Very many portals and disclosure columns of provinces and cities; often taken for TRS.
Known by    /col/colN/index.html and /art/2012/3/14/art_COL_ID.html, newer /col/colN/art/2023/art_{uuid}.html;
            footer 大汉版通.
Lists       The first records stand in the page, in a <script type="text/xml"> or a <div>:
            <recordset><record><![CDATA[<li>…</li>]]></record>. More come as XML of the same form from
            /module/web/jpage/dataproxy.jsp. Where there is a <nextgroup>, it holds that address (with
            encrypted ids on newer sites); else the page's script says what to post there: param_N =
            {columnid, unitid, webid, webname, permissiontype, …} and .jpage({totalRecord, perPage}), in
            groups of three pages.
Details     #zoom, .artile_zw (sic), .art_con, .zc_article_con; facts in <meta> between comments.
Oddities    Some dataproxy.jsp obey startrecord and endrecord, others only page: both are sent, and a page
            that brings nothing new ends the list. The group page=1 may hold what the column page already
            showed. perpage above about 300 is cut. A page may hold another column's items, or news of the
            home page with status 200: a page counts only if one of its art_COL_… is of this column, or of one
            that stood in its first group (a parent shows its children's).
Proven by   domain.md 5.1 (keys CG, CG-TRS, XXGK, JS-LIST, NINGBO), 5.2; public crawlers of dingxi.gov.cn,
            kjt.shandong.gov.cn, cma.org.cn (<nextgroup>), jiangxi.gov.cn and chinatax.gov.cn (posted groups).
"""

import re
from collections.abc import Iterator
from itertools import islice
from urllib.parse import urlencode, urlsplit

from catalog.records import Field
from crawlers.addresses import resolve
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
from crawlers.families.markup import DATE, frames, is_file, links, own_paths, text_of, whole_title
from crawlers.reading.page import ReadingHints
from crawlers.reading.tree import Element, parse

# /col/col1229/index.html
_COLUMN = re.compile(r"/col/col(\d+)/(?:index\.html?)?$")
# /art/2012/3/14/art_1229_54321.html
_ARTICLE = re.compile(r"/art/\d{4}/\d{1,2}/\d{1,2}/art_(\d+)_\d+\.html?$")
# /col/col1229/art/2023/art_4f0c….html
_NEW_ARTICLE = re.compile(r"/col/col(\d+)/art/\d{4}/art_[0-9A-Za-z_-]+\.html?$")
_ADDRESSES = (_COLUMN, _ARTICLE, _NEW_ARTICLE)
_RECORD = re.compile(r"<record>\s*<!\[CDATA\[", re.IGNORECASE)
_NEXT_GROUP = re.compile(r"<nextgroup>\s*<!\[CDATA\[", re.IGNORECASE)
# 'columnid':'1229'   "perPage": 15   totalRecord : 312
_SETTING = re.compile(r"""["']?\b([A-Za-z]\w{1,30})["']?\s*:\s*(?:["']([^"'<>\n]{0,300})["']|(\d{1,9}))""")
# <totalrecord>312</totalrecord>
_TOTAL_TAG = re.compile(r"<totalrecord>\s*(\d{1,9})\s*</totalrecord>", re.IGNORECASE)
_PROXY = "/module/web/jpage/dataproxy.jsp"
_PROXY_ARGUMENTS = (
    "appid",
    "webid",
    "path",
    "columnid",
    "sourceContentType",
    "unitid",
    "webname",
    "permissiontype",
)
_ROW_ELEMENTS = 8
_PER_PAGE = 15
_PAGES_IN_GROUP = 3
_MAX_PER_PAGE = 300


class HanwebJcms:
    """How JCMS lists page and how its details read."""

    name = "hanweb_jcms"
    label = "大汉 JCMS"
    hints = ReadingHints(body=("#zoom", ".artile_zw", ".art_con", ".zc_article_con"))

    def recognises(self, page: WebPage) -> bool:
        """Look for an address of a column or an article, for the list's proxy, or for the list itself."""
        if any(pattern.search(path) for path in own_paths(page) for pattern in _ADDRESSES):
            return True
        return _PROXY in page.text or _RECORD.search(page.text) is not None

    def read_home(self, page: WebPage) -> HomeReading:
        """Read the links to columns."""
        columns: dict[str, ColumnLink] = {}
        for link, url in links(page, page.tree):
            found = _COLUMN.search(urlsplit(url).path)
            name = text_of(link) or " ".join((link.get("title") or "").split())
            if found and name:
                path = f"/col/col{found.group(1)}/"
                columns.setdefault(path, ColumnLink(path, name, PageRequest(url)))
        return HomeReading(tuple(columns.values()), tuple(frames(page)))

    def read_list(self, page: WebPage, place: ListPlace) -> ListReading:
        """Read the records of a column page or of an answer of dataproxy.jsp."""
        records = [parse(record) for record in _contents(page.text, _RECORD)]
        memo = place.memo if place.number > 1 else _settings(page)
        own = place.path.removeprefix("/col/col").strip("/")
        items = list(_items(page, records, memo["base"])) or list(_plain_items(page, own))
        if place.number == 1:
            memo |= {"columns": " ".join(sorted({own, *(column for column, _ in items if column)}))}
        columns = memo["columns"].split()
        named = _next_group(page)
        following = named
        if named is None and records:
            memo = _moved_on(memo, len(records), is_first=place.number == 1)
            following = _posted_group(page, memo)
        if not items and place.number == 1:
            # The list may stand in a frame of its own.
            following = following or next(frames(page), None)
        # An article may stand in a second column; a page none of whose articles is ours is another list.
        is_ours = any(column is None or column in columns for column, _ in items)
        return ListReading(
            items=tuple(item for _, item in items) if is_ours else (),
            next=following,
            memo=memo,
            may_repeat=named is not None and place.number == 2,
            is_list="<recordset" in page.text,
        )


def _contents(text: str, opening: re.Pattern[str]) -> Iterator[str]:
    """Yield what stands in CDATA behind each opening tag, in one pass over the text."""
    place = 0
    while found := opening.search(text, place):
        end = text.find("]]>", found.end())
        if end < 0:
            return
        yield text[found.end() : end]
        place = end


def _items(page: WebPage, records: list[Element], base: str) -> Iterator[tuple[str | None, ListItem]]:
    """Yield (column the article belongs to, item); the column is None for a file that is an item itself.

    `base` is the column page's address: the script shows the records of every group there.
    """
    for record in records:
        for link, url in links(page, record, base):
            column = _column_of(url)
            if column is not None or is_file(url):
                yield column, _item(link, url, text_of(record))
                break  # a record is one item; further links lead to its column or to a picture


def _plain_items(page: WebPage, own: str) -> Iterator[tuple[str | None, ListItem]]:
    """Yield the column's own articles of a page that lists them without records."""
    for link, url in links(page, page.tree):
        if _column_of(url) == own:
            around = link.getparent()
            # The date stands beside the link, unless all links stand in one block.
            is_row = around is not None and not list(islice(around, _ROW_ELEMENTS, _ROW_ELEMENTS + 1))
            yield own, _item(link, url, text_of(around if is_row else link))


def _column_of(url: str) -> str | None:
    path = urlsplit(url).path
    found = _ARTICLE.search(path) or _NEW_ARTICLE.search(path)
    return found.group(1) if found else None


def _item(link: Element, url: str, text: str) -> ListItem:
    said = {Field.TITLE: whole_title(link), Field.PUBLISHED_ON: next(iter(DATE.findall(text)[-1:]), None)}
    return ListItem(url, tuple(said_by_list(field, raw) for field, raw in said.items() if raw))


def _settings(page: WebPage) -> dict[str, str]:
    """Return what is to be known of a column on its further pages.

    That is its own address, what its script passes to dataproxy.jsp, and how many records there are.
    """
    settings: dict[str, str] = {}
    for name, quoted, number in _SETTING.findall(page.text):
        settings.setdefault(name, quoted or number)
    wanted = (*_PROXY_ARGUMENTS, "perPage", "totalRecord")
    memo = {name: settings[name] for name in wanted if name in settings}
    if total := _TOTAL_TAG.search(page.text):
        memo["totalRecord"] = total.group(1)
    return memo | {"base": page.url, "read": "0"}


def _next_group(page: WebPage) -> PageRequest | None:
    """Return the request the page itself names for what follows."""
    named = (parse(content) for content in _contents(page.text, _NEXT_GROUP))
    return next((PageRequest(url) for root in named for _, url in links(page, root)), None)


def _per_page(memo: dict[str, str]) -> int:
    stated = memo.get("perPage", "")
    return min(int(stated) if stated.isdigit() else 0, _MAX_PER_PAGE // _PAGES_IN_GROUP) or _PER_PAGE


def _moved_on(memo: dict[str, str], records: int, *, is_first: bool) -> dict[str, str]:
    """Return the memo with so many more records read, whole pages only.

    A column page may show a record more than its script counts (one pinned to the top), so its last page is
    asked for again unless it was whole.
    """
    read = int(memo["read"]) + records
    is_last = not is_first and read >= _total(memo)
    return memo | {"read": str(read if is_last else read - read % _per_page(memo))}


def _total(memo: dict[str, str]) -> int:
    stated = memo.get("totalRecord", "")
    return int(stated) if stated.isdigit() else 0


def _posted_group(page: WebPage, memo: dict[str, str]) -> PageRequest | None:
    """Return the request the list's script would post for what follows the records read."""
    url = resolve(page.url, _PROXY)
    read, per_page, total = int(memo["read"]), _per_page(memo), _total(memo)
    if url is None or "columnid" not in memo or read >= total:
        return None
    span = {
        "startrecord": read + 1,
        "endrecord": min(read + per_page * _PAGES_IN_GROUP, total),
        "perpage": per_page,
        "page": read // per_page + 1,
    }
    said = {name: memo[name] for name in _PROXY_ARGUMENTS if name in memo}
    return PageRequest(f"{url}?{urlencode(span)}", urlencode({"col": "1", **said}))


FAMILY = HanwebJcms()
