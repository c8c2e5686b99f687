"""What is wrong in the city: single pages that real sites have taught us to expect."""

import datetime
import re
from collections.abc import Callable
from random import Random

from catalog.records import Block, BlockKind
from demo.city import City, Publication
from demo.composing import NUMERAL_DATES_UNTIL, paragraph

FUTURE_DAY = datetime.date(2031, 3, 2)
_NUMERAL_DATE = re.compile(r"^[○〇O零一二三四五六七八九]{4}(年.{1,3}月.{1,3}日)$")
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


def _begin_with_number(entry: Publication) -> None:
    document = entry.document
    number = document.doc_number or ""
    if not document.blocks[0].text.startswith(number):
        document.blocks.insert(0, paragraph(number))


def _has_numeral_date(entry: Publication) -> bool:
    if entry.document.issued_on > NUMERAL_DATES_UNTIL:
        return False
    return any(_NUMERAL_DATE.match(block.text) for block in entry.document.blocks)


def _lose_year(entry: Publication) -> None:
    document = entry.document
    document.blocks = [
        Block(BlockKind.PARAGRAPH, ((found.group(1),),))
        if (found := _NUMERAL_DATE.match(block.text))
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


def _only_pdf(entry: Publication) -> None:
    if "format" in entry.printed:
        entry.printed["format"] = "文档附件"


def _nothing(_: Publication) -> None:
    """The page itself shows the trap."""


def _fits_pdf(entry: Publication) -> bool:
    return entry.document.genre == "G108" and len(entry.document.body) > _LEAST_PDF_TEXT


def _has_attachment(entry: Publication) -> bool:
    return bool(entry.document.attachments)


def _anywhere(_: Publication) -> bool:
    return True


_Trap = tuple[str, int, Callable[[Publication], bool], Callable[[Publication], None]]
_TRAPS: tuple[_Trap, ...] = (
    ("lost_year", 1, _has_numeral_date, _lose_year),
    ("pdf_only", 4, _fits_pdf, _only_pdf),
    ("dead_attachment", 3, _has_attachment, _nothing),
    ("future_date", 1, _anywhere, _publish_in_future),
    ("issued_after_published", 2, _anywhere, _publish_too_early),
)
