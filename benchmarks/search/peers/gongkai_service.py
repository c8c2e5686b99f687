"""Our service over a data folder: all that `/api/v1/search` does but for the HTTP."""

import asyncio
from pathlib import Path

from benchmarks.search.answer import Answer
from indexer.requests import Facet, SearchRequest
from search_api.service import Service

_loop = asyncio.new_event_loop()


def open_index(data: Path) -> Service:
    """Return the open service."""
    service = Service(data)
    service.open()
    return service


def search(service: Service, text: str) -> Answer:
    """Answer a text: understood, ranked twice, nine facets with labels, ten documents with snippets."""
    found = _loop.run_until_complete(service.search(SearchRequest(text, facets=tuple(Facet))))
    return Answer(found["total"], len(found["results"]))


SEARCHES = {"default": search}
