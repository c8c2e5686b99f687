"""How a text becomes words: spaced, cut by a dictionary, counted with the tiles of the long ones.

jieba cuts what is Chinese, so that 人民政府 gives 人民政府 with its tiles 人民 and 政府 and never 民政.
Runs of Latin letters and of digits are words of their own. (For the pairs of characters see `bigrams`.)
"""

import re
from collections import Counter
from functools import cache

import numpy as np

from catalog.folding import fold
from indexer.cutter import LONG_WORD as LONG_WORD
from indexer.cutter import Cutter, cutter_of, default_cutter
from indexer.dictionary import ANALYSIS_VERSION as ANALYSIS_VERSION
from indexer.dictionary import HAN, Dictionary
from indexer.word_lists import word_list

_BETWEEN_HAN = re.compile(f" (?<=[{HAN}] ) *(?=[{HAN}])")  # begins with what it looks for: that is fast
_HAN_RUN = re.compile(f"([{HAN}]+)")
_OTHER_RUN = re.compile(r"[0-9]+|[^\W\d_]+|\d+")

_SHORT = 64  # characters up to which `str.translate` is faster than arrays
_UNMET, _NONE, _SEVERAL = range(0xFFFFFFFD, 0x100000000)  # numbers that are no code point


class _SpacedTable(dict[int, str]):
    """Folding that keeps one space for white space, for texts that are still to be cut."""

    def __missing__(self, codepoint: int) -> str:
        char = chr(codepoint)
        kept = self[codepoint] = " " if char.isspace() else fold(char)
        return kept


_SPACED = _SpacedTable()
_SPACED_CODES = np.full(0x10000, _UNMET, dtype="<u4")


def spaced(text: str) -> str:
    """Return the folded text that keeps a space for each white space; without these it is the folded text.

    To space a text again changes nothing.
    """
    if len(text) <= _SHORT:
        return text.translate(_SPACED)
    codes = np.frombuffer(text.encode("utf-32-le", "surrogatepass"), dtype="<u4")
    if codes.max() >= len(_SPACED_CODES):
        return text.translate(_SPACED)
    found = _SPACED_CODES[codes]
    if found.max() >= _UNMET:
        for code in np.unique(codes[found == _UNMET]).tolist():
            _SPACED_CODES[code] = _spaced_code(_SPACED[code])
        found = _SPACED_CODES[codes]
        if (found == _SEVERAL).any():
            return text.translate(_SPACED)
        found = found[found != _NONE]
    kept: bytes = found.tobytes()
    return kept.decode("utf-32-le")


def _spaced_code(char: str) -> int:
    return ord(char) if len(char) == 1 else _SEVERAL if char else _NONE


def words(text: str, dictionary: Dictionary | None = None) -> list[str]:
    """Return the words of a text in reading order, as jieba cuts them, folded; no tiles.

    None is the dictionary of this release; so it is everywhere.
    """
    cutter = _cutter(dictionary)
    found: list[str] = []
    for place, run in enumerate(_HAN_RUN.split(_BETWEEN_HAN.sub("", spaced(text)))):
        found += cutter.cut(run) if place % 2 else _OTHER_RUN.findall(run)
    return found


def has_words(text: str) -> bool:
    """Tell whether a text has any word; that is the same for every dictionary."""
    folded = spaced(text)
    return bool(_HAN_RUN.search(folded) or _OTHER_RUN.search(folded))


def tokens(text: str, dictionary: Dictionary | None = None) -> Counter[str]:
    """Return the words of a text with the tiles of the long ones, and how often each stands there."""
    return spaced_tokens(spaced(text), dictionary)


def spaced_tokens(text: str, dictionary: Dictionary | None = None) -> Counter[str]:
    """Return the tokens of a text that is spaced already."""
    cutter = _cutter(dictionary)
    runs = _HAN_RUN.split(_BETWEEN_HAN.sub("", text))
    # One cut of all is faster than one of each; jieba never joins over a line feed.
    found = cutter.cut("\n".join(runs[1::2]))
    tiles = cutter.tiles
    found += [tile for word in found if len(word) >= LONG_WORD for tile in tiles(word)]
    found += _OTHER_RUN.findall("\n".join(runs[::2]))
    counts = Counter(found)
    counts.pop("\n", None)
    return counts


def tiles(word: str, dictionary: Dictionary | None = None) -> tuple[str, ...]:
    """Return the words that tile a long word, at every level, without the word itself."""
    return _cutter(dictionary).tiles(word)


def is_stop_word(word: str) -> bool:
    """Tell whether a word is too common in every text to be asked for by itself."""
    return word in _stop_words()


def is_question_word(word: str) -> bool:
    """Tell whether a word makes a text a question (吗, 什么, 如何); such words are stop words too."""
    return word in _question_words()


def _cutter(dictionary: Dictionary | None) -> Cutter:
    return default_cutter() if dictionary is None else cutter_of(dictionary)


@cache
def _stop_words() -> frozenset[str]:
    return frozenset(word_list("stop_words.txt")) | _question_words()


@cache
def _question_words() -> frozenset[str]:
    return frozenset(word_list("question_words.txt"))
