"""What a file is, told by its content.

Names lie: a table saved as HTML and called .xls opens in every office program, .et and .wps are OLE
files that Excel and Word know, and downloads without a name are the rule (domain.md 5.3).
"""

import io
import re

import olefile

from crawlers.attachments.marks import marked_kind
from crawlers.attachments.members import Members
from crawlers.attachments.reading import FileKind, FileProblem, UnreadableError

_STREAMS = (
    ("EncryptedPackage", None),
    ("WordDocument", FileKind.DOC),
    ("Workbook", FileKind.XLS),
    ("Book", FileKind.XLS),
    ("PowerPoint Document", FileKind.PPT),
)
_PACKAGES = (
    ("word/document.xml", FileKind.DOCX),
    ("xl/workbook.xml", FileKind.XLSX),
    ("xl/workbook.bin", FileKind.XLSX),
    ("ppt/presentation.xml", FileKind.PPTX),
    ("OFD.xml", FileKind.OFD),
)
_SAMPLE = 4096
_HTML = re.compile(rb"<(?:!doctype\s+html|html|head|body|table|meta|div|title)\b", re.IGNORECASE)
_XML = re.compile(rb"\s*<\?xml\b(?!.*<(?:!doctype\s+)?html\b)", re.IGNORECASE | re.DOTALL)
_WIDE_BOMS = (b"\xff\xfe", b"\xfe\xff", b"\x00\x00\xfe\xff")
# Bytes that no text in any charset holds.
_CONTROLS = bytes([*range(9), *range(14, 27), *range(28, 32), 127])
_MOST_CONTROLS = 0.02


def kind_of(body: bytes) -> FileKind:
    """Return what a file is; raises `UnreadableError` for one that is encrypted as a whole or empty."""
    if not body.strip(b"\0 \t\r\n"):
        raise UnreadableError(FileProblem.EMPTY)
    mark = marked_kind(body)
    if mark is FileKind.OLE:
        return _ole_kind(body)
    if mark is FileKind.ZIP:
        return _zip_kind(body)
    return mark or _text_kind(body)


def _ole_kind(body: bytes) -> FileKind:
    try:
        with olefile.OleFileIO(io.BytesIO(body)) as ole:
            found = [(name, kind) for name, kind in _STREAMS if ole.exists(name)]
    except (OSError, ValueError, IndexError, TypeError, OverflowError) as error:
        raise UnreadableError(FileProblem.BROKEN) from error
    if not found:
        return FileKind.OLE
    kind = found[0][1]
    if kind is None:
        raise UnreadableError(FileProblem.ENCRYPTED)
    return kind


def _zip_kind(body: bytes) -> FileKind:
    members = Members(body)
    for name, kind in _PACKAGES:
        if name in members:
            return kind
    if "mimetype" in members and "content.xml" in members:
        said = members.read("mimetype").strip()
        if said.endswith(b"opendocument.spreadsheet"):
            return FileKind.ODS
        if said.endswith(b"opendocument.text"):
            return FileKind.ODT
    return FileKind.ZIP


def _text_kind(body: bytes) -> FileKind:
    sample = body[:_SAMPLE]
    if sample.startswith(_WIDE_BOMS):
        sample = sample.replace(b"\0", b"")
    elif len(sample) - len(sample.translate(None, _CONTROLS)) > _MOST_CONTROLS * len(sample):
        return FileKind.UNKNOWN
    if _XML.match(sample):
        return FileKind.XML
    return FileKind.HTML if _HTML.search(sample) else FileKind.TXT
