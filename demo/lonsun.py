"""Serves subsites in the manner of 龙讯 LonSun: columns whose rows are fetched from /site/label/N as HTML.

The shapes are those of domain.md 5.1 to 5.3 (keys LONSUN-LABEL, HF-NEW, RSSHUB-AH, WUHU, AHGUIDE).
What a site's `traps` change: `prefix_path` everything stands below /openness as in Wuhu, `cell_rows` rows
are lists of cells and the label has a number of its own, `rows_by_script` a column page shows no rows
itself, `posted_rows` the label takes a POST, `uncounted` nothing tells the number of pages, `hidden_meta`
the facts stand twice, the first time hidden.
"""

from collections.abc import Mapping
from typing import Any

from demo.bodies import Body
from demo.city import Column, Publication, Subsite
from demo.false_items import HACKED_PATH, FalseItem, false_items, hacked_page
from demo.family import DemoFamily, credit_code_index
from demo.pages import STUB, Answer, cut, on_page, page_count, page_number, redirect, render

_SHORT_TITLE = 24
_COOKIE = {"set-cookie": "SHIROJSESSIONID=5f1c2a3e-0000-4000-8000-00000000c0de; Path=/; HttpOnly"}
_LABELS = (
    ("索引号", "index_number"),
    ("组配分类", "column"),
    ("发布机构", "publisher"),
    ("主题分类", "topic"),
    ("名称", "title"),
    ("文号", "doc_number"),
    ("生成日期", "issued_on"),
    ("发布日期", "published_on"),
    ("有效性", "validity"),
    ("关键词", "keywords"),
)


def column_path(column: Column) -> str:
    """Return the address of a column page."""
    return f"{organ_path(column.subsite, column.unit)}&catId={_category(column)}"


def publication_path(publication: Publication) -> str:
    """Return the path of a publication, named by its organ and its number."""
    return _detail_path(publication.subsite, publication.publisher, publication.article)


def organ_path(site: Subsite, unit: Body) -> str:
    """Return the address of an organ's own page, which holds the tree of its columns."""
    return f"{_prefix(site)}/public/column/{_organ(unit)}?type=4&action=list&nav=3"


def answer(site: Subsite, path: str, query: Mapping[str, str]) -> Answer | None:
    """Return what the site answers, or None if it has no such path."""
    if path == "/" and _prefix(site):
        return redirect(f"{_prefix(site)}/")
    if path == f"{_prefix(site)}/":
        return _home(site)
    if path == _label_path(site):
        return _rows_answer(site, query)
    if path.startswith(f"{_prefix(site)}/public/column/"):
        return _column_page(site, path.rpartition("/")[2], query)
    if publication := site.by_path.get(path):
        return _detail(publication)
    if path == HACKED_PATH and "hacked_link" in site.traps:
        return hacked_page()
    false = next((item for item in false_items(site) if path == _false_path(site, item)), None)
    return false.answer(_home(site)) if false else None


def not_found(site: Subsite) -> Answer:
    """Return the error page for unknown paths."""
    return _page(site, "message", status=404, heading="404", text="很抱歉，您访问的页面不存在。")


def _home(site: Subsite) -> Answer:
    organs = [(unit.name, organ_path(site, unit)) for unit in site.units]
    return _page(site, "home", organs=organs, hacked_path=HACKED_PATH)


def _prefix(site: Subsite) -> str:
    return "/openness" if "prefix_path" in site.traps else ""


def _label_path(site: Subsite) -> str:
    return f"{_prefix(site)}/site/label/{165919 if 'cell_rows' in site.traps else 8888}"


def _organ(unit: Body) -> int:
    return int(unit.code)


def _category(column: Column) -> int:
    return 6_700_000 + column.number


def _detail_path(site: Subsite, unit: Body, number: int) -> str:
    return f"{_prefix(site)}/public/{_organ(unit)}/{number}.html"


def _false_path(site: Subsite, item: FalseItem) -> str:
    return _detail_path(site, site.body, item.number)


def _column_page(site: Subsite, organ: str, query: Mapping[str, str]) -> Answer | None:
    unit = next((unit for unit in site.units if str(_organ(unit)) == organ), None)
    if unit is None:
        return None
    own = [column for column in site.columns.values() if column.unit is unit]
    column = next((column for column in own if str(_category(column)) == query.get("catId")), None)
    if query.get("type") == "2":
        text = f"{unit.name}信息公开指南编制中。"
        return _page(site, "message", heading="信息公开指南", text=text)
    return _page(
        site,
        "column",
        unit=unit,
        tree=[(column.name, column.path) for column in own],
        column=column,
        category=_category(column) if column else "",
        organ=organ,
        label=_label_path(site),
        rows=[] if column is None or "rows_by_script" in site.traps else _rows(column, 1),
        page=1,
        pages=page_count(column) if column else 1,
    )


def _rows_answer(site: Subsite, query: Mapping[str, str]) -> Answer:
    column = next((c for c in site.columns.values() if str(_category(c)) == query.get("catId")), None)
    page, pages = page_number(query.get("pageIndex", "")), page_count(column) if column else 0
    if column is None or (page > pages and site.beyond_end == "stub"):
        return _answer(STUB)
    if page > pages and site.beyond_end == "repeat":
        page = 1
    return _answer(render("lonsun/rows.html", site=site, rows=_rows(column, page), page=page, pages=pages))


def _rows(column: Column, page: int) -> list[dict[str, str]]:
    site = column.subsite
    rows = [_row(publication) for publication in on_page(column, page)]
    if page == 1 and column is next(iter(site.columns.values())):
        rows[1:1] = [_false_row(site, item) for item in false_items(site)]
    return rows


def _false_row(site: Subsite, item: FalseItem) -> dict[str, str]:
    title = item.title
    return {"path": _false_path(site, item), "title": title, "short": title, "day": item.day, "index": ""}


def _row(publication: Publication) -> dict[str, str]:
    title = publication.document.title
    return {
        "path": publication.path,
        "title": title,
        "short": cut(title, _SHORT_TITLE),
        "day": publication.printed["published_on"],
        "index": publication.index_number,
    }


def _detail(publication: Publication) -> Answer:
    facts = [(label, publication.printed[name]) for label, name in _LABELS]
    container = ("wzcon j-fontContent", "gk_container", "con_main")[publication.article % 3]
    return _page(
        publication.subsite,
        "detail",
        entry=publication,
        document=publication.document,
        facts=facts,
        container=container,
    )


def _page(site: Subsite, template: str, status: int = 200, **values: Any) -> Answer:
    return _answer(render(f"lonsun/{template}.html", site=site, prefix=_prefix(site), **values), status)


def _answer(text: str, status: int = 200) -> Answer:
    return Answer(text.encode(), "text/html;charset=UTF-8", status, _COOKIE)


FAMILY = DemoFamily(
    column_path,
    publication_path,
    answer,
    not_found,
    unstated=frozenset({"issuer", "genre", "audience", "life_cycle", "format", "abstract", "source"}),
    index_start=credit_code_index,
)
