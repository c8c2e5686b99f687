"""Serves subsites in the manner of 拓尔思 TRS WCM: static folders, index_1.html and on, a scripted pager.

The shapes are those of domain.md 5.1 to 5.3 (keys CG, CG-GOVCMS, BUDGET). What a site's `traps` change:
`counts_from_two` page 2 is index_2.html and there is no index_1.html, `wrong_total` the pager states two
pages too many, which are stubs, `month_day_dates` lists show [03-14], `hidden_meta` the facts stand twice,
the first time hidden, `short_titles` lists cut titles and keep no whole one.
"""

import re
from collections.abc import Mapping
from typing import Any

from demo.city import Column, Publication, Subsite
from demo.false_items import FalseItem, false_items
from demo.family import DemoFamily
from demo.pages import STUB, Answer, cut, on_page, page_count, render

ROOT = "/zfxxgk/"
_SHORT_TITLE = 20
_BLOCK = 5
_FILE = re.compile(r"(.*/)(?:index(?:_(\d{1,6}))?\.html)?")
_LABELS = (
    ("索引号", "index_number"),
    ("信息分类", "column"),
    ("发布机构", "publisher"),
    ("发文机关", "issuer"),
    ("主题分类", "topic"),
    ("文种", "genre"),
    ("标题", "title"),
    ("发文字号", "doc_number"),
    ("成文日期", "issued_on"),
    ("发布日期", "published_on"),
    ("时效性", "validity"),
    ("关键词", "keywords"),
)


def column_path(column: Column) -> str:
    """Return the path of a column's folder."""
    return f"{ROOT}{column.content_class.lower()}_{column.number}/"


def publication_path(publication: Publication) -> str:
    """Return the path of an item below the folder of its first column."""
    return f"{_month_folder(publication)}t{publication.published_on:%Y%m%d}_{publication.article}.html"


def attachment_path(publication: Publication, name: str) -> str:
    """Return the path of a file beside its item: P for pictures and PDFs, W for others."""
    stem, _, ending = name.rpartition(".")
    number = f"{publication.article:06}{int(stem) if stem.isdigit() else 99:03}"
    letter = "P" if ending == "pdf" else "W"
    return f"{_month_folder(publication)}{letter}0{publication.published_on:%Y%m%d}{number}.{ending}"


def answer(site: Subsite, path: str, _query: Mapping[str, str]) -> Answer | None:
    """Return what the site answers, or None if it has no such path."""
    if path in ("/", "/index.html"):
        return _home(site)
    if publication := site.by_path.get(path):
        return _detail(publication)
    if found := _FILE.fullmatch(path):
        return _list(site, *found.groups())
    false = next((item for item in false_items(site) if path == _false_path(site, item)), None)
    return false.answer(_home(site)) if false else None


def not_found(site: Subsite) -> Answer:
    """Return the error page for unknown paths."""
    return _page(site, "message", status=404, heading="404", text="您访问的页面不存在或已经移走。")


def _home(site: Subsite) -> Answer:
    return _page(site, "home", columns=list(site.columns.values()), latest=site.publications[:6])


def _month_folder(publication: Publication) -> str:
    return f"{publication.columns[0].path}{publication.published_on:%Y%m}/"


def _list(site: Subsite, folder: str, number: str | None) -> Answer | None:
    column, first = site.column_by_path.get(folder), 2 if "counts_from_two" in site.traps else 1
    if column is None or (number is not None and int(number) < first):
        return None
    page = 1 if number is None else int(number) - first + 2
    pages = page_count(column) + (2 if "wrong_total" in site.traps else 0)
    if page > page_count(column):
        return Answer(STUB.encode(), "text/html") if page <= pages else None
    rows = [_row(column, publication) for publication in on_page(column, page)]
    if page == 1 and column is next(iter(site.columns.values())):
        rows[1:1] = [_false_row(site, item) for item in false_items(site)]
    return _page(
        site,
        "list",
        column=column,
        blocks=[rows[start : start + _BLOCK] for start in range(0, len(rows), _BLOCK)],
        hot=[_row(column, publication) for publication in site.publications[:3]],
        pages=pages,
        current=page - 1,
        total=len(column.publications),
    )


def _row(column: Column, publication: Publication) -> dict[str, str]:
    traps, title = column.subsite.traps, publication.document.title
    day = publication.printed["published_on"]
    return {
        "path": _relative(column, publication.path),
        "title": title,
        "short": cut(title, _SHORT_TITLE),
        "whole": "" if "short_titles" in traps else "1",
        "day": day[5:] if "month_day_dates" in traps else day,
    }


def _false_path(site: Subsite, item: FalseItem) -> str:
    day = item.day.replace("-", "")
    return f"{next(iter(site.columns.values())).path}{day[:6]}/t{day}_{item.number}.html"


def _false_row(site: Subsite, item: FalseItem) -> dict[str, str]:
    column = next(iter(site.columns.values()))
    path = _relative(column, _false_path(site, item))
    return {"path": path, "title": item.title, "short": item.title, "whole": "", "day": item.day}


def _relative(column: Column, path: str) -> str:
    """Return a path as the pages of a column's folder link it."""
    if path.startswith(column.path):
        return f"./{path.removeprefix(column.path)}"
    return f"../{path.removeprefix(ROOT)}"


def _detail(publication: Publication) -> Answer:
    facts = [(label, publication.printed[name]) for label, name in _LABELS]
    folder = _month_folder(publication)
    files = [(name, f"./{path.removeprefix(folder)}") for name, path in publication.attachments]
    return _page(
        publication.subsite,
        "detail",
        entry=publication,
        document=publication.document,
        facts=facts,
        files=files,
        container=("TRS_Editor", "trs_editor_view", "TRS_UEDITOR")[publication.article % 3],
    )


def _page(site: Subsite, template: str, status: int = 200, **values: Any) -> Answer:
    return Answer(render(f"trs/{template}.html", site=site, **values).encode(), "text/html", status)


FAMILY = DemoFamily(
    column_path,
    publication_path,
    answer,
    not_found,
    unstated=frozenset({"audience", "life_cycle", "format", "abstract"}),
    attachment_path=attachment_path,
)
