"""Dates as Chinese official pages state them.

The forms are those of lists, header tables, `<meta>` tags and interfaces: Arabic with any
separator, compact, Chinese numerals with any of the signs typed for zero (GB 2312 has no 〇, so
older sites typed ○ or a Latin O), epoch seconds and milliseconds, month and day alone, and dates
whose year was lost on the way. A part that is not stated stays None; nothing is guessed.
"""

import datetime
import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass

CHINA = datetime.timezone(datetime.timedelta(hours=8))
"""The one time zone of all stated moments."""

EARLIEST = datetime.date(1949, 10, 1)
FILLER = datetime.date(1970, 1, 1)
"""What some indexers write for "no date"."""

_ZEROS = "0Ooοο0Оо〇○◯零"
_ONES = {"一": 1, "二": 2, "三": 3, "四": 4, "五": 5, "六": 6, "七": 7, "八": 8, "九": 9}
_DIGITS = {**dict.fromkeys(_ZEROS, 0), **_ONES, **{str(digit): digit for digit in range(10)}}
_TENS = {"十": 1, "廿": 2, "卅": 3}
_DASHES = dict.fromkeys(map(ord, "‐‑‒–—―−﹣"), "-")

_YEAR = r"(?P<year>(?:1[89]|2[01])\d\d)"
_MONTH = r"(?P<month>\d{1,2})"
_DAY = r"(?P<day>\d{1,2})"
_TIME = r"(?:[ T]?\d{1,2}:\d\d(?::\d\d)?(?:\.\d+)?Z?)?"
_NUMERAL = f"[{''.join(_DIGITS)}]"
_COUNT = f"[{''.join(_DIGITS)}{''.join(_TENS)}]"
_SPACED_YEAR = f"(?P<year>{_NUMERAL}(?: ?{_NUMERAL}){{3}})"
_SPACED_COUNT = f"{_COUNT}(?: ?{_COUNT}){{0,3}}"


@dataclass(frozen=True, slots=True)
class StatedDate:
    """A date as far as it is stated: any part may be missing, none is out of range."""

    year: int | None
    month: int | None
    day: int | None

    @property
    def date(self) -> datetime.date | None:
        """The calendar day, or None where a part is missing."""
        if self.year is None or self.month is None or self.day is None:
            return None
        return datetime.date(self.year, self.month, self.day)


# Searched anywhere in the value; the earliest shape counts, and at one place the first of the list.
_SHAPES = tuple(
    re.compile(pattern, re.ASCII)
    for pattern in (
        # 2012-10-15, 2012/10/15, 2012.10. 15; not 2026-02-00018, which is an index number
        rf"(?<![\d.]){_YEAR} ?(?P<mark>[-/.]) ?{_MONTH} ?(?P=mark) ?{_DAY}(?!\d|[-/.]\d)",
        # 20121015, also with a time run on (20121015101900); not 20191202-189769
        r"(?<![\d.])(?P<year>(?:1[89]|2[01])\d\d)(?P<month>0[1-9]|1[0-2])(?P<day>0[1-9]|[12]\d|3[01])"
        r"(?:(?:[01]\d|2[0-3])(?:[0-5]\d){1,2})?(?!\d|[-/.]\d)",
        # 2012年10月15日, 二○一二年十月十五日, and 年八月二十八日, which has lost its year
        rf"(?:(?<!{_NUMERAL}){_SPACED_YEAR} ?)?年 ?(?P<month>元|{_SPACED_COUNT}) ?月"
        rf" ?(?:(?P<day>{_SPACED_COUNT}) ?[日号]|(?P<day_alone>{_COUNT}{{1,3}})(?!{_COUNT}))",
        # 2012年10月
        rf"(?<!{_NUMERAL}){_SPACED_YEAR} ?年 ?(?P<month>元|{_SPACED_COUNT}) ?月(?! ?{_COUNT})",
        # 10月15日
        rf"(?<!{_COUNT})(?<!年)(?<!年 )(?P<month>{_SPACED_COUNT}) ?月 ?(?P<day>{_SPACED_COUNT}) ?[日号]",
    )
)

