"""龙讯 (LonSun).

Site        Hefei and most of Anhui today: www.ah.gov.cn and the provincial departments, www.chuzhou.gov.cn,
            www.wuhu.gov.cn, kjj.hefei.gov.cn; some elsewhere (www.lushan.gov.cn in Jiangxi).
Known by    /public/column/1741?type=4&action=list&nav=3&catId=6711231; scripts that call /site/label/8888;
            cookie SHIROJSESSIONID, which stands in no page and which nothing but the header tells.
Lists       The column page calls Ls.ajax with {siteId, pageSize, pageIndex, organId, type, catId, …} on
            /site/label/8888 (labelName=publicInfoList, GET or POST) and is answered with HTML:
            div.xxgk_navli with a <ul> whose <li> are cells (number, index number, link, date), or
            ul.xxgk_nav_list with li > a[title] + span.date. The number of pages is pageCount: 12 in a
            script, or the largest paged="12". type=2 is the guide (指南), no list; type=6 lists an organ's
            行政规范性文件.
Details     /public/{organ}/{id}.html, in Wuhu /openness/public/{organ}/{id}.html; .wzcon, .gk_container,
            .con_main, mostly also .j-fontContent; a table of facts, now and then a second, hidden one.
Oddities    The label has other numbers too (/site/label/165919) and may stand behind a prefix
            (/chuzhou/site/label/8888), so the page's own script is read. Some column pages show their first
            rows, others none. HtmlGenerateTime in <meta> is the template's time and no date of the text.
Proven by   domain.md 5.1 (keys LONSUN-LABEL, HF-NEW, RSSHUB-AH, WUHU, AHGUIDE), 2.3; public crawlers of
            www.ah.gov.cn, sthjt.ah.gov.cn and mpa.ah.gov.cn (GET), ybj.ah.gov.cn (POST, /public/7071/….html),
            xsxxgk.huaibei.gov.cn (POST), www.chuzhou.gov.cn (prefix), www.lushan.gov.cn (the script itself).
Assumed     Without a script to read, the label is /site/label/8888 with the siteId of <meta name="SiteId">
            and what the column's own address says; without either, a column page that shows rows takes
            pageIndex itself (as addresses of zczj.haibei.gov.cn do). An organ's page holds its tree of
            columns as links: a tree that a script fetches is not found.
"""

import re
from itertools import islice, zip_longest
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
from crawlers.families.markup import frames, is_file, links, meta_content, own_paths, text_of, whole_title
from crawlers.families.rows import row_blocks, row_items
from crawlers.reading.page import ReadingHints

# /public/column/1741   /openness/public/column/6596211
_COLUMN = re.compile(r"/public/column/(\d{1,15})/?$")
# /public/column/1741?type=4&action=list
_COLUMN_SIGN = re.compile(r"/public/column/\d{1,15}/?\?(?:[^#]*&)?(?:type=\d|catId=\d)")
# /public/7071/56789012.html   /openness/public/6596211/15194751.html
_DETAIL = re.compile(r"/public/\d{1,15}/\d{1,15}\.html?$")
_LABEL = re.compile(r"/site/label/\d{1,10}(?=[\"'?])")
_DATA = re.compile(r"\bdata\s*:\s*\{([^{}]{0,3000})\}")
# siteId : "4443205"   pageIndex: pageIndex   'type':4
_PAIR = re.compile(
    r"""["']?\b([A-Za-z_]\w{0,30})["']?\s*:\s*(?:"([^"\n]{0,300})"|'([^'\n]{0,300})'|(\d{1,15}))"""
)
_POSTS = re.compile(r"""\b(?:type|method)\s*:\s*["']post["']""", re.IGNORECASE)
# pageCount: 12   pageCount:"12"   paged="12"
_PAGES = re.compile(r"""\b(?:pageCount\s*[:=]|paged\s*=)\s*["']?(\d{1,6})\b""")
_ROWS = re.compile(r"\b(?:xxgk_navli|xxgk_nav_list|gk_list)\b")
_CALL_CHARS = 4000
_OPTION_CHARS = 200
_MOST_CALLS = 20


class LonSun:
    """How LonSun lists page and how its details read."""

    name = "lonsun"
    label = "龙讯"
    hints = ReadingHints(
        body=(
            ".j-fontContent",
            ".wzcon",
            ".gk_container",
            ".con_main",
            ".wenzhang_main",
            ".newscontnet",
            ".contentxxgk",
        )
    )

    def recognises(self, page: WebPage) -> bool:
        """Look for a call of a label, or a link to a column or to an organ's page."""
        if _LABEL.search(page.text):
            return True
        return any(_COLUMN_SIGN.search(path) for path in [*own_paths(page), page.url])

    def read_home(self, page: WebPage) -> HomeReading:
        """Read the links to columns; the page of a whole organ is read for more of them."""
        own = _organ(page.url)
        columns: dict[str, ColumnLink] = {}
        organs: dict[str, PageRequest] = {}
        for link, url in links(page, page.tree):
            if own and _organ(url) != own:
                continue  # the menu of an organ's page leads to all the others
            path = _column_path(url)
            name = whole_title(link) or text_of(link)
            if path is not None and name:
                columns.setdefault(path, ColumnLink(path, name, PageRequest(url)))
            elif _is_organ(url):
                organs.setdefault(url, PageRequest(url))
        return HomeReading(tuple(columns.values()), tuple(frames(page)), tuple(organs.values()))

    def read_list(self, page: WebPage, place: ListPlace) -> ListReading:
        """Read a column page, or what its label answered."""
        blocks = row_blocks(page.tree, _ROWS)
        is_list = bool(blocks) or _LABEL.search(page.text) is not None
        if place.number > 1:
            memo = dict(place.memo)
        else:
            memo = _call(page) or _assumed_call(page) or (_own_paging(page) if blocks else {})
        # What a label answers may be bare rows.
        roots = blocks or ([page.tree] if place.number > 1 else [])
        items = tuple(row_items(page, roots, _leads_to_item))
        if pages := _page_count(page):
            memo["pages"] = str(max(pages, int(memo.get("pages", "0"))))
        is_unread = not items and place.number == 1
        memo["read"] = "0" if is_unread else str(int(memo.get("read", "0")) + 1)
        return ListReading(
            items, _next(memo, has_items=bool(items), is_unread=is_unread), memo, is_list=is_list
        )


