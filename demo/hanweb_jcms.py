"""Serves subsites in the manner of 大汉 JCMS: records in <record><![CDATA[…]]>, more from dataproxy.jsp.

The shapes are those of domain.md 5.1 to 5.3 (keys CG, CG-TRS, JS-LIST) and the <meta> names those of 2.3.
"""

import datetime
import re
from collections.abc import Mapping
from typing import Any

from demo.bodies import Body
from demo.city import Column, Publication, Subsite
from demo.family import DemoFamily, credit_code_index, organization_index
from demo.pages import Answer, cut, render

PROXY = "/module/web/jpage/dataproxy.jsp"
_SHORT_TITLE = 18
_ARTICLE = re.compile(r"/art/\d{4}/\d{1,2}/\d{1,2}/art_\d+_\d+\.html")
_LABELS = (
    ("索引号", "index_number"),
    ("组配分类", "column"),
    ("发布机构", "publisher"),
    ("发文机关", "issuer"),
    ("主题分类", "topic"),
    ("体裁分类", "genre"),
    ("服务对象", "audience"),
    ("发文字号", "doc_number"),
    ("成文日期", "issued_on"),
    ("发布日期", "published_on"),
    ("有效性", "validity"),
    ("关键词", "keywords"),
)


def column_path(column: Column) -> str:
    """Return the path of a column's list."""
    return f"/col/col{column.number}/index.html"


def publication_path(publication: Publication) -> str:
    """Return the path of an article, named by its day and its first column."""
    day, column = publication.published_on, publication.columns[0]
    return f"/art/{day.year}/{day.month}/{day.day}/art_{column.number}_{publication.article}.html"


def index_start(publisher: Body, day: datetime.date) -> str:
    """Return what index numbers begin with: from 2016 on they hold the credit code."""
    return (credit_code_index if day.year >= 2016 else organization_index)(publisher, day)


def answer(site: Subsite, path: str, query: Mapping[str, str]) -> Answer | None:
    """Return what the site answers, or None if it has no such path."""
    if path in ("/", "/index.html"):
        latest = sorted(site.publications, key=lambda entry: entry.published_on)[-8:]
        return _page(site, "home", columns=list(site.columns.values()), latest=latest)
    if path == PROXY:
        return _more(site, query)
    if column := site.column_by_path.get(path):
        records = _records(column, column.publications[: site.per_page * site.groups], first=True)
        return _page(
            site,
            "column",
            column=column,
            records=records,
            total=len(column.publications),
            unit_id=_unit_id(column),
        )
    if publication := site.by_path.get(path):
        return _detail(publication)
    if "dead_row" in site.traps and _ARTICLE.fullmatch(path):
        # A soft 404: the status says that all is well.
        return _page(site, "message", heading="系统提示", text="您访问的内容不存在或者已经删除。")
    return None


def not_found(site: Subsite) -> Answer:
    """Return the error page for unknown paths."""
    return _page(site, "message", status=404, heading="404", text="抱歉，您访问的页面不存在。")


def _more(site: Subsite, query: Mapping[str, str]) -> Answer | None:
    column = next(
        (column for column in site.columns.values() if str(column.number) == query.get("columnid")), None
    )
    if column is None:
        return None
    start, end = _span(site, query)
    shown = column.publications[start:end]
    following = None
    if "next_group" in site.traps and (end < len(column.publications) or site.beyond_end == "repeat"):
        following = _group_address(column, _number(query, "page", 1) + 1)
    if not shown and site.beyond_end == "repeat":
        shown = column.publications[: site.per_page]
    text = _records(column, shown, next_group=following)
    return Answer(text.encode(), "text/xml; charset=utf-8")


def _span(site: Subsite, query: Mapping[str, str]) -> tuple[int, int]:
    """Return which records are asked for, as a slice: sites differ in what they obey (domain fact 15)."""
    page = _number(query, "page", 1)
    if "next_group" in site.traps:  # page=1 is the group after the column page
        size = site.per_page * site.groups
        return page * size, (page + 1) * size
    size = min(_number(query, "perpage", site.per_page), 300)
    if "page_only" in site.traps:
        return (page - 1) * size, page * size
    start = _number(query, "startrecord", 1)
    return start - 1, _number(query, "endrecord", start + size - 1)


def _number(query: Mapping[str, str], name: str, default: int) -> int:
    value = query.get(name, "")
    return max(int(value), 1) if value.isascii() and value.isdigit() and len(value) < 10 else default


def _records(
    column: Column, shown: list[Publication], *, next_group: str | None = None, first: bool = False
) -> str:
    site = column.subsite
    rows = [_row(publication) for publication in shown]
    if first and "dead_row" in site.traps and column is next(iter(site.columns.values())):
        title = "关于该信息已经撤下的测试条目"
        path = f"/art/2009/12/31/art_{column.number}_1.html"
        rows.insert(1, {"path": path, "title": title, "short": title, "whole": "1", "day": "2009-12-31"})
    if first and "next_group" in site.traps and len(column.publications) > len(shown):
        next_group = _group_address(column, 1)
    return render("jcms/records.xml", rows=rows, next_group=next_group)


def _row(publication: Publication) -> dict[str, str]:
    traps = publication.subsite.traps
    title = publication.document.title
    day = publication.printed["published_on"]
    return {
        "path": f"../..{publication.path}" if "relative_links" in traps else publication.path,
        "title": title,
        "short": cut(title, _SHORT_TITLE) if "short_titles" in traps else title,
        "whole": "" if "short_titles" in traps else "1",
        "day": f"[{day[5:]}]" if "month_day_dates" in traps else day,
    }


def _group_address(column: Column, page: int) -> str:
    return (
        f"{PROXY}?page={page}&appid=1&webid={column.subsite.place + 1}&path=/&columnid={column.number}"
        f"&unitid={_unit_id(column)}&permissiontype=0"
    )


def _unit_id(column: Column) -> int:
    return 40_000 + column.number


def _detail(publication: Publication) -> Answer:
    facts = [(label, publication.printed[name]) for label, name in _LABELS]
    return _page(publication.subsite, "detail", entry=publication, document=publication.document, facts=facts)


def _page(site: Subsite, template: str, status: int = 200, **values: Any) -> Answer:
    text = render(f"jcms/{template}.html", site=site, **values)
    return Answer(text.encode(), "text/html; charset=utf-8", status)


FAMILY = DemoFamily(
    column_path,
    publication_path,
    answer,
    not_found,
    unstated=frozenset({"life_cycle", "format", "abstract"}),
    index_start=index_start,
)
