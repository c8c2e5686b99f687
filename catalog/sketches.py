"""Sketches of texts: what texts that say nearly the same have in common, in 136 bytes.

A sketch is a MinHash over pieces of `PIECE` characters, in bands, each of which is mixed with the numbers
of the text. So two texts that share a band say nearly the same *and* hold the same numbers in the same
order: penalty notices and 公示 are templates that differ in nothing else.
"""

import re
import struct
from hashlib import blake2b

import numpy as np
from numpy.typing import NDArray
from rensa import RMinHash

PIECE = 4
"""Characters of a piece: about two words of Chinese."""

BANDS, ROWS = 16, 8
"""16 bands of 8: of pairs that share 80 % of their pieces 95 in 100 are met, at 60 % 24, at 40 % one."""

SEED = 2012

_HEAD = struct.Struct("<II")
_FORMAT = 1
SIZE = _HEAD.size + 8 * BANDS

# Numerals count as digits: 五百元 and 六百元 differ as much as 500元 and 600元.
_NUMBER = re.compile("[0-9]+|[〇○零一二三四五六七八九十百千万亿两]+")


def pieces(folded: str) -> set[str]:
    """Return the pieces of a folded text."""
    return {folded[start : start + PIECE] for start in range(max(1, len(folded) - PIECE + 1))}


def numbers(folded: str) -> list[str]:
    """Return the numbers of a folded text in their order, as written."""
    return _NUMBER.findall(folded)


def sketch(folded: str) -> bytes:
    """Return the sketch of a folded text."""
    signature = RMinHash(num_perm=BANDS * ROWS, seed=SEED)
    signature.update(sorted(pieces(folded)))
    rows = np.array(signature.digest(), dtype="<u4").reshape(BANDS, ROWS)
    told = "\n".join(numbers(folded)).encode()
    keys = [
        blake2b(bytes([band]) + row.tobytes() + told, digest_size=8).digest() for band, row in enumerate(rows)
    ]
    return _HEAD.pack(_FORMAT, RMinHash.ALGORITHM_VERSION) + b"".join(keys)


def is_current(stored: bytes) -> bool:
    """Tell whether a stored sketch can be compared with those made today."""
    head = _HEAD.pack(_FORMAT, RMinHash.ALGORITHM_VERSION)
    return len(stored) == SIZE and stored.startswith(head)


def bands(stored: bytes) -> NDArray[np.uint64]:
    """Return the keys of a stored sketch, one for each band."""
    return np.frombuffer(stored, dtype="<u8", offset=_HEAD.size)


def similarity(one: str, other: str) -> float:
    """Return which part of the pieces of two folded texts they share (Jaccard), 0 to 1."""
    mine, theirs = pieces(one), pieces(other)
    return len(mine & theirs) / len(mine | theirs)
