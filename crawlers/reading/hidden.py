"""A metadata block that no reader sees: a witness only where the page shows no block at all.

Sites carry the block twice and hide one copy, often an older one, for narrow screens (domain.md 5.3);
others hide the only one and print it by script. So a hidden block counts if the page states neither
number nor organisation to its readers, with provenance `meta` (the markup's word), never against a
field that is seen, and only if it states three fields or more. It never reaches the body.
"""

import copy
from collections.abc import Iterator
from itertools import islice

from lxml import etree  # type: ignore[import-untyped]

from catalog.records import Field, Provenance, Witness
from crawlers.reading.labels import LabelTable
from crawlers.reading.lines import outline
from crawlers.reading.statements import decided, find_groups
from crawlers.reading.tree import Element, is_hidden

_LEAST_FIELDS = 3
_MOST_BLOCKS = 12
_MOST_ELEMENTS = 400
_NOT_BLOCKS = frozenset({"input", "a", "script", "style", "option", "textarea", "button", "img", "iframe"})


def hidden_witnesses(root: Element, table: LabelTable) -> list[Witness]:
    """Return what hidden metadata blocks state; the caller leaves out what the visible page states."""
    found: list[Witness] = []
    for block in _hidden_blocks(root):
        shown = copy.deepcopy(block)
        shown.tail = None
        for name in ("style", "class", "hidden"):
            shown.attrib.pop(name, None)
        statements = decided(find_groups(outline(shown), table), posted_on=None, signed_on=None)
        fields = {s.meaning for s in statements}
        if len(fields) >= _LEAST_FIELDS:
            found += [Witness(Field(s.meaning), s.value, Provenance.META) for s in statements]
    return [w for w in found if w.field is not Field.TITLE]


def _hidden_blocks(root: Element) -> Iterator[Element]:
    """Yield the outermost hidden elements that could be a block: not too many and not too large."""
    count = 0
    walker = etree.iterwalk(root, events=("start",))
    for _, element in walker:
        if not isinstance(element.tag, str) or element.tag in _NOT_BLOCKS or not is_hidden(element):
            continue
        walker.skip_subtree()
        count += 1
        if count > _MOST_BLOCKS:
            return
        if sum(1 for _ in islice(element.iter(), _MOST_ELEMENTS + 1)) <= _MOST_ELEMENTS:
            yield element
