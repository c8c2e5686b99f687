"""Writes plain PDF files with Chinese text, without embedding a font.

STSong-Light with the encoding UniGB-UCS2-H is one of the standard CJK fonts that readers bring
along (PDF 32000-1, 9.7.5.2): text is written as UTF-16BE code units and can be extracted again.
"""

from collections.abc import Iterable, Iterator

_LINE_CHARS = 36
_PAGE_LINES = 38
_HEADER = b"%PDF-1.4\n%\xe4\xb8\xad\n"
_FONT = (
    b"<</Type/Font/Subtype/Type0/BaseFont/STSong-Light/Encoding/UniGB-UCS2-H/DescendantFonts[4 0 R]>>",
    b"<</Type/Font/Subtype/CIDFontType0/BaseFont/STSong-Light"
    b"/CIDSystemInfo<</Registry(Adobe)/Ordering(GB1)/Supplement 2>>/FontDescriptor 5 0 R/DW 1000>>",
    b"<</Type/FontDescriptor/FontName/STSong-Light/Flags 6/FontBBox[-25 -254 1000 880]/ItalicAngle 0"
    b"/Ascent 880/Descent -120/CapHeight 880/StemV 93>>",
)
_FIRST_PAGE = 6


def write_pdf(title: str, lines: Iterable[str]) -> bytes:
    """Return a PDF whose pages hold the lines, long ones folded, on A4."""
    pages = list(_pages(lines))
    kids = b" ".join(b"%d 0 R" % (_FIRST_PAGE + 2 * number) for number in range(len(pages)))
    objects = [
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Count %d/Kids[%s]>>" % (len(pages), kids),
        *_FONT,
    ]
    for number, page in enumerate(pages):
        content = _content(page)
        objects.append(
            b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]"
            b"/Resources<</Font<</F1 3 0 R>>>>/Contents %d 0 R>>" % (_FIRST_PAGE + 2 * number + 1)
        )
        objects.append(b"<</Length %d>>\nstream\n%s\nendstream" % (len(content), content))
    objects.append(b"<</Title<feff%s>>>" % _hexadecimal(title))
    return _file(objects)


def _pages(lines: Iterable[str]) -> Iterator[list[str]]:
    page: list[str] = []
    for line in lines:
        for start in range(0, max(len(line), 1), _LINE_CHARS):
            page.append(line[start : start + _LINE_CHARS])
            if len(page) == _PAGE_LINES:
                yield page
                page = []
    if page:
        yield page


def _content(lines: list[str]) -> bytes:
    shown = b"\n".join(b"<%s> Tj T*" % _hexadecimal(line) for line in lines)
    return b"BT /F1 14 Tf 19 TL 45 780 Td\n" + shown + b"\nET"


def _hexadecimal(text: str) -> bytes:
    # The encoding knows the basic plane only.
    return "".join(char for char in text if ord(char) <= 0xFFFF).encode("utf-16-be").hex().encode()


def _file(objects: list[bytes]) -> bytes:
    data = bytearray(_HEADER)
    places = []
    for number, content in enumerate(objects, 1):
        places.append(len(data))
        data += b"%d 0 obj\n%s\nendobj\n" % (number, content)
    start = len(data)
    entries = b"".join(b"%010d 00000 n \n" % place for place in places)
    size = len(objects) + 1
    data += b"xref\n0 %d\n0000000000 65535 f \n%s" % (size, entries)
    data += b"trailer\n<</Size %d/Root 1 0 R/Info %d 0 R>>\nstartxref\n%d\n%%%%EOF\n" % (
        size,
        len(objects),
        start,
    )
    return bytes(data)
