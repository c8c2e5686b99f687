"""What a page shows, in a few numbers: to know the home page again under a detail's address.

Many sites answer a dead deep link with their home page under status 200. The fingerprint is the
bottom-k sketch of the page's lines without digits (counters and dates change with every answer).
"""

import re
from hashlib import blake2b
from typing import NewType

from catalog.folding import fold
from crawlers.reading.lines import Outline

Fingerprint = NewType("Fingerprint", tuple[int, ...])
"""Up to 128 hashes (63 bits) of the page's distinct lines, ascending; empty for a page without lines."""

NO_FINGERPRINT = Fingerprint(())
_SIZE = 128
_LEAST_LINES = 5
_ALIKE = 0.8
_MOST_LINES = 20_000
_DIGITS = re.compile(r"\d+")


def fingerprint(page: Outline) -> Fingerprint:
    """Return the fingerprint of a page's visible lines."""
    said = {_DIGITS.sub("", fold(line.text)) for line in page.lines[:_MOST_LINES]}
    return Fingerprint(tuple(sorted(_hash(text) for text in said if len(text) > 1)[:_SIZE]))


def same_page(one: Fingerprint, other: Fingerprint) -> bool:
    """Tell whether two answers show the same page: four fifths of their lines (estimated) are the same.

    Pages of fewer than five lines are never the same: an empty frame looks like any other.
    """
    if min(len(one), len(other)) < _LEAST_LINES:
        return False
    # Of the smallest hashes of both together, those that both hold are as frequent as in the whole.
    together = sorted({*one, *other})[:_SIZE]
    common = {*one} & {*other}
    return sum(hash_ in common for hash_ in together) >= _ALIKE * len(together)


def _hash(text: str) -> int:
    return int.from_bytes(blake2b(text.encode("utf-8", "replace"), digest_size=8).digest(), "big") >> 1
