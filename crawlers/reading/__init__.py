"""Saved pages read: bytes in, facts with provenance, text as blocks, files and links out.

`tree` parses, `lines` lays the page out as its reader sees it; `statements` (with `labels`), `meta`
and `titles` find the facts (`hidden` those that no reader sees), `body` and `blocks` the text, `links`
the files; `page_kind` judges what was met, with `shells`, `dead_pages` and `spam`; `fingerprint` knows
a page again; `page` puts it together. Nothing here opens a connection.
"""

from crawlers.reading.decoding import decode
from crawlers.reading.fingerprint import Fingerprint, same_page
from crawlers.reading.links import Link
from crawlers.reading.page import PageReading, ReadingHints, read_page, stated

__all__ = [
    "Fingerprint",
    "Link",
    "PageReading",
    "ReadingHints",
    "decode",
    "read_page",
    "same_page",
    "stated",
]
