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
from crawlers.reading.tree import Element

_SCRIPTED = re.compile(
    r"""(?:window\.open|location(?:\.href)?\s*=|location\.(?:assign|replace)|open|down\w*)\s*\(?\s*['"]([^'"\s]{3,500})['"]""",
    re.IGNORECASE,
)
_QUOTED = re.compile(r"""['"]([^'"\s]{3,500})['"]""")
# urljoin takes these for the page's own address.
_NO_HOST = re.compile(r"(?:https?:)?/{2}", re.IGNORECASE)
_NAME_LIMIT = 200
_URL_LIMIT = 2000


@dataclass(frozen=True, slots=True)
class Link:
    """An absolute http(s) address with the text it goes by ("" where it has none)."""

    url: str
    name: str = ""


def page_base(root: Element, url: str | None) -> str | None:
    """Return the address that the page's relative links start from; None if it is not known."""
    known = _absolute(url, None)
    canonical = next(
        (e.get("href") for e in root.iter("link") if "canonical" in (e.get("rel") or "").lower().split()),
        None,
    )
    known = known or _absolute(canonical, None)
    base = next((e.get("href") for e in root.iter("base") if e.get("href")), None)
    return _absolute(base, known) or known


def find_links(root: Element, base: str | None) -> tuple[tuple[Link, ...], tuple[Link, ...]]:
    """Return (attachments, other links), each without doubles and in the page's order."""
    files: dict[str, Link] = {}
    others: dict[str, Link] = {}
    for raw, name, is_shown in _references(root):
        url = _absolute(raw, base)
        if url is None:
            continue
        file = _viewed_file(url, base) or (url if _is_file(url) else None)
        if file is not None:
            earlier = files.get(file)
            files[file] = earlier if earlier and earlier.name else Link(file, name or _file_name(file))
        elif not is_shown:
            others.setdefault(url, Link(url, name))
    return tuple(files.values()), tuple(link for link in others.values() if link.url not in files)


def _references(root: Element) -> Iterator[tuple[str, str, bool]]:
    """Yield (address as written, name, whether it is embedded rather than linked)."""
    for element in root.iter():
        tag = element.tag
        if not isinstance(tag, str):
            continue
        scripted = element.get("onclick")
        if tag in ("a", "area"):
            name = _name(element)
            href = element.get("href") or ""
            if href.strip().lower().startswith("javascript:"):
                scripted = f"{href[:_URL_LIMIT]};{scripted or ''}"
            elif href:
                yield href, name, False
        elif tag in ("iframe", "embed", "frame"):
            yield element.get("src") or "", element.get("title") or "", True
        elif tag == "object":
            yield element.get("data") or "", element.get("title") or "", True
        elif tag == "param" and (element.get("name") or "").lower() in ("src", "filename", "movie", "url"):
            yield element.get("value") or "", "", True
        if scripted:
            for address in _scripted(scripted[:_URL_LIMIT]):
                yield address, _name(element), False


def _scripted(script: str) -> Iterator[str]:
    for address in _SCRIPTED.findall(script) or _QUOTED.findall(script):
        if "/" in address or re.search(r"\.\w{2,5}(?:\?|$)", address):
            yield address


def _name(element: Element) -> str:
    text = " ".join("".join(element.itertext()).split())
    title = " ".join((element.get("title") or "").split())
    # Lists cut the text short and keep the whole in the title.
    cut = text.endswith(("…", "...")) and len(title) > len(text) - 3
    return (title if cut or not text else text)[:_NAME_LIMIT]


def _absolute(address: str | None, base: str | None) -> str | None:
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
            return _absolute(value, url if base is None else base)
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


def _file_name(url: str) -> str:
    return unquote(urlsplit(url).path).rsplit("/", 1)[-1][:_NAME_LIMIT]


@cache
def _names(key: str) -> frozenset[str]:
    return frozenset(read_data("links.json")[key])
