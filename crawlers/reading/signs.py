"""The signs of `data/page_kind.json` as compiled patterns."""

import re
from functools import cache
from typing import Any

from crawlers.reading.data_files import read_data

FILE = "page_kind.json"
_LIMIT = 100_000


def shows(text: str, key: str) -> bool:
    """Tell whether a text holds one of the signs listed under a key; text beyond a bound does not count."""
    return pattern(key).search(text[:_LIMIT]) is not None


@cache
def pattern(key: str) -> re.Pattern[str]:
    """Return the signs under a key as one pattern; case does not count, `^` and `$` are a line's ends."""
    return re.compile("|".join(_data()[key]), re.IGNORECASE | re.MULTILINE)


@cache
def spam_groups() -> tuple[tuple[re.Pattern[str], tuple[str, ...]], ...]:
    """Return the groups of spam signs, each with the keys of the words beside which they are lawful."""
    return tuple((re.compile("|".join(group["folded"])), tuple(group["unless"])) for group in _data()["spam"])


def _data() -> Any:
    return read_data(FILE)
