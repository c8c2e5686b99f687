"""What is fed: one target for each reader of strange input, with the inputs it starts from."""

import json
import random
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from catalog import dates, doc_numbers, index_numbers
from catalog.pushed import PushedRecord
from crawlers.attachments.reading import FileProblem
from crawlers.attachments.worker import Worker
from crawlers.families import FAMILIES, GENERIC
from crawlers.outcome import Failed
from crawlers.pushed_pages import read_pushed as read_record
from crawlers.pushed_pages import response_of
from crawlers.reading import decode, read_page
from demo.pdf import write_pdf
from search_api.problems import ProblemError
from search_api.pushed import read_pushed
from tests.fuzz.mutating import mutated_bytes, mutated_page, mutated_text
from tests.support import made_files as made

LIMIT = 2.0
"""Seconds one input may take."""

_PAGES = [page.read_bytes() for page in sorted((Path(__file__).parents[1] / "pages").rglob("*.html"))]
_DATES = [
    *("2013年5月4日", "二〇一三年五月四日", "二○一二年十二月三十一日", "年八月二十八日"),
    *("2013-05-04 10:20", "2013/5/4", "[2013.05.04]"),
]
_NUMBERS = [
    *(
        "泓政〔2013〕12号",
        "泓政办发[2012]第003号",
        "2011年第3号公告",
        "第165号令",
        "泓教发（二○一一）7号",
        "无",
    ),
    *("003456789/2013-00012", "667938726/201802-00052", "AA-000-2013-1", "11340100MB1234567A/202001-00001"),
]
_TABLES = [
    "<table><tr><td>索引号：</td><td>003/2013-12</td><td>发布日期</td><td>2013-05-04</td></tr></table><p>正文",
    "<ul><li>【发文机关】泓州市水务局</li><li>文　　号：泓水〔2013〕3号</li><li>名称：通知</li></ul>",
    "<dl><dt>组配分类</dt><dd>规划计划</dd><dt>生成日期</dt><dd>二〇一三年</dd></dl>",
]
_PUSHED = [
    json.dumps({"url": "http://a.example/1", "title": "通知", "published_on": "2026-03-02", **said})
    for said in (
        *({"html": table, "columns": ["通知公告"]} for table in _TABLES),
        {
            "text": "第一条　自四月一日起施行。\n特此通知。",
            "attachments": [{"url": "http://a.example/1.pdf"}],
        },
        {"html": "<!DOCTYPE html><title>登录</title><form>用户名<input>密码<input type=password></form>"},
    )
]
_PLAIN = ["作物,每亩\n水稻,12\n".encode(), "\n".join(made.LINES).encode("gb18030"), b"II*\0" + bytes(60)]


class SlowError(Exception):
    """An input took longer than it may."""


@dataclass(frozen=True, slots=True)
class Target:
    """A reader: how an input is made for it, and how it is fed."""

    make: Callable[[random.Random], bytes]
    feed: Callable[[bytes], None]


class Files:
    """Feeds files to the process that reads them; a crash or a hang there is a failure here."""

    def __init__(self) -> None:
        self._worker = Worker()

    def feed(self, body: bytes) -> None:
        """Read a file; a second time where the process may only just have started."""
        reading = self._worker.read(body, timeout=LIMIT)
        if reading.problem is FileProblem.TOO_SLOW:
            self._worker.read(b"warm", timeout=30.0)
            reading = self._worker.read(body, timeout=LIMIT)
        if reading.problem is FileProblem.TOO_SLOW:
            raise SlowError
        if reading.problem in (FileProblem.CRASHED, FileProblem.KILLED, FileProblem.OUT_OF_MEMORY):
            raise RuntimeError(reading.problem.value)

    def close(self) -> None:
        """End the process."""
        self._worker.close()


def targets(files: Files) -> dict[str, Target]:
    """Return all targets by name."""
    bodies = [
        write_pdf("题", made.LINES), made.docx(), made.xlsx(), made.pptx(made.LINES), made.ofd(), made.rtf(),
        made.html_table(), made.zipped({"甲.txt": "水稻", "乙.docx": made.docx()}), *_PLAIN,
    ]  # fmt: skip
    return {
        "decoding": Target(_of_bytes(_PAGES), _decode),
        "pages": Target(_of_pages(_PAGES), _page),
        "labels": Target(_of_pages([table.encode() for table in _TABLES]), _page),
        "dates": Target(_of_texts(_DATES), lambda body: _date(body.decode())),
        "numbers": Target(_of_texts(_NUMBERS), lambda body: _number(body.decode())),
        "pushed": Target(_of_texts(_PUSHED), _pushed),
        "attachments": Target(_of_bytes(bodies), files.feed),
    }


def _of_bytes(bodies: list[bytes]) -> Callable[[random.Random], bytes]:
    return lambda chance: mutated_bytes(chance.choice(bodies), chance, bodies)


def _of_pages(pages: list[bytes]) -> Callable[[random.Random], bytes]:
    return lambda chance: mutated_page(chance.choice(pages), chance, pages)


def _of_texts(texts: list[str]) -> Callable[[random.Random], bytes]:
    return lambda chance: mutated_text(chance.choice(texts), chance, texts).encode("utf-8", "replace")


def _decode(body: bytes) -> None:
    for declared in (None, "gb2312", "utf-8", "x-unheard-of"):
        decode(body, declared)


def _page(body: bytes) -> None:
    read_page(body, url="http://a.example/b/c.html")


def _pushed(body: bytes) -> None:
    _taken(PushedRecord("http://a.example/1", (("title", "通知"),), html=body.decode("utf-8", "replace")))
    try:
        pushed = read_pushed(body, lambda _site: True)
    except ProblemError:
        return
    if pushed.record is not None:
        _taken(pushed.record)


def _taken(record: PushedRecord) -> None:
    taken = response_of(record.url, record.to_json(), datetime(2026, 3, 2))
    reading = read_record(taken, FAMILIES[GENERIC])
    if isinstance(reading, Failed):
        raise RuntimeError(reading.detail)


def _date(text: str) -> None:
    dates.iso_date(text)
    dates.read_date(text)


def _number(text: str) -> None:
    doc_numbers.parse(text)
    doc_numbers.find_all(text)
    doc_numbers.parse_query(text)
    index_numbers.key(text)
