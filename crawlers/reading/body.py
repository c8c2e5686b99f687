"""Which of the page's lines are the document itself (domain.md 5.3).

A family's own container, the known containers in order, then trafilatura: it tells which text is
the body, and the smallest element that holds that text is read by our own rules, so that tables
and lists survive.
"""

import copy
import logging
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from itertools import accumulate

import trafilatura
from lxml import etree  # type: ignore[import-untyped]

from catalog.folding import fold
from crawlers.reading.data_files import read_data
from crawlers.reading.lines import Line, Outline
from crawlers.reading.tree import Element

_LEAST_TEXT = 20
_MOST_LINKED = 0.5
_LEAST_FROM_TRAFILATURA = 60
# trafilatura compares paragraphs with each other, walks with recursion and copies the tree: 9,000 <div> took
# it 18 s. Up to the first bound it compares itself with others, up to the second it is alone (`fast`), and
# larger pages are judged by their unlinked lines. The largest saved page without a container has 4,717.
_COMPARED_ELEMENTS = 3_000
_TRAFILATURA_ELEMENTS = 6_000
_TRAFILATURA_CHARS = 400_000
_TRAFILATURA_DEPTH = 100
_COVERED = 0.9
_PIECES = re.compile(r"[\n|]")
_LEAST_PIECE = 4
_LEAST_INSIDE = 12
# Characters times lines: beyond this, lines are not looked for inside longer ones.
_MOST_COMPARED = 200_000_000
# 附件：灌溉计划表.xls ends a text; 附件下载.doc is a button.
_ATTACHMENT = re.compile(r"附件(?!下载)")
_FOOTER_REACH = 12
_FOOTER_LINE = 160

logging.getLogger("trafilatura").setLevel(logging.CRITICAL)


@dataclass(frozen=True, slots=True)
class Body:
    """The body: its element (None where there is none), and the numbers of its lines, furniture left out.

    `is_guess` tells that no container named it.
    """

    element: Element | None
    lines: Sequence[int]
    is_guess: bool = False


def find_body(root: Element, page: Outline, own: Sequence[str] = (), end_comment: str | None = None) -> Body:
    """Return the body of a page.

    `own` are a family's selectors (`#id`, `.class`, `tag.class`), `end_comment` is part of a comment
    behind which the body ends.
    """
    data = read_data("body.json")
    element = _container(page, [*own, *data["containers"]], weak=False)
    if element is None:
        element = _container(page, data["weak_containers"], weak=True)
    is_guess = element is None
    if element is None:
        element = _by_trafilatura(root, page)
    if element is None:
        return Body(None, ())
    numbers = page.within(element)
    if end_comment:
        ends = [n for n, said in page.comments if end_comment in said and numbers.start <= n < numbers.stop]
        numbers = range(numbers.start, min(ends, default=numbers.stop))
    return Body(element, _without_furniture(page, numbers), is_guess)


def trimmed(root: Element, page: Outline, numbers: list[int]) -> list[int]:
    """Return a guessed body's lines without what stands around the text: menus, and the title above it."""
    title = next(root.iter("title"), None)
    named = fold("".join(title.itertext())) if title is not None else ""
    first, last = 0, len(numbers)
    while first < last and (
        page.lines[numbers[first]].is_link or fold(page.lines[numbers[first]].text) in named
    ):
        first += 1
    while first < last and _is_way_out(page.lines[numbers[last - 1]]):
        last -= 1
    # What is nothing but links is a list, which keeps them.
    return numbers[first:last] or numbers


def _is_way_out(line: Line) -> bool:
    return line.is_link and not _ATTACHMENT.match(line.text)


def all_lines(page: Outline) -> Sequence[int]:
    """Return what text a page without a body shows: all its lines, without furniture."""
    return _without_furniture(page, range(len(page.lines)))


def _container(page: Outline, selectors: Sequence[str], *, weak: bool) -> Element | None:
    """Return the fullest usable element that fits the first selector that any fits."""
    named = _named(page)
    for selector in selectors:
        tag, name = re.fullmatch(r"([^#.]*)(.*)", selector.lower(), re.DOTALL).groups()  # type: ignore[union-attr]
        fitting = named.get(name, ()) if name else list(page.spans)
        usable = [e for e in fitting if (not tag or e.tag == tag) and _is_usable(page, e, weak=weak)]
        if usable:
            return max(usable, key=lambda e: (_text_length(page, e), -len(page.within(e))))
    return None


def _named(page: Outline) -> dict[str, list[Element]]:
    """Return the elements by `#id` and `.class`, in lower case."""
    named: dict[str, list[Element]] = {}
    for element in page.spans:
        for name in (element.get("class") or "").lower().split():
            named.setdefault("." + name, []).append(element)
        if identity := element.get("id"):
            named.setdefault("#" + identity.lower(), []).append(element)
    return named


