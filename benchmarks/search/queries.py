"""Draws conjunctions of words from documents, so that most of them find something.

Half of the words are drawn as often as they stand in the document (so mostly frequent ones), half of
them once each (so mostly rare ones). One query in ten gets a word of another document, and may find
nothing. Stop words are not asked for, as in the product.
"""

from pathlib import Path
from random import Random

from indexer.analysis import is_stop_word

TIMED, WARMING = 400, 40
_SEED = 7


def draw_queries(folder: Path, documents: int) -> dict[str, list[list[str]]]:
    """Return the queries to time and other ones to warm up with, the same for the same documents."""
    rng = Random(_SEED)  # noqa: S311
    wanted = sorted(rng.sample(range(documents), min(documents, 4 * (TIMED + WARMING))))
    stock = _lines(folder / "words.txt", wanted)
    rng.shuffle(stock)
    found: dict[tuple[str, ...], None] = {}
    strange = stock[-1]
    for words in stock:
        asked = _ask(rng, words, strange)
        if asked:
            found.setdefault(asked)
        strange = words
    queries = [list(asked) for asked in found][: TIMED + WARMING]
    return {"warming": queries[TIMED:], "timed": queries[:TIMED]}


def _ask(rng: Random, words: list[str], strange: list[str]) -> tuple[str, ...]:
    asked: dict[str, None] = {}
    distinct = sorted(set(words))
    for _ in range(rng.randint(1, 4)):
        asked.setdefault(rng.choice(words if rng.random() < 0.5 else distinct))
    if rng.random() < 0.1:
        asked.setdefault(rng.choice(strange))
    return tuple(sorted(asked))


def _lines(path: Path, numbers: list[int]) -> list[list[str]]:
    found, sought = [], iter(numbers)
    number = next(sought, None)
    with path.open(encoding="utf-8") as lines:
        for place, line in enumerate(lines):
            if place == number:
                words = [word for word in line.split() if not is_stop_word(word)]
                if words:
                    found.append(words)
                number = next(sought, None)
    return found
