"""In what two nearly equal texts differ, and whether that is trivial.

Trivial is what print versions, mirrored columns and other readers of pages add: punctuation anywhere, a
heading, a 文号 or a signature near the head or the tail. A word that stands for another, or one more word
in the middle, is what notices made from one template differ in, and never trivial.
"""

import re
from collections.abc import Iterator
from difflib import SequenceMatcher
from typing import NamedTuple

from rapidfuzz.distance import Levenshtein

SENTENCES = 5_000
"""Sentences looked at; a longer text is not compared."""

PASSAGE = 2_000
"""Characters of a passage that is compared one by one; the memory it takes is quadratic."""

MARGIN = 100
"""Characters at the head and the tail where headings, addressees and signatures stand."""

LEAST_ADDED = 4
"""Characters from which a piece in the margin is a heading: 不 and 未 are not."""

_SENTENCE = re.compile("[^。;!?]*[。;!?]?")
_WORD = re.compile(r"\w")


class Difference(NamedTuple):
    """What stands in one text in place of what stands in the other; `in_margin`: near head or tail."""

    one: str
    other: str
    in_margin: bool

    @property
    def is_trivial(self) -> bool:
        """Whether the texts may say the same nevertheless."""
        words = bool(_WORD.search(self.one)), bool(_WORD.search(self.other))
        added = max(len(self.one), len(self.other)) >= LEAST_ADDED
        return not any(words) or (self.in_margin and added and not all(words))


def differences(one: str, other: str) -> list[Difference] | None:
    """Return how two folded texts differ, in their order; None if they are too long or too different."""
    mine, theirs = _sentences(one), _sentences(other)
    if max(len(mine), len(theirs)) > SENTENCES:
        return None
    found: list[Difference] = []
    for kind, start, end, other_start, other_end in SequenceMatcher(
        None, mine, theirs, autojunk=False
    ).get_opcodes():
        if kind == "equal":
            continue
        passages = "".join(mine[start:end]), "".join(theirs[other_start:other_end])
        if max(map(len, passages)) > PASSAGE:
            return None
        before = len("".join(mine[:start]))
        for passage_start, passage_end, added in _within(*passages):
            first, last = before + passage_start, before + passage_end
            in_margin = first <= MARGIN or last >= len(one) - MARGIN
            found.append(Difference(one[first:last], added, in_margin))
    return found


def _sentences(text: str) -> list[str]:
    return [sentence for sentence in _SENTENCE.findall(text) if sentence]


def _within(one: str, other: str) -> Iterator[tuple[int, int, str]]:
    """Give where the first of two passages differs (from, to) and what the other has there."""
    joined: list[tuple[int, int, int, int]] = []
    for step in Levenshtein.opcodes(one, other):
        if step.tag == "equal":
            continue
        if joined and joined[-1][1] == step.src_start and joined[-1][3] == step.dest_start:
            start, _, other_start, _ = joined.pop()
            joined.append((start, step.src_end, other_start, step.dest_end))
        else:
            joined.append((step.src_start, step.src_end, step.dest_start, step.dest_end))
    for start, end, other_start, other_end in joined:
        yield start, end, other[other_start:other_end]
