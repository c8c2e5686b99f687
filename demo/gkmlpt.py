"""Serves subsites in the manner of Guangdong's gkmlpt: a tree in a script, items from a JSON interface.

The shapes are those of domain.md 5.1 (keys GKMLPT, RSSHUB-GEN) and 3.1 (key YANGJIANG). What a site's `traps`
change: `wrong_total` post_count also counts what has been taken down, so that the last page is followed by an
empty answer.
"""

import datetime
import json
from collections.abc import Mapping
from typing import Any

from catalog.dates import CHINA
from demo.bodies import Body
from demo.city import Column, Publication, Subsite
from demo.family import DemoFamily
from demo.pages import Answer, on_page, page_count, page_number, render

_PREFIX = "/gkmlpt"
_API = f"{_PREFIX}/api/all/"
_PARENT, _CHILD = "C02", "C03"
_TAKEN_DOWN = 7
_LABELS = (
    ("索引号", "index_number"),
    ("分类", "column"),
    ("发布机构", "publisher"),
    ("成文日期", "issued_on"),
    ("名称", "title"),
    ("文号", "doc_number"),
    ("发布日期", "published_on"),
    ("主题词", "keywords"),
    ("主题分类", "topic"),
    ("体裁分类", "genre"),
)


def column_path(column: Column) -> str:
    """Return the path at which the interface gives a column's items."""
    return f"{_API}{column.number}"


def publication_path(publication: Publication) -> str:
    """Return the path of an item, told by its number: in millions, in thousands, whole."""
    number = publication.article
    return f"{_PREFIX}/content/{number // 1_000_000}/{number // 1000}/post_{number}.html"


def index_start(publisher: Body, day: datetime.date) -> str:
    """Return what index numbers of a year begin with: 11441700007280420Y/2021-."""
    return f"{publisher.credit_code}/{day:%Y}-"


def answer(site: Subsite, path: str, query: Mapping[str, str]) -> Answer | None:
    """Return what the site answers, or None if it has no such path."""
    if path in ("/", "/index.html"):
        return _page(site, "home")
    if path in (f"{_PREFIX}/index", f"{_PREFIX}/policy"):
        return _page(site, "index", sid=_sid(site), tree=_json(_tree(site)))
    if column := site.column_by_path.get(path):
        return _articles(column, query)
    if publication := site.by_path.get(path):
        facts = [(label, publication.printed[name]) for label, name in _LABELS]
        return _page(site, "detail", entry=publication, document=publication.document, facts=facts)
    return None


def not_found(site: Subsite) -> Answer:
    """Return the error page for unknown paths."""
    return _page(site, "message", status=404, heading="404", text="您访问的页面不存在。")


def _sid(site: Subsite) -> int:
    return 749_000 + site.place


def _tree(site: Subsite) -> list[dict[str, Any]]:
    """Return the tree of columns: 本级文件 below 政策法规, and a node that only leads elsewhere."""
    columns = list(site.columns.values())
    children = [_node(column) for column in columns if column.content_class == _CHILD]
    has_parent = any(column.content_class == _PARENT for column in columns)
    nodes = []
    for column in columns:
        if column.content_class == _PARENT:
            nodes.append(_node(column) | {"children": children})
        elif column.content_class != _CHILD or not has_parent:
            nodes.append(_node(column))
    guide = {"id": 1, "name": "信息公开指南", "jump_url": f"{_PREFIX}/guide", "children": []}
    return [guide, *nodes]


def _node(column: Column) -> dict[str, Any]:
    count = len(column.publications)
    return {
        "id": column.number,
        "name": column.name,
        "post_count": count,
        "jump_url": "",
        "children": [],
    }


def _articles(column: Column, query: Mapping[str, str]) -> Answer:
    site, page = column.subsite, page_number(query.get("page", ""))
    if query.get("sid") != str(_sid(site)):
        return Answer(b'{"message":"sid error","articles":null}', "application/json")
    if page > page_count(column) and site.beyond_end == "repeat":
        page = 1
    total = len(column.publications) + (_TAKEN_DOWN if "wrong_total" in site.traps else 0)
    data = {
        "classify": {"id": column.number, "name": column.name, "post_count": str(total)},
        "articles": [_article(publication) for publication in on_page(column, page)],
    }
    return Answer(_json(data).encode(), "application/json")


def _article(publication: Publication) -> dict[str, Any]:
    printed = publication.printed
    return {
        "id": publication.article,
        "title": publication.document.title,
        "document_number": printed["doc_number"],
        "identifier": printed["index_number"],
        "publisher": printed["publisher"],
        "keywords": printed["keywords"] or None,
        "abstract": None,
        "date": _epoch(printed["issued_on"]),
        "display_publish_time": str(_epoch(printed["published_on"])),
        "classify_main_name": printed["column"],
        "classify_genre_name": printed["genre"] or None,
        "classify_theme_name": printed["topic"],
        "is_expired": "0",
        "is_abolished": int(publication.document.validity == "LV03"),
        "url": publication.path,
    }


def _epoch(day: str) -> int:
    """Return the epoch seconds of nine o'clock of a day; 0 for none."""
    if not day:
        return 0
    moment = datetime.datetime.combine(datetime.date.fromisoformat(day), datetime.time(9), CHINA)
    return int(moment.timestamp())


def _json(value: Any) -> str:
    # Angle brackets are escaped, as in the script of the index page.
    return json.dumps(value, ensure_ascii=False).replace("<", "\\u003C")


def _page(site: Subsite, template: str, status: int = 200, **values: Any) -> Answer:
    text = render(f"gkmlpt/{template}.html", site=site, **values)
    return Answer(text.encode(), "text/html; charset=UTF-8", status)


FAMILY = DemoFamily(
    column_path,
    publication_path,
    answer,
    not_found,
    unstated=frozenset({"issuer", "audience", "life_cycle", "format", "abstract", "validity", "source"}),
    index_start=index_start,
)
