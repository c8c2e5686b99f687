"""Undoing the line breaks that a page's width makes: a PDF gives lines, its document has paragraphs."""

import re
import unicodedata

FULL = 0.9
"""A line is taken for full, and so for broken off, from this share of the page's longest line."""

LEAST_WIDTH = 24
"""Below this width (in half-width characters) lines are entries of a list or a table, not text."""

# 第三条, 一、, （二）, 3. and the like begin a paragraph of their own.
_OPENS = re.compile(
    r"\s*(?:第[一二三四五六七八九十百零〇\d]+[条章节款]|[一二三四五六七八九十]+、|[（(][一二三四五六七八九十\d]+[）)]|\d+[.．、])"
)
_ENDS = ("。", "！", "？", "；", "：", ".", ":", ";")


def unwrapped(text: str) -> str:
    """Return the text of one page with lines that the page's width broke joined again.

    A full line that does not end a sentence goes on in the next, unless that one opens an article or
    an item. Between Latin letters or digits a space takes the place of the break.
    """
    lines = [line.strip() for line in text.splitlines()]
    longest = max(map(_width, lines), default=0)
    if longest < LEAST_WIDTH:
        return "\n".join(lines)
    joined: list[str] = []
    open_line = False
    for line in lines:
        if open_line and line and not _OPENS.match(line):
            gap = " " if joined[-1][-1:].isascii() and line[:1].isascii() else ""
            joined[-1] += gap + line
        else:
            joined.append(line)
        open_line = _width(line) >= FULL * longest and not line.endswith(_ENDS)
    return "\n".join(joined)


def _width(line: str) -> int:
    return sum(2 if unicodedata.east_asian_width(char) in "WF" else 1 for char in line)
