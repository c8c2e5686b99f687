"""Text of OFD files (GB/T 33190-2016): zipped XML, one file for each page.

`OFD.xml` names the document, that names its pages (`Pages/Page@BaseLoc`), and a page holds
`TextObject`s with their lines as `TextCode` (clauses 7.4, 7.5, 7.7 and 11). Paths are relative to
the file they stand in, or to the root where they begin with a slash.
"""

import posixpath
from collections.abc import Iterator
from typing import Any

from crawlers.attachments import xml
from crawlers.attachments.members import Members
from crawlers.attachments.reading import FileProblem, UnreadableError
from crawlers.attachments.wrapped_lines import unwrapped

MAX_PAGES = 2000
# Half a millimetre: what stands on one line differs by less.
_SAME_LINE = 0.5
_IMAGES = (".png", ".jpg", ".jpeg", ".bmp", ".tif", ".tiff")


def ofd_text(body: bytes) -> str:
    """Return the text of all pages, lines broken by the page's width joined again."""
    members = Members(body)
    pages = [page for path in _documents(members) for page in _pages(members, path)]
    return "\n".join(unwrapped("\n".join(_lines(members, page))) for page in pages[:MAX_PAGES])


def ofd_images(body: bytes) -> list[bytes]:
    """Return the pictures of an OFD, of which one without text consists, in the order of their names."""
    members = Members(body)
    return [members.read(name) for name in sorted(members) if name.lower().endswith(_IMAGES)]


def _documents(members: Members) -> Iterator[str]:
    for element in xml.parse(members.read("OFD.xml")).iter():
        if xml.local(element) == "DocRoot" and element.text:
            yield _resolved("", element.text.strip())


def _pages(members: Members, document: str) -> Iterator[str]:
    if document not in members:
        raise UnreadableError(FileProblem.BROKEN)
    for element in xml.parse(members.read(document)).iter():
        if xml.local(element) == "Page" and element.get("BaseLoc"):
            yield _resolved(posixpath.dirname(document), element.get("BaseLoc"))


def _lines(members: Members, page: str) -> Iterator[str]:
    if page not in members:
        return
    line, height = "", None
    for element in xml.parse(members.read(page)).iter():
        if xml.local(element) != "TextCode":
            continue
        top = _top(element)
        if height is not None and top is not None and abs(top - height) > _SAME_LINE:
            yield line
            line = ""
        line += element.text or ""
        height = top if top is not None else height
    yield line


def _top(code: Any) -> float | None:
    """Return how far down the page a run of text stands, in millimetres."""
    boundary = (code.getparent().get("Boundary") or "").split()
    try:
        return float(boundary[1]) + float(code.get("Y") or 0)
    except (IndexError, ValueError):
        return None


def _resolved(folder: str, path: str) -> str:
    joined = path if path.startswith("/") else posixpath.join(folder, path)
    return posixpath.normpath(joined).lstrip("/")
