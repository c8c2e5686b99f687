"""Pages of our own with their gold texts: the saved articles and the demo city's, plain and varied."""

from collections.abc import Iterator
from itertools import groupby
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

from benchmarks.variation import vary
from demo.city import Publication
from demo.publishing import generate

ROOT = Path(__file__).parents[2]
ARTICLES = ROOT / "tests" / "pages" / "articles"

Page = tuple[str, bytes, str]
_OF_EACH_FAMILY = 12
_CITY = 400


def made_pages(variations: int) -> Iterator[Page]:
    """Yield every page of ours as it is and in so many variations."""
    for name, page, gold in [*_articles(), *_demo_pages()]:
        yield name, page, gold
        for seed in range(variations):
            yield f"{name} varied by {seed}", vary(page, seed), gold


def _articles() -> Iterator[Page]:
    for gold in sorted(ARTICLES.glob("*.txt")):
        yield gold.stem, gold.with_suffix(".html").read_bytes(), gold.read_text("utf-8")


def _demo_pages() -> Iterator[Page]:
    """Yield pages of each family whose whole text is on the page, without attachments named in it."""
    entries = [p for p in generate(publications=_CITY).publications if not p.attachments]
    entries.sort(key=lambda entry: entry.subsite.family)
    for family, of_family in groupby(entries, key=lambda entry: entry.subsite.family):
        for entry in list(of_family)[:_OF_EACH_FAMILY]:
            yield f"{family} {entry.article}", _answered(entry), entry.document.body


def _answered(entry: Publication) -> bytes:
    address = urlsplit(entry.path)
    answer = entry.subsite.cms.answer(entry.subsite, address.path, dict(parse_qsl(address.query)))
    if answer is None:
        raise ValueError(f"the demo site does not answer at {entry.path}")
    return answer.body
