"""`gongkai eval`: how good the default search is on a set of queries with judgements.

A set is a folder with `docs.jsonl` (id, title, body), `queries.jsonl` (id, text) and `qrels.tsv`
(query, document, grade). Every record is a document of its own; nothing is grouped. Gain is binary,
discounts are log2, and means run over all queries of the file.
"""

import itertools
import json
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from functools import partial
from math import log2
from pathlib import Path
from statistics import fmean, median, quantiles
from typing import Any

from catalog.folding import clean, fold
from indexer.documents import IndexDocument, IndexPublication
from indexer.errors import EvaluationError
from indexer.query import Key, KeyKind
from indexer.requests import SearchRequest
from indexer.search import search
from indexer.whoosh_engine import WhooshEngine

DEPTH = 100
TASK = 4_000
"""Documents that a process indexes at once."""

Progress = Callable[[str, int], None]


@dataclass(frozen=True, slots=True)
class Scores:
    """The figures of one set; times in milliseconds."""

    queries: int
    hit_at_1: float
    hit_at_10: float
    mrr_at_10: float
    ndcg_at_10: float
    recall_at_100: float
    p50_ms: float
    p95_ms: float
    median_total: float

    def to_json(self) -> dict[str, float]:
        """Return the figures under the names that are printed."""
        return {
            key.replace("_at_", "@"): value if isinstance(value, int) else round(value, 4)
            for key, value in asdict(self).items()
        }


@dataclass(frozen=True, slots=True)
class _Outcome:
    """One query: its judgements along the ranking, how many there are to find, time and total."""

    relevant: Sequence[bool]
    wanted: int
    milliseconds: float
    total: int


async def evaluate(folder: Path, index_folder: Path, progress: Progress = lambda _what, _n: None) -> Scores:
    """Index the set into `index_folder` (which must not exist yet), ask every query, return the figures.

    Raises `EvaluationError` naming what is missing or malformed.
    """
    queries = list(_records(folder / "queries.jsonl", ("id", "text")))
    judged = _judgements(folder / "qrels.tsv")
    engine = WhooshEngine.create(index_folder)
    try:
        await _fill(engine, folder / "docs.jsonl", progress)
        outcomes = []
        for query in queries:
            outcomes.append(await _ask(engine, query["text"], judged.get(query["id"], frozenset())))
            progress("queries", 1)
    finally:
        await engine.close()
    if not outcomes:
        raise EvaluationError(f"{folder / 'queries.jsonl'} 中没有查询。")
    return summarise(outcomes)


def summarise(outcomes: Sequence[_Outcome]) -> Scores:
    """Return the means of all queries."""
    times = [outcome.milliseconds for outcome in outcomes]
    return Scores(
        queries=len(outcomes),
        hit_at_1=fmean(any(outcome.relevant[:1]) for outcome in outcomes),
        hit_at_10=fmean(any(outcome.relevant[:10]) for outcome in outcomes),
        mrr_at_10=fmean(_reciprocal_rank(outcome.relevant[:10]) for outcome in outcomes),
        ndcg_at_10=fmean(_ndcg(outcome.relevant[:10], outcome.wanted) for outcome in outcomes),
        recall_at_100=fmean(sum(outcome.relevant) / (outcome.wanted or 1) for outcome in outcomes),
        p50_ms=median(times),
        p95_ms=quantiles(times, n=20)[-1] if len(times) > 1 else times[0],
        median_total=median(outcome.total for outcome in outcomes),
    )


async def _fill(engine: WhooshEngine, path: Path, progress: Progress) -> None:
    count = sum(1 for _ in _records(path, ("id",)))
    tasks = [partial(_documents, path, start) for start in range(0, count, TASK)]
    await engine.build(tasks, 1, lambda done: progress("documents", done))


def _documents(path: Path, start: int) -> Iterator[IndexDocument]:
    """Yield the documents of a stretch of the file; runs in a process of its own."""
    for record in itertools.islice(_records(path, ("id",)), start, start + TASK):
        yield _document(record)


async def _ask(engine: WhooshEngine, text: str, wanted: frozenset[str]) -> _Outcome:
    start = time.perf_counter()
    answer = await search(engine, SearchRequest(text, limit=DEPTH))
    spent = (time.perf_counter() - start) * 1000
    return _Outcome([hit.document_id in wanted for hit in answer.hits], len(wanted), spent, answer.total)


def _document(record: dict[str, Any]) -> IndexDocument:
    titles = [clean(title) for title in (record.get("title"),) if isinstance(title, str) and fold(title)]
    body = record.get("body")
    return IndexDocument(
        id=record["id"],
        titles=tuple(titles),
        texts=(clean(body),) if isinstance(body, str) and fold(body) else (),
        keys=frozenset(Key(KeyKind.TITLE, fold(title)) for title in titles),
        publications=(IndexPublication(record["id"]),),
    )


def _records(path: Path, needed: tuple[str, ...]) -> Iterator[dict[str, Any]]:
    try:
        with path.open(encoding="utf-8") as lines:
            for number, line in enumerate(lines, start=1):
                record = json.loads(line)
                if not isinstance(record, dict) or not all(
                    isinstance(record.get(key), str) for key in needed
                ):
                    raise EvaluationError(f"{path} 第 {number} 行应为含有 {'、'.join(needed)} 的 JSON 对象。")
                yield record
    except (OSError, ValueError) as error:
        raise EvaluationError(f"无法读取 {path}：{error}") from error


def _judgements(path: Path) -> dict[str, frozenset[str]]:
    found: dict[str, set[str]] = {}
    try:
        for number, line in enumerate(path.read_text("utf-8").splitlines(), start=1):
            parts = line.split("\t")
            if len(parts) != 3 or not parts[2].strip().lstrip("-").isdigit():
                raise EvaluationError(f"{path} 第 {number} 行应为：查询、文件、等级，用制表符分隔。")
            if int(parts[2]) > 0:
                found.setdefault(parts[0], set()).add(parts[1])
    except (OSError, ValueError) as error:
        raise EvaluationError(f"无法读取 {path}：{error}") from error
    return {query: frozenset(documents) for query, documents in found.items()}


def _reciprocal_rank(relevant: Sequence[bool]) -> float:
    return next((1 / rank for rank, right in enumerate(relevant, start=1) if right), 0.0)


def _ndcg(relevant: Sequence[bool], wanted: int) -> float:
    gain = sum(1 / log2(rank + 1) for rank, right in enumerate(relevant, start=1) if right)
    ideal = sum(1 / log2(rank + 1) for rank in range(1, min(wanted, 10) + 1))
    return gain / ideal if ideal else 0.0
