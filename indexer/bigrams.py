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

_CHAR_BITS = 21  # what a code point takes
_TEXT_BITS = 22  # what is left of 64 bits beside a pair

MOST_TEXTS = 1 << _TEXT_BITS
"""How many texts `bigram_lists` takes at once: pair and number share 64 bits while they are sorted."""

_RANKING_RUN = re.compile(r"[^\W_]+")  # exactly the letters and numbers, Unicode's L and N
_CHAR = np.uint64((1 << _CHAR_BITS) - 1)
_TEXT = np.uint64((1 << _TEXT_BITS) - 1)
_ENDS_OF_FORMS = (0x80, 0x800, 0x10000, 0x110000)  # where UTF-8 comes to take one byte more, and ends


@dataclass(frozen=True, slots=True)
class BigramLists:
    """The pairs of many texts, pair by pair.

    `pairs` (uint64) are the distinct pairs in the order of their code points, each as the UTF-8 of its
    two characters, padded behind with zero bytes to eight and read as one big-endian number. `holding`
    (int64) tells for each how many texts hold it; `texts` and `counts` (int64), which texts, ascending,
    and how often each does, end to end.
    """

    pairs: Array
    holding: Array
    texts: Array
    counts: Array


def bigrams(text: str) -> Counter[str]:
    """Return the pairs of a text and how often each stands there."""
    return folded_bigrams(fold(text))


def folded_bigrams(folded: str) -> Counter[str]:
    """Return the pairs of a text that is folded already."""
    return Counter(map(add, folded, folded[1:] + "\n")) if folded else Counter()


def bigram_lists(folded: Sequence[str]) -> BigramLists:
    """Return the pairs of many folded texts at once, several times faster than one by one.

    A line feed in a text ends a part: the parts of one document joined by line feeds give the sum of
    their bigrams. Takes some thirty bytes a character. Raises `ValueError` for more than `MOST_TEXTS` texts.
    """
    if len(folded) > MOST_TEXTS:
        raise ValueError(f"at most {MOST_TEXTS} texts at once: {len(folded)}")
    lengths = np.fromiter(map(len, folded), np.int64, len(folded)) + 1
    codes = np.frombuffer("\n".join((*folded, "")).encode("utf-32-le"), "<u4").astype(np.uint64)
    keys = np.repeat(np.arange(len(folded), dtype=np.uint64), lengths)
    keys |= codes << np.uint64(_CHAR_BITS + _TEXT_BITS)
    keys[:-1] |= codes[1:] << np.uint64(_TEXT_BITS)
    keys = np.sort(keys[codes != ord("\n")])
    first = np.flatnonzero(np.diff(keys, prepend=~keys[:1]))
    counts, keys = np.diff(first, append=len(keys)), keys[first]
    pairs = keys >> np.uint64(_TEXT_BITS)
    first = np.flatnonzero(np.diff(pairs, prepend=~pairs[:1]))
    distinct = pairs[first]
    return BigramLists(
        pairs=_packed(distinct >> np.uint64(_CHAR_BITS), distinct & _CHAR),
        holding=np.diff(first, append=len(keys)),
        texts=(keys & _TEXT).astype(np.int64),
        counts=counts,
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
