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
from demo.filing import Filing, file_under
from demo.subjects import labels
from demo.writing import write_documents

Stated = str | list[str]
"""A fact of a record: a text, or several."""

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


def records(count: int, seed: int) -> Iterator[dict[str, Stated]]:
    """Yield that many records, oldest first; a fact that is not stated has no key."""
    serials: Counter[str] = Counter()
    for document in write_documents(seed, count):
        rng = Random(f"{seed}:record:{document.number}")  # noqa: S311
        yield {name: value for name, value in _facts(document, rng, serials, seed).items() if value}


def _facts(document: Document, rng: Random, serials: Counter[str], seed: int) -> dict[str, Stated]:
    filing = file_under(document, rng)
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
        "org": _stated(filing.publishers),
        "issuer": "、".join(document.issuer_names),
        "date": published_on.isoformat(),
        "written_date": document.issued_on.isoformat(),
        "doc_number": document.doc_number or "",
        "index_number": index_number,
        "category": _labelled("column", filing.columns),
        **{name: "" if rng.random() < _BLANK else said for name, said in _facets(document, filing).items()},
    }


def _facets(document: Document, filing: Filing) -> dict[str, Stated]:
    return {
        "topic": _labelled("topic", filing.topics),
        "genre": _labelled("genre", filing.genres),
        "audience": _labelled("audience", filing.audiences),
        "life_cycle": _labelled("life_cycle", (document.life_cycle,) if document.life_cycle else ()),
        "format": _labelled("format", ("F1",)),
        "validity": _labelled("validity", (document.validity,) if document.validity else ()),
    }


def _labelled(vocabulary: str, codes: tuple[str, ...]) -> Stated:
    return _stated(tuple(labels(vocabulary)[code] for code in codes))


def _stated(values: tuple[str, ...]) -> Stated:
    return list(values) if len(values) > 1 else "".join(values)
