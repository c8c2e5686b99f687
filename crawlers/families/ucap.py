"""gov.cn UCAP.

Site        The State Council's portal, 国家税务总局, Heilongjiang and other provinces and departments.
Known by    #UCAP-CONTENT or the tags <UCAPTITLE>, <UCAPCONTENT>, <PUBLISHTIME> in details; a list's
            script that asks /common/search/{channel} or a .json file beside the page.
Lists       Filled in by script from JSON, in two forms. (1) A file that holds the whole column, on gov.cn
            ajax({url: "./ZUIXINZHENGCE.json"}): an array of TITLE, SUB_TITLE, URL, DOCRELPUBTIME. (2) A
            search, /common/search/{channel}?page=1&_pageSize=15&_isAgg=true&_isJson=true&_template=index:
            data with total, page, rows and results of title, url, publishedTimeStr or publishedTime
            (epoch milliseconds), and domainMetaList, groups of resultList of {key, value}: refno,
            indexnumber, writedate, pubdate, theme, source. Values are found by key: names and order
            differ from site to site. Older columns list their links in the page.
Details     /zhengce/content/202609/content_7080735.htm, /hlj/c107889/202602/c00_31909999.shtml,
            /zcfgk/c100012/c5252176/content.html. Body #UCAP-CONTENT, <UCAPCONTENT>, div.article_content;
            facts in cells <td><b>标 题：</b></td><td>….
Oddities    Values may be the word null, numbers strings. writedate is the day of signing and pubdate the
            day of sending out, so the day of posting is publishedTime. The page size is cut by some
            sites. Columns whose script posts to /getFileListByCodeId (国家税务总局) are not read.
Proven by   domain.md 5.1 (keys CG, CG-GOV), 3.4; the two forms of lists and their names from public
            crawlers of www.gov.cn, hlj.gov.cn and chinatax.gov.cn. Assumed: that a column's page names
            its feed in a script of its own (seen on gov.cn only); what the addresses of columns look
            like.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from catalog.records import Field
from crawlers.addresses import resolve
from crawlers.families.answers import (
    NoListError,
    answer_of,
    count_said,
    date_said,
    item,
    mappings,
    next_answer,
    said,
    with_argument,
)
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
from crawlers.reading.page import ReadingHints
from crawlers.reading.tree import Element

_PER_PAGE = 15
_ROW_LINKS = 2

_SIGNS = re.compile(
    r"""\bid\s{0,3}=\s{0,3}["']?UCAP-CONTENT\b|<UCAP(?:TITLE|CONTENT)\b|<PUBLISHTIME\b|/common/search/[0-9a-z]{8,40}\b""",
    re.IGNORECASE,
)
# "./ZUIXINZHENGCE.json"   '/common/search/817052cbb3a94d0d8217824e7a3aca53?_isAgg=true'
_FEED = re.compile(
    r"""["']([^"'<>\s]{0,300}/common/search/[0-9a-z]{8,40}(?:\?[^"'<>\s]{0,300})?|[^"'<>\s?]{1,300}\.json)["']""",
    re.IGNORECASE,
)
_ARTICLE = re.compile(
    r"/content_\d+\.html?$|/c\d+/\d{6}/[0-9a-z_-]+\.s?html?$|/c\d+/c\d+/content\.s?html?$", re.IGNORECASE
)
_COLUMN = re.compile(
    r"^(/.{0,300}/(?:(?:index|home|common_list|\w{0,40}list\w{0,10}|zfxxgk\w{0,40})\.s?html?)?)$",
    re.IGNORECASE,
)
# 本栏目暂无信息   没有相关内容
_EMPTY = re.compile(r"暂无|(?:没有|无)(?:相关|符合|数据|记录|内容|信息)")
_OF_SEARCH = {"_isAgg": "true", "_isJson": "true", "_template": "index"}
_META = {
    "refno": Field.DOC_NUMBER,
    "indexnumber": Field.INDEX_NUMBER,
    "writedate": Field.ISSUED_ON,
    "theme": Field.TOPIC,
    "source": Field.SOURCE,
}
_DATES = {Field.ISSUED_ON, Field.PUBLISHED_ON}


