"""What is pushed: a JSON object about one publication, checked field by field.

An address and facts are enough; a whole record has its text, too (docs/decisions/0031).
"""

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, NoReturn
from urllib.parse import urlsplit

from catalog.dates import CHINA, iso_date
from catalog.folding import clean, fold
from catalog.pushed import PushedRecord
from catalog.records import DATE_FIELDS, Field
from search_api.problems import ProblemError

LONGEST_BODY = 4 * 1024 * 1024
"""Bytes of a request unless the operator says otherwise: the longest yearbook page seen has 1.1 MB of HTML,
and JSON may write each of its characters in six bytes."""

LONGEST_URL = 2000
LONGEST_VALUE = 500
LONGEST_ABSTRACT = 5000
LONGEST_COLUMN = 100
MOST_COLUMNS = 20
MOST_ATTACHMENTS = 50
"""As many as the crawl fetches of one page."""

FIELDS = tuple(field for field in Field if field is not Field.COLUMN)
"""What may be said of a publication as one text each."""

RECORD_FIELDS = ("text", "html", "columns", "attachments")
"""What makes a whole record."""

_PAST = frozenset({Field.PUBLISHED_ON, Field.ISSUED_ON})
_DATE = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
_BLANK = re.compile(r"[\s\x00-\x1f\x7f]")
_WEB_PORTS = {None, 80, 443}

Site = tuple[str, int | None]


@dataclass(frozen=True, slots=True)
class Pushed:
    """An address, the facts its sender states (field and value), and the whole record if it is one."""

    url: str
    facts: dict[str, str]
    record: PushedRecord | None = None


def read_pushed(body: bytes, is_ours: Callable[[Site], bool]) -> Pushed:
    """Read the body of a request; `is_ours` tells the servers that are crawled.

    Raises `ProblemError` that names the field.
    """
    try:
        value = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise ProblemError("bad-json") from error
    if not isinstance(value, dict):
        raise ProblemError("bad-json")
    for name in value:
        if name != "url" and name not in FIELDS and name not in RECORD_FIELDS:
            raise ProblemError("unknown-field", parameter=str(name))
    facts = {field.value: _fact(field, value[field]) for field in FIELDS if value.get(field) is not None}
    url = _own_url(value.get("url"), "url", is_ours)
    return Pushed(url, facts, _record(url, facts, value, is_ours))


def _record(
    url: str, facts: dict[str, str], value: dict[str, Any], is_ours: Callable[[Site], bool]
) -> PushedRecord | None:
    given = {name: value[name] for name in RECORD_FIELDS if value.get(name) is not None}
    if not given:
        return None
    if "text" in given and "html" in given:
        raise ProblemError("bad-value", "text 和 html 只能给一个。", parameter="html")
    if "text" not in given and "html" not in given:
        detail = "推送整条信息时应有 text（纯文字）或 html；columns 和 attachments 不能单独出现。"
        raise ProblemError("missing-field", detail, parameter="text")
    if Field.TITLE not in facts:
        raise ProblemError("missing-field", "推送整条信息时应有 title，即名称。", parameter="title")
    return PushedRecord(
        url,
        tuple(sorted(facts.items())),
        text=_text("text", given.get("text")),
        html=_text("html", given.get("html")),
        columns=_columns(given.get("columns", [])),
        attachments=_attachments(given.get("attachments", []), is_ours),
    )


def _text(name: str, value: Any) -> str | None:
    if value is None:
        return None
    if not isinstance(value, str) or not fold(clean(value)):
        raise ProblemError("bad-value", f"{name} 应为非空文字。", parameter=name, value=str(value)[:100])
    return value


def _columns(value: Any) -> tuple[str, ...]:
    names = _list("columns", value, MOST_COLUMNS)
    for name in names:
        if not isinstance(name, str) or not fold(clean(name)):
            raise ProblemError(
                "bad-value", "columns 应为栏目名称的列表。", parameter="columns", value=str(name)[:100]
            )
        if len(name) > LONGEST_COLUMN:
            detail = f"栏目名称最多 {LONGEST_COLUMN} 个字符。"
            raise ProblemError("value-too-long", detail, parameter="columns", value=name)
    return tuple(dict.fromkeys(clean(name).strip() for name in names))


