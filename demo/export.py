"""Writes the demo city's documents as JSON lines for `gongkai import`, as many as are asked for."""

import datetime
import json
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from random import Random

from demo.city import DEFAULT_PORT
from demo.documents import Document
from demo.errors import OutputError
from demo.subjects import labels
from demo.writing import write_documents

_BLANK = 0.25
_SITE = f"http://127.20.0.1:{DEFAULT_PORT}"


def export(path: Path, count: int, seed: int, progress: Callable[[int], object] = lambda _: None) -> None:
    """Write exactly `count` records; `progress` is told how many are written, every thousand.

    Raises `OutputError` if the file cannot be written. Memory does not grow with `count`.
    """
    try:
        with path.open("w", encoding="utf-8") as lines:
            for number, record in enumerate(records(count, seed), 1):
                lines.write(json.dumps(record, ensure_ascii=False) + "\n")
                if number % 1000 == 0 or number == count:
                    progress(number)
    except OSError as error:
        raise OutputError(path, error.strerror or str(error)) from error


def records(count: int, seed: int) -> Iterator[dict[str, str]]:
    """Yield that many records, oldest first; a fact that is not stated has no key."""
    serials: Counter[str] = Counter()
    for document in write_documents(seed, count):
        rng = Random(f"{seed}:record:{document.number}")  # noqa: S311
        yield {name: value for name, value in _facts(document, rng, serials, seed).items() if value}


def _facts(document: Document, rng: Random, serials: Counter[str], seed: int) -> dict[str, str]:
    body = document.issuers[0]
    published_on = document.issued_on + datetime.timedelta(days=int(rng.random() * 15))
    start = f"{body.organization_number}/{published_on:%Y%m}-"
    serials[start] += 1
    index_number = f"{start}{serials[start]:05}"
    return {
        "id": f"{seed}-{document.key}",
        "title": document.title,
        "body": document.body,
        "url": f"{_SITE}/zwgk/public/spage.xp?doAction=view&indexno={index_number}",
        "org": document.issuer_names[0],
        "issuer": "、".join(document.issuer_names),
        "date": published_on.isoformat(),
        "written_date": document.issued_on.isoformat(),
        "doc_number": document.doc_number or "",
        "index_number": index_number,
        "category": labels("column")[document.column],
        **{name: "" if rng.random() < _BLANK else label for name, label in _facets(document).items()},
    }


def _facets(document: Document) -> dict[str, str]:
    return {
        "topic": labels("topic")[document.topic],
        "genre": labels("genre")[document.genre],
        "audience": labels("audience")[document.audience],
        "life_cycle": labels("life_cycle")[document.life_cycle] if document.life_cycle else "",
        "format": labels("format")["F1"],
        "validity": labels("validity")[document.validity] if document.validity else "",
    }
