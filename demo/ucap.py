"""Serves subsites in the manner of gov.cn's UCAP: columns come as JSON by script, texts in #UCAP-CONTENT.

The shapes are those of domain.md 5.1 (keys CG, CG-GOV). What a site's `traps` change: `feed_file` a column is
one JSON file beside its page, as on gov.cn, in place of a search asked page by page; `wrong_total` the search
states the items of its first page as all there are.
"""

import datetime
import json
import zlib
from collections.abc import Mapping
from typing import Any

from catalog.dates import CHINA
from demo.city import Column, Publication, Subsite
from demo.family import DemoFamily
from demo.pages import Answer, on_page, page_count, page_number, render

_SEARCH = "/common/search/"
_FILE = "LIEBIAO.json"
_LABELS = (
    ("标　　题", "title"),
    ("索 引 号", "index_number"),
    ("主题分类", "topic"),
    ("发文机关", "issuer"),
    ("成文日期", "issued_on"),
    ("发文字号", "doc_number"),
    ("发布日期", "published_on"),
    ("发布机构", "publisher"),
    ("公文种类", "genre"),
    ("主 题 词", "keywords"),
)


def column_path(column: Column) -> str:
    """Return the path of a column's page."""
    if "feed_file" in column.subsite.traps:
        return f"/zhengce/{column.content_class.lower()}_{column.number}/"
    return f"/hz/c{column.number}/list.shtml"


def publication_path(publication: Publication) -> str:
    """Return the path of an item below its first column."""
    column, month = publication.columns[0], f"{publication.published_on:%Y%m}"
    if "feed_file" in publication.subsite.traps:
        return f"{column.path}{month}/content_{publication.article}.htm"
    return f"/hz/c{column.number}/{month}/c00_{publication.article}.shtml"


def answer(site: Subsite, path: str, query: Mapping[str, str]) -> Answer | None:
    """Return what the site answers, or None if it has no such path."""
    if path in ("/", "/index.html"):
        return _page(site, "home", columns=list(site.columns.values()), latest=site.publications[:6])
    if path.startswith(_SEARCH):
        return _search(site, path.removeprefix(_SEARCH), query)
    if column := site.column_by_path.get(path):
        return _page(site, "list", column=column, feed=_feed(column))
    if path.endswith(f"/{_FILE}") and (column := site.column_by_path.get(path.removesuffix(_FILE))):
        return _json([_entry(publication) for publication in column.publications])
    if publication := site.by_path.get(path):
        facts = [(label, publication.printed[name]) for label, name in _LABELS]
        return _page(site, "detail", entry=publication, document=publication.document, facts=facts)
    return None


def not_found(site: Subsite) -> Answer:
    """Return the error page for unknown paths."""
    return _page(site, "message", status=404, heading="404", text="抱歉，您访问的页面不存在。")


def _feed(column: Column) -> str:
    """Return the address of a column's items as its script writes it."""
    if "feed_file" in column.subsite.traps:
        return f"./{_FILE}"
    size = column.subsite.per_page
    return f"{_SEARCH}{_channel(column)}?_isAgg=true&_isJson=true&_pageSize={size}&_template=index&page=1"


def _channel(column: Column) -> str:
    return f"{zlib.crc32(column.subsite.key.encode()):08x}{column.number:024x}"


def _search(site: Subsite, channel: str, query: Mapping[str, str]) -> Answer | None:
    column = next((column for column in site.columns.values() if _channel(column) == channel), None)
    if column is None or query.get("_isJson") != "true":
        return None
    page = page_number(query.get("page", ""))
    if page > page_count(column) and site.beyond_end == "repeat":
        page = 1
    shown = on_page(column, page)
    total = min(len(column.publications), site.per_page) if "wrong_total" in site.traps else None
    data = {
        "total": str(len(column.publications) if total is None else total),
        "page": page,
        "rows": site.per_page,
        "results": [_result(publication) for publication in shown],
    }
    return _json({"code": 200, "data": data})


def _result(publication: Publication) -> dict[str, Any]:
    printed = publication.printed
    policy = {
        "refno": printed["doc_number"],
        "indexnumber": printed["index_number"],
        "writedate": printed["issued_on"] or None,
        "pubdate": printed["published_on"],
        "theme": printed["topic"] or "null",
    }
    return {
        "title": publication.document.title,
        "subTitle": "",
        "url": publication.path,
        "publishedTime": _milliseconds(printed["published_on"]),
        "publishedTimeStr": None,
        "domainMetaList": [
            {"domainMetadataName": "默认", "resultList": [{"key": "author", "value": ""}]},
            {"resultList": [{"name": "", "key": key, "value": value} for key, value in policy.items()]},
        ],
    }


def _entry(publication: Publication) -> dict[str, Any]:
    return {
        "TITLE": publication.document.title,
        "SUB_TITLE": "",
        "URL": publication.path,
        "DOCRELPUBTIME": publication.printed["published_on"],
    }


def _milliseconds(day: str) -> int:
    """Return the epoch milliseconds of ten o'clock of a day; 0 for none."""
    if not day:
        return 0
    moment = datetime.datetime.combine(datetime.date.fromisoformat(day), datetime.time(10), CHINA)
    return int(moment.timestamp()) * 1000


def _json(value: Any) -> Answer:
    return Answer(json.dumps(value, ensure_ascii=False).encode(), "application/json;charset=UTF-8")


def _page(site: Subsite, template: str, status: int = 200, **values: Any) -> Answer:
    text = render(f"ucap/{template}.html", site=site, **values)
    return Answer(text.encode(), "text/html; charset=utf-8", status)


FAMILY = DemoFamily(
    column_path,
    publication_path,
    answer,
    not_found,
    unstated=frozenset({"column", "audience", "life_cycle", "format", "abstract", "validity", "source"}),
)
