"""Documents of a catalogue to draw questions from."""

from pathlib import Path
from random import Random

from catalog.documents import DocumentView
from catalog.reading import document_ids, load_documents
from catalog.store import Catalog

_SEED = 5
_IDS = 10_000


def count_and_sample(data: Path, most: int) -> tuple[int, list[DocumentView]]:
    """Return how many documents a data folder's catalogue holds, and some of them, always the same."""
    with Catalog.open(data, read_only=True) as catalog, catalog.read() as connection:
        ids: list[str] = []
        while more := document_ids(connection, after=ids[-1] if ids else "", limit=_IDS):
            ids += more
        drawn = Random(_SEED).sample(ids, min(most, len(ids)))  # noqa: S311
        return len(ids), list(load_documents(connection, drawn).values())
