"""Bigrams: the pairs of neighbouring visible characters, which guarantee that a text is found.

They run over all visible characters, across line breaks. The last character of a text stands once more,
in front of a line feed, so that every character begins some pair and even a single one can be looked up.
"""

import re
import unicodedata
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from operator import add
from typing import Any

import numpy as np
from numpy.typing import NDArray

from catalog.folding import fold

Array = NDArray[Any]

MOST_TEXTS = 1 << 22
"""How many texts `bigram_counts` takes at once: number and pair share 64 bits while they are sorted."""

_CHAR_BITS = 21  # what a code point takes
_RANKING_RUN = re.compile(r"[^\W_]+")  # exactly the letters and numbers, Unicode's L and N
_CHAR = np.uint64((1 << _CHAR_BITS) - 1)
_ENDS_OF_FORMS = (0x80, 0x800, 0x10000, 0x110000)  # where UTF-8 comes to take one byte more, and ends


@dataclass(frozen=True, slots=True)
class BigramCounts:
    """The pairs of many texts: three arrays of equal length, sorted by text, then by pair.

    `texts` (uint32) is the place of the text among those given, `pairs` (uint64) the UTF-8 of the two
    characters, padded behind with zero bytes to eight and read as one big-endian number, so that the
    order of the numbers is that of the code points, and `counts` (uint32) how often it stands there.
    """

    texts: Array
    pairs: Array
    counts: Array


def bigrams(text: str) -> Counter[str]:
    """Return the pairs of a text and how often each stands there."""
    return folded_bigrams(fold(text))


def folded_bigrams(folded: str) -> Counter[str]:
    """Return the pairs of a text that is folded already."""
    return Counter(map(add, folded, folded[1:] + "\n")) if folded else Counter()


def bigram_counts(folded: Sequence[str]) -> BigramCounts:
    """Return the pairs of many folded texts at once, several times faster than one by one.

    A line feed in a text ends a part: the parts of one document joined by line feeds give the sum of
    their bigrams. Raises `ValueError` for more than `MOST_TEXTS` texts.
    """
    if len(folded) > MOST_TEXTS:
        raise ValueError(f"at most {MOST_TEXTS} texts at once: {len(folded)}")
    lengths = np.fromiter(map(len, folded), np.int64, len(folded)) + 1
    codes = np.frombuffer("\n".join((*folded, "")).encode("utf-32-le"), "<u4").astype(np.uint64)
    texts = np.repeat(np.arange(len(folded), dtype=np.uint64), lengths)
    keys = texts << np.uint64(2 * _CHAR_BITS) | codes << np.uint64(_CHAR_BITS)
    keys[:-1] |= codes[1:]
    keys = np.sort(keys[codes != ord("\n")])
    first = np.flatnonzero(np.diff(keys, prepend=~keys[:1]))
    keys, counts = keys[first], np.diff(first, append=len(keys))
    return BigramCounts(
        texts=(keys >> np.uint64(2 * _CHAR_BITS)).astype(np.uint32),
        pairs=_packed(keys >> np.uint64(_CHAR_BITS) & _CHAR, keys & _CHAR),
        counts=counts.astype(np.uint32),
    )


def ranks(bigram: str) -> bool:
    """Tell whether a bigram counts for ranking: both are letters, digits or characters."""
    return all(unicodedata.category(char)[0] in "LN" for char in bigram)


def ranking_bigrams(folded: str) -> int:
    """Count the pairs of a folded text that rank."""
    return sum(map(len, runs := _RANKING_RUN.findall(folded))) - len(runs)


def _packed(first: Array, second: Array) -> Array:
    """Return pairs of code points as UTF-8, padded behind to eight bytes, as big-endian numbers."""
    utf8 = _utf8()
    width = np.full(len(first), 8, dtype=np.uint64)  # bits that the first character takes
    for end in _ENDS_OF_FORMS[:-1]:
        width += np.where(first >= end, np.uint64(8), np.uint64(0))
    head, tail = utf8[first].astype(np.uint64), utf8[second].astype(np.uint64)
    return head << np.uint64(32) | tail << np.uint64(32) >> width


@cache
def _utf8() -> Array:
    """Return the UTF-8 of every code point, padded behind to four bytes, as a big-endian number."""
    table = np.zeros((_ENDS_OF_FORMS[-1], 4), dtype=np.uint8)
    for size, (start, end) in enumerate(pairwise((0, *_ENDS_OF_FORMS)), start=1):
        encoded = "".join(map(chr, range(start, end))).encode("utf-8", "surrogatepass")
        table[start:end, :size] = np.frombuffer(encoded, dtype=np.uint8).reshape(-1, size)
    return table.view(">u4").ravel().astype(np.uint32)
