"""How a text becomes terms: words that rank, bigrams that guarantee.

A text is cut by jieba (through `rjieba`, the same dictionary and algorithm, eleven times faster)
into words; a long word is also cut into the dictionary words that *tile* it, again and again, so
that 人民政府 gives 人民 and 政府 and never 民政. Runs of Latin letters and of digits are words of
their own. Bigrams run over all visible characters, across line breaks.
"""

import itertools
import re
import unicodedata
from collections import Counter
from functools import cache, lru_cache
from importlib.resources import files
from importlib.util import find_spec
from math import log
from pathlib import Path

import rjieba

from catalog.folding import fold

ANALYSIS_VERSION = 1
"""Goes up whenever the same text would give other terms; an index of another version is rebuilt."""

LONG_WORD = 3
"""Characters from which a word is tiled, and from which a document holds it by containing it."""

REMEMBERED = 1 << 18
"""Words and pairs whose analysis is kept; queries bring new ones without end."""

_HAN = "\u3005\u3007\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
_BETWEEN_HAN = re.compile(f"(?<=[{_HAN}])\\s+(?=[{_HAN}])")
_RUN = re.compile(f"(?P<han>[{_HAN}]+)|[0-9]+|[^\\W\\d_{_HAN}]+|\\d+")


class _SpacedTable(dict[int, str]):
    """Folding that keeps one space for white space, for texts that are still to be cut."""

    def __missing__(self, codepoint: int) -> str:
        char = chr(codepoint)
        kept = self[codepoint] = " " if char.isspace() else fold(char)
        return kept


_SPACED = _SpacedTable()


def words(text: str) -> list[str]:
    """Return the words of a text in reading order, as jieba cuts them, folded; no tiles."""
    spaced = _BETWEEN_HAN.sub("", text.translate(_SPACED))
    found: list[str] = []
    for run in _RUN.finditer(spaced):
        if run.lastgroup == "han":
            found += _cutter().cut(run.group())
        else:
            found.append(run.group())
    return found


def tokens(text: str) -> Counter[str]:
    """Return the words of a text with the tiles of the long ones, and how often each stands there."""
    found: Counter[str] = Counter()
    for word, count in Counter(words(text)).items():
        found[word] += count
        for tile in tiles(word):
            found[tile] += count
    return found


@lru_cache(REMEMBERED)
def tiles(word: str) -> tuple[str, ...]:
    """Return the words that tile a long word, at every level, without the word itself.

    中华人民共和国政府 gives 中华人民共和国, 政府, then 中华, 人民共和国, and so on. A word of one or
    two characters has none, nor has one of Latin letters or digits.
    """
    if len(word) < LONG_WORD or not _is_han(word):
        return ()
    found: list[str] = []
    for part in _best_split(word):
        found.append(part)
        found += tiles(part)
    return tuple(found)


def bigrams(text: str) -> Counter[str]:
    """Return the pairs of neighbouring visible characters and how often each stands there.

    The last character stands once more, in front of a line feed, so that every character begins
    some pair and even a single one can be looked up.
    """
    folded = fold(text)
    if not folded:
        return Counter()
    pairs = Counter(map("".join, itertools.pairwise(folded)))
    pairs[folded[-1] + "\n"] += 1
    return pairs


@lru_cache(REMEMBERED)
def ranks(bigram: str) -> bool:
    """Tell whether a bigram counts for ranking: both are letters, digits or characters."""
    return all(unicodedata.category(char)[0] in "LN" for char in bigram)


def is_stop_word(word: str) -> bool:
    """Tell whether a word is too common in every text to be asked for by itself."""
    return word in _stop_words()


def is_question_word(word: str) -> bool:
    """Tell whether a word makes a text a question (吗, 什么, 如何); such words are stop words too."""
    return word in _question_words()


@cache
def _stop_words() -> frozenset[str]:
    return frozenset(_lines("stop_words.txt")) | _question_words()


@cache
def _question_words() -> frozenset[str]:
    return frozenset(_lines("question_words.txt"))


@cache
def _cutter() -> rjieba.Jieba:
    cutter = rjieba.Jieba()
    for word in _lines("dictionary.txt"):
        cutter.add_word(word, None, None)  # None: a frequency that keeps the word in one piece
    return cutter


def _lines(name: str) -> list[str]:
    text = files("indexer").joinpath("data", name).read_text("utf-8")
    return [line.split(" ")[0] for line in text.splitlines() if line and not line.startswith("#")]


@cache
def _frequencies() -> dict[str, int]:
    """Return jieba's dictionary with ours: the frequency of each word."""
    spec = find_spec("jieba")  # only its data file is wanted: importing it would unmarshal a file in /tmp
    if spec is None or spec.origin is None:
        raise RuntimeError("jieba is not installed")
    text = Path(spec.origin).with_name("dict.txt").read_text("utf-8")
    found = {word: int(count) for word, count, _ in (line.split(" ") for line in text.splitlines())}
    for word in _lines("dictionary.txt"):
        found.setdefault(word, _cutter().suggest_freq(word))
    return found


@cache
def _total() -> float:
    return log(sum(_frequencies().values()))


@cache
def _longest() -> int:
    return max(map(len, _frequencies()))


def _is_han(word: str) -> bool:
    return re.fullmatch(f"[{_HAN}]+", word) is not None


def _best_split(word: str) -> list[str]:
    """Return the likeliest split into dictionary words, the word itself left out (jieba's own rule)."""
    frequencies, total, longest = _frequencies(), _total(), _longest()
    best: list[tuple[float, int]] = [(0.0, 0)] * (len(word) + 1)
    for start in range(len(word) - 1, -1, -1):
        candidates = []
        for end in range(start + 1, min(start + longest, len(word)) + 1):
            part = word[start:end]
            if part == word or (end > start + 1 and part not in frequencies):
                continue
            candidates.append((log(frequencies.get(part) or 1) - total + best[end][0], end))
        best[start] = max(candidates)
    parts, start = [], 0
    while start < len(word):
        parts.append(word[start : best[start][1]])
        start = best[start][1]
    return parts