def _arguments(url: str) -> dict[str, str]:
    return dict(parse_qsl(urlsplit(url).query))


def _organ(url: str) -> str:
    """Return the number of the organ whose page or column an address is; empty for any other address."""
    found = _COLUMN.search(urlsplit(url).path)
    return found.group(1) if found else ""


def _column_path(url: str) -> str | None:
    """Return what tells a column from the others: its organ, type and category; None for no column."""
    said = _arguments(url)
    kind, category = said.get("type") or "4", said.get("catId")
    is_list = kind == "6" or (kind == "4" and category)
    if not _organ(url) or not is_list:
        return None
    kept = {"type": kind, "catId": category or ""}
    return f"{urlsplit(url).path.rstrip('/')}?{urlencode(kept)}"


def _is_organ(url: str) -> bool:
    """Tell whether an address is that of an organ's own page: it lists the organ's columns."""
    said = _arguments(url)
    return bool(_organ(url)) and said.get("type", "4") == "4" and not said.get("catId")


def _leads_to_item(url: str) -> bool:
    path = urlsplit(url).path
    return bool(_DETAIL.search(path)) or is_file(url)


def _call(page: WebPage) -> dict[str, str] | None:
    """Return how the page's script asks for the rows: address, arguments, and whether it posts them."""
    calls = list(islice(_LABEL.finditer(page.text), _MOST_CALLS))
    for call, following in zip_longest(calls, calls[1:]):
        end = following.start() if following else len(page.text)
        start = max(0, call.start() - _CALL_CHARS // 10)
        script, at = page.text[start : min(end, call.end() + _CALL_CHARS)], call.start() - start
        url = resolve(page.url, _quoted(script, at) or "", charset=page.charset)
        data = _DATA.search(script, at)
        pairs = data.group(1) if data else ""
        if url is None or "pageIndex" not in f"{pairs} {url}":
            continue  # other labels count visits or fill menus
        around = script[max(0, at - _OPTION_CHARS) : data.start() if data else at + _OPTION_CHARS]
        said = _arguments(url) | {name: a or b or c for name, a, b, c in _PAIR.findall(pairs)}
        address = urlunsplit(urlsplit(url)._replace(query=""))
        return _memo(page, address, said, posts=bool(_POSTS.search(around)))
    return None


def _quoted(script: str, at: int) -> str | None:
    """Return the string literal that holds the character at this place."""
    start = max(script.rfind('"', 0, at), script.rfind("'", 0, at))
    end = script.find(script[start], at) if start >= 0 else -1
    return script[start + 1 : end] if end >= 0 else None


def _assumed_call(page: WebPage) -> dict[str, str] | None:
    """Return how rows are asked for where the page's script cannot be read; None without a site's number."""
    site = meta_content(page, "siteid")
    url = resolve(page.url, "/site/label/8888")
    if not site or url is None:
        return None
    said = {"labelName": "publicInfoList", "siteId": site, "pageSize": "15", "action": "list"}
    return _memo(page, url, said, posts=False)


def _own_paging(page: WebPage) -> dict[str, str]:
    """Return how a column page is asked for its further pages where no label is known."""
    own = {name: value for name, value in _arguments(page.url).items() if name != "pageIndex"}
    return {
        "url": urlunsplit(urlsplit(page.url)._replace(query="")),
        "arguments": urlencode(own),
        "posts": "",
    }


def _memo(page: WebPage, url: str, said: dict[str, str], *, posts: bool) -> dict[str, str]:
    """Return what is to be known on the further pages. What scripts take from variables is in the address."""
    own = {"organId": _organ(page.url), **_arguments(page.url)} if _organ(page.url) else {}
    filled = {
        name: own[name] for name in ("organId", "type", "catId") if own.get(name) and not said.get(name)
    }
    called = {"IsAjax": "1", "dataType": "html", **said, **filled}
    arguments = {name: value for name, value in called.items() if name != "pageIndex"}
    return {"url": url, "arguments": urlencode(arguments), "posts": "1" if posts else ""}


def _page_count(page: WebPage) -> int:
    return max((int(number) for number in _PAGES.findall(page.text)), default=0)


def _next(memo: dict[str, str], *, has_items: bool, is_unread: bool) -> PageRequest | None:
    """Return the request for the next page; sites that do not count them are asked on."""
    number, last = int(memo["read"]) + 1, int(memo.get("pages", "0"))
    is_over = not has_items or (last and number > last)
    if "url" not in memo or (is_over and not is_unread):
        return None
    said = dict(parse_qsl(memo["arguments"], keep_blank_values=True))
    query = urlencode({**said, "pageIndex": str(number)})
    return PageRequest(memo["url"], query) if memo["posts"] else PageRequest(f"{memo['url']}?{query}")


FAMILY = LonSun()