class Ucap:
    """How UCAP's feeds page and how its details read."""

    name = "ucap"
    label = "中国政府网 UCAP"
    hints = ReadingHints(body=("#UCAP-CONTENT", "ucapcontent", "div.article_content"))

    def recognises(self, page: WebPage) -> bool:
        """Look for the tags of a detail, for the search a column asks, or for an article's address."""
        if _SIGNS.search(page.text):
            return True
        return any(_is_article(path) for path in own_paths(page))

    def read_home(self, page: WebPage) -> HomeReading:
        """Read the links to columns: folders and list pages below the site's root."""
        columns: dict[str, ColumnLink] = {}
        for link, url in links(page, page.tree):
            parts = urlsplit(url)
            name = text_of(link) or " ".join((link.get("title") or "").split())
            found = _COLUMN.match(parts.path)
            if found and name and not parts.query and parts.netloc == urlsplit(page.url).netloc:
                path = re.sub(r"(?:index|home)\.s?html?$", "", found.group(1))
                if path not in ("/", urlsplit(page.url).path):
                    columns.setdefault(path, ColumnLink(path, name, PageRequest(url)))
        return HomeReading(tuple(columns.values()), tuple(frames(page)))

    def read_list(self, page: WebPage, place: ListPlace) -> ListReading:
        """Read a column's page, or an answer of its feed."""
        if place.number == 1:
            items = tuple(_linked_items(page, place.path))
            feed = _feed(page)
            following = feed or (None if items else next(frames(page), None))
            if not items and following is None and not (self.recognises(page) or _EMPTY.search(page.text)):
                raise NoListError(f"栏目页上没有列表：“{text_of(page.tree)[:60]}”")
            # The feed begins with what the page itself shows.
            return ListReading(items, following, {"feed": feed.url if feed else ""}, is_list=bool(feed))
        if not place.memo.get("feed"):
            # The list stood in a frame.
            framed = ListPlace(place.path, place.name, 1)
            return self.read_list(page, framed)
        answer = answer_of(page, place.number)
        rows, total = _rows(answer)
        items = tuple(entry for row in rows if (entry := _item(page, row)))
        asked = dict(parse_qsl(urlsplit(page.url).query))
        memo = place.memo | {"read": str(count_said(place.memo.get("read")) + len(rows))}
        # A whole column in one file has no pages.
        per_page = count_said(asked.get("_pageSize"))
        following = next_answer(page, len(rows), per_page, int(memo["read"]), total) if per_page else None
        return ListReading(items, following, memo, may_repeat=asked.get("page") == "1")


def _is_article(url: str) -> bool:
    return bool(_ARTICLE.search(urlsplit(url).path))


def _feed(page: WebPage) -> PageRequest | None:
    """Return the first page of the feed that a column's script names."""
    for script in page.tree.iter("script"):
        for address in _FEED.findall(script.text or ""):
            url = resolve(page.url, address, charset=page.charset)
            if url is not None and "/common/search/" in url:
                for name, value in _OF_SEARCH.items():
                    url = with_argument(url, name, value)
                # A script may add the size itself: '…&_pageSize=' + 15
                if not count_said(dict(parse_qsl(urlsplit(url).query)).get("_pageSize")):
                    url = with_argument(url, "_pageSize", str(_PER_PAGE))
                return PageRequest(with_argument(url, "page", "1"))
            if url is not None:
                return PageRequest(url)
    return None


def _linked_items(page: WebPage, path: str) -> Iterator[ListItem]:
    """Yield the articles that a column's page links itself, with the dates in their rows.

    A page that has a list of its own also links other columns' news: what lies in the column's own folder
    is its list, if anything does.
    """
    found = {url: link for link, url in links(page, page.tree) if _is_article(url)}
    folder = path[: path.rfind("/") + 1]
    own = {url: link for url, link in found.items() if urlsplit(url).path.startswith(folder)}
    for url, link in (own or found).items():
        dates = DATE.findall(_row_text(link))
        facts = {Field.TITLE: whole_title(link), Field.PUBLISHED_ON: dates[-1] if dates else None}
        yield ListItem(url, tuple(said_by_list(field, raw) for field, raw in facts.items() if raw))


def _row_text(link: Element) -> str:
    """Return the text of the row a link stands in; only its own where no row is to be made out."""
    row = next(link.iterancestors("li", "tr"), None)
    if row is None or sum(1 for _ in zip(row.iter("a"), range(_ROW_LINKS + 1), strict=False)) > _ROW_LINKS:
        return text_of(link)
    return text_of(row)


def _rows(answer: Any) -> tuple[list[Mapping[str, Any]], int]:
    """Return the entries of an answer of either form and the total it states (0: none)."""
    if isinstance(answer, list):
        return list(mappings(answer)), 0
    data = answer.get("data") if isinstance(answer, Mapping) else None
    if not isinstance(data, Mapping):
        return [], 0
    return list(mappings(data.get("results"))), count_said(data.get("total"))


def _item(page: WebPage, row: Mapping[str, Any]) -> ListItem | None:
    """Return an entry of a feed; None for one that leads nowhere."""
    address = said(row.get("url")) or said(row.get("URL"))
    url = resolve(page.url, address) if address else None
    if url is None:
        return None
    posted = (date_said(row.get(name)) for name in ("publishedTimeStr", "publishedTime", "DOCRELPUBTIME"))
    facts = [
        (Field.TITLE, said(row.get("title")) or said(row.get("TITLE"))),
        (Field.PUBLISHED_ON, next((day for day in posted if day), None)),
    ]
    return item(url, [*facts, *_meta_facts(row)])


def _meta_facts(row: Mapping[str, Any]) -> Iterator[tuple[Field, str | None]]:
    for group in mappings(row.get("domainMetaList")):
        for entry in mappings(group.get("resultList")):
            field = _META.get(str(entry.get("key")).lower())
            if field is not None:
                yield field, (date_said if field in _DATES else said)(entry.get("value"))


FAMILY = Ucap()