def _attachments(value: Any, is_ours: Callable[[Site], bool]) -> tuple[tuple[str, str], ...]:
    found: dict[str, str] = {}
    for number, file in enumerate(_list("attachments", value, MOST_ATTACHMENTS)):
        where = f"attachments[{number}]"
        if not isinstance(file, dict) or not file.keys() <= {"url", "name"}:
            raise ProblemError("bad-value", "attachments 应为 {url, name} 的列表。", parameter=where)
        name = file.get("name") or ""
        if not isinstance(name, str):
            raise ProblemError("bad-value", "附件的 name 应为文字。", parameter=f"{where}.name")
        if len(name) > LONGEST_VALUE:
            detail = f"附件的 name 最多 {LONGEST_VALUE} 个字符。"
            raise ProblemError("value-too-long", detail, parameter=f"{where}.name", value=name)
        found[_own_url(file.get("url"), f"{where}.url", is_ours)] = clean(name).strip()
    return tuple(found.items())


def _list(name: str, value: Any, most: int) -> list[Any]:
    if not isinstance(value, list):
        raise ProblemError("bad-value", f"{name} 应为列表。", parameter=name, value=str(value)[:100])
    if len(value) > most:
        raise ProblemError("too-many-values", f"{name} 最多 {most} 个。", parameter=name)
    return value


def _own_url(value: Any, parameter: str, is_ours: Callable[[Site], bool]) -> str:
    url = _url(value, parameter)
    key = site_key(url)
    if key is None or not is_ours(key):
        raise ProblemError("foreign-url", parameter=parameter, value=url)
    return url


def _url(value: Any, parameter: str) -> str:
    if value is None:
        raise ProblemError("missing-field", f"缺少 {parameter}，即完整网址。", parameter=parameter)
    if not isinstance(value, str) or len(value) > LONGEST_URL:
        _refuse_url(value, parameter)
    url = value.strip()
    if _BLANK.search(url) or site_key(url) is None:
        _refuse_url(url, parameter)
    return url


def _refuse_url(value: Any, parameter: str) -> NoReturn:
    raise ProblemError("bad-url", parameter=parameter, value=str(value))


def _fact(field: Field, value: Any) -> str:
    longest = LONGEST_ABSTRACT if field is Field.ABSTRACT else LONGEST_VALUE
    if not isinstance(value, str) or not fold(clean(value)):
        raise ProblemError("bad-value", f"{field} 应为非空文字。", parameter=field, value=str(value)[:100])
    if len(value) > longest:
        detail = f"{field} 最多 {longest} 个字符。"
        raise ProblemError("value-too-long", detail, parameter=field, value=value)
    text = clean(value).strip()
    if field in DATE_FIELDS:
        _check_date(field, text)
    return text


def _check_date(field: Field, text: str) -> None:
    # Tomorrow, because clocks differ; what enters into force or ends may lie ahead.
    latest = datetime.now(CHINA).date() + timedelta(days=1) if field in _PAST else None
    if not _DATE.fullmatch(text) or iso_date(text) is None:
        raise ProblemError("bad-date", parameter=field, value=text)
    if iso_date(text, not_after=latest) is None:
        raise ProblemError("bad-date", f"{field} 不能晚于今天。", parameter=field, value=text)


def site_key(url: str) -> Site | None:
    """Return the server of an address, twins by http, https and www being one; None if it is no address."""
    try:
        parts = urlsplit(url)
        name, port = parts.hostname, parts.port
    except ValueError:
        return None
    if parts.scheme not in {"http", "https"} or not name or "@" in parts.netloc:
        return None
    return name.removeprefix("www."), None if port in _WEB_PORTS else port
