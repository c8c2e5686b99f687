"""Cutting Chinese characters by a dictionary: into words, and a long word into those that tile it.

`rjieba` cuts (the same dictionary and algorithm as jieba, eleven times faster).

What a word costs jieba is its frequency over the sum of all, so each word added would shift every
other a little. Ours therefore take their frequencies from a share set aside for them, and the sum is
the same whatever they are: a word changes how a text is cut only if the text contains it.
"""

import re
from functools import cache, lru_cache
from importlib.util import find_spec
from math import log
from mmap import ACCESS_READ, mmap
from pathlib import Path

import rjieba

from indexer.dictionary import HAN, Dictionary, shipped

LONG_WORD = 3
"""Characters from which a word is tiled, and from which a document holds it by containing it."""

SHARE = 1 << 13
"""What the frequencies of our words may sum up to: a thousand words take a few thousand. It is little
beside the 60 million of jieba's own, so that hardly any text is cut otherwise than by jieba alone."""

REMEMBERED = 1 << 16
"""Words whose tiles are kept; documents bring new ones without end."""

_FILLER = "\ue000"
"""A private character that holds what is left of the share; no text reaches jieba with it."""

_HAN_WORD = re.compile(f"[{HAN}]+")

# The module makes an instance of its own at import: 16 MB that nobody uses.
rjieba.clear()  # type: ignore[no-untyped-call]


class Cutter:
    """Cuts by one dictionary. Takes some 25 MB; tiling takes 50 MB more, once per process."""

    def __init__(self, dictionary: Dictionary) -> None:
        """Raises `ValueError` if the words are so common that their share does not hold them."""
        self._jieba = rjieba.Jieba()
        self._added = self._add(dictionary.words)
        self.tiles = lru_cache(REMEMBERED)(self._tiles)

    def _add(self, words: tuple[str, ...]) -> dict[str, int]:
        """Add the words, each as frequent as it takes to stay in one piece; return the frequencies."""
        added: dict[str, int] = {}
        left = SHARE
        self._jieba.add_word(_FILLER, left, None)
        # A shorter word may be part of a longer one and then decides how frequent that has to be.
        for word in sorted(words, key=lambda each: (len(each), each)):
            added[word] = self._jieba.suggest_freq(word)
            left -= added[word] - (_base_frequency(word) if self._jieba.has_word(word) else 0)
            if left < 0:
                raise ValueError(f"the words of the dictionary are too common: {word!r}")
            self._jieba.add_word(word, added[word], None)
            self._jieba.add_word(_FILLER, left, None)
        return added

    def cut(self, text: str) -> list[str]:
        """Return the words of Chinese characters in reading order; a line feed parts, and is returned."""
        found: list[str] = self._jieba.cut(text)
        return found

    def _tiles(self, word: str) -> tuple[str, ...]:
        """Return the words that tile a long word, at every level, without the word itself.

        中华人民共和国政府 gives 中华人民共和国, 政府, then 中华, 人民共和国, and so on. A word of one or
        two characters has none, nor has one of Latin letters or digits.
        """
        if len(word) < LONG_WORD or not _HAN_WORD.fullmatch(word):
            return ()
        found: list[str] = []
        for part in self._best_split(word):
            found.append(part)
            found += self.tiles(part)
        return tuple(found)

    def _best_split(self, word: str) -> list[str]:
        """Return the likeliest split into words, the word itself left out (jieba's own rule)."""
        longest, total = self._longest, _log_sum()
        best: list[tuple[float, int]] = [(0.0, 0)] * (len(word) + 1)
        for start in range(len(word) - 1, -1, -1):
            candidates = []
            for end in range(start + 1, min(start + longest, len(word)) + 1):
                part = word[start:end]
                frequency = self._frequency(part)
                if part == word or (end > start + 1 and frequency is None):
                    continue
                candidates.append((log(frequency or 1) - total + best[end][0], end))
            best[start] = max(candidates)
        parts, start = [], 0
        while start < len(word):
            parts.append(word[start : best[start][1]])
            start = best[start][1]
        return parts

    def _frequency(self, word: str) -> int | None:
        return self._added.get(word) or _base_frequencies().get(word)

    @property
    def _longest(self) -> int:
        return max(_base_longest(), max(map(len, self._added), default=0))


@lru_cache(2)
def cutter_of(dictionary: Dictionary) -> Cutter:
    """Return the cutter of a dictionary; the last two are kept, as when a generation follows another."""
    return Cutter(dictionary)


def default_cutter() -> Cutter:
    """Return the cutter of the dictionary of this release."""
    return cutter_of(shipped())


def _base_file() -> Path:
    """Return jieba's dictionary; only its data is wanted, importing it would unmarshal a file in /tmp."""
    spec = find_spec("jieba")
    if spec is None or spec.origin is None:
        raise RuntimeError("jieba is not installed")
    return Path(spec.origin).with_name("dict.txt")


def _base_frequency(word: str) -> int:
    """Return how frequent jieba's dictionary says a word is; 0 if it has not got it."""
    with _base_file().open("rb") as file, mmap(file.fileno(), 0, access=ACCESS_READ) as content:
        line = f"\n{word} ".encode()
        start = content.find(line)
        return int(content[start + len(line) : content.find(b" ", start + len(line))]) if start >= 0 else 0


@cache
def _base_frequencies() -> dict[str, int]:
    lines = _base_file().read_text("utf-8").splitlines()
    return {word: int(count) for word, count, _ in (line.split(" ") for line in lines)}


@cache
def _log_sum() -> float:
    return log(sum(_base_frequencies().values()) + SHARE)


@cache
def _base_longest() -> int:
    return max(map(len, _base_frequencies()))
