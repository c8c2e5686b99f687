"""The forms of a metadata block, and how its labels are written."""

import random
import re
from collections.abc import Callable, Iterator
from typing import Any

from lxml.html import builder as E  # noqa: N812 - the name its documentation gives it

from crawlers.reading.labels import label_table

Element = Any
Pairs = list[tuple[str, str]]

_LEAST_LABELS = 3
_LINE = re.compile(r"\s*([^：:]{2,12})[：:]\s*([^：]*?)\s*")


def pairs_of(element: Element) -> Pairs:
    """Return the labels and values of a metadata block; nothing if the element is none, or more than one."""
    if next(element.iter("a", "input", "img", "iframe"), None) is not None:
        return []
    pairs = list(_stated(element))
    are_labels = all(label and label_table().meaning(label) is not None for label, _ in pairs)
    return pairs if len(pairs) >= _LEAST_LABELS and are_labels else []


def _stated(element: Element) -> Iterator[tuple[str, str]]:
    if element.tag == "table":
        for row in element.iter("tr"):
            cells = [" ".join(cell.text_content().split()) for cell in row if cell.tag in ("td", "th")]
            if len(cells) % 2:
                yield "", ""
                return
            for label, value in zip(cells[::2], cells[1::2], strict=True):
                if label or value:
                    yield _name(label), value
    elif element.tag == "dl":
        for term in element.iter("dt"):
            value = term.getnext()
            yield _name(term.text_content()), "" if value is None else " ".join(value.text_content().split())
    else:
        for child in element:
            said = _LINE.fullmatch(child.text_content()) if child.tag in ("li", "p") else None
            yield (_name(said[1]), said[2]) if said else ("", "")


def _name(label: str) -> str:
    return re.sub(r"[\s:：]", "", label)


def respaced(chance: random.Random, label: str) -> str:
    """Return a label as another editor would type it: spaced out, in brackets, with another colon."""
    gap = chance.choice(["", "", " ", "\u3000", "\xa0\xa0"])
    spaced = gap.join(label) if len(label) < 5 else label
    return chance.choice(["{}：", "{}:", "【{}】", "{}： ", "[{}]：", "{}︰"]).format(spaced)


def built(chance: random.Random, pairs: Pairs) -> Element:
    """Return the labels and values in one of the forms that sites use."""
    return chance.choice(FORMS)(pairs)


def _two_columns(pairs: Pairs) -> Element:
    return E.TABLE(*(E.TR(E.TD(label), E.TD(value)) for label, value in pairs))


def _four_columns(pairs: Pairs) -> Element:
    cells = [E.TD(text) for pair in pairs for text in pair]
    return E.TABLE(*(E.TR(*cells[n : n + 4]) for n in range(0, len(cells), 4)))


def _blank_column(pairs: Pairs) -> Element:
    return E.TABLE(*(E.TR(E.TD(label), E.TD(), E.TD(value)) for label, value in pairs))


def _rows_over_rows(pairs: Pairs) -> Element:
    return E.TABLE(E.TR(*(E.TH(label) for label, _ in pairs)), E.TR(*(E.TD(value) for _, value in pairs)))


def _terms(pairs: Pairs) -> Element:
    return E.DL(*(part for label, value in pairs for part in (E.DT(label), E.DD(value))))


def _items(pairs: Pairs) -> Element:
    return E.UL(*(E.LI(f"{label}{value}") for label, value in pairs))


def _bold_items(pairs: Pairs) -> Element:
    return E.UL(*(E.LI(E.STRONG(label), value) for label, value in pairs))


def _lines(pairs: Pairs) -> Element:
    return E.DIV(*(E.P(f"{label}{value}") for label, value in pairs))


def _spans(pairs: Pairs) -> Element:
    return E.DIV(*(E.P(E.SPAN(label), E.SPAN(value)) for label, value in pairs))


def _nested(pairs: Pairs) -> Element:
    return E.DIV(*(E.DIV(E.DIV(label), E.DIV(value)) for label, value in pairs))


def _letters(pairs: Pairs) -> Element:
    return E.DIV(*(E.P(*(E.SPAN(char) for char in label), value) for label, value in pairs))


FORMS: tuple[Callable[[Pairs], Element], ...] = (
    _two_columns,
    _four_columns,
    _blank_column,
    _rows_over_rows,
    _terms,
    _items,
    _bold_items,
    _lines,
    _spans,
    _nested,
    _letters,
)
