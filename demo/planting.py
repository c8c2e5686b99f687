"""What is wrong in the city: single pages that real sites have taught us to expect."""

import datetime
import re
from collections.abc import Callable
from random import Random

from opencc import OpenCC

from catalog.records import Block, BlockKind
from demo.city import City, Column, Publication
from demo.composing import NUMERAL_DATES_UNTIL, paragraph
from demo.writing import LAST_DAY

FUTURE_DAY = datetime.date(2031, 3, 2)
AS_OF = LAST_DAY + datetime.timedelta(days=31)
"""The day on which the city is looked at: its stale columns are so many days old then."""

STALE_DAYS = (13, 15, 179, 183)
"""Days without anything new, around the two limits of the national inspection (domain.md 7.3)."""

NUMERAL_DATE = re.compile(r"^[○〇O零一二三四五六七八九]{4}(年.{1,3}月.{1,3}日)$")
_LEAST_PDF_TEXT = 200


def plant(city: City, rng: Random) -> None:
    """Spoil some publications. Each trap goes to the first one, in a random order, where it makes sense."""
    entries = city.publications
    rng.shuffle(entries)
    for entry in entries:
        if "number_only_in_body" in entry.traps:
            _begin_with_number(entry)
    for trap, count, fits, spoil in _TRAPS:
        for entry in [entry for entry in entries if not entry.traps and fits(entry)][:count]:
            spoil(entry)
            entry.traps.add(trap)
    _let_columns_go_stale(city, rng)


def _let_columns_go_stale(city: City, rng: Random) -> None:
    """Give some columns a newest item of just the right age."""
    columns = [column for subsite in city.subsites for column in subsite.columns.values()]
    rng.shuffle(columns)
    for days in STALE_DAYS:
        day = AS_OF - datetime.timedelta(days=days)
        newest = next(entry for column in columns if (entry := _newest(column)) and _may_be_from(entry, day))
        _publish_on(newest, day)
        newest.traps.add(f"stale_{days}")


def _newest(column: Column) -> Publication | None:
    return max(column.publications, key=lambda entry: (entry.published_on, entry.article), default=None)


def _may_be_from(entry: Publication, day: datetime.date) -> bool:
    return not entry.traps and len(entry.columns) == 1 and entry.published_on <= day


def _begin_with_number(entry: Publication) -> None:
    document = entry.document
    number = document.doc_number or ""
    if not document.blocks[0].text.startswith(number):
        document.blocks.insert(0, paragraph(number))


def _has_numeral_date(entry: Publication) -> bool:
    if entry.document.issued_on > NUMERAL_DATES_UNTIL:
        return False
    return any(NUMERAL_DATE.match(block.text) for block in entry.document.blocks)


def _lose_year(entry: Publication) -> None:
    document = entry.document
    document.blocks = [
        Block(BlockKind.PARAGRAPH, ((found.group(1),),))
        if (found := NUMERAL_DATE.match(block.text))
        else block
        for block in document.blocks
    ]
    entry.printed["issued_on"] = ""


def _publish_in_future(entry: Publication) -> None:
    _publish_on(entry, FUTURE_DAY)


def _publish_too_early(entry: Publication) -> None:
    _publish_on(entry, entry.document.issued_on - datetime.timedelta(days=9))


def _publish_on(entry: Publication, day: datetime.date) -> None:
    entry.published_on = day
    entry.printed["published_on"] = day.isoformat()


def _leave_undated(entry: Publication) -> None:
    entry.printed["published_on"] = ""


def _name_id_card(entry: Publication) -> None:
    blocks = entry.document.blocks
    blocks.insert(len(blocks) // 2, paragraph(f"经办人身份证号码：{_id_card_number()}。"))


def _id_card_number() -> str:
    """Return a number that is well formed (GB 11643-1999) and nobody's: there is no region 349900."""
    digits = "34990019850317001"
    total = sum(int(digit) * pow(2, 17 - place, 11) for place, digit in enumerate(digits))
    return digits + "10X98765432"[total % 11]


def _write_traditional(entry: Publication) -> None:
    """Write title and text in traditional characters; what the page states of them stays as it is."""
    document = entry.document
    convert = OpenCC("s2t").convert
    document.title = convert(document.title)
    document.blocks = [
        Block(block.kind, tuple(tuple(convert(cell) for cell in row) for row in block.rows))
        for block in document.blocks
    ]
    if "title" in entry.printed:
        entry.printed["title"] = document.title


def _only_pdf(entry: Publication) -> None:
    if "format" in entry.printed:
        entry.printed["format"] = "文档附件"


def _nothing(_: Publication) -> None:
    """The page itself shows the trap."""


def _fits_pdf(entry: Publication) -> bool:
    return entry.document.genre == "G108" and len(entry.document.body) > _LEAST_PDF_TEXT


def _has_some_text(entry: Publication) -> bool:
    return len(entry.document.body) > _LEAST_PDF_TEXT


def _has_attachment(entry: Publication) -> bool:
    return bool(entry.document.attachments)


def _stands_once_unnumbered(entry: Publication) -> bool:
    return entry.document.doc_number is None and len(entry.document.issuers) == 1


def _on_land(entry: Publication) -> bool:
    return entry.subsite.key == "land"  # neither its addresses nor its lists tell a date by themselves


def _anywhere(_: Publication) -> bool:
    return True


_Trap = tuple[str, int, Callable[[Publication], bool], Callable[[Publication], None]]
_TRAPS: tuple[_Trap, ...] = (
    ("lost_year", 1, _has_numeral_date, _lose_year),
    ("pdf_only", 4, _fits_pdf, _only_pdf),
    ("dead_attachment", 3, _has_attachment, _nothing),
    ("future_date", 1, _anywhere, _publish_in_future),
    ("issued_after_published", 2, _anywhere, _publish_too_early),
    ("ofd_attachment", 2, _has_some_text, _nothing),
    ("undated", 1, _on_land, _leave_undated),
    ("id_card", 1, _anywhere, _name_id_card),
    ("traditional", 1, _stands_once_unnumbered, _write_traditional),
)
