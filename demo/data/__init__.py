"""The demo city's stock of names, subjects, phrases and sites, as JSON files."""

import json
from importlib.resources import files
from typing import Any


def load(name: str) -> Any:
    """Return the content of one of the JSON files, parsed."""
    return json.loads(read(name))


def read(name: str) -> str:
    """Return the text of one of the files."""
    return (files(__name__) / name).read_text(encoding="utf-8")
