"""A pushed record as the crawl sees it: archived in place of a response, and read in place of a page.

Its text goes through the reader of pages, so that a login form, an error text or gambling is known for what
it is whoever sends it. What it states is kept as its sender's word (provenance `import`), never as printed.
"""

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from html import escape

from catalog.pushed import PushedRecord
from catalog.records import Field, PageKind, Provenance, Witness, paragraphs
from crawlers.errors import Problem
from crawlers.families.family import Family
from crawlers.outcome import Failed
from crawlers.reading.fingerprint import NO_FINGERPRINT
from crawlers.reading.links import Link
from crawlers.reading.page import PageReading, read_page
from crawlers.response import Response
from crawlers.warc import PUSHED_TYPE

# A whole page, not the piece of one that an editor holds.
_WHOLE = re.compile(r"<(?:!doctype|html|head|body)\b", re.IGNORECASE)
_OPENING = 2000
# What a page has to prove by its length or its facts, the sender of a text has said: that it is a document.
_VOUCHED_FOR = (PageKind.OTHER, PageKind.LIST)
# Without any field to fill in, 请登录… is a sentence of a notice.
_NOWHERE_TO_FILL_IN = (*_VOUCHED_FOR, PageKind.LOGIN, PageKind.FORM, PageKind.SHELL)
_FIELD = re.compile(r"<(?:input|select|textarea|i?frame)\b", re.IGNORECASE)


def response_of(url: str, body: bytes, received_at: datetime) -> Response:
    """Return a stored record (`catalog.pushed`) in the form in which it is archived and visited."""
    headers = (("Content-Type", PUSHED_TYPE),)
    return Response(url, 200, "", "", headers, body, body, received_at, pushed=True)


def columns_of(response: Response) -> tuple[str, ...]:
    """Return the names of the columns (栏目) that a record was pushed for."""
    return PushedRecord.from_json(response.body).columns


def read_pushed(response: Response, family: Family) -> PageReading | Failed:
    """Read a pushed record; whole pages are read with what the subsite's family knows of its pages."""
    try:
        record = PushedRecord.from_json(response.body)
        return _whole(record, family) if _is_whole(record) else _piece(record)
    except Exception as error:  # noqa: BLE001 - whatever a text does to its reader concerns that text alone
        return Failed(Problem.READER, f"{response.url}（{type(error).__name__}: {error}）"[:500])


def _is_whole(record: PushedRecord) -> bool:
    return record.html is not None and _WHOLE.search(record.html[:_OPENING]) is not None


def _whole(record: PushedRecord, family: Family) -> PageReading:
    reading = _read(record.html or "", record.url, family)
    return _told(record, reading, _unstated(record, reading.witnesses))


def _piece(record: PushedRecord) -> PageReading:
    title = escape(dict(record.facts).get(Field.TITLE, ""))
    blocks = None if record.text is None else paragraphs(record.text)
    body = record.html or "".join(f"<p>{escape(block.text)}</p>" for block in blocks or ())
    page = f'<html><head><title>{title}</title></head><body><div id="zoom">{body}</div></body></html>'
    reading = _read(page, record.url, None)
    if blocks is not None:
        # Links are for pages: in a plain text an address is text.
        reading = replace(reading, blocks=blocks, attachments=())
    kind = reading.page_kind
    has_content = bool(reading.blocks or reading.attachments or record.attachments)
    vouched_for = _VOUCHED_FOR if _FIELD.search(record.html or "") else _NOWHERE_TO_FILL_IN
    if kind in vouched_for and has_content:
        kind = PageKind.DOCUMENT
    return _told(record, replace(reading, page_kind=kind, fingerprint=NO_FINGERPRINT), ())


def _read(page: str, url: str, family: Family | None) -> PageReading:
    body = page.encode("utf-8", "replace")
    hints = None if family is None else family.hints
    return read_page(body, url=url, declared_charset="utf-8", hints=hints)


def _unstated(record: PushedRecord, read: Sequence[Witness]) -> tuple[Witness, ...]:
    """Return what a pushed page prints and its sender does not state: the sender's word, too."""
    stated = {name for name, _value in record.facts}
    found = (Witness(one.field, one.raw, Provenance.IMPORT) for one in read if one.field not in stated)
    return tuple(dict.fromkeys(found))


def _told(record: PushedRecord, reading: PageReading, more: tuple[Witness, ...]) -> PageReading:
    said = tuple(Witness(Field(name), value, Provenance.IMPORT) for name, value in record.facts)
    links = [Link(url, name) for url, name in record.attachments]
    files = {link.url: link for link in (*reading.attachments, *links)}
    return replace(reading, witnesses=(*said, *more), attachments=tuple(files.values()))
