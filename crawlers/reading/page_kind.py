"""What kind of page was met: only a document is ever indexed.

The signs are counted on what is seen (lines), what the page says of itself (title, keywords) and its
forms and scripts. Telling login, form and list pages from each other is a judgement; telling a
document from all of them is what matters.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from catalog.records import PageKind
from crawlers.reading.dead_pages import is_error, said_by
from crawlers.reading.lines import Line, Outline
from crawlers.reading.shells import is_shell
from crawlers.reading.signs import shows
from crawlers.reading.spam import is_hacked
from crawlers.reading.tree import Element

_DOCUMENT_TEXT = 80
_TITLE_LIMIT = 300
_LOGIN_TEXT = 600
_LIST_ITEMS = 6
_ITEM_LENGTH = 8
_MOST_LINKED = 0.5
_FORM_CONTROLS = 3
_FRAME_LINKS = 5
_FORUM_SIGNS = 4
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
    title = (evidence.self_description[0] if evidence.self_description else "")[:_TITLE_LIMIT].strip()
    body = [page.lines[n] for n in evidence.body_lines]
    running = sum(len(line.text) for line in body if not line.is_link)
    prose = sum(len(line.text) for line in _without_teasers(page, evidence.body_lines) if _is_prose(line))
    if is_hacked(evidence.self_description, page):
        return PageKind.HACKED
    said = said_by(
        page,
        title,
        evidence.body_lines,
        is_named=evidence.has_container,
        facts=evidence.facts,
        files=evidence.files,
    )
    if is_error(said):
        return PageKind.ERROR
    passwords, controls = count_controls(root)
    # Beside a dated text the fields are the site's search box or login.
    is_form = controls >= _FORM_CONTROLS and not (evidence.facts and evidence.controls < _FORM_CONTROLS)
    is_text = prose >= 2 * _DOCUMENT_TEXT if is_form else running >= _DOCUMENT_TEXT
    is_article = evidence.facts >= 2 or (evidence.has_container and is_text)
    is_article = is_article or bool(evidence.files and evidence.facts)
    pages_turn = any(_PAGING.search(line.text) for line in page.lines)
    # An empty list turns its pages by script, too.
    if not passwords and not is_article and not pages_turn and is_shell(root, page, controls):
        return PageKind.SHELL
    if not is_article and _is_login(root, page, title, running, passwords, controls):
        return PageKind.LOGIN
    if _is_forum(page):
        return PageKind.OTHER
    if is_article:
        return PageKind.DOCUMENT
    items = sum(_is_item(line) and line.linked >= _ITEM_LENGTH for line in page.lines)
    if items >= _LIST_ITEMS and prose < sum(line.linked for line in page.lines):
        return PageKind.LIST
    if prose < _DOCUMENT_TEXT and pages_turn:
        return PageKind.LIST
    if controls >= _FORM_CONTROLS and prose < _LOGIN_TEXT:
        return PageKind.FORM
    return PageKind.DOCUMENT if prose >= _DOCUMENT_TEXT else PageKind.OTHER


def _without_teasers(page: Outline, numbers: Sequence[int]) -> list[Line]:
    """Leave out lines behind which a link promises the rest: the text itself stands elsewhere."""
    behind = [*page.lines[1:], None]
    return [page.lines[n] for n in numbers if not ((after := behind[n]) and shows(after.text, "teaser"))]


def _is_prose(line: Line) -> bool:
    return not _is_item(line) and len(line.text) >= 30 and any(mark in line.text for mark in "。，；、")


def _is_item(line: Line) -> bool:
    """Tell whether a line is a link, perhaps with a date or a source beside it."""
    return line.linked >= _MOST_LINKED * len(line.text)


def _is_login(root: Element, page: Outline, title: str, running: int, passwords: int, controls: int) -> bool:
    named = shows(title, "login_titles")
    if passwords:
        return running < _LOGIN_TEXT or named
    if running >= _LOGIN_TEXT:
        return False
    if (controls and named) or any(
        shows(line.text, "login_texts") for line in page.lines if not line.is_link
    ):
        return True
    # The front of a hall whose main frame is the login.
    links = sum(line.is_link for line in page.lines)
    return links <= _FRAME_LINKS and any(
        shows(frame.get("src") or "", "login_frames") for frame in root.iter("iframe", "frame")
    )


def _is_forum(page: Outline) -> bool:
    """Tell whether the page is a thread of a forum: its users wrote it, not the authority."""
    return sum(shows(line.text, "forum") for line in page.lines) >= _FORUM_SIGNS


def count_controls(root: Element) -> tuple[int, int]:
    """Return how many password fields and how many fields to fill in there are."""
    kinds = [(e.get("type") or "text").lower() for e in root.iter("input")]
    filled = sum(
        kind in ("text", "password", "checkbox", "radio", "file", "tel", "number", "date") for kind in kinds
    )
    return kinds.count("password"), filled + sum(1 for _ in root.iter("select", "textarea"))
