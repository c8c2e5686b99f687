"""Families that are declared in `data/*.toml` and proven by nothing but memory: signs, addresses, containers.

What a file does not say is read as the generic reader does. A family that has been proven on pages deserves
a module of its own; its file then goes.
"""

import json
import re
from functools import cached_property
from importlib import resources
from urllib.parse import urlencode, urlsplit

from crawlers.addresses import host_of, resolve
from crawlers.families.declaration import Declaration, read_declaration
from crawlers.families.family import (
    ColumnLink,
    HomeReading,
    ListPlace,
    ListReading,
    PageRequest,
    WebPage,
)
from crawlers.families.generic import FAMILY as GENERIC
from crawlers.families.json_rows import json_items
from crawlers.families.markup import frames, links, own_paths, text_of
from crawlers.reading.page import ReadingHints

_API = "api "
_MOST_VALUE = 500


class Declared:
    """A family as its file declares it."""

    def __init__(self, declaration: Declaration) -> None:
        self.declaration = declaration
        self.name = declaration.name
        self.label = f"{declaration.label}（未经验证）"
        self.hints = ReadingHints(body=declaration.body, body_end=declaration.body_end)

    @cached_property
    def _signs(self) -> list[re.Pattern[str]]:
        return [re.compile(pattern) for pattern in self.declaration.signs.paths]

    @cached_property
    def _columns(self) -> list[re.Pattern[str]]:
        return [re.compile(pattern) for pattern in self.declaration.columns]

    @cached_property
    def _details(self) -> list[re.Pattern[str]]:
        return [re.compile(pattern) for pattern in self.declaration.details]

    def recognises(self, page: WebPage) -> bool:
        """Look for the declared signs."""
        signs = self.declaration.signs
        host = host_of(page.url)
        if signs.hosts and not any(host and re.search(pattern, host.name) for pattern in signs.hosts):
            return False
        if any(text in page.text for text in signs.texts):
            return True
        return any(sign.search(path) for path in own_paths(page) for sign in self._signs)

    def read_home(self, page: WebPage) -> HomeReading:
        """Take the links to addresses of columns; where none is, what the generic reader takes."""
        columns: dict[str, ColumnLink] = {}
        for link, url in links(page, page.tree):
            path, name = _path(url), text_of(link) or (link.get("title") or "").strip()
            if name and any(pattern.search(path) for pattern in self._columns):
                columns.setdefault(path, ColumnLink(path, name, PageRequest(url)))
        if not columns:
            return GENERIC.read_home(page)
        return HomeReading(tuple(columns.values()), tuple(frames(page)))

    def read_list(self, page: WebPage, place: ListPlace) -> ListReading:
        """Read an answer of the API, or a page as the generic reader does, its own addresses only."""
        memo = place.memo if place.number > 1 else place.memo | self._arguments(page)
        if items := json_items(page):
            return ListReading(tuple(items), self._posted(page, place.number + 1, memo), memo)
        reading = GENERIC.read_list(page, place)
        own = tuple(item for item in reading.items if any(p.search(_path(item.url)) for p in self._details))
        following = reading.next
        if not reading.items and place.number == 1:
            # The list comes from the API alone: what was counted is the empty page around it.
            following = self._posted(page, 1, memo) or following
        return ListReading(
            items=own or reading.items,
            next=following,
            memo=reading.memo | memo,
            is_list=reading.is_list or following is not None,
            columns=reading.columns,
        )

    def _arguments(self, page: WebPage) -> dict[str, str]:
        """Return what the column's page says of the API's arguments; {} unless it says all."""
        wanted = self.declaration.api.arguments if self.declaration.api else {}
        found = {name: re.search(pattern, page.text) for name, pattern in wanted.items()}
        said = {_API + name: match.group(1)[:_MOST_VALUE] for name, match in found.items() if match}
        return said if len(said) == len(wanted) else {}

    def _posted(self, page: WebPage, number: int, memo: dict[str, str]) -> PageRequest | None:
        api = self.declaration.api
        said = {name.removeprefix(_API): value for name, value in memo.items() if name.startswith(_API)}
        url = resolve(page.url, api.path) if api and said else None
        if api is None or url is None:
            return None
        # The empty page around the list was number 1, so the API's first page is asked for as number 2.
        asked = said | {api.page: str(max(number - 2, 0) + api.first_page)}
        return PageRequest(
            url, json.dumps(asked, ensure_ascii=False) if api.sends == "json" else urlencode(asked)
        )


def _path(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.path}?{parts.query}" if parts.query else parts.path


def declared_families() -> tuple[Declared, ...]:
    """Return all declared families, in the order of their names; `DeclarationError` for a wrong file."""
    folder = resources.files("crawlers.families").joinpath("data")
    files = sorted(
        (entry for entry in folder.iterdir() if entry.name.endswith(".toml")), key=lambda entry: entry.name
    )
    return tuple(Declared(read_declaration(file.name, file.read_text("utf-8"))) for file in files)
