"""Saved pages of our own making, as families are given them."""

from collections.abc import Callable
from pathlib import Path

import pytest

from cli.extract import as_json
from crawlers.families import FAMILIES
from crawlers.families.family import ListItem, WebPage
from crawlers.reading import read_page
from crawlers.reading.tree import parse

PAGES = Path(__file__).parents[2] / "pages"


@pytest.fixture(scope="session")
def web_page() -> Callable[[str, str], WebPage]:
    """Return a page of an address: (text, url)."""
    return lambda text, url: WebPage(url, text, "utf-8", parse(text))


@pytest.fixture(scope="session")
def saved_page(web_page: Callable[[str, str], WebPage]) -> Callable[[str, str], WebPage]:
    """Return a saved page as it was had from an address: (file name, url)."""
    return lambda name, url: web_page((PAGES / name).read_text("utf-8"), url)


@pytest.fixture(scope="session")
def saved_record() -> Callable[[str, str, str], dict]:
    """Return the record of a saved detail: (family, file name, url)."""

    def record(family: str, name: str, url: str) -> dict:
        return as_json(read_page((PAGES / name).read_bytes(), url=url, hints=FAMILIES[family].hints))

    return record


@pytest.fixture(scope="session")
def said() -> Callable[[ListItem], dict[str, str]]:
    """Return what a list says of an item, by field."""
    return lambda item: {witness.field.value: witness.raw for witness in item.witnesses}
