"""Writes the files that the made-up city attaches: PDF, Word, OFD, and tables of HTML called .xls."""

import io
import zipfile
from collections.abc import Iterable, Mapping
from html import escape

from demo.ofd import write_ofd
from demo.pdf import write_pdf

KINDS = ("pdf", "docx", "ofd", "xls")
"""The kinds by the ends of their names; xls is HTML, as many systems export it."""

TYPES = {
    "pdf": "application/pdf",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "ofd": "application/ofd",
    "xls": "application/vnd.ms-excel",
}
"""The content types under which servers send them."""

_TIME = (2012, 12, 31, 0, 0, 0)
_WORD = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"


def write_file(kind: str, title: str, lines: Iterable[str]) -> bytes:
    """Return a file of one of `KINDS` that holds the lines; the same bytes every time."""
    if kind == "pdf":
        return write_pdf(title, lines)
    if kind == "ofd":
        return write_ofd(title, lines)
    return _docx(lines) if kind == "docx" else _table(lines)


def _docx(lines: Iterable[str]) -> bytes:
    paragraphs = "".join(f"<w:p><w:r><w:t>{escape(line)}</w:t></w:r></w:p>" for line in lines)
    types = (
        '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        f'<Override PartName="/word/document.xml" ContentType="{TYPES["docx"]}.main+xml"/></Types>'
    )
    relations = (
        '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
        '<Relationship Id="r1" Target="word/document.xml" Type='
        '"http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument"/></Relationships>'
    )
    document = f'<w:document xmlns:w="{_WORD}"><w:body>{paragraphs}</w:body></w:document>'
    return _zipped({"[Content_Types].xml": types, "_rels/.rels": relations, "word/document.xml": document})


def _table(lines: Iterable[str]) -> bytes:
    rows = "".join(f"<tr><td>{escape(line)}</td></tr>" for line in lines)
    page = f'<html><head><meta charset="gb2312"></head><body><table>{rows}</table></body></html>'
    return page.encode("gb18030")


def _zipped(members: Mapping[str, str]) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        for name, content in members.items():
            archive.writestr(zipfile.ZipInfo(name, _TIME), content, zipfile.ZIP_DEFLATED)
    return made.getvalue()
