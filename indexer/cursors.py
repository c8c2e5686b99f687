"""Cursors: where a page of results ended, as an opaque text.

A cursor carries the order, the tier, and the sort value and id of the last document, so it stays
right when documents come and go.
"""

import base64
import json
import math
from dataclasses import dataclass

from indexer.engine import Place
from indexer.requests import BadCursorError, Sort


@dataclass(frozen=True, slots=True)
class Cursor:
    """The place behind which the next page starts."""

    sort: Sort
    tier: int
    place: Place

    def encode(self) -> str:
        """Return the cursor as URL-safe text."""
        value = [self.sort.value, self.tier, self.place.value, self.place.document_id]
        return base64.urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")


def decode_cursor(text: str, sort: Sort, tiers: int) -> Cursor:
    """Read a cursor made for this order with this many tiers; raises `BadCursorError`."""
    try:
        padded = text.encode("ascii") + b"=" * (-len(text) % 4)
        stated, tier, value, document_id = json.loads(base64.urlsafe_b64decode(padded))
        value = float(value)
    except (ValueError, TypeError, OverflowError, RecursionError) as error:
        raise BadCursorError(text) from error
    right = (
        stated == sort.value
        and isinstance(tier, int)
        and 0 <= tier < tiers
        and math.isfinite(value)
        and isinstance(document_id, str)
    )
    if not right:
        raise BadCursorError(text)
    return Cursor(sort, tier, Place(value, document_id))
