"""How near an extracted text is to the gold text.

The token is the character bigram of the folded text without white space and without the bar with which
trafilatura parts cells: no segmenter takes part, and a lost or foreign sentence weighs by its length.
F1 over the multisets of tokens; over whole lines besides, which a split or joined paragraph lowers.
"""

from collections import Counter
from dataclasses import dataclass
from itertools import pairwise

from catalog.folding import fold

_NOT_TEXT = str.maketrans("", "", "|｜")
# trafilatura marks list items.
_ITEM_MARKS = "-•·* \t"


@dataclass(frozen=True, slots=True)
class Score:
    """Precision, recall and their harmonic mean, each between 0 and 1."""

    precision: float
    recall: float

    @property
    def f1(self) -> float:
        """The harmonic mean; 0 where both are 0."""
        both = self.precision + self.recall
        return 2 * self.precision * self.recall / both if both else 0.0


def bigram_score(found: str, gold: str) -> Score:
    """Score a text by its character bigrams."""
    return _score(_bigrams(found), _bigrams(gold))


def line_score(found: str, gold: str) -> Score:
    """Score a text by its whole lines."""
    return _score(_lines(found), _lines(gold))


def _score(found: Counter[str], gold: Counter[str]) -> Score:
    if not found and not gold:
        return Score(1.0, 1.0)
    common = (found & gold).total()
    return Score(common / found.total() if found else 0.0, common / gold.total() if gold else 0.0)


def _bigrams(text: str) -> Counter[str]:
    visible = "".join(_plain(line) for line in text.splitlines())
    return (
        Counter(map("".join, pairwise(visible))) if len(visible) > 1 else Counter([visible] * bool(visible))
    )


def _lines(text: str) -> Counter[str]:
    return Counter(plain for line in text.splitlines() if (plain := _plain(line)))


def _plain(line: str) -> str:
    return fold(line.translate(_NOT_TEXT).strip(_ITEM_MARKS))
