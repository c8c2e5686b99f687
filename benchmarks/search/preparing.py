"""Cuts a collection into terms, once, in parallel, and draws the queries."""

import json
import os
import shutil
import sys
import time
from collections import Counter
from collections.abc import Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from itertools import islice
from pathlib import Path
from typing import Any, TextIO

from benchmarks.search.prepared import END, Prepared
from benchmarks.search.queries import draw_queries
from benchmarks.search.questions import ASKED, Text, draw_questions, parted
from benchmarks.search.sources import documents, facet_values
from catalog.folding import fold
from indexer import analysis
from indexer.bigrams import folded_bigrams

PROCESSES = 2
_GROUP = 500
_WAITING = 8
"""Groups in work at once: memory does not grow with the collection."""

_FILES = ("documents.jsonl", "words.txt", "bigrams.txt", "facets.jsonl")


def prepare(collection: str, count: int, cache: Path) -> Prepared:
    """Return the collection, cut before or now."""
    folder = cache / f"{collection}-{count}-analysis{analysis.ANALYSIS_VERSION}"
    if not (folder / "facts.json").exists():
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        facts = _cut(documents(collection, count), folder)
        (folder / "queries.json").write_text(json.dumps(draw_queries(folder, facts["documents"])), "utf-8")
        (folder / "facts.json").write_text(json.dumps(facts), "utf-8")
    prepared = Prepared(folder)
    if not prepared.questions.exists():
        prepared.questions.write_text(json.dumps(parted(draw_questions(_sample(prepared), ASKED))), "utf-8")
    return prepared


def _sample(prepared: Prepared) -> list[Text]:
    """Return title and body of some documents from all over the collection."""
    step = max(1, prepared.count // ASKED)
    with prepared.documents.open(encoding="utf-8") as lines:
        records = [json.loads(line) for line in islice(lines, 0, None, step)]
    return [(record["title"], record["body"]) for record in records]


def _cut(records: Iterable[dict[str, Any]], folder: Path) -> dict[str, Any]:
    totals: Counter[str] = Counter()
    start = time.perf_counter()
    with ProcessPoolExecutor(PROCESSES) as pool:
        files = [(folder / name).open("w", encoding="utf-8") for name in _FILES]
        for lines, counted in _mapped(pool, _groups(records)):
            _write(files, lines)
            totals.update(counted)
            done = totals["documents"]
            print(f"\rcut {done:,} documents", end="", file=sys.stderr, flush=True)
        for file in files:
            file.close()
    print(file=sys.stderr)
    facts = dict(totals)
    # Counted in the workers, so that making and writing the documents is nobody's cost.
    for terms in ("word", "bigram"):
        facts[f"{terms}_seconds"] = facts.pop(f"{terms}_nanoseconds") / 1e9 / PROCESSES
    facts["wall_seconds"] = time.perf_counter() - start
    return facts


def _write(files: list[TextIO], lines: list[tuple[str, ...]]) -> None:
    for document in lines:
        for file, line in zip(files, document, strict=True):
            file.write(line + "\n")


def _mapped(pool: ProcessPoolExecutor, groups: Iterator[list[dict[str, Any]]]) -> Iterator[Any]:
    waiting = [pool.submit(_cut_group, group) for group in islice(groups, _WAITING)]
    while waiting:
        yield waiting.pop(0).result()
        waiting += [pool.submit(_cut_group, group) for group in islice(groups, 1)]


def _groups(records: Iterable[dict[str, Any]]) -> Iterator[list[dict[str, Any]]]:
    rest = iter(records)
    while group := list(islice(rest, _GROUP)):
        yield group


def _cut_group(group: list[dict[str, Any]]) -> tuple[list[tuple[str, ...]], dict[str, int]]:
    os.nice(5)
    lines, totals = [], Counter[str]()
    for record in group:
        title, body = record["title"], record["body"]
        start = time.thread_time_ns()
        words = analysis.tokens(title) + analysis.tokens(body)
        middle = time.thread_time_ns()
        bigrams = folded_bigrams(fold(title)) + folded_bigrams(fold(body))
        totals.update(word_nanoseconds=middle - start, bigram_nanoseconds=time.thread_time_ns() - middle)
        totals.update(
            documents=1,
            characters=len(title) + len(body),
            bytes=len(title.encode()) + len(body.encode()),
            word_postings=len(words),
            bigram_postings=len(bigrams),
        )
        facets = facet_values(record)
        kept = {"id": str(record["id"]), "title": title, "body": body, "facets": facets}
        lines.append((_as_json(kept), _joined(words), _joined(bigrams), _as_json(facets)))
    return lines, dict(totals)


def _as_json(value: dict[str, Any]) -> str:
    return json.dumps(value, ensure_ascii=False)


def _joined(terms: Counter[str]) -> str:
    return " ".join(terms.elements()).replace("\n", END)
