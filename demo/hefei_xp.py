"""Serves subsites in the manner of the old Hefei `.xp` system: GBK, framesets, lists turned by goPage(n).

The shapes are those of domain.md 5.1 and 5.2 (keys HF-OLD, HF-LIST, HF-GBK), its labels those of 2.2.
"""

from collections.abc import Mapping
from typing import Any

from demo.bodies import Body
from demo.city import Column, Publication, Subsite, tree_code
from demo.family import DemoFamily
from demo.pages import STUB, Answer, cut, on_page, page_count, page_number, redirect, render

ROOT = "/zwgk/public/index.xp"
PAGE = "/zwgk/public/spage.xp"
_TITLE_CHARS = 22
_LABELS = (
    ("索引号", "index_number"),
    ("信息分类", "column"),
    ("发布机构", "publisher"),
    ("发布日期", "published_on"),
    ("生成日期", "issued_on"),
    ("信息来源", "source"),
    ("关键词", "keywords"),
    ("主题分类", "topic"),
    ("服务对象分类", "audience"),
    ("体裁分类", "genre"),
    ("生命周期分类", "life_cycle"),
    ("文号", "doc_number"),
    ("有效性", "validity"),
    ("信息格式/语种", "format"),
    ("信息名称", "title"),
    ("内容概述", "abstract"),
)
_WIDE_GAPS = {2: "　　", 3: " ", 4: ""}


def column_path(column: Column) -> str:
    """Return the address of a column's list."""
    mlid = tree_code(column.content_class)
    return f"{PAGE}?doAction=sxxlist&cid=&type=1&mlid={mlid}&unitid={column.unit.code}"


def publication_path(publication: Publication) -> str:
    """Return the address of a publication, named by its index number."""
    return f"{PAGE}?doAction=view&indexno={publication.index_number}"


def answer(site: Subsite, path: str, query: Mapping[str, str]) -> Answer | None:
    """Return what the site answers, or None if it has no such path."""
    if path == "/":
        return redirect(ROOT)
    if path == ROOT:
        frames = [
            ("top", f"{PAGE}?doAction=stop"),
            ("body", f"{PAGE}?doAction=sframe&unitid={site.body.code}"),
        ]
        return _page(site, "frameset", split='rows="90,*"', frames=frames)
    if path != PAGE:
        return None
    action = query.get("doAction", "")
    if action == "stop":
        return _page(site, "banner")
    if action == "sframe":
        return _unit_frames(site, query.get("unitid", ""))
    if action == "smenu":
        return _page(site, "menu", units=[(unit, _columns(site, unit)) for unit in site.units])
    if action == "sxxlist":
        return _list(site, query)
    publication = site.by_path.get(f"{PAGE}?doAction=view&indexno={query.get('indexno', '')}")
    return _missing(site) if publication is None else _detail(publication)


def not_found(site: Subsite) -> Answer:
    """Return the error page for unknown paths."""
    return _page(site, "message", status=404, heading="404 错误", text="您访问的页面不存在。")


def _missing(site: Subsite) -> Answer:
    # A soft 404: the status says that all is well.
    return _page(site, "message", heading="系统提示", text="对不起，您要查看的信息不存在或者已被删除！")


def _unit_frames(site: Subsite, unit_code: str) -> Answer:
    unit = next((unit for unit in site.units if unit.code == unit_code), site.body)
    columns = _columns(site, unit)
    frames = [("left", f"{PAGE}?doAction=smenu&unitid={unit.code}")]
    frames += [("main", column.path) for column in columns[:1]]
    return _page(site, "frameset", split='cols="220,*"', frames=frames)


def _columns(site: Subsite, unit: Body) -> list[Column]:
    columns = [column for column in site.columns.values() if column.unit is unit]
    return sorted(columns, key=lambda column: tree_code(column.content_class))


def _list(site: Subsite, query: Mapping[str, str]) -> Answer:
    wanted = f"mlid={query.get('mlid', '')}&unitid={query.get('unitid', '')}"
    column = next((column for column in site.columns.values() if column.path.endswith(wanted)), None)
    if column is None:
        return _missing(site)
    pages, page = page_count(column), page_number(query.get("curPage", ""))
    if page > pages:
        if site.beyond_end == "stub":
            return _encoded(site, STUB)
        if site.beyond_end == "repeat":
            page = 1
    rows = [_row(publication) for publication in on_page(column, page)]
    if "dead_row" in site.traps and page == 1 and column is _largest(site):
        rows.insert(1, _dead_row(column))
    turning = ("get", "address", "post")[site.place // 2 % 3]
    mlid = tree_code(column.content_class)
    return _page(
        site,
        "list",
        column=column,
        rows=rows,
        page=page,
        pages=pages,
        total=len(column.publications),
        turning=turning,
        mlid=mlid,
    )


def _row(publication: Publication) -> dict[str, str]:
    return {
        "index_number": publication.index_number,
        "path": publication.path,
        "short": cut(publication.document.title, _TITLE_CHARS),
        "title": publication.document.title,
        "day": publication.printed["published_on"],
        "publisher": publication.printed["publisher"],
    }


def _dead_row(column: Column) -> dict[str, str]:
    index_number = f"{column.unit.organization_number}/200912-99999"
    title = "关于该信息已经撤下的测试条目"
    return {
        "index_number": index_number,
        "path": f"{PAGE}?doAction=view&indexno={index_number}",
        "short": title,
        "title": title,
        "day": "2009-12-31",
        "publisher": column.unit.name,
    }


def _largest(site: Subsite) -> Column:
    return max(site.columns.values(), key=lambda column: len(column.publications))


def _detail(publication: Publication) -> Answer:
    wide = "wide_labels" in publication.subsite.traps
    facts = [(_wide(label) if wide else label, publication.printed[name]) for label, name in _LABELS]
    return _page(publication.subsite, "detail", entry=publication, document=publication.document, facts=facts)


def _wide(label: str) -> str:
    return _WIDE_GAPS.get(len(label), "").join(label)


def _page(site: Subsite, template: str, status: int = 200, **values: Any) -> Answer:
    claimed = "utf-8" if "wrong_charset" in site.traps else "gb2312"
    return _encoded(site, render(f"xp/{template}.html", site=site, claimed=claimed, **values), status)


def _encoded(site: Subsite, text: str, status: int = 200) -> Answer:
    # The wrong charset stands in the page; a header that said GBK would put it right.
    content_type = "text/html" if "wrong_charset" in site.traps else "text/html; charset=GBK"
    return Answer(text.encode("gb18030"), content_type, status)


FAMILY = DemoFamily(
    column_path, publication_path, answer, not_found, unstated=frozenset({"issuer"}), charset="gb18030"
)
