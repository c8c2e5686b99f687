"""The requests: a mix as of a real day, drawn from the documents of the catalogue with a fixed seed."""

from collections.abc import Iterator
from pathlib import Path
from random import Random
from urllib.parse import urlencode

from benchmarks.search.catalogued import count_and_sample
from benchmarks.search.questions import draw_questions
from catalog.documents import DocumentView
from indexer.requests import Facet

SAMPLE = 4_000
"""Documents to draw from; each is good for several requests."""
FILTERED, PAGED = 0.2, 0.1
"""Shares of the requests that narrow down, and of those that turn to the second page."""

_SEED = 17
_FACETS = ",".join(Facet)


def draw_paths(data: Path, count: int) -> tuple[int, list[str]]:
    """Return how many documents there are, and up to `count` paths with query strings, none twice."""
    documents, sample = count_and_sample(data, SAMPLE)
    rng = Random(_SEED)  # noqa: S311
    texts = draw_questions([(view.title, "\n".join(view.texts)) for view in sample], count)
    return documents, [_path(rng, text, rng.choice(sample)) for text in texts]


def _path(rng: Random, text: str, filed: DocumentView) -> str:
    asked = {"q": text, "facets": _FACETS}
    if rng.random() < FILTERED and (filters := list(_filters(filed))):
        asked |= [rng.choice(filters)]
    if rng.random() < PAGED:
        asked["page"] = "2"
    return "/api/v1/search?" + urlencode(asked)


def _filters(filed: DocumentView) -> Iterator[tuple[str, str]]:
    """Yield what would narrow an answer down to documents like this one."""
    first = filed.publications[0]
    filled = {
        "organization": first.organizations,
        "column": first.columns,
        "topic": filed.topics,
        "genre": filed.genres,
        "audience": filed.audiences,
    }
    for name, codes in filled.items():
        if codes:
            yield name, codes[0]
    if filed.published_on:
        yield "published_from", f"{filed.published_on.year}-01-01"
