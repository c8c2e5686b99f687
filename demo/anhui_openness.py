"""Serves subsites in the manner of Anhui's openness system: PHP on MongoDB, ids of 24 hexadecimal digits.

The shapes are those of domain.md 5.1 (key OPENNESS). A body's own page loads the tree of its columns as
JSON and shows the first of them in an iframe. What a site's `traps` change: `linked_tree` the tree stands in
the page as links, `newer_path` everything stands below /xxgk, as in Ma'anshan today.
"""

import json
import zlib
from collections.abc import Mapping
from typing import Any

from demo.bodies import Body
from demo.city import Column, Publication, Subsite, tree_code
from demo.false_items import false_items, hexadecimal
from demo.family import DemoFamily
from demo.pages import STUB, Answer, cut, on_page, page_count, page_number, render

_SHORT_TITLE = 20
# Two facts in a row: the fourth row holds the dates, the sixth the title.
_LABELS = (
    (("索引号", "index_number"), ("信息分类", "column")),
    (("发布机构", "publisher"), ("主题分类", "topic")),
    (("文号", "doc_number"), ("有效性", "validity")),
    (("生成日期", "issued_on"), ("发布日期", "published_on")),
    (("关键词", "keywords"),),
    (("信息名称", "title"),),
)


def column_path(column: Column) -> str:
    """Return the address of a column's list."""
    return f"{_prefix(column.subsite)}/opennessTarget/?{_selects(column)}&tag=&page=1"


def publication_path(publication: Publication) -> str:
    """Return the path of a publication, named by its object id."""
    identifier = f"{zlib.crc32(publication.subsite.key.encode()):08x}{publication.article:016x}"
    return _detail_path(publication.subsite, identifier)


def answer(site: Subsite, path: str, query: Mapping[str, str]) -> Answer | None:
    """Return what the site answers, or None if it has no such path."""
    if path == "/":
        return _home(site)
    path_below = path.removeprefix(_prefix(site))
    unit = next((unit for unit in site.units if branch_id(unit) == query.get("branch_id")), site.body)
    if path_below == "/opennessContent/":
        return _body_page(site, unit)
    if path_below == "/opennessContent/jsonTree":
        return Answer(json.dumps(_tree(site, unit)).encode(), "text/html; charset=utf-8")
    if path_below == "/opennessTarget/":
        return _list(site, unit, query)
    if publication := site.by_path.get(path):
        return _detail(publication)
    for item in false_items(site):
        if path == _detail_path(site, hexadecimal(site, item)):
            return item.answer(_home(site))
    return None


def not_found(site: Subsite) -> Answer:
    """Return the error page for unknown paths."""
    return _page(site, "message", status=404, heading="404 Page Not Found", text="您请求的页面没有找到。")


def branch_id(unit: Body) -> str:
    """Return the object id by which the system knows a body."""
    return f"5a0c1e77{int(unit.code):016x}"


def _prefix(site: Subsite) -> str:
    return "/xxgk" if "newer_path" in site.traps else ""


def _body_path(site: Subsite, unit: Body) -> str:
    return f"{_prefix(site)}/opennessContent/?branch_id={branch_id(unit)}"


def _selects(column: Column) -> str:
    return f"branch_id={branch_id(column.unit)}&column_code={tree_code(column.content_class).lstrip('0')}"


def _detail_path(site: Subsite, identifier: str) -> str:
    return f"{_prefix(site)}/openness/detail/content/{identifier}.html"


def _columns(site: Subsite, unit: Body) -> list[Column]:
    columns = [column for column in site.columns.values() if column.unit is unit]
    return sorted(columns, key=lambda column: tree_code(column.content_class))


def _tree(site: Subsite, unit: Body) -> list[dict[str, Any]]:
    """Return the tree of a body's columns: 本级文件 is a child of 政策法规."""
    nodes: dict[str, dict[str, Any]] = {}
    roots: list[dict[str, Any]] = []
    for column in _columns(site, unit):
        code = tree_code(column.content_class)
        node = {"name": column.name, "text": column.name, "code": column.path, "children": []}
        nodes[code] = node
        siblings = nodes[code[:-4]]["children"] if code[:-4] in nodes else roots
        siblings.append(node)
    return roots


def _bodies(site: Subsite) -> list[tuple[str, str]]:
    return [(unit.name, _body_path(site, unit)) for unit in site.units]


def _home(site: Subsite) -> Answer:
    return _page(site, "home", bodies=_bodies(site))


def _body_page(site: Subsite, unit: Body) -> Answer:
    columns = _columns(site, unit)
    return _page(
        site,
        "content",
        unit=unit,
        columns=columns,
        bodies=_bodies(site),
        tree=f"{_prefix(site)}/opennessContent/jsonTree?branch_id={branch_id(unit)}&target=1",
        shown=columns[0].path,
    )


def _list(site: Subsite, unit: Body, query: Mapping[str, str]) -> Answer:
    code = query.get("column_code", "")
    found = (column for column in _columns(site, unit) if tree_code(column.content_class).lstrip("0") == code)
    column = next(found, None)
    page = page_number(query.get("page", ""))
    if column is None or (page > page_count(column) and site.beyond_end == "stub"):
        return Answer(STUB.encode(), "text/html; charset=utf-8")
    if page > page_count(column) and site.beyond_end == "repeat":
        page = 1
    rows = [_row(publication) for publication in on_page(column, page)]
    if page == 1 and column is next(iter(site.columns.values())):
        rows[1:1] = [
            {
                "path": _detail_path(site, hexadecimal(site, item)),
                "short": item.title,
                "day": item.day,
                "index": "",
            }
            for item in false_items(site)
        ]
    address = f"{_prefix(site)}/opennessTarget/?{_selects(column)}&tag=&page="
    return _page(site, "list", column=column, rows=rows, page=page, pages=page_count(column), address=address)


def _row(publication: Publication) -> dict[str, str]:
    return {
        "path": publication.path,
        "short": cut(publication.document.title, _SHORT_TITLE).replace("…", "..."),
        "day": publication.printed["published_on"],
        "index": publication.index_number,
    }


def _detail(publication: Publication) -> Answer:
    rows = [[(label, publication.printed[name]) for label, name in row] for row in _LABELS]
    return _page(publication.subsite, "detail", entry=publication, document=publication.document, rows=rows)


def _page(site: Subsite, template: str, status: int = 200, **values: Any) -> Answer:
    text = render(f"openness/{template}.html", site=site, **values)
    return Answer(text.encode(), "text/html; charset=utf-8", status)


FAMILY = DemoFamily(
    column_path,
    publication_path,
    answer,
    not_found,
    unstated=frozenset({"issuer", "genre", "audience", "life_cycle", "format", "abstract", "source"}),
)
