"""What kind of page was met: only a document is ever indexed.

The signs are counted on what is seen (lines), what the page says of itself (title, keywords) and its
forms and scripts. Telling login, form and list pages from each other is a judgement; telling a
document from all of them is what matters.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

from catalog.folding import fold
from catalog.records import PageKind
from crawlers.reading.data_files import read_data
from crawlers.reading.lines import Line, Outline
from crawlers.reading.tree import Element

_ERROR_TEXT = 600
_TITLED_ERROR_TEXT = 1500
_SHELL_TEXT = 120
_DOCUMENT_TEXT = 80
_LOGIN_TEXT = 600
_LIST_ITEMS = 6
_ITEM_LENGTH = 8
_MOST_LINKED = 0.5
_FORM_CONTROLS = 3
_SPAM_HITS = 2
_SHELL_LINKS = 5
_PAGING = re.compile(r"共\s*\d*\s*页|[上下]一页|尾页|末页")


@dataclass(frozen=True, slots=True)
class Evidence:
    """What the other readers found: the body's lines, whether a container named it, facts and files.

    `controls` counts the fields to fill in within the container.
    """

    self_description: Sequence[str]
    body_lines: Sequence[int]
    has_container: bool
    facts: int
    files: int
    controls: int = 0


def page_kind(root: Element, page: Outline, evidence: Evidence) -> PageKind:
    """Return the page's kind."""
    title = evidence.self_description[0] if evidence.self_description else ""
    seen = [line.text for line in page.lines]
    length = sum(map(len, seen))
    running = sum(len(page.lines[n].text) for n in evidence.body_lines if not page.lines[n].is_link)
    if _is_spam(evidence.self_description):
        return PageKind.HACKED
    if _is_error(title, seen, length, evidence):
        return PageKind.ERROR
    passwords, controls = count_controls(root)
    if not controls and _is_shell(root, page, length):
        return PageKind.SHELL
    prose = sum(len(page.lines[n].text) for n in evidence.body_lines if _is_prose(page.lines[n]))
    # Beside a dated text the fields are the site's search box or login.
    is_form = controls >= _FORM_CONTROLS and not (evidence.facts and evidence.controls < _FORM_CONTROLS)
    is_text = prose >= 2 * _DOCUMENT_TEXT if is_form else running >= _DOCUMENT_TEXT
    is_article = evidence.facts >= 2 or (evidence.has_container and is_text)
    if passwords and not is_article and (running < _LOGIN_TEXT or _any(title, "login_titles")):
        return PageKind.LOGIN
    if is_article or (evidence.files and evidence.facts):
        return PageKind.DOCUMENT
    items = sum(_is_item(line) and line.linked >= _ITEM_LENGTH for line in page.lines)
    if items >= _LIST_ITEMS and prose < sum(line.linked for line in page.lines):
        return PageKind.LIST
    if prose < _DOCUMENT_TEXT and any(_PAGING.search(text) for text in seen):
        return PageKind.LIST
    if controls >= _FORM_CONTROLS and prose < _LOGIN_TEXT:
        return PageKind.FORM
    return PageKind.DOCUMENT if prose >= _DOCUMENT_TEXT else PageKind.OTHER


def _is_prose(line: Line) -> bool:
    return not _is_item(line) and len(line.text) >= 30 and any(mark in line.text for mark in "。，；、")


def _is_item(line: Line) -> bool:
    """Tell whether a line is a link, perhaps with a date or a source beside it."""
    return line.linked >= _MOST_LINKED * len(line.text)


def _is_spam(self_description: Sequence[str]) -> bool:
    said = fold(" ".join(self_description))
    if any(word in said for word in _words("acts_against")):
        return False
    hits = sum(said.count(word) for word in _words("spam"))
    return hits >= _SPAM_HITS


def _is_error(title: str, seen: Sequence[str], length: int, evidence: Evidence) -> bool:
    if length > _TITLED_ERROR_TEXT or evidence.facts >= 2:
        return False
    if _any(title, "error_titles"):
        return True
    if length > _ERROR_TEXT:
        return False
    headed = any(_any(line, "error_titles") for line in seen[:2] if len(line) < 40)
    return (headed and length < _ERROR_TEXT // 2) or _any("\n".join(seen), "error_texts")


def _is_shell(root: Element, page: Outline, length: int) -> bool:
    if length > _SHELL_TEXT or sum(line.is_link for line in page.lines) > _SHELL_LINKS:
        return False
    if next(root.iter("frameset"), None) is not None:
        return True
    # An empty list turns its pages by script, too.
    if any(_PAGING.search(line.text) for line in page.lines):
        return False
    refreshes = any((e.get("http-equiv") or "").lower() == "refresh" for e in root.iter("meta"))
    scripts = " ".join("".join(e.itertext()) for e in root.iter("script"))
    scripted = sum(sign in scripts for sign in read_data("page_kind.json")["challenge_scripts"])
    told = _any("\n".join(line.text for line in page.lines), "challenge_texts")
    # A page without text whose scripts are all it has is filled by them, whatever they do.
    empty = length < 20 and next(root.iter("script"), None) is not None
    return refreshes or told or scripted > 0 or empty


def count_controls(root: Element) -> tuple[int, int]:
    """Return how many password fields and how many fields to fill in there are."""
    kinds = [(e.get("type") or "text").lower() for e in root.iter("input")]
    filled = sum(
        kind in ("text", "password", "checkbox", "radio", "file", "tel", "number", "date") for kind in kinds
    )
    return kinds.count("password"), filled + sum(1 for _ in root.iter("select", "textarea"))


def _any(text: str, key: str) -> bool:
    return bool(_pattern(key).search(text))


@cache
def _pattern(key: str) -> re.Pattern[str]:
    return re.compile("|".join(read_data("page_kind.json")[key]), re.IGNORECASE)


@cache
def _words(key: str) -> tuple[str, ...]:
    return tuple(fold(word) for word in read_data("page_kind.json")[key])
