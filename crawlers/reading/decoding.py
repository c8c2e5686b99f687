"""Bytes of a page into text (domain.md 5.4).

Declared charsets lie in both directions, so the bytes are asked first: a byte order mark, then
strict UTF-8, then gb18030 (never `gb2312` or `gbk`, which fail on or change rare characters).
Only when neither fits does the declaration break the tie.
"""

import codecs
import re

from catalog.folding import clean

_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_DECLARED = re.compile(rb"""charset\s*=\s*["']?\s*([A-Za-z0-9_.:-]{2,40})""", re.IGNORECASE)
_DECLARATION_WITHIN = 4096
# One stray byte in a thousand is damage (a cut character, a pasted advert); more is another charset.
_BAD_SHARE = 0.001
_BAD_ALWAYS_FORGIVEN = 2
_GB_NAMES = {"gb2312", "gbk", "cp936", "ms936", "x-gbk", "gb_2312-80", "hz-gb-2312"}


def decode(body: bytes, declared: str | None = None) -> str:
    """Return the text of a page; `declared` is the charset of the HTTP header, if there was one.

    Never raises. What cannot be decoded becomes U+FFFD. Control characters and the byte order
    mark are dropped, line ends become line feeds.
    """
    return clean(_decoded(body, declared)[0])


def false_charset(body: bytes, declared: str | None = None) -> tuple[str, str] | None:
    """Return the charset that a page claims (`declared` is the HTTP header's) and the one it is in.

    None where both are the same or nothing is claimed, and where it makes no difference: in ASCII. A browser
    believes the header before the page, and a byte order mark before both.
    """
    claimed = declared or declared_charset(body)
    known = _known(claimed)
    if known is None or body.isascii() or any(body.startswith(mark) for mark, _codec in _BOMS):
        return None
    codec = _decoded(body, declared)[1]
    return None if known == codec else (str(claimed), codec)


def declared_charset(body: bytes) -> str | None:
    """Return the charset that the page's own `<meta>` names, in lower case."""
    found = _DECLARED.search(body[:_DECLARATION_WITHIN])
    return found.group(1).decode("ascii").lower() if found else None


def _decoded(body: bytes, declared: str | None) -> tuple[str, str]:
    """Return the text and the codec that gave it."""
    for mark, codec in _BOMS:
        if body.startswith(mark):
            return body.decode(codec, errors="replace"), codec
    try:
        return body.decode("utf-8"), "utf-8"
    except UnicodeDecodeError:
        pass
    charset = _known(declared) or _known(declared_charset(body))
    damaged, multibyte, bad = _forgiving_utf8(body)
    if multibyte and _is_damaged_utf8(multibyte, bad, len(body), charset):
        return damaged, "utf-8"
    try:
        return body.decode("gb18030"), "gb18030"
    except UnicodeDecodeError:
        pass
    codec = charset or "gb18030"
    return body.decode(codec, errors="replace"), codec


def _forgiving_utf8(body: bytes) -> tuple[str, int, int]:
    """Return the text, the number of its characters outside ASCII, and the number of places replaced."""
    text = body.decode("utf-8", errors="replace")
    bad = text.count("\ufffd")
    beyond_ascii = sum(1 for char in text if char > "\x7f")
    return text, beyond_ascii - bad, bad


def _is_damaged_utf8(multibyte: int, bad: int, size: int, charset: str | None) -> bool:
    # GBK read as UTF-8 yields more bad places than good characters; damaged UTF-8 is the reverse.
    if bad <= max(_BAD_ALWAYS_FORGIVEN, int(size * _BAD_SHARE)):
        return multibyte > bad
    return charset == "utf-8" and multibyte > 10 * bad


def _known(charset: str | None) -> str | None:
    """Return the codec to use for a declared charset; None if the name means nothing or is no text codec."""
    if not charset:
        return None
    name = charset.strip().strip("\"'").lower()
    if name in _GB_NAMES:
        return "gb18030"
    try:
        codec = codecs.lookup(name)
        b"a".decode(name)
    except (LookupError, ValueError, TypeError):
        return None
    return codec.name
