"""Folding of text, one character at a time: the form in which texts are compared and searched.

Folding is NFKC and lower case *per character* (so that the folding of a part is the part of the
folding) and drops white space and characters that nobody sees. Two texts that differ only in
width, case or spacing fold to the same string.
"""

import re
import unicodedata

_INVISIBLE_CATEGORIES = {"Cc", "Cf", "Cs", "Zs", "Zl", "Zp"}
_VARIATION_SELECTORS = frozenset((*range(0xFE00, 0xFE10), *range(0xE0100, 0xE01F0)))


def _is_visible(char: str) -> bool:
    return unicodedata.category(char) not in _INVISIBLE_CATEGORIES and ord(char) not in _VARIATION_SELECTORS


def _fold_char(char: str) -> str:
    # Lower-casing can undo compatibility forms (and the reverse), so both run until nothing moves.
    folded = char
    while (again := unicodedata.normalize("NFKC", folded).lower()) != folded:
        folded = again
    return "".join(c for c in folded if _is_visible(c))


class _FoldTable(dict[int, str]):
    """A translation table that fills itself with the characters met."""

    def __missing__(self, codepoint: int) -> str:
        folded = self[codepoint] = _fold_char(chr(codepoint))
        return folded


_TABLE = _FoldTable()


def fold(text: str) -> str:
    """Return the folded text: NFKC and lower case per character, without what is not visible."""
    return text.translate(_TABLE)


def fold_with_offsets(text: str) -> tuple[str, list[int]]:
    """Return the folded text and, for each of its characters, the place in `text` it came from."""
    folded: list[str] = []
    offsets: list[int] = []
    for place, char in enumerate(text):
        part = _TABLE[ord(char)]
        folded.append(part)
        offsets.extend([place] * len(part))
    return "".join(folded), offsets


def visible_length(text: str) -> int:
    """Count the characters that are left after folding."""
    return len(fold(text))


_REFUSED = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\ufeff]")
"""Control characters (Cc) but line feed and tab, lone surrogates (Cs), the byte order mark."""


def clean(text: str) -> str:
    """Return text that every store and page accepts: no lone surrogates, no control characters.

    Line feeds and tabs stay; a carriage return becomes a line feed.
    """
    return _REFUSED.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))
