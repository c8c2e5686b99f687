"""广东省政府信息公开目录管理平台 (gkmlpt).

Site        The disclosure directory of the governments and departments of Guangdong, one installation for
            each under /gkmlpt/ of its site, or below it (/lhqkjj/gkmlpt/). 28 other provinces were
            probed: none.
Known by    /gkmlpt/index; a script that sets window._CONFIG with SID and TREE.
Lists       TREE is JSON: nodes of id, name, children, jump_url (a node that only leads elsewhere). A
            node's items: /gkmlpt/api/all/{id}?page=1&sid={SID}, 100 to a page, as JSON:
            classify.post_count or total, and articles with id, url, title, document_number, identifier
            (index number), publisher, keywords, date or date_written (signed), display_publish_time or
            first_publish_time, abstract, classify_main_name, classify_genre_name, classify_theme_name,
            is_expired, is_abolished. Node 0 holds everything. A parent shows its children's items too.
Details     /gkmlpt/content/0/508/post_508890.html (id in millions, in thousands, id); body
            div.article-content.
Oddities    Times are epoch seconds, 0 where there is none. Most sites answer on http only, and name https
            in url. The portal around a directory is mostly another system's: its columns and the
            directory's are read each by their own family. Items may lead to other servers (WeChat): the
            crawl leaves these out. post_count may be wrong (it counts what has been taken down); a full
            page is therefore always followed by a further question.
Proven by   domain.md 5.1 (keys GKMLPT, GKMLPT-SURVEY, RSSHUB-GEN, YANGJIANG), 4.4 for the two flags;
            _CONFIG, TREE, post_count, the names of the times and the path of an id from public crawlers
            of sz.gov.cn, gd.gov.cn, dg.gov.cn. Assumed: that the label 发布日期 is display_publish_time;
            that a flag of 0 says nothing of validity.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import urlsplit, urlunsplit

from catalog.records import Field
from crawlers.addresses import host_of, resolve
from crawlers.families.answers import (
    answer_of,
    count_said,
    date_said,
    is_said,
    item,
    json_at,
    mappings,
    next_answer,
    said,
)
from crawlers.families.family import (
    ColumnLink,
    HomeReading,
    ListItem,
    ListPlace,
    ListReading,
    PageRequest,
    WebPage,
)
from crawlers.families.markup import frames, links, own_paths
from crawlers.reading.page import ReadingHints

_PER_PAGE = 100
_ALL = "0"
_ALL_NAME = "政府信息公开目录"
_MOST_NODES = 2000

# window._CONFIG = {
_CONFIG = re.compile(r"\bwindow\._CONFIG\s{0,9}=\s{0,9}\{")
# SID: '755001'   "SID": 755001
_SID = re.compile(r"""\bSID["']?\s{0,9}:\s{0,9}["']?(\d{1,12})\b""")
# TREE: [{"id":1,
_TREE = re.compile(r"""\bTREE["']?\s{0,9}:\s{0,9}(?=\[)""")
# /gkmlpt/index   /lhqkjj/gkmlpt/index#20167
_INSTALLATION = re.compile(r"^(.{0,200}?/gkmlpt)(?:/|$)")
_TEXTS = (
    (Field.TITLE, ("title",)),
    (Field.DOC_NUMBER, ("document_number",)),
    (Field.INDEX_NUMBER, ("identifier",)),
    (Field.PUBLISHER, ("publisher",)),
    (Field.KEYWORDS, ("keywords",)),
    (Field.ABSTRACT, ("abstract",)),
    (Field.COLUMN, ("classify_main_name",)),
    (Field.GENRE, ("classify_genre_name",)),
    (Field.TOPIC, ("classify_theme_name",)),
)
_DATES = (
    (Field.ISSUED_ON, ("date_written", "date")),
    (Field.PUBLISHED_ON, ("display_publish_time", "first_publish_time")),
)


class Gkmlpt:
    """How the directory's interface pages and how its details read."""

    name = "gkmlpt"
    label = "广东政府信息公开目录管理平台"
    hints = ReadingHints(body=("div.article-content",))

    def recognises(self, page: WebPage) -> bool:
        """Look at the page's own address, or for the script that sets an installation up.

        A link alone is no sign: the portal around a directory is another system's and has its own columns.
        """
        if is_within(page.url):
            return True
        return _CONFIG.search(page.text) is not None and _SID.search(page.text) is not None

    def read_home(self, page: WebPage) -> HomeReading:
        """Read the tree of columns, or where on a site's own home page the directory is to be found."""
        config, number = _CONFIG.search(page.text), _SID.search(page.text)
        base = _installation(page)
        if config is None or number is None or base is None:
            directory = directory_of(page)
            found = [] if directory is None else [directory]
            return HomeReading(frames=tuple(dict.fromkeys([*found, *frames(page)])))
        tree = _TREE.search(page.text, config.end())
        nodes = dict(_nodes(json_at(page.text, tree.end()) if tree else None)) or {_ALL: _ALL_NAME}
        return HomeReading(
            tuple(
                ColumnLink(
                    f"{urlsplit(base).path}/api/all/{node}",
                    name,
                    PageRequest(f"{base}/api/all/{node}?page=1&sid={number.group(1)}"),
                )
                for node, name in nodes.items()
            )
        )

    def read_list(self, page: WebPage, place: ListPlace) -> ListReading:
        """Read an answer of the interface."""
        answer = answer_of(page, place.number)
        if not isinstance(answer, Mapping):
            return ListReading()
        articles = list(mappings(answer.get("articles")))
        classify = answer.get("classify")
        counted = count_said(classify.get("post_count")) if isinstance(classify, Mapping) else 0
        total = max(counted, count_said(answer.get("total")))
        base = page.url.partition("/api/all/")[0]
        items = tuple(entry for article in articles if (entry := _item(base, article)))
        read = count_said(place.memo.get("read")) + len(articles)
        following = next_answer(page, len(articles), _PER_PAGE, read, total)
        return ListReading(items, following, {"read": str(read)})


def is_within(url: str) -> bool:
    """Tell whether an address lies in an installation."""
    return _INSTALLATION.match(urlsplit(url).path) is not None


def directory_of(page: WebPage) -> PageRequest | None:
    """Return the directory that a page of its own server leads to; None if it leads to none."""
    here = host_of(page.url)
    found = (url for _, url in links(page, page.tree) if _is_index(url) and host_of(url) == here)
    return next((PageRequest(url) for url in found), None)


def _is_index(url: str) -> bool:
    return urlsplit(url).path.endswith(("/gkmlpt/index", "/gkmlpt/", "/gkmlpt"))


def _installation(page: WebPage) -> str | None:
    """Return the address up to /gkmlpt under which a page's directory answers."""
    parts = urlsplit(page.url)
    paths = [parts.path, *sorted(own_paths(page), key=len)]
    found = next((m.group(1) for path in paths if (m := _INSTALLATION.match(path))), None)
    return urlunsplit((parts.scheme, parts.netloc, found, "", "")) if found else None


def _nodes(tree: Any) -> Iterator[tuple[str, str]]:
    """Yield (id, name) of the tree's nodes that hold items of their own, parents before children."""
    waiting = list(mappings(tree))[::-1]
    for _ in range(_MOST_NODES):
        if not waiting:
            return
        node = waiting.pop()
        number, name = said(node.get("id")), said(node.get("name"))
        if said(node.get("jump_url")):
            continue
        waiting += list(mappings(node.get("children")))[::-1]
        if name and number and number.isascii() and number.isdigit():
            yield number, name


def _item(base: str, article: Mapping[str, Any]) -> ListItem | None:
    """Return an article of the list of an installation; None for one that leads nowhere."""
    url = _address(base, article)
    if url is None:
        return None
    facts = [(field, _first(article, names, said)) for field, names in _TEXTS]
    facts += [(field, _first(article, names, date_said)) for field, names in _DATES]
    if is_said(article.get("is_abolished")):
        facts.append((Field.VALIDITY, "废止"))
    elif is_said(article.get("is_expired")):
        facts.append((Field.VALIDITY, "失效"))
    return item(url, facts)


def _first(article: Mapping[str, Any], names: tuple[str, ...], read: Any) -> str | None:
    return next((value for name in names if (value := read(article.get(name)))), None)


def _address(base: str, article: Mapping[str, Any]) -> str | None:
    named = said(article.get("url")) or said(article.get("post_url"))
    if named is not None:
        return resolve(f"{base}/", named)
    number = count_said(article.get("id"))
    return f"{base}/content/{number // 1_000_000}/{number // 1000}/post_{number}.html" if number else None


FAMILY = Gkmlpt()
