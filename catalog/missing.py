"""Values that say there is no value: 无, -, null and their like."""

import json
from functools import cache
from importlib import resources

from catalog.folding import fold


def is_missing(raw: str) -> bool:
    """Tell whether a printed value only says that nothing is stated."""
    return fold(raw) in _missing_values()


@cache
def _missing_values() -> frozenset[str]:
    raw = resources.files("catalog").joinpath("data/missing_values.json").read_text("utf-8")
    return frozenset(fold(value) for value in json.loads(raw))
