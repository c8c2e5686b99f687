"""A query's terms under a set-up."""

from collections.abc import Iterator
from typing import NamedTuple

from benchmarks.ranking.setup import Setup
from catalog.folding import fold
from indexer import analysis
from indexer.bigrams import ranks
from indexer.query import Reading, TermField

TRIGRAMS = "trigrams"


class Term(NamedTuple):
    """A term that ranks: `field` is a `TermField` or `TRIGRAMS`."""

    field: str
    term: str
    weight: float


def terms(text: str, reading: Reading, setup: Setup) -> list[Term]:
    """Return what ranks: the reading's own terms, or those weighed anew with stop words among them."""
    if setup.stop_words is None:
        found = list(_plain(reading, setup))
    else:
        found = list(_weighed(text, setup.stop_words, setup))
    if setup.tiles:
        words = [term.term for term in found if term.field == TermField.WORDS]
        found += [Term(TermField.WORDS, tile, setup.tiles) for word in words for tile in analysis.tiles(word)]
    if setup.trigrams:
        found += [Term(TRIGRAMS, part, setup.trigrams) for part in _trigrams(fold(text))]
    return found


def _plain(reading: Reading, setup: Setup) -> Iterator[Term]:
    for term in reading.rank:
        weight = 1.0 if setup.damped else term.weight
        yield Term(
            term.field, term.term, weight * (setup.bigrams if term.field == TermField.BIGRAMS else 1.0)
        )


def _weighed(text: str, stop_words: float, setup: Setup) -> Iterator[Term]:
    """Yield each word and pair once; a pair weighs the mean of its characters, at its best place."""
    folded, place = fold(text), 0
    words = analysis.words(text)
    light = stop_words if any(not analysis.is_stop_word(word) for word in words) else 1.0
    weights = [1.0] * len(folded)
    for word in words:
        place = folded.find(word, place) + len(word)
        if analysis.is_stop_word(word):
            weights[place - len(word) : place] = [light] * len(word)
    for word in dict.fromkeys(words):
        if not analysis.is_stop_word(word) or setup.stop_words_rank or light == 1:
            yield Term(TermField.WORDS, word, light if analysis.is_stop_word(word) else 1.0)
    pairs: dict[str, float] = {}
    for start in range(len(folded) - 1):
        pair = folded[start : start + 2]
        if ranks(pair):
            pairs[pair] = max(pairs.get(pair, 0.0), (weights[start] + weights[start + 1]) / 2)
    for pair, weight in pairs.items():
        yield Term(TermField.BIGRAMS, pair, setup.bigrams * weight)


def _trigrams(folded: str) -> dict[str, None]:
    parts = (folded[start : start + 3] for start in range(len(folded) - 2))
    return dict.fromkeys(part for part in parts if ranks(part[:2]) and ranks(part[1:]))
