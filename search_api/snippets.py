"""The piece of a text that shows why it was found, with the found words marked.

Text is escaped piece by piece while the marks are set, so no tag but `<mark>` can come out.
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

from markupsafe import Markup, escape

from catalog.folding import fold
from search_api.folded_text import FoldedText, Place

WINDOW = 120
"""Visible characters of a snippet, about."""
LEAD = 24
"""At most so many characters stand before the first mark, unless a sentence begins earlier."""
STRETCH = 2048
"""A text longer than this is folded by stretches, and only where marks seem to stand."""
OVERLAP = 256
"""Neighbouring stretches share at least so many characters, lest a passage be cut in two."""
MAX_STRETCHES = 4
CLOSE = 40
"""Marks that stand within so many characters are close enough: no better passage is looked for."""
ELLIPSIS = "…"
_SENTENCE_END = re.compile(r"[。！？；!?\n]")
_BREAK = re.compile(r"\s*\n\s*")
_CHINESE = re.compile(r"[\u2e80-\u9fff\uf900-\ufaff\uff01-\uff60]")
_NEEDS_ESCAPE = re.compile("[&<>\"']")
_PAUSES = "，、；：。！？"
_LOOK_BACK = 200
"""So many characters before a line break tell whether it stands within a sentence."""

Span = tuple[int, int]


def highlight(text: str, marks: Sequence[str]) -> Markup:
    """Return the whole text as HTML with the marks (folded texts) in `<mark>`."""
    folded = FoldedText(text)
    return _mark(text, 0, len(text), _spans(folded, folded.find(marks)))


def snippet(texts: Iterable[str], marks: Sequence[str], window: int = WINDOW, *, title: str = "") -> Markup:
    """Return the passage alone that `passage` finds."""
    return passage(texts, marks, window, title=title)[0]


def passage(
    texts: Iterable[str], marks: Sequence[str], window: int = WINDOW, *, title: str = ""
) -> tuple[Markup, str]:
    """Return a snippet and the text it was taken from ('' and '' if there is none).

    It is about `window` characters of that passage which holds most of the marks closest together.

    Without a mark found it is the beginning of the first text that is not empty.
    A `title` with which a text begins is passed over where there is more to show: it stands above.
    The cut is made between sentences where one ends near by; an ellipsis stands for what was left out.
    Texts are taken one by one, and none behind a passage that holds all marks close together.
    """
    heading = fold(title)
    most = sum(map(len, set(marks)))
    best: tuple[tuple[int, int], FoldedText, list[Place], list[Place], int] | None = None
    for text in texts:
        for span, hope in _stretches(text, marks):
            if best is not None and best[0] >= (hope, -CLOSE):
                continue
            folded = FoldedText(text, *span)
            if not folded.folded:
                continue
            after = _after_heading(folded, heading)
            found = folded.find(marks)
            if behind := [place for place in found if place[0] >= after]:
                found = behind
            elif found:
                after = 0
            worth, places = _closest(found, window)
            if best is None or worth > best[0]:
                best = worth, folded, places, found, after
        if best is not None and best[0] >= (most, -CLOSE):
            break
    if best is None:
        return Markup(""), ""
    _, folded, places, found, after = best
    first, last = _cut(folded, places, window, after)
    if places:
        near = places[0][0] - 2 * window, places[-1][0] + 2 * window
        found = [place for place in found if near[0] <= place[0] <= near[1]]
    floor = folded.place(after) if after else 0
    spans = _spans(folded, found)
    for start, end in spans:  # no found word is cut in two
        first = start if start < first < end else first
        last = end if start < last < end else last
    return _mark(folded.text, first, last, spans, floor=floor), folded.text


def _after_heading(folded: FoldedText, heading: str) -> int:
    """Return the place behind the heading, 0 if the text begins otherwise or says nothing more."""
    begins = heading and folded.begin == 0 and folded.folded.startswith(heading)
    return len(heading) if begins and len(folded.folded) > len(heading) else 0


def _stretches(text: str, marks: Sequence[str]) -> Iterator[tuple[Span, int]]:
    """Give those stretches of a text in which the passage to show is looked for.

    With each comes the length of the different marks that can be hoped for in it.
    """
    wanted = [mark for mark in set(marks) if mark]
    total = sum(map(len, wanted))
    if len(text) <= STRETCH or not wanted:
        yield (0, STRETCH), total
        return
    overlap = max(OVERLAP, 2 * max(map(len, wanted)))
    spans = [(begin, begin + STRETCH + overlap) for begin in range(0, len(text), STRETCH)]
    worth = _worth(text, wanted, len(spans), overlap)
    likely = sorted((number for number in worth if worth[number]), key=lambda number: -worth[number])
    if likely:
        for number in likely[:MAX_STRETCHES]:
            yield spans[number], worth[number]
        return
    # Width and white space may hide a mark from the quick look; where it is in no case, the text begins.
    folded = FoldedText(text).folded
    for span in spans if any(mark in folded for mark in wanted) else spans[:1]:
        yield span, total


def _worth(text: str, marks: Sequence[str], stretches: int, overlap: int) -> dict[int, int]:
    """Return the length of the different marks that a quick look sees in each stretch."""
    seen = text
    if any(mark.islower() for mark in marks):
        # 'İ' is the one character whose lower case is longer, and places have to stay.
        seen = text.replace("İ", "i").lower()
    worth = dict.fromkeys(range(stretches), 0)
    for mark in marks:
        counted = -1
        place = seen.find(mark)
        while place >= 0:
            number = place // STRETCH
            begin = number * STRETCH
            if counted < number - 1 and place + len(mark) <= begin + overlap:
                worth[number - 1] += len(mark)  # it lies in what the stretch before shares with this one
            worth[number] += len(mark)
            counted = number
            place = seen.find(mark, begin + STRETCH)
    return worth


def _closest(found: list[Place], window: int) -> tuple[tuple[int, int], list[Place]]:
    """Return the run of places, no longer than the window, with most different marks closest together.

    The worth that comes with it is the length of these marks and how little room they take.
    """
    best: tuple[tuple[int, int], Span] = ((0, 0), (0, 0))
    held: Counter[str] = Counter()
    first, weight = 0, 0
    for last, (_, end, mark) in enumerate(found):
        # Long marks say more than short ones; said again they say nothing more.
        weight += 0 if held[mark] else len(mark)
        held[mark] += 1
        while first < last and (end - found[first][0] > window or held[found[first][2]] > 1):
            gone = found[first][2]
            held[gone] -= 1
            weight -= 0 if held[gone] else len(gone)
            first += 1
        worth = weight, found[first][0] - end
        if weight and (best[1] == (0, 0) or worth > best[0]):
            best = worth, (first, last + 1)
    worth, run = best
    return worth, found[slice(*run)]


def _cut(folded: FoldedText, places: list[Place], window: int, after: int) -> Span:
    """Return where the snippet begins (not before place `after`) and ends in the text."""
    text = folded.text
    first_mark = places[0][0] if places else after
    last_mark = max((end for _, end, _ in places), default=after)
    lead = min(LEAD, max(0, window - (last_mark - first_mark)))
    begin = max(after, first_mark - lead)
    end = min(len(folded.folded), max(begin + window, last_mark))
    if end - begin < window:
        begin = max(after, end - window)
    start, floor = folded.place(begin), folded.place(after)
    mark_start = folded.place(first_mark)
    earliest = max(floor, start - LEAD)
    if begin > after and (stops := [m.end() for m in _SENTENCE_END.finditer(text, earliest, mark_start)]):
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


def _spans(folded: FoldedText, places: Iterable[Place]) -> list[Span]:
    """Return the places as spans of the text, those that overlap or touch joined."""
    joined: list[Span] = []
    for start, end, _ in places:
        first, last = folded.place(start), folded.place(end - 1) + 1
        if joined and first <= joined[-1][1]:
            joined[-1] = joined[-1][0], max(joined[-1][1], last)
        else:
            joined.append((first, last))
    return joined


def _mark(text: str, first: int, last: int, spans: Iterable[Span], *, floor: int | None = None) -> Markup:
    """Return a piece of a text with marks; as a snippet if `floor` says where what can be shown begins."""

    def piece(start: int, end: int) -> str:
        return _escaped(text[start:end] if floor is None else _joined(text, start, end))

    parts = [ELLIPSIS] if floor is not None and text[floor:first].strip() else []
    place = first
    for start, end in spans:
        start, end = max(start, place), min(end, last)
        if start < end:
            parts += [piece(place, start), "<mark>", piece(start, end), "</mark>"]
            place = end
    parts.append(piece(place, last))
    if floor is not None and text[last:].strip():
        parts.append(ELLIPSIS)
    return Markup("".join(parts))  # noqa: S704 - every piece of the text was escaped


def _escaped(text: str) -> str:
    """Return text as HTML. Most pieces are short and hold nothing to escape: asking costs less."""
    return str(escape(text)) if _NEEDS_ESCAPE.search(text) else text


def _joined(text: str, first: int, last: int) -> str:
    """Return a piece of a text without the line breaks that would show as a gap within a sentence."""

    piece = text[first:last]
    if "\n" not in piece:
        return piece

    def kept(found: re.Match[str]) -> str:
        return "" if _needless(text, first + found.start(), first + found.end()) else found[0]

    return _BREAK.sub(kept, piece)


def _needless(text: str, start: int, end: int) -> bool:
    """Tell whether the line break text[start:end] parts nothing.

    Between Chinese characters that is so behind a pause, and where a sentence that has had its comma
    is not over yet; a line without a comma is a heading, a number or a signature and keeps its distance.
    """
    if not (start > 0 and end < len(text) and _CHINESE.match(text[start - 1]) and _CHINESE.match(text[end])):
        return False
    before = text[max(0, start - _LOOK_BACK) : start]
    return before[-1] in _PAUSES or "，" in re.split(r"[\n。！？；：]", before)[-1]