def _is_usable(page: Outline, element: Element, *, weak: bool) -> bool:
    numbers = page.within(element)
    length = _text_length(page, element)
    linked = sum(page.lines[n].linked for n in numbers)
    if weak:
        return length >= _LEAST_TEXT and linked < _MOST_LINKED * length
    shows_file = next(element.iter("iframe", "embed", "object", "img"), None) is not None
    return length >= _LEAST_TEXT or shows_file or linked > 0


def _text_length(page: Outline, element: Element) -> int:
    return sum(len(page.lines[n].text) for n in page.within(element))


def _by_trafilatura(root: Element, page: Outline) -> Element | None:
    """Return the smallest element that holds what trafilatura takes for the text.

    A page that is too much for it is judged by its unlinked lines.
    """
    size = _size(root, page)
    if size is None:
        weights = [*(0 if line.is_link else len(line.text) for line in page.lines), 0]
    else:
        weights = _extracted_lengths(page, _extracted(root, fast=size > _COMPARED_ELEMENTS))
    covered = sum(weights)
    if covered < _LEAST_FROM_TRAFILATURA:
        return None
    sums = [0, *accumulate(weights)]
    holding = [
        element
        for element, (first, last) in page.spans.items()
        if sums[last] - sums[first] >= _COVERED * covered
    ]
    return min(holding, key=lambda e: len(page.within(e)), default=None)


def _extracted_lengths(page: Outline, extracted: str) -> list[int]:
    """Return for each line its length if trafilatura took it, else 0; the last entry is a stop.

    It joins the paragraphs of a table's cell and parts cells by bars, so a longer line also counts
    where it stands inside what was taken.
    """
    pieces = {fold(piece) for piece in _PIECES.split(extracted)}
    whole = fold(extracted) if len(extracted) * len(page.lines) <= _MOST_COMPARED else ""
    weights = [0] * (len(page.lines) + 1)
    met: set[str] = set()
    for number, line in enumerate(page.lines):
        text = fold(line.text)
        # With recall favoured it also brings menus; what is all link is no running text.
        if len(text) < _LEAST_PIECE or line.is_link or text in met:
            continue
        if text in pieces or (len(text) >= _LEAST_INSIDE and text in whole):
            met.add(text)
            weights[number] = len(text)
    return weights


def _extracted(root: Element, *, fast: bool) -> str:
    # It prunes the tree that it is given.
    pruned = copy.deepcopy(root)
    # It fills rows up to the widest, and what spans many rows in each of them.
    etree.strip_attributes(pruned, "rowspan", "colspan")
    try:
        found = trafilatura.bare_extraction(pruned, include_comments=False, favor_recall=True, fast=fast)
    except Exception:  # noqa: BLE001 - a hostile page must not end the reading, whatever breaks in there
        return ""
    return (getattr(found, "text", "") or "") if found is not None else ""


def _size(root: Element, page: Outline) -> int | None:
    """Return how many elements a page has; None where they or its text are too much for trafilatura."""
    if sum(len(line.raw) for line in page.lines) > _TRAFILATURA_CHARS:
        return None
    count = depth = deepest = 0
    for event, _ in etree.iterwalk(root, events=("start", "end", "comment")):
        count += event != "end"
        depth += (event == "start") - (event == "end")
        deepest = max(deepest, depth)
        if count > _TRAFILATURA_ELEMENTS or deepest > _TRAFILATURA_DEPTH:
            return None
    return count


def _without_furniture(page: Outline, numbers: range) -> list[int]:
    numbers = range(numbers.start, _footer_start(page, numbers))
    pattern = _furniture()
    return [n for n in numbers if not (len(t := page.lines[n].text) < 200 and pattern.fullmatch(t))]


def _footer_start(page: Outline, numbers: range) -> int:
    """Return where the site's footer begins: 主办单位 alone proves nothing, 网站标识码 soon after it does."""
    data = read_data("body.json")
    for number in numbers:
        text = page.lines[number].text
        if len(text) > _FOOTER_LINE or not any(sign in text for sign in data["footer"]):
            continue
        start = number
        for before in range(number - 1, max(numbers.start, number - _FOOTER_REACH) - 1, -1):
            if any(sign in page.lines[before].text[:_FOOTER_LINE] for sign in data["footer_before"]):
                start = before
        return start
    return numbers.stop


@cache
def _furniture() -> re.Pattern[str]:
    return re.compile("|".join(f"(?:{pattern})" for pattern in read_data("body.json")["furniture"]))
