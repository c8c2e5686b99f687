"""The documents that are searched: made-up ones, or the real texts beside the project."""

import json
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any

from catalog.vocabulary import vocabulary
from demo.export import records

CORPUS = Path("../shared/data/corpus")
SEED = 2012
DEFAULT_DOCUMENTS = 30_000


def documents(collection: str, count: int) -> Iterator[dict[str, Any]]:
    """Yield `count` records of the made-up city, or the texts of the corpus (as many as there are)."""
    if collection == "demo":
        return records(count, SEED)
    return islice(_corpus(), count)


def facet_values(record: dict[str, Any]) -> dict[str, list[str]]:
    """Return the values of the four facets with their ancestors; missing ones have none."""
    found = {"organization": sorted(set(_several(record.get("org"))))}
    for name in ("topic", "genre", "audience"):
        terms = vocabulary(name)
        codes = (term.code for said in _several(record.get(name)) for term in terms.resolve(said))
        found[name] = sorted({above for code in codes for above in terms.lineage(code)})
    return found


def _several(stated: Any) -> list[str]:
    return [str(value) for value in (stated if isinstance(stated, list) else [stated]) if value]


def _corpus() -> Iterator[dict[str, Any]]:
    if not CORPUS.is_dir():
        raise SystemExit(f"{CORPUS} is absent: the second collection can be measured only beside it.")
    for path in sorted(CORPUS.glob("*.jsonl")):
        with path.open(encoding="utf-8") as lines:
            for line in lines:
                record = json.loads(line)
                yield {**record, "title": record.get("title") or "", "body": record.get("body") or ""}
