"""What the page's metadata block says, wherever and however it stands (domain.md 5.3).

Rows of two or four cells, dt/dd, `label：value` lines, a label in one element and its value in the
next: each is a label found in a line and the text that belongs to it. Statements that follow each
other form a group; a group without a strong label (索引号, 发布机构, …) keeps no weak one (名称, 状态),
and a field stated again and again with other values is a list of items, not this page's.
"""

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace
from itertools import islice

from catalog.dates import iso_date
from catalog.doc_numbers import parse
from catalog.folding import fold
from catalog.records import DATE_FIELDS, Field
from crawlers.reading.cells import has_control, is_blank_column, is_cell, is_header, next_element, value_below
from crawlers.reading.labels import COLONS, Found, LabelTable, Meaning, Undecided, is_missing, label_table
from crawlers.reading.lines import Outline, plain
from crawlers.reading.tree import Element

# A metadata line is short; what stands further inside a long paragraph is prose with a colon in it.
_LINE_WITHIN = 600
_VALUE_LIMITS = {Field.TITLE: 400, Field.ABSTRACT: 3000, Field.KEYWORDS: 500}
_VALUE_LIMIT = 200
_VALUE_LINES = 4
# Lines between two statements of one group: a hit counter, a print button, an empty row.
_GROUP_REACH = 8
# No metadata block is longer; the bound keeps a page of nothing but labels linear.
_GROUP_LIMIT = 60
# A list that states four facts of five hundred items; what follows are further items.
_MOST_STATEMENTS = 2_000
_SUBJECT_WORDS = "主题词"
_LIST_AFTER = 3
_OWN_BLOCK = 3
_BUTTONS = re.compile(
    r"[【\[［(（]\s*(?:字体|字号|打印|关闭|收藏|大\s*中\s*小|分享|我要打印|纠错|返回|下载).*$", re.DOTALL
)
_BARE_DATE = re.compile(
    r"\[?\d{4}\s?[-/.年]\s?\d{1,2}\s?[-/.月]\s?\d{1,2}日?\]?(?:\s*\d{1,2}:\d{2}(?::\d{2})?)?"
)
# So many characters before a label are a sentence around it, not a heading of it.
_RUNNING_TEXT = re.compile(r"(?:[\u4e00-\u9fff][^\u4e00-\u9fff]{0,9}){4}")
_EDGES = COLONS + "|｜【[［ \t\u3000\xa0"


@dataclass(frozen=True, slots=True)
class Statement:
    """One label with its value; `lines` are the numbers of the first and last line it takes up."""

    meaning: Meaning
    label: str
    value: str
    lines: tuple[int, int]

    @property
    def is_missing(self) -> bool:
        """Whether the page states that there is no value."""
        return is_missing(self.value, self.meaning if isinstance(self.meaning, Field) else None)

    @property
    def ends_text(self) -> bool:
        """Whether this may be the 主题词 at the end of a text of before July 2012 (domain.md 0.4)."""
        return self.label == _SUBJECT_WORDS and bool(self.value) and self.lines[0] == self.lines[1]


def find_groups(page: Outline, table: LabelTable) -> list[list[Statement]]:
    """Return the page's statements group by group, the group with most fields first."""
    groups: list[list[Statement]] = []
    for statement in islice(_statements(page, table), _MOST_STATEMENTS):
        last = groups[-1] if groups else None
        if last and (place := _end_of_text(last, statement)):
            groups[-1:] = [last[:place], [*last[place:], statement]]
        elif last and _continues(last, statement):
            last.append(statement)
        else:
            groups.append([statement])
    groups = [kept for group in groups if (kept := _without_unsupported_weak(group, table))]
    groups = _without_item_lists(groups)
    return sorted(groups, key=_size, reverse=True)


def decided(
    groups: list[list[Statement]], *, posted_on: str | None, signed_on: str | None
) -> list[Statement]:
    """Give each statement its field; those that state nothing we keep are left out.

    `posted_on` is the meta tags' PubDate, `signed_on` the date under the body's last signature, both
    as stated. 发文日期 is the signing date if the page states 发布日期 besides; the posting date if it
    states 成文日期 besides; else the posting date only if PubDate names the same day and the signature
    does not. 统一编号 is the number only where no 文号 is stated; 有效期 is a date or a state.
    """
    statements = [s for group in groups for s in group]
    stated = {s.meaning for s in statements if not s.is_missing}
    return [
        replace(s, meaning=meaning)
        for s in statements
        if (meaning := _decide(s, stated, posted_on, signed_on)) and _is_plausible(meaning, s)
    ]


