"""Lists that come as JSON: the rows are the largest array of objects that have a name and an address."""

import json
import re
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from catalog.dates import CHINA
from catalog.records import Field
from crawlers.addresses import host_of, resolve
from crawlers.families.family import ListItem, WebPage, said_by_list

# Keys as they are spelled on different systems, lower case. Sample: {"infotitle": "…", "infourl": "/1.html"}
_TITLE = re.compile(r"^(?:title|(?:info|doc|article|news)_?title|name|bt)$")
_ADDRESS = re.compile(r"(?:^|_)?(?:url|href|link)$")
_PUBLISHED = re.compile(r"pub|release|post")
_DATED = re.compile(r"date|time|day")
# 2012-10-15 09:30:00   2012/10/15   20121015
_DAY = re.compile(r"^\d{4}(?:[-/.年]\d{1,2}[-/.月]\d{1,2}日?|\d{4}$)")
_MILLISECONDS = range(10**11, 10**13)
# callback({…});
_WRAPPED = re.compile(r"^\s*[\w.$]{1,100}\s*\(\s*(?=[\[{])")
_MOST_TEXT = 5_000_000
_MOST_NODES = 200_000


def json_items(page: WebPage) -> list[ListItem]:
    """Return the items of an answer in JSON or JSONP; [] where it is something else."""
    text = page.text[:_MOST_TEXT]
    if wrapped := _WRAPPED.match(text):
        text = text[wrapped.end() :].rstrip().rstrip(";").rstrip(")")
    if text.lstrip()[:1] not in ("[", "{"):
        return []
    try:
        data = json.loads(text)
    except (ValueError, RecursionError):
        return []
    rows = [list(_read(page, array)) for array in _arrays(data)]
    return max(rows, key=len, default=[])


def _arrays(data: Any) -> Iterator[list[Any]]:
    """Yield every array in it, those in strings that hold JSON themselves included."""
    waiting = [data]
    for _ in range(_MOST_NODES):
        if not waiting:
            return
        node = waiting.pop()
        if isinstance(node, list):
            yield node
            waiting += [child for child in node if isinstance(child, list | dict)]
        elif isinstance(node, dict):
            waiting += [_unwrapped(child) for child in node.values()]


def _unwrapped(value: Any) -> Any:
    # Sample: {"custom": "{\"infodata\": […]}"}
    if isinstance(value, str) and value[:1] in ("[", "{"):
        try:
            return json.loads(value)
        except (ValueError, RecursionError):
            return None
    return value


def _read(page: WebPage, array: list[Any]) -> Iterator[ListItem]:
    for entry in array:
        if isinstance(entry, dict):
            said = {key.lower(): value for key, value in entry.items() if isinstance(value, str | int)}
            url = resolve(page.url, _first(said, _ADDRESS))
            title = " ".join(_first(said, _TITLE).split())
            if title and url is not None and host_of(url) == host_of(page.url):
                facts = {Field.TITLE: title, Field.PUBLISHED_ON: _day(said)}
                yield ListItem(url, tuple(said_by_list(field, raw) for field, raw in facts.items() if raw))


def _first(said: dict[str, str | int], keys: re.Pattern[str]) -> str:
    values = (str(value).strip() for key, value in said.items() if keys.search(key))
    return next((value for value in values if value), "")


def _day(said: dict[str, str | int]) -> str | None:
    """Return the day of publication: a key that says so before any other date; epoch milliseconds, too."""
    dated = [(key, value) for key, value in said.items() if _PUBLISHED.search(key) or _DATED.search(key)]
    for _, value in sorted(dated, key=lambda pair: not _PUBLISHED.search(pair[0])):
        if isinstance(value, int) and value in _MILLISECONDS:
            return datetime.fromtimestamp(value / 1000, CHINA).date().isoformat()
        if found := _DAY.match(str(value).strip()):
            return found.group()
    return None
