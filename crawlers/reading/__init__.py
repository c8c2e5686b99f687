"""Saved pages read: bytes in, facts with provenance, text as blocks, files and links out.

`tree` parses, `lines` lays the page out as its reader sees it; `statements` (with `labels`), `meta`
and `titles` find the facts, `body` and `blocks` the text, `links` the files; `page_kind` judges what
was met and `page` puts it together. Nothing here opens a connection.
"""

from crawlers.reading.decoding import decode
from crawlers.reading.links import Link
from crawlers.reading.page import PageReading, ReadingHints, read_page, stated

__all__ = ["Link", "PageReading", "ReadingHints", "decode", "read_page", "stated"]
