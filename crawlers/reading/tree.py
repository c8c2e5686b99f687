"""The parsed page: an lxml tree, and what is hidden in it.

lxml rather than BeautifulSoup: on the largest saved page (580 KB) it is some thirty times faster,
it walks without recursion, and trafilatura works on the same tree. libxml2 gives up at 2,048 nested
elements and drops all that follows; such a page is parsed again without its purely nesting tags.
"""

import re
from collections.abc import Iterator
from typing import Any

from lxml import etree, html  # type: ignore[import-untyped]

from crawlers.reading.data_files import read_data
from crawlers.reading.plain import flattened

# lxml ships no types; the name says what is meant.
Element = Any

_TREE_DATA = read_data("tree.json")
_HIDDEN_CLASSES = frozenset(_TREE_DATA["hidden_classes"])
_UNSEEN_TAGS = frozenset(_TREE_DATA["unseen_tags"])
_HIDDEN_STYLE = re.compile(r"(?:display\s*:\s*none|visibility\s*:\s*hidden)", re.IGNORECASE)
_NESTING_TAG = re.compile(
    r"</?(?:div|span|font|b|i|u|em|strong|big|small|center|section|article|blockquote|table|tbody|tr|td|ul|ol|li|dl|dd|dt|form|label)\b[^<>]*>",
    re.IGNORECASE,
)


# Code of JSP, ASP and PHP pages that a server sent as it stands; browsers save it with entities.
_CODE = (("<%", "%>"), ("<?php", "?>"), ("&lt;%", "%&gt;"))
_CODE_LIMIT = 20_000


def without_server_code(text: str) -> str:
    """Return a page without the server's own code; what never ends, or is too long to be code, stays."""
    for opening, closing in _CODE:
        kept: list[str] = []
        place = end = 0
        while (start := text.find(opening, place)) >= 0:
            end = text.find(closing, start) if end <= start else end
            if end < 0:
                break
            stop = end + len(closing) if end - start <= _CODE_LIMIT else start + len(opening)
            kept += [text[place:start], "" if end - start <= _CODE_LIMIT else opening]
            place = stop
        text = "".join([*kept, text[place:]])
    return text


def parse(text: str) -> Element:
    """Return the root element of a page. Never raises: a page without any markup is an empty root.

    What stands behind the first `plain.MOST_TAGS` tags of a monstrous page has become plain paragraphs.
    """
    text = _END_OF_PAGE.sub("", flattened(without_server_code(text)))
    root = _parsed(text)
    if root is not None and _reached_depth_limit(root):
        root = _parsed(_NESTING_TAG.sub("<br>", text))
    return root if root is not None else etree.Element("html")


# libxml2 drops what stands behind these; browsers show it, and strangers put their links there.
_END_OF_PAGE = re.compile(r"</(?:body|html)\s*>", re.IGNORECASE)
# libxml2 compares every attribute of a tag with every other; no honest tag is as long as this.
_MONSTER_TAG = re.compile(r"<[A-Za-z][^<>]{20000,}>?")


def _parsed(text: str) -> Element | None:
    parser = html.HTMLParser(encoding="utf-8", huge_tree=True, remove_pis=True)
    try:
        return html.document_fromstring(
            _MONSTER_TAG.sub("", text).encode("utf-8", errors="replace"), parser=parser
        )
    except (etree.LxmlError, ValueError, AssertionError):
        return None


def _reached_depth_limit(root: Element) -> bool:
    depth = 0
    for event, _ in etree.iterwalk(root, events=("start", "end")):
        depth += 1 if event == "start" else -1
        if depth >= 2000:
            return True
    return False


def walk(root: Element) -> Iterator[tuple[str, Element]]:
    """Yield ("start" | "end" | "comment", element) in document order, without what nobody sees."""
    walker = etree.iterwalk(root, events=("start", "end", "comment"))
    for event, element in walker:
        if event == "start" and is_unseen(element):
            walker.skip_subtree()
        yield event, element


def is_unseen(element: Element) -> bool:
    """Tell whether the element's content never reaches a reader's eye as text."""
    if not isinstance(element.tag, str):
        return True
    return element.tag in _UNSEEN_TAGS or is_hidden(element)


def is_hidden(element: Element) -> bool:
    """Tell whether the element itself is marked as hidden (style, attribute or a known class name)."""
    get = element.get
    if get("hidden") is not None:
        return True
    style = get("style")
    if style and _HIDDEN_STYLE.search(style):
        return True
    names = get("class")
    return bool(names) and not _HIDDEN_CLASSES.isdisjoint(names.lower().split())
