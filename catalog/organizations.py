"""Government bodies: the file that lists them, and names as values print them.

An organisations file is a JSON list of objects:

    {"code": "gaj", "name": "某市公安局", "parent": "szf", "short_names": ["市公安局"],
     "former_names": [{"name": "某市公安处", "until": 1994}], "since": 1994, "until": null, "successor": null}

Only `code` and `name` are required. Years are whole numbers.
"""

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from catalog.errors import OrganizationsFileError
from catalog.folding import clean, fold
from catalog.missing import is_missing
from catalog.vocabulary import unlisted_code

_KEYS = ("code", "name", "parent", "short_names", "former_names", "since", "until", "successor")
_CODE = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,63}")
_BRACKETED = r"[(（][^()（）]*[)）]"
_PIECE = re.compile(rf"(?:{_BRACKETED}|[^、,，;；\n])+")
_WORD = re.compile(rf"(?:{_BRACKETED}|\S)+")
_PLACE = re.compile(r".{1,7}[省市县区州盟旗镇乡]")


@dataclass(frozen=True, slots=True)
class FormerName:
    """A name that a body bore, and the last year in which it bore it."""

    name: str
    until: int | None


@dataclass(frozen=True, slots=True)
class OrganizationEntry:
    """One body. `parent` and `successor` are codes of the same file; `since` and `until` are years."""

    code: str
    name: str
    parent: str | None = None
    short_names: tuple[str, ...] = ()
    former_names: tuple[FormerName, ...] = ()
    since: int | None = None
    until: int | None = None
    successor: str | None = None


def read_organizations(path: Path) -> tuple[OrganizationEntry, ...]:
    """Read an organisations file, in its order.

    Raises OrganizationsFileError, which names the entry that is wrong and says what would be right.
    """
    try:
        listed = json.loads(path.read_text("utf-8"))
    except OSError as error:
        raise OrganizationsFileError(f"读不到机构表 {path}：{error.strerror}。") from error
    except ValueError as error:
        raise OrganizationsFileError(f"机构表 {path} 不是 UTF-8 编码的 JSON：{error}。") from error
    if not isinstance(listed, list):
        raise OrganizationsFileError(f"机构表 {path} 应当是一个列表，形如 [{{“code”: …, “name”: …}}, …]。")
    entries = tuple(_Entry(path, place, value).read() for place, value in enumerate(listed, start=1))
    _check_codes(path, entries)
    _check_parents(path, entries)
    return entries


def split_names(raw: str) -> tuple[str, ...]:
    """Return the single names in a value that may name joint bodies.

    Names are parted by 、，；or white space; separators inside brackets part nothing, and a name
    printed with a space after each character stays one name. White space inside a name is dropped.
    """
    names: dict[str, str] = {}
    for piece in _PIECE.findall(clean(raw)):
        for name in _split_at_spaces(piece):
            if not is_missing(name) and any(char.isalnum() for char in name):
                names.setdefault(fold(name), name)
    return tuple(names.values())


def organization_code_of(name: str) -> str:
    """Return the code of a body that no file knows: the same for every spacing and width of its name."""
    return unlisted_code(name)


class _Entry:
    """One object of the file while it is checked."""

    def __init__(self, path: Path, place: int, value: Any) -> None:
        self.path, self.place, self.value = path, place, value

    def read(self) -> OrganizationEntry:
        if not isinstance(self.value, dict):
            raise self.error("应当是一个对象，至少有“code”和“name”")
        if unknown := [key for key in self.value if key not in _KEYS]:
            raise self.error(f"有不认识的项“{unknown[0]}”，可用的项是 {'、'.join(_KEYS)}")
        code = self.text("code")
        if code is None or not _CODE.fullmatch(code):
            raise self.error(
                "缺少代码或代码不合规：“code”应当是字母、数字、点、横线组成的一串，最长 64 个字符"
            )
        name = self.text("name")
        if name is None:
            raise self.error("缺少名称：“name”应当是机构的规范全称")
        return OrganizationEntry(
            code,
            name,
            self.text("parent"),
            tuple(self.name_of(short) for short in self.listed("short_names")),
            tuple(self.former(former) for former in self.listed("former_names")),
            self.year("since", self.value),
            self.year("until", self.value),
            self.text("successor"),
        )

    def error(self, problem: str) -> OrganizationsFileError:
        value = self.value
        named = value.get("name") or value.get("code") if isinstance(value, dict) else None
        label = f"（{named}）" if isinstance(named, str) else ""
        return OrganizationsFileError(f"机构表 {self.path} 第 {self.place} 项{label}{problem}。")

    def text(self, key: str) -> str | None:
        value = self.value.get(key)
        if value is None:
            return None
        if not isinstance(value, str):
            raise self.error(f"的“{key}”应当是文字，现在是 {value!r}")
        return clean(value).strip() or None

    def listed(self, key: str) -> list[Any]:
        value = self.value.get(key)
        if value is None:
            return []
        if not isinstance(value, list):
            raise self.error(f"的“{key}”应当是列表，现在是 {value!r}")
        return value

    def name_of(self, value: Any) -> str:
        if not isinstance(value, str) or not fold(value):
            raise self.error(f"的简称或曾用名应当是文字，现在是 {value!r}")
        return clean(value).strip()

    def former(self, value: Any) -> FormerName:
        if not isinstance(value, dict):
            raise self.error(f"的曾用名应当形如 {{“name”: …, “until”: 2018}}，现在是 {value!r}")
        return FormerName(self.name_of(value.get("name")), self.year("until", value))

    def year(self, key: str, holder: dict[str, Any]) -> int | None:
        value = holder.get(key)
        if value is None:
            return None
        if not isinstance(value, int) or isinstance(value, bool) or not 1900 <= value <= 2200:
            raise self.error(f"的“{key}”应当是四位年份，如 2018，现在是 {value!r}")
        return value


def _check_codes(path: Path, entries: Iterable[OrganizationEntry]) -> None:
    seen: dict[str, str] = {}
    for entry in entries:
        if entry.code in seen:
            raise OrganizationsFileError(
                f"机构表 {path} 中代码 {entry.code} 用了两次（{seen[entry.code]}、{entry.name}），"
                "每个机构的代码应当不同。"
            )
        seen[entry.code] = entry.name


def _check_parents(path: Path, entries: tuple[OrganizationEntry, ...]) -> None:
    parents = {entry.code: entry.parent for entry in entries}
    for entry in entries:
        for key, code in (("parent", entry.parent), ("successor", entry.successor)):
            if code is not None and code not in parents:
                raise OrganizationsFileError(
                    f"机构表 {path} 中“{entry.name}”的“{key}”是 {code}，表中没有这个代码，"
                    "应当是表中某个机构的代码。"
                )
        lineage = [entry.code]
        while (parent := parents[lineage[-1]]) is not None:
            if parent in lineage:
                circle = " → ".join([*lineage, parent])
                raise OrganizationsFileError(
                    f"机构表 {path} 中“{entry.name}”的上级绕成一圈（{circle}），"
                    "最上级机构的“parent”应当是 null。"
                )
            lineage.append(parent)


def _split_at_spaces(piece: str) -> list[str]:
    words = ["".join(word.split()) for word in _WORD.findall(piece)]
    if any(len(word) == 1 for word in words):
        return ["".join(words)]
    names: list[str] = []
    after_place = False
    for word in words:
        is_place = _PLACE.fullmatch(word) is not None
        if after_place and not is_place:
            names[-1] += word  # 合肥市 人民政府 is one name
        else:
            names.append(word)
        after_place = is_place
    return names
