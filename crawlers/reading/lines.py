"""The page as its reader sees it: lines, each in its block element.

Everything else in this package works on these lines: a label and its value, the body, a table's
rows. A line keeps its raw text with marks where inline elements open and close, because
`<b>文号</b><span>…` holds a label that its plain text no longer shows.
"""

import re
from dataclasses import dataclass, field

from crawlers.reading.data_files import read_data
from crawlers.reading.tree import Element, is_unseen, walk

OPENED = "\x1f"
CLOSED = "\x1e"
_MARKS = str.maketrans("", "", OPENED + CLOSED)
_INVISIBLE = re.compile("[\u200b-\u200f\u2028-\u202e\u2060-\u2064\u00ad\ufeff]")
_BLOCKS = frozenset(read_data("tree.json")["block_tags"])
_BOLD_STYLE = re.compile(r"font-weight\s*:\s*(?:bold|[6-9]00)", re.IGNORECASE)
_CENTRED_STYLE = re.compile(r"text-align\s*:\s*center", re.IGNORECASE)
_COMMENT_MARK = re.compile(r"<\$\[([^\[\]<>]{1,20})\]>\s*(begin|end)")


def plain(raw: str) -> str:
    """Return a line's text without marks, runs of white space made one space."""
    return " ".join(raw.translate(_MARKS).split())


@dataclass(slots=True)
class Line:
    """One line: its innermost block element, its text raw and as it is read, how much is linked or bold."""

    element: Element
    raw: str
    text: str
    linked: int = 0
    bold: int = 0

    @property
    def is_link(self) -> bool:
        """Whether (nearly) all of the line is a link."""
        return self.linked > 0 and self.linked >= 0.8 * len("".join(self.text.split()))

    @property
    def is_bold(self) -> bool:
        """Whether (nearly) all of the line is bold."""
        return self.bold > 0 and self.bold >= 0.9 * len("".join(self.text.split()))

    @property
    def is_centred(self) -> bool:
        """Whether the line's own block says that it is centred."""
        return is_centred(self.element)


def is_centred(element: Element) -> bool:
    """Tell whether a block element centres its text."""
    align = (element.get("align") or "").lower()
    return (
        element.tag == "center"
        or align == "center"
        or bool(_CENTRED_STYLE.search(element.get("style") or ""))
    )


@dataclass(slots=True)
class Outline:
    """All visible lines of a page, and for each block element which of them (first, behind last).

    `comments` are the page's comments with the number of the line they stand before; `marked` the
    texts that a CMS delimits by comments that name a label (大汉: `<!--<$[标题]>begin-->`).
    """

    lines: list[Line] = field(default_factory=list)
    spans: dict[Element, tuple[int, int]] = field(default_factory=dict)
    comments: list[tuple[int, str]] = field(default_factory=list)
    marked: list[tuple[str, str]] = field(default_factory=list)

    def within(self, element: Element) -> range:
        """Return the numbers of the lines in a block element; none for what is hidden or inline."""
        return range(*self.spans.get(element, (0, 0)))


def outline(root: Element) -> Outline:
    """Read a parsed page into lines."""
    writer = _Writer()
    for event, element in walk(root):
        if event == "start":
            writer.start(element)
        elif event == "end":
            writer.end(element)
        else:
            writer.comment(element)
    writer.flush()
    return writer.outline


class _Writer:
    """Collects text between two block boundaries into one line."""

    def __init__(self) -> None:
        self.outline = Outline()
        self._stack: list[Element] = []
        self._parts: list[str] = []
        self._linked = self._bold = 0
        self._link_depth = self._bold_depth = 0
        self._open_marks: dict[str, list[str]] = {}

    def start(self, element: Element) -> None:
        tag = element.tag
        if tag == "br" or not isinstance(tag, str):
            self.flush()
        elif tag in _BLOCKS:
            self.flush()
            self._stack.append(element)
            self.outline.spans[element] = (len(self.outline.lines), len(self.outline.lines))
        else:
            self._parts.append(OPENED)
            if element.get("id"):
                # Some sites name an inline element as the body's container.
                self.outline.spans[element] = (len(self.outline.lines), len(self.outline.lines))
        self._link_depth += tag == "a"
        self._bold_depth += _is_bold(element)
        if not is_unseen(element):
            self._text(element.text)

    def end(self, element: Element) -> None:
        tag = element.tag
        self._link_depth -= tag == "a"
        self._bold_depth -= _is_bold(element)
        if tag in _BLOCKS:
            self.flush()
            if self._stack and self._stack[-1] is element:
                self._stack.pop()
            first, _ = self.outline.spans.get(element, (0, 0))
            self.outline.spans[element] = (first, len(self.outline.lines))
        elif tag != "br":
            self._parts.append(CLOSED)
            if element in self.outline.spans:
                first, _ = self.outline.spans[element]
                self.outline.spans[element] = (
                    first,
                    len(self.outline.lines) + bool(plain("".join(self._parts))),
                )
        self._text(element.tail)

    def comment(self, element: Element) -> None:
        said = (element.text or "")[:200]
        self.outline.comments.append((len(self.outline.lines), said))
        if mark := _COMMENT_MARK.search(said):
            name, what = mark.groups()
            if what == "begin":
                self._open_marks[name] = []
            elif (parts := self._open_marks.pop(name, None)) and (text := plain("".join(parts))):
                self.outline.marked.append((name, text))
        self._text(element.tail)

    def flush(self) -> None:
        raw = "".join(self._parts)
        if self._stack and (text := plain(raw)):
            self.outline.lines.append(Line(self._stack[-1], raw, text, self._linked, self._bold))
        self._parts.clear()
        self._linked = self._bold = 0

    def _text(self, text: str | None) -> None:
        if not text:
            return
        text = _INVISIBLE.sub("", text.translate(_MARKS))
        self._parts.append(text)
        visible = len("".join(text.split()))
        self._linked += visible if self._link_depth > 0 else 0
        self._bold += visible if self._bold_depth > 0 else 0
        for parts in self._open_marks.values():
            parts.append(text)


def _is_bold(element: Element) -> bool:
    if element.tag in ("b", "strong", "h1", "h2", "h3", "th"):
        return True
    style = element.get("style")
    return bool(style) and _BOLD_STYLE.search(style) is not None
