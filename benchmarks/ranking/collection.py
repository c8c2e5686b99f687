"""A development set as arrays: the same terms that the index holds, and its queries with judgements."""

import hashlib
import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np

from benchmarks.ranking.postings import Floats, Postings
from catalog.folding import clean, fold
from indexer.analysis import ANALYSIS_VERSION
from indexer.documents import IndexDocument, analyse
from indexer.query import TermField


@dataclass(frozen=True)
class Collection:
    """Documents in the order of their ids; `wanted` are the rows that answer each query."""

    name: str
    ids: tuple[str, ...]
    titles: tuple[str, ...]
    texts: tuple[str, ...]
    postings: Mapping[TermField, Postings]
    lengths: Mapping[TermField, Floats]
    queries: tuple[str, ...]
    wanted: tuple[frozenset[int], ...]

    @property
    def size(self) -> int:
        """How many documents there are."""
        return len(self.ids)

    @cached_property
    def bearing(self) -> Mapping[str, list[int]]:
        """The rows that bear a folded title."""
        found: dict[str, list[int]] = {}
        for row, title in enumerate(self.titles):
            found.setdefault(title, []).append(row)
        return found

    def contains(self, row: int, text: str) -> bool:
        """Tell whether a document contains a folded text."""
        return text in self.titles[row] or text in self.texts[row]


def load(folder: Path, cache: Path) -> Collection:
    """Read a set (docs.jsonl, queries.jsonl, qrels.tsv), analysed once per content of docs.jsonl."""
    content = (folder / "docs.jsonl").read_bytes()
    records = sorted((json.loads(line) for line in content.splitlines()), key=lambda record: record["id"])
    ids = tuple(record["id"] for record in records)
    documents = [_document(record) for record in records]
    digest = hashlib.sha256(content).hexdigest()[:16]
    kept = cache / f"{folder.name}-{ANALYSIS_VERSION}-{digest}"
    if not (kept / "lengths.npz").exists():
        _analyse(documents, kept)
    with np.load(kept / "lengths.npz") as arrays:
        lengths = {field: arrays[field.value].astype(np.float64) for field in TermField}
    asked = [json.loads(line) for line in (folder / "queries.jsonl").read_text("utf-8").splitlines()]
    judged = _judgements(folder / "qrels.tsv", {name: row for row, name in enumerate(ids)})
    return Collection(
        name=folder.name,
        ids=ids,
        titles=tuple(fold("".join(document.titles)) for document in documents),
        texts=tuple(fold("".join(document.texts)) for document in documents),
        postings={field: Postings.load(kept / f"{field.value}.npz") for field in TermField},
        lengths=lengths,
        queries=tuple(record["text"] for record in asked),
        wanted=tuple(frozenset(judged.get(record["id"], ())) for record in asked),
    )


def _document(record: Mapping[str, str]) -> IndexDocument:
    title, body = clean(record.get("title") or ""), clean(record.get("body") or "")
    return IndexDocument(
        id=record["id"],
        titles=(title,) if fold(title) else (),
        texts=(body,) if fold(body) else (),
        keys=frozenset(),
        publications=(),
    )


def _analyse(documents: list[IndexDocument], kept: Path) -> None:
    kept.mkdir(parents=True, exist_ok=True)
    terms: dict[TermField, list[Counter[str]]] = {field: [] for field in TermField}
    lengths: dict[TermField, list[int]] = {field: [] for field in TermField}
    for document in documents:
        analysed = analyse(document)
        for field in TermField:
            terms[field].append(analysed.terms[field])
            lengths[field].append(analysed.lengths[field])
    for field in TermField:
        Postings.of(terms.pop(field)).save(kept / f"{field.value}.npz")
    np.savez(kept / "lengths.npz", **{field.value: np.array(lengths[field]) for field in TermField})


def _judgements(path: Path, rows: Mapping[str, int]) -> dict[str, set[int]]:
    found: dict[str, set[int]] = {}
    for line in path.read_text("utf-8").splitlines():
        query, document, grade = line.split("\t")
        if int(grade) > 0:
            found.setdefault(query, set()).add(rows[document])
    return found
