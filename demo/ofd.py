"""Writes plain OFD files (GB/T 33190-2016): zipped XML, the national format for laid-out documents.

`OFD.xml` names the document, that names its pages, and a page holds a `TextObject` for each line
(clauses 7.4, 7.5, 7.7 and 11). The same lines make the same bytes.
"""

import zipfile
from collections.abc import Iterable
from io import BytesIO
from xml.sax.saxutils import escape

_LINE_CHARS = 34
_PAGE_LINES = 36
_NAMESPACE = 'xmlns:ofd="http://www.ofdspec.org/2016"'
_HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n'
_WRITTEN = (2020, 1, 1, 0, 0, 0)
_WIDTH, _HEIGHT, _MARGIN, _LEADING, _SIZE = 210, 297, 25, 7, 4.9  # millimetres


def write_ofd(title: str, lines: Iterable[str]) -> bytes:
    """Return an OFD whose pages hold the lines, long ones folded, on A4."""
    folded = [
        line[start : start + _LINE_CHARS] for line in lines for start in range(0, len(line), _LINE_CHARS)
    ]
    pages = [folded[start : start + _PAGE_LINES] for start in range(0, len(folded), _PAGE_LINES)] or [[]]
    parts = {"OFD.xml": _root(title), "Doc_0/Document.xml": _document(len(pages))}
    parts |= {f"Doc_0/Pages/Page_{n}/Content.xml": _page(page, n) for n, page in enumerate(pages)}
    file = BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in parts.items():
            archive.writestr(zipfile.ZipInfo(name, _WRITTEN), _HEAD + text)
    return file.getvalue()


def _root(title: str) -> str:
    about = f"<ofd:DocInfo><ofd:Title>{escape(title)}</ofd:Title></ofd:DocInfo>"
    return (
        f'<ofd:OFD {_NAMESPACE} Version="1.0" DocType="OFD"><ofd:DocBody>{about}'
        "<ofd:DocRoot>Doc_0/Document.xml</ofd:DocRoot></ofd:DocBody></ofd:OFD>"
    )


def _document(pages: int) -> str:
    area = f"<ofd:PageArea><ofd:PhysicalBox>0 0 {_WIDTH} {_HEIGHT}</ofd:PhysicalBox></ofd:PageArea>"
    listed = "".join(f'<ofd:Page ID="{n + 1}" BaseLoc="Pages/Page_{n}/Content.xml"/>' for n in range(pages))
    return (
        f"<ofd:Document {_NAMESPACE}><ofd:CommonData>{area}</ofd:CommonData>"
        f"<ofd:Pages>{listed}</ofd:Pages></ofd:Document>"
    )


def _page(lines: list[str], number: int) -> str:
    objects = "".join(
        f'<ofd:TextObject ID="{1000 * (number + 1) + n}" Font="1" Size="{_SIZE}"'
        f' Boundary="{_MARGIN} {_MARGIN + n * _LEADING} {_WIDTH - 2 * _MARGIN} {_LEADING}">'
        f'<ofd:TextCode X="0" Y="{_SIZE}">{escape(line)}</ofd:TextCode></ofd:TextObject>'
        for n, line in enumerate(lines)
    )
    layer = f'<ofd:Layer ID="{number + 900}">{objects}</ofd:Layer>'
    return f"<ofd:Page {_NAMESPACE}><ofd:Content>{layer}</ofd:Content></ofd:Page>"
