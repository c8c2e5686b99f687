"""What the page is called, where no label says so: ArticleTitle, a heading near the body, `<title>`.

All of these are kept as witnesses of provenance `meta`, the better one first: they are the markup's
word, while `printed` is kept for the metadata block. Only a page that has none of them takes its
title from the first heading of its text.
"""

import re
from collections.abc import Iterator, Mapping, Sequence

from catalog.folding import fold, fold_with_offsets
from catalog.records import Field, Provenance, Witness
from crawlers.reading.lines import Outline
from crawlers.reading.meta import without_markup
from crawlers.reading.tree import Element

_SITE = re.compile(
    r"(?:网|网站|政府|门户|平台|系统|中心|委员会|[局厅委办]|Powered by .{0,30}|[A-Za-z0-9.]+\.(?:cn|com))$"
)
_BROAD_SEPARATOR = re.compile(r"\s*(?:--+|_+|\||｜|\s[-–—/]\s|/\s)\s*")
_NARROW_SEPARATOR = re.compile(r"\s*[-–—]\s*")
_HEADINGS = ("h1", "h2", "h3")
_LEAST = 4
_LIMIT = 400
_ABOVE_LIMIT = 100
_STEP = re.compile(r"[>›»→]+")
_TRAIL_ENDS = frozenset({"正文", "内容", "详情", "信息内容", "文章内容", "详细内容", "浏览文章", ""})
_NEAR_BODY = 30
_OPENING_LINES = 4
_HEADING_LINES = 4


def title_witnesses(
    root: Element, page: Outline, meta: Mapping[str, str], body: Sequence[int], dated: int | None = None
) -> list[Witness]:
    """Return the titles that the markup gives, the most trusted first.

    `dated` is the number of the line that states the day of publication, if one does.
    """
    element = _title_element(root)
    names = [meta.get("sitename", ""), meta.get("columnname", "")]
    named = without_site_name(element, [name for name in names if name])
    candidates = [
        meta.get("articletitle", ""),
        _marked(page),
        _heading(page, element, body),
        _above_the_date(page, named, dated),
        named,
    ]
    said = dict.fromkeys(c[:_LIMIT] for c in candidates if c)
    if not said and (opening := _opening(page, body)):
        return [Witness(Field.TITLE, opening, Provenance.PRINTED)]
    return [Witness(Field.TITLE, title, Provenance.META) for title in said]


def without_site_name(title: str, names: Sequence[str] = ()) -> str:
    """Return a `<title>` without the site and column names that stand behind it.

    `…的通知 - 某某市人民政府`, `…_某某局`, `… | 某某网`, `…--某某网` give the first part. A plain hyphen
    parts only what ends like a site's name (2018-2035 stays whole); `names` are known names.
    """
    parts = _BROAD_SEPARATOR.split(title)
    kept = next((part for part in parts if len(part) >= 2), title)
    known = {fold(name) for name in names}
    while True:
        pieces = list(_NARROW_SEPARATOR.finditer(kept))
        if not pieces or pieces[-1].start() < _LEAST:
            return kept.strip()
        head, tail = kept[: pieces[-1].start()].strip(), kept[pieces[-1].end() :].strip()
        if fold(head) in known:
            return tail
        if fold(tail) not in known and (not _SITE.search(tail) or _SITE.search(head)):
            return kept.strip()
        kept = head


def _title_element(root: Element) -> str:
    title = next(root.iter("title"), None)
    return without_markup("".join(title.itertext())[: 2 * _LIMIT]) if title is not None else ""


def _marked(page: Outline) -> str:
    return next((text for name, text in page.marked if fold(name) in ("标题", "信息标题", "名称")), "")


def _heading(page: Outline, title: str, body: Sequence[int]) -> str:
    """Return the heading line near the body that `<title>` repeats, or the only first-rank heading there."""
    first = body[0] if body else len(page.lines)
    near = page.lines[max(0, first - _NEAR_BODY) : first + _OPENING_LINES]
    lines = [line for line in near if _LEAST <= len(line.text) <= _LIMIT and not line.is_link]
    folded_title = fold(title)
    repeated = list(_repeated([line.text for line in near if not line.is_link], folded_title))
    headings = [line.text for line in lines if line.element.tag in _HEADINGS]
    if repeated:
        return _as_written(title, max(repeated, key=len))
    # A page without a text has the heading of its site.
    if not title or (body and len(headings) == 1):
        return headings[0] if headings else ""
    return ""


def _above_the_date(page: Outline, named: str, dated: int | None) -> str:
    """Return the line right above the date where `<title>` only names a column of the page's trail."""
    if not named or not dated or not any(fold(named) in _trail(line.text) for line in page.lines[:dated]):
        return ""
    line = page.lines[dated - 1]
    is_title = _LEAST <= len(line.text) <= _ABOVE_LIMIT and not line.is_link and not _trail(line.text)
    return line.text if is_title else ""


def _trail(text: str) -> list[str]:
    """Return the columns of 首页 > 行政处罚 > 正文, folded; nothing if a line is no such trail."""
    steps = [fold(step) for step in _STEP.split(text[:_LIMIT])]
    return steps[1:-1] if len(steps) > 2 and steps[-1] in _TRAIL_ENDS else []


def _repeated(lines: Sequence[str], folded_title: str) -> Iterator[str]:
    """Yield (folded) what of `<title>` lines repeat: one line, or several that a heading is broken into."""
    for first in range(len(lines)):
        said = ""
        for line in lines[first : first + _HEADING_LINES]:
            said += fold(line)
            if said not in folded_title:
                break
            if len(said) > 2 * _LEAST:
                yield said


def _as_written(title: str, folded_part: str) -> str:
    """Return the part of a title that folds to this: headings are often spaced out, `<title>` is not."""
    folded, offsets = fold_with_offsets(title)
    start = folded.index(folded_part)
    return title[offsets[start] : offsets[start + len(folded_part) - 1] + 1]


def _opening(page: Outline, body: Sequence[int]) -> str:
    """Return the text's own heading: its first lines as long as they are centred or bold."""
    lines: list[str] = []
    for number in body[:_OPENING_LINES]:
        line = page.lines[number]
        if not (line.is_centred or line.is_bold) or re.search(r"[〔\[［【]\s*\d{4}", line.text):
            break
        lines.append(line.text)
    return "".join(lines)[:_LIMIT]
