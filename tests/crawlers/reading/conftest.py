"""Saved pages of our own making, and the reading of a piece of HTML."""

from collections.abc import Callable
from pathlib import Path

import pytest

from crawlers.reading import PageReading, read_page

PAGES = Path(__file__).parents[2] / "pages"


@pytest.fixture(scope="session")
def saved() -> Callable[[str], bytes]:
    return lambda name: (PAGES / f"{name}.html").read_bytes()


@pytest.fixture(scope="session")
def read() -> Callable[..., PageReading]:
    def reading(html: str, **options: object) -> PageReading:
        return read_page(html.encode(), **options)  # type: ignore[arg-type]

    return reading
