"""The piece of a text that shows why it was found, with the found words marked.

Text is escaped piece by piece while the marks are set, so no tag but `<mark>` can come out.
"""

import re
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Sequence

from markupsafe import Markup, escape

from catalog.folding import fold, fold_with_offsets

WINDOW = 120
"""Visible characters of a snippet, about."""
LEAD = 24
"""At most so many characters stand before the first mark, unless a sentence begins earlier."""
MAX_PLACES = 2000
"""So many found places per text are looked at."""
ELLIPSIS = Markup("…")
_BLOCK = 256
_SENTENCE_END = re.compile(r"[。！？；!?\n]")

Span = tuple[int, int]


class FoldedText:
    """A text, its folding, and the way from places in the folding back into the text.

    Offsets are worked out for the blocks that are looked at only: texts may be a book long.
    """

    def __init__(self, text: str) -> None:
        self.text = text
        parts = [fold(text[place : place + _BLOCK]) for place in range(0, len(text), _BLOCK)]
        self.folded = "".join(parts)
        self._starts: list[int] = []
        self._offsets: dict[int, list[int]] = {}
        length = 0
        for part in parts:
            self._starts.append(length)
            length += len(part)

    def place(self, folded_place: int) -> int:
        """Return where in the text the character at this place of the folding came from."""
        block = bisect_right(self._starts, folded_place) - 1
        if block not in self._offsets:
            start = block * _BLOCK
            self._offsets[block] = fold_with_offsets(self.text[start : start + _BLOCK])[1]
        return block * _BLOCK + self._offsets[block][folded_place - self._starts[block]]

    def find(self, marks: Iterable[str]) -> list[tuple[int, int, str]]:
        """Return the places of the marks in the folding: start, end, mark; by start."""
        found: list[tuple[int, int, str]] = []
        for mark in set(marks):
            place = self.folded.find(mark) if mark else -1
            while place >= 0 and len(found) < MAX_PLACES:
                found.append((place, place + len(mark), mark))
                place = self.folded.find(mark, place + 1)
        return sorted(found)


def highlight(text: str, marks: Sequence[str]) -> Markup:
    """Return the whole text as HTML with the marks (folded texts) in `<mark>`."""
    folded = FoldedText(text)
    return _mark(text, 0, len(text), _spans(folded, folded.find(marks)))


def snippet(texts: Sequence[str], marks: Sequence[str], window: int = WINDOW) -> Markup:
    """Return about `window` characters of that text which holds most of the marks.

    Without a mark found it is the beginning of the first text that is not empty; '' if there is none.
    The cut is made between sentences where one ends near by; an ellipsis stands for what was left out.
    """
    best: tuple[float, FoldedText, list[tuple[int, int, str]]] | None = None
    for text in texts:
        folded = FoldedText(text)
        worth, places = _best_places(folded.find(marks), window)
        if folded.folded and (best is None or worth > best[0]):
            best = worth, folded, places
    if best is None:
        return Markup("")
    _, folded, places = best
    first, last = _cut(folded, places, window)
    return _mark(folded.text, first, last, _spans(folded, places), dots=True)


def _best_places(found: list[tuple[int, int, str]], window: int) -> tuple[float, list[tuple[int, int, str]]]:
    """Return the run of places, no longer than the window, that holds most different marked text."""
    best: tuple[float, list[tuple[int, int, str]]] = (0.0, [])
    first, worth = 0, 0.0
    held: Counter[str] = Counter()
    best_run = (0, 0)
    for last, (_, end, mark) in enumerate(found):
        # Long marks say more than short ones; said again they say little more.
        worth += len(mark) if not held[mark] else 0.1
        held[mark] += 1
        while first < last and end - found[first][0] > window:
            gone = found[first][2]
            held[gone] -= 1
            worth -= len(gone) if not held[gone] else 0.1
            first += 1
        if worth > best[0] + 1e-9:
            best = worth, []
            best_run = first, last + 1
    return best[0], found[slice(*best_run)]


def _cut(folded: FoldedText, places: list[tuple[int, int, str]], window: int) -> Span:
    """Return where the snippet begins and ends in the text."""
    text = folded.text
    first_mark = places[0][0] if places else 0
    last_mark = max((end for _, end, _ in places), default=0)
    lead = min(LEAD, max(0, window - (last_mark - first_mark)))
    begin = max(0, first_mark - lead)
    end = min(len(folded.folded), max(begin + window, last_mark))
    if end - begin < window:
        begin = max(0, end - window)
    start = folded.place(begin)
    mark_start = folded.place(first_mark)
    if begin and (stops := [m.end() for m in _SENTENCE_END.finditer(text, max(0, start - LEAD), mark_start)]):
        start = min(stops, key=lambda stop: abs(stop - start))
    stop = folded.place(end - 1) + 1
    if end < len(folded.folded):
        kept = folded.place(last_mark - 1) + 1 if places else start + window // 2
        ends = [m.end() for m in _SENTENCE_END.finditer(text, max(kept, stop - LEAD), stop + LEAD)]
        stop = min(ends, key=lambda place: abs(place - stop)) if ends else stop
    while start < stop and text[start].isspace():
        start += 1
    while stop > start and text[stop - 1].isspace():
        stop -= 1
    return start, stop


def _spans(folded: FoldedText, places: Iterable[tuple[int, int, str]]) -> list[Span]:
    """Return the places as spans of the text, those that overlap or touch joined."""
    joined: list[Span] = []
    for start, end, _ in places:
        first, last = folded.place(start), folded.place(end - 1) + 1
        if joined and first <= joined[-1][1]:
            joined[-1] = joined[-1][0], max(joined[-1][1], last)
        else:
            joined.append((first, last))
    return joined


def _mark(text: str, first: int, last: int, spans: Iterable[Span], *, dots: bool = False) -> Markup:
    parts = [ELLIPSIS] if dots and text[:first].strip() else []
    place = first
    for start, end in spans:
        start, end = max(start, place), min(end, last)
        if start < end:
            parts += [escape(text[place:start]), Markup("<mark>"), escape(text[start:end]), Markup("</mark>")]
            place = end
    parts.append(escape(text[place:last]))
    if dots and text[last:].strip():
        parts.append(ELLIPSIS)
    return Markup("").join(parts)
