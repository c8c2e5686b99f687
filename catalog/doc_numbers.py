"""Document numbers (文号): reading, finding and comparing them.

`number := code bracket year bracket [第] serial 号`, and the forms without brackets: orders
(国务院令第492号), bulletins (公告2012年第5号, 2012年第5号公告) and standards (DB34/T 4086-2021).
The bracket is officially 〔〕; pages type nine other pairs. Domain notes, section 3.2.
"""

import json
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib import resources

from catalog.folding import fold

HEAD = 140
"""A document's own number stands among so many characters of its text; later ones are citations."""

_HAN = r"[\u3400-\u4dbf\u4e00-\u9fff]"
_OPEN = r"[〔(\[{【〖﹝〈《<「『‘'“\"〚]"
_CLOSE = r"[〕)\]}】〗﹞〉》>」』’'”\"〛]"
_KIND = "令|公告|通告"
_KINDS = tuple(_KIND.split("|"))
_DIGITS = {**dict.fromkeys("〇○◯零Oo", "0"), **dict(zip("一二三四五六七八九", "123456789", strict=True))}
_UNITS = {"十": 10, "百": 100, "千": 1000}
_WORDED = "".join(_DIGITS) + "".join(_UNITS)
_LONGEST_CODE = 40

_FULL_YEAR = r"(?:19|20)[0-9]{2}"
_YEAR = rf"(?P<year>{_FULL_YEAR}|[0-9]{{2}}|[{''.join(_DIGITS)}0-9]{{4}})年?"
_SERIAL = rf"(?P<serial>(?:特|[A-Z])?[ ]?[0-9]{{1,10}}(?:-[0-9]{{1,4}})?|[{_WORDED}]{{1,9}})"
_NUMBER = rf"第?[ \n]?{_SERIAL}[ \n]?号"
_AFTER_KIND = "(?:" + "|".join(f"(?<={kind})" for kind in _KINDS) + ")"

# What follows the code, as found in running text. The code itself is read backwards from there.
_TAILS = (
    re.compile(rf"[ \n]?{_OPEN}[ \n]?{_YEAR}[ \n]?{_CLOSE}[ \n]?{_NUMBER}(?P<kind>{_KIND})?"),
    re.compile(rf"{_AFTER_KIND}[ \n]?\(?[ \n]?第[ \n]?{_SERIAL}[ \n]?号[ \n]?\)?"),
    re.compile(rf"{_AFTER_KIND}[ \n]?\(?(?P<year>{_FULL_YEAR})[ ]?年[ \n]?{_NUMBER}\)?"),
    re.compile(rf"[ ]?(?:(?P<year>{_FULL_YEAR})[ ]?年[ ]?)?第[ ]?{_SERIAL}[ ]?号[ ]?(?P<kind>{_KIND})"),
)
# The same as a whole value without white space; there 号 and 第 may be missing.
_BARE = rf"第?{_SERIAL}号?"
_CODE = rf"(?P<code>{_HAN}{{0,{_LONGEST_CODE}}}(?:\({_HAN}{{1,8}}\){_HAN}{{1,12}})?)"
_VALUES = (
    re.compile(rf"{_CODE}{_OPEN}{_YEAR}{_CLOSE}{_BARE}(?P<kind>{_KIND})?"),
    re.compile(rf"{_CODE}{_AFTER_KIND}\(?{_BARE}\)?"),
    re.compile(rf"{_CODE}{_AFTER_KIND}\(?(?P<year>{_FULL_YEAR})年{_BARE}\)?"),
    re.compile(rf"{_CODE}(?:(?P<year>{_FULL_YEAR})年)?第{_SERIAL}号(?P<kind>{_KIND})"),
)
_TYPED = re.compile(
    rf"(?P<code>{_HAN}{{2,20}})? ?{_OPEN}? ?(?P<year>{_FULL_YEAR}) ?{_CLOSE}?"
    r"(?P<mark>[年 -]{0,3})第? ?(?P<serial>特?[0-9]{1,6}) ?(?P<end>号?)"
)
_CODE_BEFORE = re.compile(rf"(?<!{_HAN})(?:{_HAN} )+{_HAN}$|{_HAN}+(?:\({_HAN}{{1,8}}\){_HAN}{{1,12}})?$")

