"""The name a link goes by: its text, unless that says nothing of what it leads to."""

import re
from collections.abc import Sequence
from functools import cache
from urllib.parse import parse_qsl, unquote_to_bytes, urlsplit

from crawlers.reading.data_files import read_data
from crawlers.reading.tree import Element

_LIMIT = 200
# 附件1、, （2）, [下载]: numbering and brackets around a word that says nothing.
_AROUND = re.compile(r"[\s\d()（）\[\]【】《》:：.、>»…-]+")
_CHINESE = re.compile(r"[\u3400-\u9fff]")


def link_name(element: Element) -> str:
    """Return the text of a link or frame; where that is cut or says nothing, its title or picture's."""
    text = _spaced("".join(element.itertext()))
    title = _spaced(element.get("title") or "")
    # Lists cut the text short and keep the whole in the title.
    cut = text.endswith(("…", "...")) and len(title) > len(text) - 3
    if text and not cut and not _says_nothing(text):
        return text[:_LIMIT]
    pictures = (_spaced(image.get("alt") or image.get("title") or "") for image in element.iter("img"))
    others = (title, _spaced(element.get("download") or ""), *pictures)
    return next((name for name in others if name and not _says_nothing(name)), "" if cut else text)[:_LIMIT]


def file_name(url: str, names: Sequence[str]) -> str:
    """Return the name of a linked file: the first of its links' that says something, else its address's.

    An address says something if it is in Chinese; a number or a hash is taken only where there is no name.
    """
    said = next((name for name in names if name and not _says_nothing(name)), None)
    addressed, shown = _addressed_name(url), next(filter(None, names), "")
    return said or (addressed if _CHINESE.search(addressed) or not shown else shown)


def _addressed_name(url: str) -> str:
    """Return the file name in an address (percent-encoded UTF-8 or GBK), in its parameters or its path."""
    parts = urlsplit(url)
    named = {key.lower() for key in read_data("links.json")["name_parameters"]}
    try:
        # latin-1 keeps the bytes, whose charset is not known yet.
        pairs = parse_qsl(parts.query, max_num_fields=50, encoding="latin-1")
    except ValueError:
        pairs = []
    said = next((value.encode("latin-1", "replace") for key, value in pairs if key.lower() in named), None)
    raw = said or unquote_to_bytes(parts.path)
    for charset in ("utf-8", "gb18030"):
        try:
            return raw.decode(charset).rsplit("/", 1)[-1].strip()[:_LIMIT]
        except UnicodeDecodeError:
            continue
    return raw.decode("latin-1").rsplit("/", 1)[-1][:_LIMIT]


def _spaced(text: str) -> str:
    return " ".join(text.split())


def _says_nothing(name: str) -> bool:
    return _AROUND.sub("", name).lower() in _empty_names()


@cache
def _empty_names() -> frozenset[str]:
    return frozenset(read_data("links.json")["empty_names"])
