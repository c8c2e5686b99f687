"""Pages that say there is nothing: servers' error pages, soft 404s under status 200, short JSON errors.

What a page says beside its links is looked at, because a soft 404 often stands in the site's full
frame. A document that speaks of errors, maintenance or of proposal no. 404 is none: a text in a
known container, or facts in a metadata block, speak against it, unless the text is nothing but
the message (a withdrawn item keeps its block).
"""

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass

from crawlers.reading.lines import Outline
from crawlers.reading.signs import shows
from crawlers.reading.titles import without_site_name

_MESSAGE_TEXT = 600
_TITLED_TEXT = 1500
_STACK_TEXT = 60_000
_HEADLINE = 40
_BARE_MESSAGE = 60
_SHORT_BODY = 200
_JSON_LIMIT = 4000
_FOOTER = re.compile(r"版权所有|ICP备|公网安备|网站标识码|主办单位|技术支持|Copyright", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Said:
    """What a page says: its title, its lines that are no links, the body's text, what else speaks for it."""

    title: str
    lines: Sequence[str]
    body: str
    is_named: bool
    facts: int
    files: int


def said_by(
    page: Outline, title: str, body_lines: Sequence[int], *, is_named: bool, facts: int, files: int
) -> Said:
    """Gather what counts: no links, no footer; `is_named` tells that a known container holds the body."""
    seen = [line.text for line in page.lines if not line.is_link and not _FOOTER.search(line.text)]
    body = "\n".join(page.lines[n].text for n in body_lines)
    return Said(title, seen, body, is_named, facts, files)


def is_error(said: Said) -> bool:
    """Tell whether a page is an error page."""
    if _is_bare_message(said):
        return True
    if said.facts:
        return False
    text = "\n".join(said.lines)
    if _is_titled(said.title):
        return len(text) <= _TITLED_TEXT or (len(text) <= _STACK_TEXT and shows(text, "stack_texts"))
    if len(text) > _MESSAGE_TEXT or (said.is_named and len(said.body) > _SHORT_BODY):
        return False
    headlines = [line for line in said.lines[:3] if len(line) < _HEADLINE]
    if len(text) <= _MESSAGE_TEXT // 2 and any(_is_titled(line) for line in headlines):
        return True
    is_broken = not said.is_named and not shows(said.title, "document_titles") and shows(text, "broken_texts")
    return is_broken or shows(text, "gone_texts") or is_json_error(text)


def _is_titled(title: str) -> bool:
    """Tell whether a title is an error's: 信息不存在告知书 and 第404号提案的答复 are documents."""
    return shows(title, "error_titles") and not shows(without_site_name(title), "document_titles")


def is_json_error(text: str) -> bool:
    """Tell whether a text is a JSON object that reports a failure: an interface's answer shown as a page."""
    if len(text) > _JSON_LIMIT or not text.lstrip().startswith("{"):
        return False
    try:
        said = json.loads(text)
    except (ValueError, RecursionError):
        return False
    codes = {str(said.get(key)).lower() for key in ("code", "status", "errcode", "statusCode", "resultCode")}
    message = " ".join(str(said[k]) for k in ("msg", "message", "error", "errmsg", "info") if said.get(k))
    failed = said.get("success") in (False, "false") or any(re.fullmatch(r"[45]\d\d|-\d+", c) for c in codes)
    return bool(failed or (message and (shows(message, "gone_texts") or shows(message, "broken_texts"))))


def _is_bare_message(said: Said) -> bool:
    """Tell whether one short message that something is gone stands where a text should, block or no block."""
    if len(said.body) > _BARE_MESSAGE or said.files:
        return False
    short = [line for line in said.lines if len(line) <= _BARE_MESSAGE // 2]
    return bool(said.facts) and any(shows(s, "gone_texts") and not shows(s, "document_titles") for s in short)