def _decide(
    statement: Statement, stated: set[Meaning], posted_on: str | None, signed_on: str | None
) -> Field | None:
    meaning = statement.meaning
    if isinstance(meaning, Field):
        return meaning
    if meaning is Undecided.REGISTRATION_NUMBER:
        return None if Field.DOC_NUMBER in stated else Field.DOC_NUMBER
    day = iso_date(statement.value)
    if meaning is Undecided.TERM:
        return Field.EXPIRES_ON if day else Field.VALIDITY
    if meaning is not Undecided.SIGNED_OR_POSTED or day is None:
        return None
    if Field.PUBLISHED_ON in stated:
        return Field.ISSUED_ON
    is_posted = posted_on is not None and iso_date(posted_on) == day
    is_signed = signed_on is not None and iso_date(signed_on) == day
    return (
        Field.PUBLISHED_ON if Field.ISSUED_ON in stated or (is_posted and not is_signed) else Field.ISSUED_ON
    )


def _is_plausible(meaning: Field, statement: Statement) -> bool:
    value = statement.value
    if is_missing(value, meaning) or len(value) > _VALUE_LIMITS.get(meaning, _VALUE_LIMIT):
        return False
    if meaning in DATE_FIELDS:
        return iso_date(value) is not None
    if meaning is Field.DOC_NUMBER and statement.label in label_table().weak:
        # 编号：HZ2008-2697 is the number of a case, a lot or a form.
        return parse(value) is not None
    if meaning in (Field.DOC_NUMBER, Field.INDEX_NUMBER):
        return bool(re.search(r"[0-9０-９〇○一二三四五六七八九十]", value))
    return bool(re.search(r"\w", value))


def _statements(page: Outline, table: LabelTable) -> Iterable[Statement]:
    for number, line in enumerate(page.lines):
        raw = line.raw[:_LINE_WITHIN] if len(line.raw) > _LINE_WITHIN else line.raw
        labels = table.scan(raw)
        if labels and labels[0].label in table.weak and _RUNNING_TEXT.search(raw[: labels[0].start]):
            # …项目（编号：HZ2020-2907）评标工作已经结束: a sentence, not a statement of the page.
            labels = labels[1:]
        if not labels or (line.is_link and not labels[0].marked):
            continue
        if labels[0].meaning is Field.SOURCE and _is_bare_date(before := _value(raw[: labels[0].start])):
            # 2016-12-19 08:49 来源：…: the line under the title often leaves out 发布时间.
            yield Statement(Field.PUBLISHED_ON, "", before, (number, number))
        for label, following in zip(labels, [*labels[1:], None], strict=True):
            if label.meaning is Undecided.END:
                continue
            value = _value(line.raw[label.end : following.start if following else None])
            lines = (number, number)
            if not value and following is None and _stands_alone(raw, label):
                below = value_below(_outermost(page, number, line.element), table)
                if below is not None:
                    yield _below(page, number, label, below)
                    continue
                if not label.marked and _is_in_header(page, number, table):
                    continue
                value, lines = _beside(page, number, table)
            yield Statement(label.meaning, label.label, value, lines)


def _value(raw: str) -> str:
    return _BUTTONS.sub("", plain(raw)).strip(_EDGES)


def _is_bare_date(text: str) -> bool:
    return bool(_BARE_DATE.fullmatch(text)) and iso_date(text) is not None


def _stands_alone(raw: str, label: Found) -> bool:
    # An empty element behind the label (<b>文号：</b><span></span>) is its value: there is none.
    return "\x1f" not in raw[label.end :]


def _beside(page: Outline, number: int, table: LabelTable) -> tuple[str, tuple[int, int]]:
    """Return the value in the element (or text) behind the one that holds only the label."""
    nothing = "", (number, number)
    holder = page.lines[number].element
    if page.within(holder) != range(number, number + 1):
        return _next_line(page, number, table, holder)
    holder = _outermost(page, number, holder)
    if (holder.tail or "").strip():
        return _next_line(page, number, table, holder.getparent())
    value = next_element(holder)
    if value is not None and (_is_colon(page, value) or (is_cell(holder) and is_blank_column(holder, table))):
        value = next_element(value)
    if value is None or has_control(value):
        return nothing
    within = page.within(value)
    if not 0 < len(within) <= _VALUE_LINES or within.start <= number:
        return nothing
    if table.scan(page.lines[within.start].raw):
        return nothing
    return _value(" ".join(page.lines[n].text for n in within)), (number, within[-1])