# These could be many other things inside a text, so they count only as the whole value.
_WHOLE = tuple(
    re.compile(pattern, re.ASCII)
    for pattern in (
        rf"{_MONTH} ?[-/.] ?{_DAY}{_TIME}",
        rf"{_YEAR} ?[-/.] ?{_MONTH}",
        rf"{_YEAR} {_MONTH}[-/. ]{_DAY}",  # the year on a line of its own above
        rf"{_MONTH}[-/.]{_DAY} {_YEAR}",  # or below
        rf"{_DAY} {_YEAR}[-/.]{_MONTH}",  # a large day over a small year and month
        rf"{_SPACED_YEAR} ?年?",
    )
)
_EPOCH = re.compile(r"[1-9]\d{8,9}|[1-9]\d{11,12}", re.ASCII)


def read_date(text: str) -> StatedDate | None:
    """Return the first date stated in a value, or None where there is none.

    A shape whose day does not exist (2012-02-30, month 13) is None too. Times behind a date are
    ignored, even one that claims another zone: sites print the local day and add a wrong `Z`.
    """
    value = _normalise(text)
    whole = value.strip("[](){}<>【】〔〕〈〉《》「」:;,。 ")
    for pattern in _WHOLE:
        if match := pattern.fullmatch(whole):
            return _stated(match)
    found = [match for pattern in _SHAPES if (match := pattern.search(value))]
    if found:
        return _stated(min(found, key=re.Match.start))
    return _read_epoch(whole)


def iso_date(text: str, *, not_after: datetime.date | None = None) -> datetime.date | None:
    """Return the day a value states, if the catalogue may believe it.

    It must be complete, from 1949-10-01 on, not after `not_after`, and not the filler 1970-01-01.
    """
    stated = read_date(text)
    day = stated.date if stated else None
    if day is None or day < EARLIEST or day == FILLER or (not_after and day > not_after):
        return None
    return day


def chinese_date(day: datetime.date) -> str:
    """Return `2012年10月15日`, the form official documents use since July 2012 (GB/T 9704)."""
    return f"{day.year}年{day.month}月{day.day}日"


def chinese_numeral_date(day: datetime.date) -> str:
    """Return `二〇一二年十月十五日`, the form official documents used before July 2012."""
    year = "".join("〇一二三四五六七八九"[int(digit)] for digit in str(day.year))
    return f"{year}年{_in_words(day.month)}月{_in_words(day.day)}日"


def _in_words(number: int) -> str:
    tens, ones = divmod(number, 10)
    head = "" if tens == 0 else "十" if tens == 1 else f"{'一二三四五六七八九'[tens - 1]}十"
    return head + ("一二三四五六七八九"[ones - 1] if ones else "")


def _normalise(text: str) -> str:
    """Fold width and dashes; every run of white space becomes one space."""
    wide = unicodedata.normalize("NFKC", text).translate(_DASHES)
    seen = "".join(char for char in wide if unicodedata.category(char) != "Cf")
    return " ".join(seen.split())


def _stated(match: re.Match[str]) -> StatedDate | None:
    parts = match.groupdict()
    year = _part(parts.get("year"), _digits_value)
    month = _part(parts.get("month"), _count_value)
    day = _part(parts.get("day") or parts.get("day_alone"), _count_value)
    try:
        # A leap year stands in for a year that is not stated, so that 02-29 is accepted.
        datetime.date(
            2000 if year is None else year, 1 if month is None else month, 1 if day is None else day
        )
    except ValueError:
        return None
    return StatedDate(year, month, day)


def _part(text: str | None, value: Callable[[str], int]) -> int | None:
    return None if text is None else value(text.replace(" ", ""))


def _digits_value(text: str) -> int:
    """Read a numeral digit by digit: 2012, 二○一二."""
    number = 0
    for char in text:
        number = number * 10 + _DIGITS[char]
    return number


def _count_value(text: str) -> int:
    """Read a counted number: 15, 十五, 二十八, 廿八, 〇八, 元 (for 元月). What is no number is 0."""
    if text == "元":
        return 1
    tens = [char for char in text if char in _TENS]
    if not tens:
        return _digits_value(text)
    head, _, tail = text.partition(tens[0])
    if len(tens) > 1 or len(head) > 1 or len(tail) > 1:
        return 0
    return (_DIGITS[head] if head else 1) * _TENS[tens[0]] * 10 + (_DIGITS[tail] if tail else 0)


def _read_epoch(value: str) -> StatedDate | None:
    if not _EPOCH.fullmatch(value):
        return None
    seconds = int(value) / (1000 if len(value) > 10 else 1)
    moment = datetime.datetime.fromtimestamp(seconds, CHINA)
    return StatedDate(moment.year, moment.month, moment.day)
