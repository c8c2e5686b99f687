"""The dictionary by which texts are cut: jieba's words and ours, as a value that has a version.

An index carries the dictionary it was cut with, and queries on it are cut with the same one, or a word
added yesterday would ask old documents for a term that none of them holds. When the dictionary changes,
only texts that contain a changed word are cut otherwise; `Cutter` keeps that promise.
"""

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cache, cached_property
from hashlib import blake2b
from importlib.metadata import version

from catalog.folding import fold
from indexer.word_lists import word_list

ANALYSIS_VERSION = 1
"""Goes up whenever the same text and dictionary would give other terms; an index of another version is
rebuilt."""

HAN = "\u3005\u3007\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
"""The characters that are cut by the dictionary, as ranges of a regular expression."""

_WORD = re.compile(f"[{HAN}]{{2,}}")


@cache
def installed_base() -> str:
    """Name what cuts below our own words: this analysis, and jieba with the dictionary it brings."""
    return f"{ANALYSIS_VERSION} rjieba-{version('rjieba')} jieba-{version('jieba')}"


@dataclass(frozen=True)
class Dictionary:
    """Our words on top of a base, sorted and without doubles however they were given.

    Raises `ValueError` for a word that is not two or more Chinese characters in their folded form:
    nothing else is cut by a dictionary.
    """

    words: tuple[str, ...]
    base: str = field(default_factory=installed_base)

    def __post_init__(self) -> None:
        for word in self.words:
            if not _WORD.fullmatch(word) or fold(word) != word:
                raise ValueError(f"a word is two or more Chinese characters, folded: {word!r}")
        object.__setattr__(self, "words", tuple(sorted(set(self.words))))

    @cached_property
    def version(self) -> str:
        """A short name, the same for the same words and base wherever they are: 16 hexadecimal digits."""
        stated = json.dumps([self.base, self.words], ensure_ascii=False)
        return blake2b(stated.encode(), digest_size=8).hexdigest()

    def __hash__(self) -> int:
        return hash(self.version)  # asked for at every cut, and the words may be thousands

    def comparable(self, other: "Dictionary") -> bool:
        """Tell whether the two differ in nothing but our words."""
        return self.base == other.base

    def changed_words(self, other: "Dictionary") -> frozenset[str]:
        """Return the words that only one of the two has.

        A text whose folded form contains none of them is cut alike by both. Raises `ValueError` if the
        two are not comparable: then any text may be cut otherwise.
        """
        if not self.comparable(other):
            raise ValueError(f"not comparable: {self.base!r} and {other.base!r}")
        return frozenset(self.words) ^ frozenset(other.words)


@cache
def shipped() -> Dictionary:
    """Return the dictionary of this release: jieba's, and `data/dictionary.txt`."""
    return Dictionary(word_list("dictionary.txt"))


def containing(words: Iterable[str]) -> re.Pattern[str]:
    """Return what finds a folded text that contains any of some words; of no words, none."""
    return re.compile("|".join(map(re.escape, sorted(words))) or "(?!)")
