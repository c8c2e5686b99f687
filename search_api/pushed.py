"""What is pushed: a JSON object with an address and facts about what stands there, checked field by field."""

import json
import re
from dataclasses import dataclass
from typing import Any, NoReturn
from urllib.parse import urlsplit

from catalog.dates import iso_date
from catalog.folding import clean, fold
from catalog.records import DATE_FIELDS, Field
from search_api.problems import ProblemError

LONGEST_BODY = 64 * 1024
LONGEST_URL = 2000
LONGEST_VALUE = 500
LONGEST_ABSTRACT = 5000

FIELDS = tuple(field for field in Field if field is not Field.COLUMN)
"""What may be said of a publication; which column it stands in its site's lists say."""

_DATE = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
_BLANK = re.compile(r"[\s\x00-\x1f\x7f]")
_WEB_PORTS = {None, 80, 443}


@dataclass(frozen=True, slots=True)
class Pushed:
    """An address and the facts its sender states (field and value)."""

    url: str
    facts: dict[str, str]


def read_pushed(body: bytes) -> Pushed:
    """Read the body of a request; raises `ProblemError` that names the field."""
    try:
        value = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise ProblemError("bad-json") from error
    if not isinstance(value, dict):
        raise ProblemError("bad-json")
    for name in value:
        if name != "url" and name not in FIELDS:
            raise ProblemError("unknown-field", parameter=str(name))
    facts = {field.value: _fact(field, value[field]) for field in FIELDS if value.get(field) is not None}
    return Pushed(_url(value.get("url")), facts)


def _url(value: Any) -> str:
    if value is None:
        raise ProblemError("missing-field", "缺少 url，即网页的完整网址。", parameter="url")
    if not isinstance(value, str) or len(value) > LONGEST_URL:
        _refuse_url(value)
    url = value.strip()
    if _BLANK.search(url) or site_key(url) is None:
        _refuse_url(url)
    return url


def _refuse_url(value: Any) -> NoReturn:
    raise ProblemError("bad-url", parameter="url", value=str(value))


def _fact(field: Field, value: Any) -> str:
    longest = LONGEST_ABSTRACT if field is Field.ABSTRACT else LONGEST_VALUE
    if not isinstance(value, str) or not fold(clean(value)):
        raise ProblemError("bad-value", f"{field} 应为非空文字。", parameter=field, value=str(value))
    if len(value) > longest:
        detail = f"{field} 最多 {longest} 个字符。"
        raise ProblemError("value-too-long", detail, parameter=field, value=value)
    text = clean(value).strip()
    if field in DATE_FIELDS and (not _DATE.fullmatch(text) or iso_date(text) is None):
        raise ProblemError("bad-date", parameter=field, value=value)
    return text


def site_key(url: str) -> tuple[str, int | None] | None:
    """Return the server of an address, twins by http, https and www being one; None if it is no address."""
    try:
        parts = urlsplit(url)
        name, port = parts.hostname, parts.port
    except ValueError:
        return None
    if parts.scheme not in {"http", "https"} or not name or "@" in parts.netloc:
        return None
    return name.removeprefix("www."), None if port in _WEB_PORTS else port