_STANDARD_CODE = r"(?:DB[0-9]{2}(?:[0-9]{2}(?=[ /]))?(?:/[TZ])?|T/[A-Z]{2,10}|[A-Z]{2,4}/[TZJ])"
_FAMILIAR_CODE = r"(?:GB|GBJ|GBZ|HJ|CJJ|JGJ|JTG|JTJ|JJG|JJF)"
_STANDARD_TAIL = (
    r"[ ]?(?P<serial>[0-9]{1,6}(?:\.[0-9]{1,3}){0,2})[ ]?-[ ]?(?P<year>[0-9]{4}|[0-9]{2})(?![0-9-])"
)
_STANDARD = re.compile(
    rf"(?<![A-Za-z0-9/])(?P<code>{_STANDARD_CODE}|{_FAMILIAR_CODE}){_STANDARD_TAIL}", re.IGNORECASE
)
_PROVINCE = re.compile(rf"{_HAN}{{2,6}}?(?:省|自治区)")
_LATIN = re.compile(r"[A-Z0-9/]+")

_LABEL = re.compile(r"^(?:发文字号|发布文号|发文号|文件编号|文号|编号):")
_EDGES = " \n.,;:、。·()[]{}<>〔〕【】《》〈〉“”‘’\"'*"
_DASHES = dict.fromkeys(map(ord, "‐‑‒–—―−﹣"), "-")


@dataclass(frozen=True, slots=True)
class DocNumber:
    """A document number: code (机关代字), year and serial (序号).

    `year` is None where the form has none (orders). `code` is empty only in what `parse_query`
    returns. Serials carry no leading zeros, except those of standards, where zeros are printed.
    """

    code: str
    year: int | None
    serial: str

    @property
    def key(self) -> str:
        """The one string that all spellings of this number share, for exact comparison."""
        code = self.code.removeprefix("中华人民共和国") or self.code
        code = "国务院令" if code == "国令" else code
        year = "" if self.year is None else f"〔{self.year}〕"
        return fold(f"{code}{year}{_without_zeros(self.serial)}号")

    @property
    def display(self) -> str:
        """The official form: 合政办〔2012〕45号, 国务院令第492号, 公告2012年第5号, DB34/T 4086-2021."""
        if _LATIN.fullmatch(self.code):
            return f"{self.code} {self.serial}-{self.year}"
        if self.year is None:
            return f"{self.code}第{self.serial}号"
        if self.code.endswith(("公告", "通告")):
            return f"{self.code}{self.year}年第{self.serial}号"
        nth = "第" if self.code.endswith("令") else ""
        return f"{self.code}〔{self.year}〕{nth}{self.serial}号"


@dataclass(frozen=True, slots=True)
class Located:
    """A number and where it stands in a normalised text: from the first sign of its code to behind 号."""

    number: DocNumber
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class _Found:
    number: DocNumber
    lead: str  # what was cut off before the code
    start: int  # where the code begins
    end: int


def parse(text: str) -> DocNumber | None:
    """Return the number that a value is, or None if it is none, several, or has no code.

    White space, surrounding punctuation and a label do not matter; a title's tail or an issuer's
    full name before the code is cut off.
    """
    value = _LABEL.sub("", _normalise(text).strip(_EDGES + "-"))
    if standard := _STANDARD.fullmatch(value.strip(_EDGES)):
        return _standard(standard)
    compact = _opened(value.replace(" ", "").replace("\n", ""))
    for pattern in _VALUES:
        if match := pattern.fullmatch(compact):
            return _number(match, _trim(match["code"]))
    return None


def key(text: str) -> str | None:
    """Return the key of the number that a value is, or None."""
    number = parse(text)
    return number.key if number else None


def parse_all(value: str) -> list[DocNumber]:
    """Return the numbers of a metadata value; joint documents have one of each body."""
    number = parse(value)
    return [number] if number else find_all(value)


