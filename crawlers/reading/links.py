"""The page's links: files that belong to it, and all others (domain.md 5.3).

Only http and https links with a host leave this module; everything else a page may hold in an href
(javascript:, mailto:, broken addresses) is dropped without a word.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from urllib.parse import parse_qsl, unquote, urldefrag, urljoin, urlsplit

from crawlers.reading.data_files import read_data
from crawlers.reading.link_names import file_name, link_name
from crawlers.reading.tree import Element

_SCRIPTED = re.compile(
    r"""(?:window\.open|location(?:\.href)?\s*=|location\.(?:assign|replace)|open|down\w*)\s*\(?\s*['"]([^'"\s]{3,500})['"]""",
    re.IGNORECASE,
)
_QUOTED = re.compile(r"""['"]([^'"\s]{3,500})['"]""")
# urljoin takes these for the page's own address.
_NO_HOST = re.compile(r"(?:https?:)?/{2}", re.IGNORECASE)
_URL_LIMIT = 2000


@dataclass(frozen=True, slots=True)
class Link:
    """An absolute http(s) address with the text it goes by ("" where it has none)."""

    url: str
    name: str = ""


def page_base(root: Element, url: str | None) -> str | None:
    """Return the address that the page's relative links start from; None if it is not known."""
    known = absolute(url, None)
    canonical = next(
        (e.get("href") for e in root.iter("link") if "canonical" in (e.get("rel") or "").lower().split()),
        None,
    )
    known = known or absolute(canonical, None)
    base = next((e.get("href") for e in root.iter("base") if e.get("href")), None)
    return absolute(base, known) or known


def find_links(root: Element, base: str | None) -> tuple[tuple[Link, ...], tuple[Link, ...]]:
    """Return (attachments, other links), each without doubles and in the page's order."""
    files: dict[str, list[str]] = {}
    others: dict[str, Link] = {}
    furniture = _Furniture()
    for element, raw, name, is_shown in _references(root):
        url = absolute(raw, base)
        if url is None:
            continue
        file = _viewed_file(url, base) or (url if _is_file(url) else None)
        if file is not None and not furniture.holds(element, name):
            files.setdefault(file, []).append(name)
        elif not is_shown:
            others.setdefault(url, Link(url, name))
    named = tuple(Link(file, file_name(file, names)) for file, names in files.items())
    return named, tuple(link for link in others.values() if link.url not in files)


class _Furniture:
    """What stands on every page of a site: a download of a reader program, the files of a menu or footer."""

    def __init__(self) -> None:
        self._known: dict[Element, bool] = {}

    def holds(self, element: Element, name: str) -> bool:
        """Tell whether a link to a file is no file of the page."""
        lower = name.lower()
        if any(word in lower for word in _names("software")):
            return True
        return any(self._is_furniture(parent) for parent in element.iterancestors())

    def _is_furniture(self, element: Element) -> bool:
        if element not in self._known:
            tokens = f"{element.get('id') or ''} {element.get('class') or ''}".lower().split()
            self._known[element] = element.tag in ("nav", "footer") or not _names("furniture").isdisjoint(
                tokens
            )
        return self._known[element]


def _references(root: Element) -> Iterator[tuple[Element, str, str, bool]]:
    """Yield (element, address as written, name, whether it is embedded rather than linked)."""
    for element in root.iter():
        tag = element.tag
        if not isinstance(tag, str):
            continue
        scripted = element.get("onclick")
        if tag in ("a", "area"):
            name = link_name(element)
            href = element.get("href") or ""
            if href.strip().lower().startswith("javascript:"):
                scripted = f"{href[:_URL_LIMIT]};{scripted or ''}"
            elif href:
                yield element, href, name, False
        elif tag in ("iframe", "embed", "frame"):
            yield element, element.get("src") or "", element.get("title") or "", True
        elif tag == "object":
            yield element, element.get("data") or "", element.get("title") or "", True
        elif tag == "param" and (element.get("name") or "").lower() in ("src", "filename", "movie", "url"):
            yield element, element.get("value") or "", "", True
        for address in _in_data(element):
            yield element, address, link_name(element), True
        if scripted:
            for address in _scripted(scripted[:_URL_LIMIT]):
                yield element, address, link_name(element), False


def _in_data(element: Element) -> Iterator[str]:
    """Yield what looks like a file in the attributes that scripts read: data-url, data-file and the like."""
    for key, value in element.items():
        if isinstance(key, str) and key.startswith("data-") and len(value) <= _URL_LIMIT:
            address = value.strip()
            if "/" in address and _is_file_address(address):
                yield address


def _is_file_address(address: str) -> bool:
    try:
        return _is_file(address)
    except ValueError:
        return False


def _scripted(script: str) -> Iterator[str]:
    for address in _SCRIPTED.findall(script) or _QUOTED.findall(script):
        if "/" in address or re.search(r"\.\w{2,5}(?:\?|$)", address):
            yield address


def absolute(address: str | None, base: str | None) -> str | None:
    """Return the http(s) address that a page's attribute means; None where it is none."""
    if not address:
        return None
    address = re.sub(r"[\t\r\n]", "", address.strip())
    if not address or len(address) > _URL_LIMIT or address.startswith("#") or _NO_HOST.fullmatch(address):
        return None
    try:
        url = urldefrag(urljoin(base, address) if base else address).url
        if base is None and url.startswith("//"):
            return None
        parts = urlsplit(url)
        host = parts.hostname
        _ = parts.port
    except ValueError:
        return None
    if parts.scheme.lower() not in ("http", "https") or not host or re.search(r"[\s<>\"\\^`{|}%']", host):
        return None
    return url.replace(" ", "%20")


def _viewed_file(url: str, base: str | None) -> str | None:
    """Return the file that a viewer shows: `viewer.html?file=/a.pdf`."""
    try:
        parameters = parse_qsl(urlsplit(url).query, max_num_fields=50)
    except ValueError:
        return None
    if _is_download_script(url):
        return None
    names = _names("file_parameters")
    for name, value in parameters:
        if name.lower() in names and _has_file_type(value.split("?")[0]):
            return absolute(value, url if base is None else base)
    return None


def _is_file(url: str) -> bool:
    parts = urlsplit(url)
    return _has_file_type(parts.path) or _is_download_script(url)


def _is_download_script(url: str) -> bool:
    parts = urlsplit(url)
    target = f"{parts.path}?{parts.query}".lower()
    return bool(parts.query or "/protect/" in target) and any(
        sign in target for sign in _names("download_scripts")
    )


def _has_file_type(path: str) -> bool:
    name = unquote(path).rsplit("/", 1)[-1]
    return "." in name and name.rsplit(".", 1)[-1].strip().lower() in _names("file_types")


@cache
def _names(key: str) -> frozenset[str]:
    return frozenset(read_data("links.json")[key])
