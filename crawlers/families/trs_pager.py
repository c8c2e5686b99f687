"""The pager of TRS WCM's lists: how many pages there are and what their files are called.

It is written by a script, of which the page holds only the call; some pages link their files as well.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import urlsplit

from crawlers.addresses import resolve
from crawlers.families.family import PageRequest, WebPage

# createPageHTML(34, 0, "index", "html")   createPageHTML('pages', 20, 1, 'index', 'shtml', 297)
_CALL = re.compile(r"(?<!function )\bcreatePage(?:HTML)?\s{0,9}\(([^()]{1,300})\)")
_ARGUMENT = re.compile(r"""["']([^"']{0,60})["']|\b(\d{1,9})\b""")
_STEM = re.compile(r"[\w-]{1,40}")
_ENDING = re.compile(r"s?html?", re.IGNORECASE)
# index_12.html
_NUMBERED = re.compile(r"^(.*/)?([\w-]{1,40}?)_(\d{1,6})\.(s?html?)$", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Pager:
    """What a page tells of its list's files: their number, name and ending, and where page 2 may stand.

    `second` are the addresses page 2 may have, the one to ask for first before the other; () for one page.
    """

    pages: int
    second: tuple[str, ...] = ()


def is_called(page: WebPage) -> bool:
    """Tell whether a page calls the pager's script."""
    return _called(page.text) is not None


def read_pager(page: WebPage, urls: Iterable[str]) -> Pager:
    """Return what a page says of its list's files in the pager's call and in its links (`urls`)."""
    called = _called(page.text)
    here = urlsplit(page.url).path
    folder, _, name = here.rpartition("/")
    stem = called[1] if called else re.sub(r"_\d{1,6}$", "", name.rpartition(".")[0]) or "index"
    found = (_NUMBERED.match(urlsplit(url).path) for url in urls)
    files = [m for m in found if m and m.group(1) == f"{folder}/" and m.group(2) == stem]
    numbers = [int(file.group(3)) for file in files]
    # Where index_2 is linked and index_1 is not, page 2 is index_2.
    counts_from_two = min(numbers, default=0) == 2
    linked = max(numbers, default=0) + (0 if counts_from_two else 1)
    if (called[0] if called else linked) < 2:
        return Pager(1)
    ending = called[2] if called else files[0].group(4)
    order = (2, 1) if counts_from_two else (1, 2)
    second = (resolve(page.url, f"./{stem}_{number}.{ending}") for number in order)
    return Pager(called[0] if called else linked, tuple(url for url in second if url))


def next_file(url: str) -> PageRequest | None:
    """Return the request for the file after index_3.html; None for a file without a number."""
    parts = urlsplit(url)
    found = _NUMBERED.match(parts.path)
    if found is None:
        return None
    folder, stem, number, ending = found.groups()
    path = f"{folder or ''}{stem}_{int(number) + 1}.{ending}"
    return PageRequest(parts._replace(path=path, query="").geturl())


def _called(text: str) -> tuple[int, str, str] | None:
    """Return (pages, name, ending) of the pager's call; None if there is none."""
    for call in _CALL.finditer(text):
        arguments = _ARGUMENT.findall(call.group(1))
        numbers = [number for _, number in arguments if number]
        first = next((place for place, (_, number) in enumerate(arguments) if number), len(arguments))
        names = [text for text, number in arguments[first:] if not number]
        if numbers and len(names) > 1 and _STEM.fullmatch(names[0]) and _ENDING.fullmatch(names[1]):
            return int(numbers[0]), names[0], names[1]
    return None
