"""The package's data files."""

import json
from functools import cache
from importlib import resources
from typing import Any


@cache
def read_data(name: str) -> Any:
    """Return the parsed JSON file `data/<name>` of this package."""
    return json.loads(resources.files("crawlers.reading").joinpath("data", name).read_text("utf-8"))
