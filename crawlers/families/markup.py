"""Small readers of markup that several families need."""

import re
from collections.abc import Iterator
from urllib.parse import urlsplit

from crawlers.addresses import host_of, resolve
from crawlers.families.family import PageRequest, WebPage
from crawlers.reading.tree import Element

DATE = re.compile(r"\d{4}\s*[-./年]\s*\d{1,2}\s*[-./月]\s*\d{1,2}\s*日?")

_FILE = re.compile(r"\.(?:pdf|docx?|xlsx?|pptx?|wps|et|ofd|ceb|txt|rtf|zip|rar)$", re.IGNORECASE)
_ADDRESS_ATTRIBUTES = {
    "a": "href",
    "area": "href",
    "form": "action",
    "frame": "src",
    "iframe": "src",
    "img": "src",
    "link": "href",
    "script": "src",
}
_CUT_MARKS = ("…", "...", "..")
_SIDE_FRAMES = re.compile(r"visit|count|login|share|search|weather|stat\b", re.IGNORECASE)


def text_of(element: Element) -> str:
    """Return what an element says, white space made single."""
    return " ".join("".join(element.itertext()).split())


def is_file(url: str) -> bool:
    """Tell whether an address names a file to read or to download."""
    return bool(_FILE.search(urlsplit(url).path))


def whole_title(link: Element) -> str | None:
    """Return the title a link stands for; None where the list cut it short and keeps no whole one.

    Lists cut the text and may keep the whole in `title=`, sample: <a title="关于印发办法的通知">关于印发…</a>
    """
    said, kept = text_of(link), " ".join((link.get("title") or "").split())
    stem = _without_cut_mark(said)
    if stem is None:
        return said or kept or None
    return kept if kept.startswith(stem) and _without_cut_mark(kept) is None else None


def _without_cut_mark(text: str) -> str | None:
    """Return the text before the mark that says it was cut; None if there is no such mark."""
    mark = next((mark for mark in _CUT_MARKS if text.endswith(mark)), None)
    return None if mark is None else text.removesuffix(mark).rstrip("….")


def own_paths(page: WebPage) -> set[str]:
    """Return path and query of all addresses on a page that lie on its own server.

    Links, frames, scripts, pictures and forms: what a family is known by.
    """
    here = host_of(page.url)
    found = set()
    for element in page.tree.iter(*_ADDRESS_ATTRIBUTES):
        url = resolve(page.url, element.get(_ADDRESS_ATTRIBUTES[element.tag]) or "", charset=page.charset)
        if url is not None and host_of(url) == here:
            parts = urlsplit(url)
            found.add(f"{parts.path}?{parts.query}" if parts.query else parts.path)
    return found


def meta_content(page: WebPage, name: str) -> str:
    """Return what the first <meta> of a name says, "" if there is none. Sample: generator."""
    named = (meta for meta in page.tree.iter("meta") if (meta.get("name") or "").strip().lower() == name)
    return next(((meta.get("content") or "").strip() for meta in named), "")


def frames(page: WebPage) -> Iterator[PageRequest]:
    """Yield the frames of a page, without counters, logins and the like."""
    for element in page.tree.iter("frame", "iframe"):
        source = element.get("src") or ""
        url = resolve(page.url, source, charset=page.charset)
        if url is not None and not _SIDE_FRAMES.search(f"{source} {element.get('name') or ''}"):
            yield PageRequest(url)


def links(page: WebPage, root: Element, base: str | None = None) -> Iterator[tuple[Element, str]]:
    """Yield (link, absolute address) of all links below an element that lead to an http(s) address.

    `base` is the address of the page they are shown in, where that is not the page they came with.
    """
    for element in root.iter("a", "area"):
        url = resolve(base or page.url, element.get("href") or "", charset=page.charset)
        if url is not None:
            yield element, url
