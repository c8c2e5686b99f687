"""A file's bytes into a `FileReading`: its kind is told, its text read. Runs in the child process only."""

from collections.abc import Callable, Iterator
from dataclasses import replace

from PIL.Image import Image

from catalog.folding import clean, visible_length
from crawlers.attachments import images, kinds, ocr, ofd, office, pdf, plain, sheets, word
from crawlers.attachments.members import Budget, Members
from crawlers.attachments.reading import (
    MAX_CHARACTERS,
    OCR,
    TEXT,
    FileKind,
    FileProblem,
    FileReading,
    UnreadableError,
)

CONFIDENCE_FLOOR = 65.0
"""Below this mean confidence recognised text is reported as doubtful. Measured on drawn pages of our
own: clean print has 92 and more, specks that spoil one character in fifteen leave 75, and where half
of the characters are wrong it is 20."""

MAX_DEPTH = 3
"""Zip files within zip files; a department's 附件.zip holds one more at most."""

_READERS: dict[FileKind, Callable[[bytes], str]] = {
    FileKind.PDF: pdf.pdf_text,
    FileKind.DOC: word.doc_text,
    FileKind.DOCX: office.docx_text,
    FileKind.PPTX: office.pptx_text,
    FileKind.ODT: office.odt_text,
    FileKind.XLS: sheets.workbook_text,
    FileKind.XLSX: sheets.workbook_text,
    FileKind.ODS: sheets.workbook_text,
    FileKind.OFD: ofd.ofd_text,
    FileKind.RTF: plain.rtf_text,
    FileKind.HTML: plain.html_text,
    FileKind.XML: plain.xml_text,
}
_PICTURED = frozenset({FileKind.PDF, FileKind.OFD, FileKind.IMAGE})


def parse(body: bytes) -> FileReading:
    """Read a file's text; what holds only pictures of it comes back as `scanned`."""
    return _parsed(body, Budget(), 0)


def recognise(body: bytes, seconds: float) -> FileReading:
    """Recognise the text of a file that `parse` found to be scanned, for so many seconds."""
    kind = FileKind.UNKNOWN
    try:
        kind = kinds.kind_of(body)
        found = ocr.recognise(_pictures(kind, body), seconds)
    except UnreadableError as error:
        return FileReading(kind, problem=error.problem)
    reading = _with_text(kind, found.text)
    if reading.text is None:
        return reading
    problem = FileProblem.OCR_PARTIAL if found.partial else None
    if found.confidence < CONFIDENCE_FLOOR:
        problem = FileProblem.OCR_DOUBTFUL
    return replace(reading, provenance=OCR, confidence=found.confidence, problem=problem)


def _parsed(body: bytes, budget: Budget, depth: int) -> FileReading:
    kind = FileKind.UNKNOWN
    try:
        kind = kinds.kind_of(body)
        if kind is FileKind.TXT:
            return _with_text(*plain.plain_text(body))
        if kind is FileKind.ZIP:
            return _zip(body, budget, depth)
        if kind is FileKind.IMAGE:
            return FileReading(kind, problem=FileProblem.NO_TEXT, scanned=True)
        if kind not in _READERS:
            unknown = kind in (FileKind.UNKNOWN, FileKind.OLE)
            return FileReading(kind, problem=FileProblem.UNKNOWN if unknown else FileProblem.UNSUPPORTED)
        reading = _with_text(kind, _READERS[kind](body))
    except UnreadableError as error:
        return FileReading(kind, problem=error.problem)
    return reading if reading.text or kind not in _PICTURED else replace(reading, scanned=True)


def _with_text(kind: FileKind, text: str) -> FileReading:
    shown = clean(text[:MAX_CHARACTERS]).strip()
    if not visible_length(shown):
        return FileReading(kind, problem=FileProblem.NO_TEXT)
    return FileReading(kind, shown, provenance=TEXT)


def _zip(body: bytes, budget: Budget, depth: int) -> FileReading:
    """Read every member by the same rules, each under its name."""
    if depth >= MAX_DEPTH:
        raise UnreadableError(FileProblem.TOO_COMPLEX)
    members = Members(body, budget)
    parts: list[str] = []
    problems: list[FileProblem] = []
    for name in members:
        parts.append(name)
        try:
            reading = _parsed(members.read(name), budget, depth + 1)
        except UnreadableError as error:
            reading = FileReading(FileKind.UNKNOWN, problem=error.problem)
        if reading.text:
            parts.append(reading.text)
        if reading.problem:
            problems.append(reading.problem)
        if FileProblem.TOO_COMPLEX in problems:
            break
    found = _with_text(FileKind.ZIP, "\n".join(parts))
    grave = next((p for p in (FileProblem.TOO_COMPLEX, FileProblem.ENCRYPTED) if p in problems), None)
    return replace(found, problem=grave or found.problem)


def _pictures(kind: FileKind, body: bytes) -> Iterator[Image]:
    if kind is FileKind.PDF:
        yield from pdf.pdf_pictures(body)
    elif kind is FileKind.OFD:
        for image in ofd.ofd_images(body):
            yield from images.pictures(image)
    else:
        yield from images.pictures(body)
