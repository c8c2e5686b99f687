"""Cursors: where a page of results ended, as an opaque text.

A cursor carries a fingerprint of what was asked, the tier, and the sort value and id of the last
document, so it stays right when documents come and go, and goes on with no other search.
"""

import base64
import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256

from indexer.engine import Place
from indexer.requests import BadCursorError, DateRange, SearchRequest


@dataclass(frozen=True, slots=True)
class Cursor:
    """The place behind which the next page starts."""

    asked: str
    tier: int
    place: Place

    def encode(self) -> str:
        """Return the cursor as URL-safe text."""
        value = [self.asked, self.tier, self.place.value, self.place.document_id]
        return base64.urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")


def fingerprint(request: SearchRequest) -> str:
    """Return what a search asks for as a short text: words, filters and order, not the page or facets."""
    filters = request.filters
    value = [
        request.q,
        *(request.scope, request.match, request.sort),
        *(_plain(filters.only), _plain(filters.without)),
        *(_days(filters.published), _days(filters.issued)),
    ]
    return sha256(json.dumps(value).encode()).hexdigest()[:12]


def _plain(fields: Mapping[str, frozenset[str]]) -> list[list[str]]:
    return [[name, *sorted(codes)] for name, codes in sorted(fields.items()) if codes]


def _days(span: DateRange) -> str:
    return f"{span.first} {span.last}"


def decode_cursor(text: str, asked: str, tiers: int) -> Cursor:
    """Read a cursor made for a search with this fingerprint and many tiers; raises `BadCursorError`."""
    try:
        padded = text.encode("ascii") + b"=" * (-len(text) % 4)
        stated, tier, value, document_id = json.loads(base64.urlsafe_b64decode(padded))
        value = float(value)
    except (ValueError, TypeError, OverflowError, RecursionError) as error:
        raise BadCursorError(text) from error
    right = (
        stated == asked
        and isinstance(tier, int)
        and 0 <= tier < tiers
        and math.isfinite(value)
        and isinstance(document_id, str)
    )
    if not right:
        raise BadCursorError(text)
    return Cursor(asked, tier, Place(value, document_id))
