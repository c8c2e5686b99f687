"""Text of docx, pptx and odt files: zipped XML, read in the order of the document.

Read from the XML rather than with python-docx, whose paragraphs leave out what stands in content
controls, text boxes and accepted insertions: the cover page and the table of many a template.
"""

import re
from collections.abc import Iterator
from typing import Any

from lxml import etree  # type: ignore[import-untyped]

from crawlers.attachments import xml
from crawlers.attachments.members import Members

# The fallback repeats the drawing for old programs; deletions and field codes are not shown.
_UNSHOWN = frozenset(
    {"Fallback", "del", "moveFrom", "instrText", "delText", "tracked-changes", "pPr", "rPr", "sectPr"}
)
_TEXTS = frozenset({"t"})
_PARAGRAPHS = frozenset({"p", "h"})
_SLIDE = re.compile(r"ppt/slides/slide(\d+)\.xml")


def docx_text(body: bytes) -> str:
    """Return the text of a Word document: a line per paragraph, table cells parted by a tab."""
    return _flow_text(xml.parse(Members(body).read("word/document.xml")))


def pptx_text(body: bytes) -> str:
    """Return the text of all slides in their order."""
    members = Members(body)
    slides = sorted((int(found[1]), name) for name in members if (found := _SLIDE.fullmatch(name)))
    return "\n".join(_flow_text(xml.parse(members.read(name))) for _, name in slides)


def odt_text(body: bytes) -> str:
    """Return the text of an OpenDocument text."""
    root = xml.parse(Members(body).read("content.xml"))
    return "\n".join(
        "".join(element.itertext())
        for element in root.iter()
        if xml.local(element) in _PARAGRAPHS and not _is_nested(element)
    )


def _is_nested(element: Any) -> bool:
    return any(xml.local(parent) in _PARAGRAPHS for parent in element.iterancestors())


def _flow_text(root: Any) -> str:
    return "".join(_flow(root)).replace("\n\t", "\t")


def _flow(root: Any) -> Iterator[str]:
    """Walk without recursion: depth is the file's choice."""
    cell_depth = 0
    walker = etree.iterwalk(root, events=("start", "end"))
    for event, element in walker:
        name = xml.local(element)
        if event == "start":
            if name in _UNSHOWN:
                walker.skip_subtree()
            elif name in _TEXTS:
                yield element.text or ""
            elif name in ("tab", "ptab"):
                yield " "
            elif name in ("br", "cr"):
                yield " " if cell_depth else "\n"
            elif name == "tc":
                cell_depth += 1
        elif name == "tc":
            cell_depth -= 1
            yield "\t"
        elif name == "tr":
            yield "\n"
        elif name == "p":
            yield " " if cell_depth else "\n"
