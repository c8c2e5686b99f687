"""Answers of list interfaces that are JSON: reading them, whatever a server makes of them.

Seen of such interfaces: numbers as strings, null for "nothing", the word null, an HTML error page or an
empty body with status 200, totals that are wrong (domain.md 5.2).
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any
from urllib.parse import parse_qsl, quote, urlsplit, urlunsplit

from catalog.records import Field, Witness
from crawlers.families.family import ListItem, PageRequest, WebPage, said_by_list
from crawlers.reading.dead_pages import is_json_error
from crawlers.reading.labels import is_missing
from crawlers.reading.meta import without_markup

_VALUE_LIMIT = 2000
_MOST_DIGITS = 9


class NoListError(ValueError):
    """What stands in the place of a list is none, and may not pass for an empty one."""


class AnswerError(NoListError):
    """An interface answered with something else than JSON, or with JSON that reports a failure."""

    def __init__(self, page: WebPage, number: int) -> None:
        opening = " ".join(page.text[:60].split())
        super().__init__(f"栏目接口第 {number} 页应返回 JSON 列表，实际返回“{opening}”")


def read_json(text: str) -> Any:
    """Return what a JSON text holds; None for an empty body and for what is no JSON."""
    try:
        return json.loads(text.lstrip("\ufeff"))
    except (ValueError, RecursionError):
        return None


def json_at(text: str, place: int) -> Any:
    """Return the JSON value that begins at a place in a script; None if none does."""
    try:
        return json.JSONDecoder().raw_decode(text, place)[0]
    except (ValueError, RecursionError):
        return None


def answer_of(page: WebPage, number: int) -> Any:
    """Return the JSON of page `number` of a list; None where there is none and the list is at its end.

    Raises `AnswerError` for another kind of page and for a reported failure: either would pass for an
    empty list or the end of one.
    """
    answer = read_json(page.text)
    is_other = answer is None and page.text.strip("\ufeff \t\r\n") not in ("", "null")
    if is_other or is_json_error(page.text):
        raise AnswerError(page, number)
    return answer


def mappings(value: Any) -> Iterator[Mapping[str, Any]]:
    """Yield the objects of a JSON array; nothing if it is none."""
    return (entry for entry in (value if isinstance(value, list) else ()) if isinstance(entry, Mapping))


def said(value: Any) -> str | None:
    """Return a JSON value as one line of text without markup; None where it says nothing."""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return None
    text = without_markup(str(value)[:_VALUE_LIMIT])
    return None if is_missing(text) else text


def date_said(value: Any) -> str | None:
    """Return a date as an interface states it; None for 0, which is an empty date."""
    text = said(value)
    return None if text is None or text.strip("0. :-") == "" else text


def count_said(value: Any) -> int:
    """Return a count, also one written as a string; 0 where none is stated."""
    text = str(value).strip() if isinstance(value, str | int) and not isinstance(value, bool) else ""
    return int(text) if text.isascii() and text.isdigit() and len(text) <= _MOST_DIGITS else 0


def is_said(value: Any) -> bool:
    """Tell whether a flag is set: 1, "1", true, "true"."""
    return value is True or str(value).strip().lower() in ("1", "true")


def item(url: str, facts: Iterable[tuple[Field, str | None]]) -> ListItem:
    """Return an item with what an interface says of it."""
    witnesses: list[Witness] = [said_by_list(field, raw) for field, raw in facts if raw]
    return ListItem(url, tuple(dict.fromkeys(witnesses)))


def next_answer(page: WebPage, shown: int, per_page: int, read: int, total: int) -> PageRequest | None:
    """Return the request for the page after this one, where there may be one.

    `shown` items stand on this page, of `per_page` asked for, `read` on all so far. Servers cut the size of
    pages, and totals may be too small as well as too large: so a page is followed by another if the total
    says so or if it is full, and the stop rule (no new link) ends the rest.
    """
    if not shown or (shown < per_page and total <= read):
        return None
    number = count_said(dict(parse_qsl(urlsplit(page.url).query)).get("page")) or 1
    return PageRequest(with_argument(page.url, "page", str(number + 1)))


def with_argument(url: str, name: str, value: str) -> str:
    """Return an address with one argument set in its place; the others stay as they were written."""
    parts = urlsplit(url)
    pairs = [pair for pair in parts.query.split("&") if pair]
    set_pair = f"{name}={quote(value)}"
    pairs = [set_pair if pair.partition("=")[0] == name else pair for pair in pairs]
    if set_pair not in pairs:
        pairs.append(set_pair)
    return urlunsplit(parts._replace(query="&".join(pairs)))