def _below(page: Outline, number: int, label: Found, cell: Element) -> Statement:
    within = page.within(cell)
    value = _value(" ".join(page.lines[n].text for n in within))
    return Statement(label.meaning, label.label, value, (number, within[-1] if within else number))


def _outermost(page: Outline, number: int, holder: Element) -> Element:
    """Return the cell, or the outermost element, that holds one line and nothing behind it.

    A cell that is all there is in a table of its own stands for the cell which holds that table.
    """
    while not is_cell(holder) and next_element(holder) is None and not (holder.tail or "").strip():
        parent = holder.getparent()
        if parent is None or page.within(parent) != range(number, number + 1):
            break
        holder = parent
    if is_cell(holder) and next_element(holder) is None:
        outer = next(holder.iterancestors("td", "th"), None)
        if outer is not None and page.within(outer) == range(number, number + 1):
            return outer
    return holder


def _is_colon(page: Outline, element: Element) -> bool:
    """Tell whether an element holds the colon behind a label and nothing else."""
    return [page.lines[n].text.strip(COLONS) for n in page.within(element)] == [""]


def _is_in_header(page: Outline, number: int, table: LabelTable) -> bool:
    """Tell whether a line is a cell that heads a column: it states nothing and belongs to the body."""
    holder = _outermost(page, number, page.lines[number].element)
    return holder.tag in ("td", "th") and is_header(holder, table)


def _next_line(page: Outline, number: int, table: LabelTable, holder: Element) -> tuple[str, tuple[int, int]]:
    following = number + 1
    if following not in page.within(holder) or table.scan(page.lines[following].raw):
        return "", (number, number)
    return _value(page.lines[following].raw), (number, following)


def _end_of_text(group: list[Statement], statement: Statement) -> int:
    """Return the place behind a text's last line that was taken for part of the block behind it; else 0.

    A block that states its own 主题词 says so.
    """
    if statement.label != _SUBJECT_WORDS or statement.lines[0] - _last_line(group) > _GROUP_REACH:
        return 0
    said = fold(statement.value)
    places = (n for n, s in enumerate(group[:-1], 1) if s.ends_text and fold(s.value) != said)
    return next(places, 0) if len(group) < _GROUP_LIMIT else 0


def _last_line(group: list[Statement]) -> int:
    # Of a row of labels over a row of values the last label may have none: it takes up its own line only.
    return max(statement.lines[1] for statement in group)


def _continues(group: list[Statement], statement: Statement) -> bool:
    if len(group) >= _GROUP_LIMIT or statement.lines[0] - _last_line(group) > _GROUP_REACH:
        return False
    same = [s for s in group if s.meaning == statement.meaning and s.label == statement.label]
    return not same or any(fold(s.value) == fold(statement.value) for s in same)


def _without_unsupported_weak(group: list[Statement], table: LabelTable) -> list[Statement]:
    has_strong = any(s.label not in table.weak for s in group)
    if has_strong and len({s.meaning for s in group}) > 1:
        return group
    return [s for s in group if s.label not in table.weak]


def _without_item_lists(groups: list[list[Statement]]) -> list[list[Statement]]:
    """Leave out fields that group after group states otherwise: they are said of a list's items.

    One group that is larger than all others is the page's own block and is kept whole.
    """
    values: dict[Meaning, set[str]] = {}
    times: Counter[Meaning] = Counter()
    for group in groups:
        times.update({s.meaning for s in group})
        for statement in group:
            values.setdefault(statement.meaning, set()).add(fold(statement.value))
    repeated = {m for m, said in values.items() if min(len(said), times[m]) >= _LIST_AFTER}
    sizes = Counter(_size(group) for group in groups)
    largest = max(sizes, default=0)
    own_size = largest if largest >= _OWN_BLOCK and sizes[largest] == 1 else None
    kept = [
        group if _size(group) == own_size else [s for s in group if s.meaning not in repeated]
        for group in groups
    ]
    return [group for group in kept if group]


def _size(group: list[Statement]) -> int:
    return len({s.meaning for s in group})
