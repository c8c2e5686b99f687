"""bm25s: scores of every pair of term and document in one sparse matrix.

It scores a disjunction over all documents and knows no conjunction: the documents that hold every
word are taken from its own matrix.
"""

from array import array
from functools import reduce
from pathlib import Path

import bm25s
import numpy as np
from bm25s.tokenization import Tokenized

from benchmarks.search.answer import Answer
from benchmarks.search.prepared import Prepared

LIMIT, KEPT, CUTS = 100_000, True, False
TERMS = ("word",)


def version() -> str:
    """Return bm25s' version."""
    return bm25s.__version__


def build(prepared: Prepared, folder: Path) -> None:
    """Score every term in every document, and save the matrix."""
    vocabulary: dict[str, int] = {}
    ids = [
        array("i", (vocabulary.setdefault(word, len(vocabulary)) for word in words.split()))
        for words in prepared.words()
    ]
    model = bm25s.BM25(k1=1.2, b=0.75, method="lucene")
    model.index(Tokenized(ids=ids, vocab=vocabulary), show_progress=False)
    model.save(str(folder), show_progress=False)


def open_index(folder: Path) -> bm25s.BM25:
    """Return the model, its matrix mapped."""
    return bm25s.BM25.load(str(folder), mmap=True, show_progress=False)


def search(model: bm25s.BM25, words: list[str]) -> Answer:
    """Score all documents, keep those that hold every word."""
    numbers = [model.vocab_dict[word] for word in words if word in model.vocab_dict]
    if len(numbers) < len(words):
        return Answer(0, 0)
    starts, documents = model.scores["indptr"], model.scores["indices"]
    holding = [documents[starts[number] : starts[number + 1]] for number in numbers]
    found = reduce(lambda a, b: np.intersect1d(a, b, assume_unique=True), holding)
    scores = model.get_scores_from_ids(numbers)[found]
    first = np.argsort(-scores)[:10] if len(scores) <= 10 else np.argpartition(-scores, 10)[:10]
    return Answer(len(found), len(first))


SEARCHES = {"plain": search}