def parse_query(text: str) -> DocNumber | None:
    """Return the number a searcher means; also 合政办 2012 45 and, with an empty code, 2012年45号."""
    if number := parse(text):
        return number
    match = _TYPED.fullmatch(_normalise(text).strip(" \n"))
    if match is None or not (match["code"] or match["end"]):
        return None
    return DocNumber(match["code"] or "", int(match["year"]), _without_zeros(match["serial"]))


def find_all(text: str) -> list[DocNumber]:
    """Return every number that a text states or cites, in reading order."""
    return [found.number for found in _find(_normalise(text))]


def normalised(text: str) -> str:
    """Return a text in the form that `located` reads: width, dashes and white space made one."""
    return _normalise(text)


def located(text: str) -> list[Located]:
    """Return every number of a `normalised` text with its place, in reading order."""
    return [Located(found.number, found.start, found.end) for found in _find(text)]


def own_number(text: str) -> DocNumber | None:
    """Return the number that a body states as its own in its first lines, or None.

    A number on a line of its own is its own; inside a line it must not be cited (按照财库〔2022〕3号)
    and no sentence may have ended before it.
    """
    head = _normalise(text[: 10 * HEAD])
    for found in _find(head[: HEAD + _LONGEST_CODE]):
        if found.start >= HEAD:
            break
        if _stands_alone(head, found) or not (_is_cited(head, found) or _in_body(head, found)):
            return found.number
    return None


def _find(text: str) -> Iterator[_Found]:
    """Yield the numbers of a normalised text in reading order, without overlaps."""
    candidates = [found for pattern in _TAILS for match in pattern.finditer(text) if (found := _found(match))]
    candidates += [
        _Found(number, "", match.start(), match.end())
        for match in _STANDARD.finditer(text)
        if (number := _standard(match))
    ]
    end = 0
    for found in sorted(candidates, key=lambda found: (found.start, -found.end)):
        if found.start >= end:
            yield found
            end = found.end


def _found(match: re.Match[str]) -> _Found | None:
    run, start = _run_before(match.string, match.start())
    if run in _KINDS:  # 合肥市人民政府 / 令 / 第165号: the kind on a line of its own
        issuer, start = _run_before(match.string, start)
        run = issuer + run
    code = _trim(run)
    number = _number(match, code)
    if number is None or (len(code) > 14 and not number.code.endswith(_KINDS)):
        return None
    lead = run[: len(run) - len(code)]
    return _Found(number, lead, start + len(lead), match.end())


def _run_before(text: str, end: int) -> tuple[str, int]:
    """Return the run of characters that may be a code and ends at `end`, and where it begins."""
    while end > 0 and text[end - 1] in " \n":
        end -= 1
    first = max(0, end - _LONGEST_CODE)
    match = _CODE_BEFORE.search(text[first:end])
    if match is None:
        return "", end
    start = first + match.start()
    run = match.group()
    if run[0] in "年月日" and start > 0 and (text[start - 1].isdigit() or text[start - 1] in _WORDED):
        return run[1:], start + 1
    if " " in run:
        return run.replace(" ", ""), start
    return run, start


def _number(match: re.Match[str], code: str) -> DocNumber | None:
    parts = match.groupdict()
    kind = parts.get("kind") or ""
    if not code.endswith(_KINDS):
        code += kind
    year = _year(parts.get("year"))
    serial = _serial(match["serial"])
    if len(code) < 2 or (parts.get("year") and year is None):
        return None
    return DocNumber(code, year, serial)


def _standard(match: re.Match[str]) -> DocNumber | None:
    year = _year(match["year"])
    return DocNumber(match["code"].upper(), year, match["serial"]) if year else None


def _year(text: str | None) -> int | None:
    """Read a year: 2012, 二〇一二, and 98, which old documents wrote for 1998."""
    if text is None:
        return None
    year = int("".join(_DIGITS.get(char, char) for char in text))
    if len(text) == 2:
        return year + (1900 if year >= 49 else 2000)
    return year if 1900 <= year < 2100 else None


def _serial(text: str) -> str:
    text = text.replace(" ", "")
    if all(char in _WORDED for char in text):
        return str(_worded(text))
    return _without_zeros(text)


