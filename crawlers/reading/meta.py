"""What the page's `<meta>` tags state, by the 2017 guide (domain.md 2.3): one witness among others."""

import html
import re
from collections.abc import Mapping

from catalog.records import Field, Provenance, Witness
from crawlers.reading.labels import is_missing, meta_names
from crawlers.reading.tree import Element

_TAG = re.compile(r"<[^<>]{0,300}>")
# `keywords` and `description` are old search-engine tags too; they count only beside one of these.
_GUIDE_TAGS = frozenset({"articletitle", "pubdate", "contentsource", "columnname"})
_OF_ARTICLES = frozenset({Field.KEYWORDS, Field.ABSTRACT})
_LIMIT = 3000


def meta_values(root: Element) -> dict[str, str]:
    """Return the page's meta tags: name in lower case -> first content that says anything, without markup."""
    values: dict[str, str] = {}
    for element in root.iter("meta"):
        name = (element.get("name") or element.get("property") or "").strip().lower()
        content = without_markup((element.get("content") or "")[:_LIMIT])
        if name and not is_missing(content):
            values.setdefault(name, content)
    return values


def meta_witnesses(values: Mapping[str, str]) -> list[Witness]:
    """Return the fields that meta tags state."""
    follows_guide = not _GUIDE_TAGS.isdisjoint(values)
    return [
        Witness(field, values[name], Provenance.META)
        for name, field in meta_names().items()
        if name in values and (follows_guide or field not in _OF_ARTICLES)
    ]


def without_markup(text: str) -> str:
    """Return a title or tag content as one line of text: entities (also doubled) resolved, tags taken out."""
    for _ in range(2):
        text = html.unescape(text)
    return " ".join(_TAG.sub("", text).split())
