"""Minted identities.

Every natural key lies (numbers are mistyped, URLs move, texts repeat), so records carry minted
ids: ULIDs, written in lower case. They sort by the moment they were minted.
"""

import re

from ulid import ULID

ID_PATTERN = re.compile(r"[0-7][0-9a-hjkmnp-tv-z]{25}")


def mint() -> str:
    """Return a new id: 26 lower-case characters of Crockford's base 32."""
    return str(ULID()).lower()


def is_id(text: str) -> bool:
    """Tell whether the text has the form of a minted id."""
    return ID_PATTERN.fullmatch(text) is not None
