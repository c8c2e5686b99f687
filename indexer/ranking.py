"""The numbers of ranking, from `data/ranking.json`, where each stands with its reason."""

import json
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from math import log


@dataclass(frozen=True, slots=True)
class Ranking:
    """BM25's k1 and b, the weights of the two kinds of terms, and where a match begins."""

    k1: float
    b: float
    words: float
    bigrams: float
    min_score: float
    all_words_up_to: int


@cache
def ranking() -> Ranking:
    """Return the numbers in force."""
    text = files("indexer").joinpath("data", "ranking.json").read_text("utf-8")
    values = {name: entry["value"] for name, entry in json.loads(text).items() if name != "_about"}
    return Ranking(**values)


def idf(documents: int, holding: int) -> float:
    """Return BM25's weight of a term that `holding` of all `documents` hold; never negative."""
    return log(1 + (documents - holding + 0.5) / (holding + 0.5))
