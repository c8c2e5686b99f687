"""Files of our own making, one maker for each kind; what they say is made up."""

import datetime
import io
import struct
import zipfile
import zlib

LINES = (
    "关于修订农田灌溉用水收费标准的通知",
    "各乡镇人民政府：现将收费标准予以公布。",
    "自二〇一三年七月一日起施行。",
)


def zipped(members, *, stored=False):
    """Return a zip file of name -> bytes or text."""
    made = io.BytesIO()
    kind = zipfile.ZIP_STORED if stored else zipfile.ZIP_DEFLATED
    with zipfile.ZipFile(made, "w", kind) as archive:
        for name, content in members.items():
            # A fixed time: the same file today and tomorrow.
            archive.writestr(zipfile.ZipInfo(name, (2013, 5, 4, 0, 0, 0)), content, kind)
    return made.getvalue()


def gbk_zip(name, content):
    """Return a zip file as Chinese Windows writes it: the name in GBK, without the UTF-8 flag."""
    raw = name.encode("gbk")
    check = zlib.crc32(content)
    sizes = (33, check, len(content), len(content), len(raw), 0)
    local = struct.pack("<4sHHHHHIIIHH", b"PK\3\4", 20, 0, 0, 0, *sizes)
    entry = struct.pack("<4sHHHHHHIIIHHHHHII", b"PK\1\2", 20, 20, 0, 0, 0, *sizes, 0, 0, 0, 0, 0)
    start = len(local) + len(raw) + len(content)
    end = struct.pack("<4sHHHHIIH", b"PK\5\6", 0, 0, 1, 1, len(entry) + len(raw), start, 0)
    return local + raw + content + entry + raw + end


def docx(lines=LINES):
    """Return a Word document with a paragraph per line and a table, as python-docx makes it."""
    import docx as python_docx

    document = python_docx.Document()
    for line in lines:
        document.add_paragraph(line)
    table = document.add_table(rows=1, cols=2)
    table.rows[0].cells[0].text, table.rows[0].cells[1].text = "水稻", "每亩十二元"
    made = io.BytesIO()
    document.save(made)
    return made.getvalue()


def xlsx(rows=(("作物", "每亩（元）"), ("水稻", 12), ("小麦", 9.5)), *, cells=()):
    """Return a workbook of one sheet; `cells` are further (row, column, value)."""
    import xlsxwriter

    made = io.BytesIO()
    with xlsxwriter.Workbook(made) as book:
        book.set_properties({"created": datetime.datetime(2013, 5, 4, tzinfo=datetime.UTC)})
        sheet = book.add_worksheet("收费表")
        for number, row in enumerate(rows):
            sheet.write_row(number, 0, row)
        for place in cells:
            sheet.write(*place)
    return made.getvalue()


def pptx(slides):
    """Return a presentation with only what a reader of its text needs."""
    a, p = (
        "http://schemas.openxmlformats.org/drawingml/2006/main",
        "http://schemas.openxmlformats.org/presentationml/2006/main",
    )
    members = {"ppt/presentation.xml": f'<p:presentation xmlns:p="{p}"/>'}
    for number, line in enumerate(slides, 1):
        members[f"ppt/slides/slide{number}.xml"] = (
            f'<p:sld xmlns:p="{p}" xmlns:a="{a}"><p:txBody>'
            f"<a:p><a:r><a:t>{line}</a:t></a:r></a:p></p:txBody></p:sld>"
        )
    return zipped(members)


def ofd(lines=LINES):
    """Return an OFD of one page with a line of text per line, its runs cut in two."""
    runs = "".join(
        f'<ofd:TextObject ID="{10 + number}" Boundary="20 {20 + 8 * number} 170 6" Font="3" Size="5">'
        f'<ofd:TextCode X="0" Y="5">{line[:4]}</ofd:TextCode>'
        f'<ofd:TextCode X="20" Y="5">{line[4:]}</ofd:TextCode></ofd:TextObject>'
        for number, line in enumerate(lines)
    )

    def ofd_xml(name, content):
        return f'<ofd:{name} xmlns:ofd="http://www.ofdspec.org/2016">{content}</ofd:{name}>'

    page = "Pages/Page_0/Content.xml"
    root = "<ofd:DocBody><ofd:DocRoot>Doc_0/Document.xml</ofd:DocRoot></ofd:DocBody>"
    pages = f'<ofd:Pages><ofd:Page ID="1" BaseLoc="{page}"/></ofd:Pages>'
    content = f"<ofd:Content><ofd:Layer>{runs}</ofd:Layer></ofd:Content>"
    return zipped(
        {
            "OFD.xml": ofd_xml("OFD", root),
            "Doc_0/Document.xml": ofd_xml("Document", pages),
            f"Doc_0/{page}": ofd_xml("Page", content),
        }
    )


def rtf(lines=LINES):
    """Return an RTF file in code page 936."""
    escaped = (
        r"\par ".join("".join(rf"\'{byte:02x}" for byte in line.encode("gbk")) for line in lines)
    ).encode()
    return rb"{\rtf1\ansi\ansicpg936\deff0{\fonttbl{\f0\fnil\fcharset134 SimSun;}}\f0 " + escaped + rb"\par}"


def html_table(rows=(("作物", "每亩（元）"), ("水稻", "12"))):
    """Return a table as many systems export it: HTML under the name of a spreadsheet."""
    body = "".join("<tr>" + "".join(f"<td>{cell}</td>" for cell in row) + "</tr>" for row in rows)
    return f"<html><head><meta charset=gbk></head><body><table>{body}</table></body></html>".encode("gbk")


def drawn(text, *, size=40, noise=0):
    """Return a picture (Pillow) of lines of text in a Chinese font; skips without one."""
    import random
    from pathlib import Path

    import pytest
    from PIL import Image, ImageDraw, ImageFont

    font_file = Path("/usr/share/fonts/truetype/wqy/wqy-zenhei.ttc")
    if not font_file.exists():
        pytest.skip("fonts-wqy-zenhei is not installed")
    lines = text.split("\n")
    image = Image.new("L", (size * (max(map(len, lines)) + 4), size * 2 * (len(lines) + 2)), 255)
    draw = ImageDraw.Draw(image)
    for number, line in enumerate(lines):
        draw.text(
            (2 * size, size * (2 * number + 2)), line, font=ImageFont.truetype(str(font_file), size), fill=0
        )
    chance = random.Random(7)
    for _ in range(noise):
        x, y = chance.randrange(image.width), chance.randrange(image.height)
        draw.rectangle((x, y, x + 3, y + 3), fill=chance.choice((0, 255)))
    return image


def saved(image, kind="PNG"):
    """Return a picture's bytes in a format."""
    made = io.BytesIO()
    image.save(made, kind)
    return made.getvalue()
