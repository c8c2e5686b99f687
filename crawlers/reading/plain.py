"""Pages too large to be read by their structure: their beginning is, the rest becomes plain lines (ADR 0032).

Every element costs, so a page of some megabytes of `<br>` would hold up a crawl. Its first elements stay as
they are; behind them tags are dropped and lines become paragraphs. No text is lost below `MOST_CHARS`.
"""

import re
from collections.abc import Iterator
from itertools import islice

from crawlers.reading.data_files import read_data

MOST_TAGS = 30_000
"""Opening tags (and comments) of a page that are read as such; the largest saved page has 6,000 elements."""
MOST_CHARS = 3_000_000
"""Characters of a page that are read at all: five times the largest saved page."""
_PARAGRAPHS = 2_000
_TAG = re.compile(r"<[A-Za-z!]")
# What swallows the text in it.
_RAW = re.compile(
    r"<!--|-->|<(/?)(script|style|textarea|title|noscript|template|select)\b[^<>]*>?", re.IGNORECASE
)
_BREAK = re.compile(rf"</?(?:br|{'|'.join(read_data('tree.json')['block_tags'])})\b[^<>]*>?", re.IGNORECASE)
_ANY_TAG = re.compile(r"</?[A-Za-z!?][^<>]*>?|<")
_LINE_END = "\x1d"
_COMMENT = "!--"


def is_too_large(text: str) -> bool:
    """Tell whether a page is not read by its structure throughout: staff should know."""
    return len(text) > MOST_CHARS or text.count("<") - text.count("</") > MOST_TAGS


def flattened(text: str) -> str:
    """Return a page with at most `MOST_TAGS` tags; what stands behind them has become paragraphs."""
    if not is_too_large(text):
        return text
    text = text[:MOST_CHARS]
    tag = next(islice(_TAG.finditer(text), MOST_TAGS, None), None)
    if tag is None:
        return text
    place = tag.start()
    *_, (_, inside) = [("", ""), *_seen(text[:place])]
    marked = _BREAK.sub(_LINE_END, "".join(said for said, _ in _seen(text[place:], inside)))
    lines = [said for line in _ANY_TAG.sub("", marked).split(_LINE_END) if (said := " ".join(line.split()))]
    size = -(-len(lines) // _PARAGRAPHS) or 1
    rest = (" ".join(lines[n : n + size]) for n in range(0, len(lines), size))
    return text[:place] + _closing(inside) + "".join(f"<p>{said}</p>" for said in rest)


def _seen(text: str, inside: str = "") -> Iterator[tuple[str, str]]:
    """Yield the parts of a text outside comments, scripts and the like, and what swallows text there.

    `inside` is what swallows its beginning.
    """
    place = 0
    for token in _RAW.finditer(text):
        before, inside = inside, _state(inside, token)
        yield ("" if before else text[place : token.start()]), inside
        place = token.end()
    yield ("" if inside else text[place:]), inside


def _state(inside: str, token: re.Match[str]) -> str:
    """Return what swallows text behind a token."""
    said, closes, name = token.group(), token.group(1), (token.group(2) or "").lower()
    if inside == _COMMENT:
        return "" if said == "-->" else inside
    if inside:
        return "" if closes and name == inside else inside
    if said == "<!--":
        return _COMMENT
    return "" if closes else name


def _closing(inside: str) -> str:
    return "-->" if inside == _COMMENT else f"</{inside}>" if inside else ""
