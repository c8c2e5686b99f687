"""The numbers of ranking, from `data/ranking.json`, where each stands with its reason."""

import json
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from math import log

from indexer.reranking import Reranking


@dataclass(frozen=True, slots=True)
class Ranking:
    """BM25's k1 and b, the weights of terms, where a match begins, and the second stage's weights."""

    k1: float
    b: float
    words: float
    bigrams: float
    stop_words: float
    min_score: float
    all_words_up_to: int
    rerank_characters: float
    rerank_window: float
    rerank_window_length: int


@cache
def ranking() -> Ranking:
    """Return the numbers in force."""
    text = files("indexer").joinpath("data", "ranking.json").read_text("utf-8")
    values = {name: entry["value"] for name, entry in json.loads(text).items() if name != "_about"}
    return Ranking(**values)


@cache
def reranking() -> Reranking:
    """Return the numbers of the second stage."""
    numbers = ranking()
    return Reranking(
        characters=numbers.rerank_characters,
        window=numbers.rerank_window,
        window_length=numbers.rerank_window_length,
        k1=numbers.k1,
        b=numbers.b,
    )


def idf(documents: int, holding: int) -> float:
    """Return BM25's weight of a term that `holding` of all `documents` hold; never negative."""
    return log(1 + (documents - holding + 0.5) / (holding + 0.5))