def _without_zeros(serial: str) -> str:
    return re.sub(r"^(\D?)0+(?=[0-9])", r"\1", serial)


def _worded(text: str) -> int:
    """Read a Chinese number below ten thousand: 四十五, 一百零三, or digit by digit 一〇三."""
    if not any(char in _UNITS for char in text):
        return int("".join(_DIGITS[char] for char in text))
    total, digit = 0, None
    for char in text:
        if char in _UNITS:
            total += (1 if digit is None else digit) * _UNITS[char]
            digit = None
        else:
            digit = int(_DIGITS[char])
    return total + (digit or 0)


class _SeenTable(dict[int, int | None]):
    """A translation table that fills itself with the characters met: what nobody sees (Cf, Mn) is dropped."""

    def __missing__(self, codepoint: int) -> int | None:
        unseen = unicodedata.category(chr(codepoint)) in {"Cf", "Mn"}
        self[codepoint] = None if unseen else codepoint
        return self[codepoint]


_SEEN = _SeenTable()


def _normalise(text: str) -> str:
    """Fold width and dashes; white space becomes one space, or one line feed if it held any."""
    wide = unicodedata.normalize("NFKC", text).translate(_DASHES)
    seen = wide.translate(_SEEN)
    spaced = re.sub(r"\s+", lambda space: "\n" if "\n" in space.group() else " ", seen)
    return spaced.replace("公 告", "公告").replace("通 告", "通告")


def _opened(value: str) -> str:
    """Close again what the stripping of edges opened: 市政府令(第165号."""
    return value + ")" if value.count("(") > value.count(")") else value


@cache
def _words() -> dict[str, tuple[str, ...]]:
    raw = resources.files("catalog").joinpath("data/doc_number_words.json").read_text("utf-8")
    return {name: tuple(words) for name, words in json.loads(raw).items() if not name.startswith("_")}


def _trim(run: str) -> str:
    """Cut what stands before a code: lead-in words, a title's tail, the issuer's full name."""
    words = _words()
    cuts = [run.rfind(word) + len(word) for word in (*words["citing"], *words["tails"]) if word in run]
    run = run[max((cut for cut in cuts if len(run) - cut >= 2), default=0) :]
    if run.startswith("日") and (run.startswith(words["bodies"], 1) or _PROVINCE.match(run, 1)):
        run = run[1:]  # the last sign of a date whose digits are lost
    if run.endswith(_KINDS):
        return run
    cuts = [run.rfind(body) + len(body) for body in words["bodies"] if body in run]
    local = [run.rfind(ending) + len(ending) for ending in words["body_endings"] if ending in run]
    cuts += [cut for cut in local if cut >= 4 and any(place in run[:cut] for place in "省市县区州盟旗国")]
    rests = [run[cut:] for cut in cuts if len(run) - cut >= 2]
    rest = min(rests, key=len, default=run)
    return run if rest in words["own_kinds"] or rest.endswith(words["body_endings"]) else rest


def _is_cited(text: str, found: _Found) -> bool:
    words = _words()
    before = text[max(0, found.start - 2) : found.start]
    quoted = before[-1:] in {"《", "“"} or before in {"》(", "”("}
    return quoted or found.lead.endswith(words["citing"]) or text.startswith(words["citing_after"], found.end)


def _in_body(text: str, found: _Found) -> bool:
    """Tell whether a sentence or a salutation has ended before the number."""
    before = text[: found.start]
    return "。" in before or ":\n" in before


def _stands_alone(text: str, found: _Found) -> bool:
    line_start = text.rfind("\n", 0, found.start) + 1
    line_end = text.find("\n", found.end)
    before = text[line_start : found.start].strip(_EDGES)
    after = text[found.end : line_end if line_end >= 0 else len(text)].strip(_EDGES)
    words = _words()
    names_issuer = (
        before.endswith((*words["bodies"], *words["body_endings"])) and len(before) <= _LONGEST_CODE
    )
    is_label = before.endswith(("文号", "字号", "编号"))
    return (not before or names_issuer or is_label) and (not after or after.startswith("签发人"))
