"""Text of rtf, txt, csv, XML spreadsheets and HTML files."""

from striprtf.striprtf import rtf_to_text

from catalog.records import PageKind, flat_text
from crawlers.attachments import xml
from crawlers.attachments.reading import FileKind, FileProblem, UnreadableError
from crawlers.reading.blocks import to_blocks
from crawlers.reading.body import all_lines
from crawlers.reading.decoding import decode
from crawlers.reading.lines import outline
from crawlers.reading.page import read_page
from crawlers.reading.tree import parse as parse_page

_SAMPLE_LINES = 20
# What a server sends under status 200 in place of a file it does not have.
_NO_FILE = frozenset({PageKind.ERROR, PageKind.LOGIN, PageKind.SHELL, PageKind.HACKED})
# Error and login pages are shorter; exported tables may have megabytes, and judging a page costs time.
_LONGEST_NO_FILE = 100_000


def rtf_text(body: bytes) -> str:
    """Return the text of an RTF file, whose bytes beyond ASCII are in the code page it names."""
    try:
        return str(rtf_to_text(body.decode("latin-1"), errors="replace"))  # type: ignore[no-untyped-call]  # it ships no types
    except (ValueError, LookupError, IndexError, TypeError) as error:
        raise UnreadableError(FileProblem.BROKEN) from error


def plain_text(body: bytes) -> tuple[FileKind, str]:
    """Return the text of a file without markup, and whether it is a table (csv: cells parted by a tab)."""
    text = decode(body)
    lines = [line for line in text.split("\n")[:_SAMPLE_LINES] if line.strip()]
    commas = {line.count(",") for line in lines}
    if len(lines) > 1 and len(commas) == 1 and commas != {0}:
        return FileKind.CSV, text.replace('"', "").replace(",", "\t")
    return FileKind.TXT, text


def xml_text(body: bytes) -> str:
    """Return the text of XML as Excel 2003 and Word 2003 save it: a line per row or paragraph."""
    root = xml.parse(body)
    rows = [e for e in root.iter() if xml.local(e) in ("Row", "p")]
    if not rows:
        return "\n".join(text.strip() for text in root.itertext() if text.strip())
    return "\n".join("\t".join(text.strip() for text in row.itertext() if text.strip()) for row in rows)


def html_text(body: bytes) -> str:
    """Return all that a page shows, for a table that is called .xls and is HTML.

    Raises `UnreadableError` for a page that stands in place of the file: an error, a login.
    """
    if len(body) <= _LONGEST_NO_FILE and read_page(body).page_kind in _NO_FILE:
        raise UnreadableError(FileProblem.NOT_A_FILE)
    page = outline(parse_page(decode(body)))
    return flat_text(to_blocks(page, all_lines(page), None))
