"""Rows of lists that are made in many ways: one link to a publication, its date and numbers beside it.

Sites dress the same list as <li>, as table rows, or as a <ul> whose <li> are the cells. So a row is told by
what it holds: it is the smallest piece around a link that shows a date and leads to no other publication.
"""

import re
from collections.abc import Callable, Iterable, Iterator
from itertools import islice

from catalog import index_numbers
from catalog.records import Field
from crawlers.families.family import ListItem, WebPage, said_by_list
from crawlers.families.markup import DATE, is_file, links, whole_title
from crawlers.reading.tree import Element

_CLIMB = 5
"""How far above its link a row's outermost element stands at most."""

_LINKS_IN_ROW = 4
"""A row has a link or a few (a picture, a PDF of the same); what has more is no row."""

_CELL_CHARS = 60


def row_blocks(tree: Element, named: re.Pattern[str]) -> list[Element]:
    """Return the blocks of a page that hold a family's rows, told by their class; the outermost only."""
    blocks: list[Element] = []
    waiting = [tree]
    while waiting:
        element = waiting.pop()
        if named.search(element.get("class") or ""):
            blocks.append(element)
        else:
            waiting.extend(reversed(element))
    return blocks


def row_items(
    page: WebPage, roots: Iterable[Element], leads_to_item: Callable[[str], bool]
) -> Iterator[ListItem]:
    """Yield what the rows below some elements list; `leads_to_item` tells the addresses of publications."""
    listed = [(link, url) for root in roots for link, url in links(page, root) if leads_to_item(url)]
    # A file beside the page of an item is the item's; alone in its row it is an item itself.
    with_page = {_cell(link) for link, url in listed if not is_file(url)}
    found = [(link, url) for link, url in listed if not is_file(url) or _cell(link) not in with_page]
    shared = _shared(found)
    # A row may link its item several times: with a picture first, or with its text in a second link.
    first: dict[str, Element] = {}
    for link, url in found:
        if url not in first or not whole_title(first[url]):
            first[url] = link
    for url, link in first.items():
        beside = _beside(link, shared)
        said = {
            Field.TITLE: whole_title(link),
            Field.INDEX_NUMBER: next(filter(_is_index_number, beside), None),
            Field.PUBLISHED_ON: _day(beside),
        }
        yield ListItem(url, tuple(said_by_list(field, raw) for field, raw in said.items() if raw))


def _cell(link: Element) -> Element:
    around = (element for element in islice(link.iterancestors(), _CLIMB) if element.tag in ("li", "tr"))
    return next(around, link)


def _shared(found: list[tuple[Element, str]]) -> set[Element]:
    """Return the elements that hold links to more than one publication, or many links to one."""
    held: dict[Element, list[str]] = {}
    for link, url in found:
        for element in islice(link.iterancestors(), _CLIMB):
            urls = held.setdefault(element, [])
            if len(urls) <= _LINKS_IN_ROW:
                urls.append(url)
    return {element for element, urls in held.items() if len(urls) > _LINKS_IN_ROW or len(set(urls)) > 1}


def _beside(link: Element, shared: set[Element]) -> list[str]:
    """Return what the link's row says beside it: of as large a piece of the page as it takes for a date."""
    texts: list[str] = []
    for element in islice(link.iterancestors(), _CLIMB):
        if element in shared:
            break
        texts = _texts_beside(element, link)
        if _day(texts) is not None:
            break
    return texts


def _texts_beside(row: Element, link: Element) -> list[str]:
    """Return the short texts of a row that are not its link's."""
    inside = set(link.iter())
    texts: list[str] = []
    for element in row.iter():
        if element not in inside and isinstance(element.tag, str):
            texts.append(element.text or "")
        if element is not row and (element is link or element not in inside):
            texts.append(element.tail or "")
    return [text for text in (" ".join(text.split()) for text in texts) if 0 < len(text) <= _CELL_CHARS]


def _day(texts: list[str]) -> str | None:
    """Return the first date of some texts. 00298627-2/202003-00010 holds none."""
    dated = (text for text in texts if not _is_index_number(text))
    return next((day for text in dated for day in DATE.findall(text)), None)


def _is_index_number(text: str) -> bool:
    number = index_numbers.parse(text)
    return number is not None and number.serial is not None and not DATE.fullmatch(text)
