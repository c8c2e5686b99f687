"""Lists that come as JSON: the rows are the largest array of objects that have a name and an address."""

import json
import re
from collections.abc import Iterator
from typing import Any

from catalog.records import Field
from crawlers.addresses import host_of, resolve
from crawlers.families.family import ListItem, WebPage, said_by_list

# Keys as they are spelled on different systems, lower case. Sample: {"infotitle": "…", "infourl": "/1.html"}
_TITLES = ("title", "infotitle", "doctitle", "name", "bt")
_ADDRESSES = ("url", "href", "link", "infourl", "linkurl", "docpuburl", "visiturl", "staticurl", "detailurl")
_DATES = ("publishdate", "pubdate", "publishtime", "infodate", "docreltime", "releasetime", "date", "time")
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
            said = {key.lower(): value for key, value in entry.items() if isinstance(value, str)}
            url = resolve(page.url, _first(said, _ADDRESSES))
            title = " ".join(_first(said, _TITLES).split())
            if title and url is not None and host_of(url) == host_of(page.url):
                facts = {Field.TITLE: title, Field.PUBLISHED_ON: _first(said, _DATES)[:10]}
                yield ListItem(url, tuple(said_by_list(field, raw) for field, raw in facts.items() if raw))


def _first(said: dict[str, str], keys: tuple[str, ...]) -> str:
    return next((said[key].strip() for key in keys if said.get(key, "").strip()), "")
