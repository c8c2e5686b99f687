"""The labels of the metadata block: what 文 号, 【发布机构】 or 索引号： stand for.

The table is `data/labels.json`. A label is compared whole, after folding (width, case, all white
space) and without colons and brackets; 文号 is never found inside 发布文号说明.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cache

from catalog.folding import fold
from catalog.records import DATE_FIELDS, Field
from crawlers.reading.data_files import read_data
from crawlers.reading.lines import CLOSED, OPENED

COLONS = "：:︰﹕∶"
_OPENING = "【[［「〔(（《〖"
_CLOSING = "】]］」〕)）》〗"
_EDGES = COLONS + _OPENING + _CLOSING + " \t\r\n\u3000\xa0"
_GAP = OPENED + CLOSED
_NUMBER_FIELDS = DATE_FIELDS | {Field.DOC_NUMBER, Field.INDEX_NUMBER}


class Undecided(StrEnum):
    """Labels whose field depends on what else the page says; `statements` decides."""

    SIGNED_OR_POSTED = "signed_or_posted"  # 发文日期
    REGISTRATION_NUMBER = "registration_number"  # 统一编号
    TERM = "term"  # 有效期
    END = "ends_a_value"  # a label of no interest to us: it only ends the value before it


Meaning = Field | Undecided


@dataclass(frozen=True, slots=True)
class Found:
    """A label in a line: where it begins, where its value begins, and whether a colon or bracket says so."""

    start: int
    end: int
    label: str
    meaning: Meaning
    marked: bool


@dataclass(frozen=True)
class LabelTable:
    """Folded label -> what it states; `weak` labels count only beside a label that is not."""

    meanings: Mapping[str, Meaning]
    weak: frozenset[str]
    longest: int = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "longest", max(map(len, self.meanings)))

    def meaning(self, text: str) -> Meaning | None:
        """Return what a text stands for if the whole of it is a label."""
        # Before folding, too: ︰ folds to two full stops.
        folded = fold(text.strip(_EDGES)).strip(_EDGES)
        return self.meanings.get(folded) if len(folded) <= self.longest else None

    def with_quirks(self, quirks: Mapping[str, Field]) -> "LabelTable":
        """Return a table in which a site's own labels mean what the site's family module says."""
        if not quirks:
            return self
        own = {fold(label): Field(meaning) for label, meaning in quirks.items()}
        return LabelTable({**self.meanings, **own}, self.weak - own.keys())

    def scan(self, raw: str) -> list[Found]:
        """Find the labels of one raw line, left to right; of two that overlap the longer one stays."""
        found: list[Found] = []
        for place, char in enumerate(raw):
            if char in COLONS or char in _CLOSING:
                label = self._ending_at(raw, place, marked=True)
                if label and char in _CLOSING and not _is_bracketed(raw, label.start):
                    label = None
            elif char == CLOSED:
                label = self._ending_at(raw, place, marked=False)
            else:
                continue
            if label and found and label.start < found[-1].end:
                # 主题 and then 主题分类, where each character stands in an element of its own
                if label.start <= found[-1].start:
                    found[-1] = label
            elif label:
                found.append(label)
        if not found and (label := self._ending_at(raw, len(raw), marked=False)):
            found.append(label)
        return found

    def _ending_at(self, raw: str, end: int, *, marked: bool) -> Found | None:
        """Return the longest label that ends right before `end` and begins where a label may begin."""
        best: Found | None = None
        name, gap, widest = "", 0, 0
        place = end - 1
        while place >= 0 and (
            raw[place].isspace() or raw[place] in _GAP or (marked and raw[place] in _CLOSING)
        ):
            place -= 1
        while place >= 0 and len(name) < self.longest:
            char = raw[place]
            if char in _GAP:
                pass
            elif char.isspace():
                gap += 1
            elif char in COLONS or (char in _OPENING and not name):
                break
            else:
                name = fold(char) + name
                widest, gap = max(widest, gap), 0
                meaning = self.meanings.get(name)
                if meaning is not None and _may_begin(raw, place, widest, marked=marked):
                    best = Found(place, _behind(raw, end), name, meaning, marked)
            place -= 1
        return best


def _behind(raw: str, end: int) -> int:
    """Return the place behind the colon or bracket at `end`, and behind a colon that follows it."""
    place = end
    while place < len(raw) and (
        raw[place] in COLONS + _CLOSING or raw[place] == CLOSED or raw[place].isspace()
    ):
        place += 1
    return place


def _is_bracketed(raw: str, start: int) -> bool:
    before = raw[:start].rstrip(_GAP + " \t\u3000\xa0")
    return before[-1:] in tuple(_OPENING)


def _may_begin(raw: str, place: int, widest_gap: int, *, marked: bool) -> bool:
    """Tell whether a label may begin here: at the line's start, after punctuation, a gap or another element.

    分类 in 行 业 分 类 stands after a gap no wider than its own, so it begins nothing.
    """
    gap, closed, opened = 0, False, False
    before = place - 1
    while before >= 0 and (raw[before].isspace() or raw[before] in _GAP):
        gap += raw[before].isspace()
        closed |= raw[before] == CLOSED
        opened |= raw[before] == OPENED
        before -= 1
    if before < 0:
        return True
    if not marked:
        # Without a colon only a whole element can be a label.
        return opened and (closed or gap > widest_gap)
    if gap:
        return gap > widest_gap or closed
    return closed or not (raw[before].isalnum() or raw[before] == "_")


def is_missing(value: str, field_: Field | None = None) -> bool:
    """Tell whether a stated value is a way of saying that there is none (无, -, null, …)."""
    missing, in_numbers = _missing_tokens()
    folded = fold(value)
    return folded in missing or (field_ in _NUMBER_FIELDS and folded in in_numbers)


@cache
def _missing_tokens() -> tuple[frozenset[str], frozenset[str]]:
    data = read_data("labels.json")
    return frozenset(map(fold, data["missing"])), frozenset(map(fold, data["missing_in_numbers_and_dates"]))


@cache
def label_table() -> LabelTable:
    """Return the project's label table."""
    data = read_data("labels.json")
    meanings: dict[str, Meaning] = {}
    for undecided in Undecided:
        meanings |= {fold(label): undecided for label in data[undecided.value]}
    for name, labels in data["fields"].items():
        meanings |= {fold(label): Field(name) for label in labels}
    return LabelTable(meanings, frozenset(map(fold, data["weak"])))


@cache
def meta_names() -> Mapping[str, Field]:
    """Return which field a `<meta name>` (lower case) states, by the 2017 guide (domain.md 2.3)."""
    return {name: Field(field_) for name, field_ in read_data("labels.json")["meta"].items()}
