"""Tokens packed small: places in the folded text, which is at hand whenever they are unpacked."""

import struct
import zlib
from collections import Counter
from collections.abc import Sequence
from itertools import accumulate, pairwise

_LEVEL = 1  # higher ones save a tenth and take twice as long
_SIZES = {"H": 2, "I": 4}


def pack(tokens: Counter[str], folded: str) -> bytes:
    """Return tokens as where each stands, how long it is and how often it stands there.

    Raises `ValueError` if a token does not stand in the text.
    """
    rows, place = [], 0
    for token, count in tokens.items():
        # Tokens come nearly in reading order, so the next one is seldom far.
        place = folded.find(token, place)
        if place < 0:
            place = folded.index(token)
        rows.append((place, len(token), count))
    rows.sort()
    starts = [start for start, _, _ in rows]
    steps = [end - start for start, end in pairwise((0, *starts))]
    numbers = [*steps, *(row[1] for row in rows), *(row[2] for row in rows)]
    most = max(numbers, default=0)
    code = "B" if most < 1 << 8 else "H" if most < 1 << 16 else "I"
    return code.encode() + zlib.compress(struct.pack(f"<{len(numbers)}{code}", *numbers), _LEVEL)


def unpack(packed: bytes, folded: str) -> Counter[str]:
    """Return what `pack` packed; raises `ValueError` if it is damaged or of another text."""
    try:
        content, code = zlib.decompress(packed[1:]), packed[:1].decode()
        numbers: Sequence[int] = content  # bytes are numbers as they are
        if code != "B":
            numbers = struct.unpack(f"<{len(content) // _SIZES[code]}{code}", content)
    except (zlib.error, struct.error, KeyError) as error:
        raise ValueError(f"damaged: {error}") from error
    size = len(numbers) // 3
    starts, lengths = list(accumulate(numbers[:size])), numbers[size : 2 * size]
    if size and starts[-1] + lengths[-1] > len(folded):
        raise ValueError("tokens of another text")
    parts = [folded[start : start + length] for start, length in zip(starts, lengths, strict=True)]
    tokens: Counter[str] = Counter()
    dict.update(tokens, zip(parts, numbers[2 * size :], strict=True))  # Counter's would add one by one
    return tokens
