"""Findings say what is so, name what they are about, and end when it is over and not before."""

import asyncio
import os
import signal
from contextlib import closing
from dataclasses import replace
from types import SimpleNamespace

import made_files as made
import pytest

from catalog.findings import FindingKind
from catalog.findings import open_findings as every_open
from catalog.store import Catalog
from cli.findings import _line
from crawlers import noticing
from crawlers.attachments import FileProblem, FileReader, FileReading, ocr
from crawlers.attachments.reading import FileKind
from crawlers.attachments.worker import Worker
from crawlers.errors import Problem
from crawlers.reparsing import Reparser, Verdict
from tests.crawlers.test_attachments import TEXT, pdf, with_links
from tests.crawlers.test_noticing import GBK_AS_UTF8, HACKED, days_pass, kinds, open_findings, path_of

__all__ = ["days_pass"]  # a fixture

LINE = "农田灌溉用水收费标准"


@pytest.fixture
def subsite(server, jcms, planting, crawled):
    made_site = jcms(server, planting(6))
    crawled.run(made_site)
    return made_site


def details(crawled):
    return [detail for (detail,) in crawled.rows("SELECT detail FROM finding WHERE resolved_at IS NULL")]


def shown_line(crawled):
    with closing(Catalog.open(crawled.data_dir, read_only=True)) as catalog, catalog.read() as connection:
        return _line(next(iter(every_open(connection))))


def test_a_hacked_item_of_a_list_is_told_in_a_sentence(subsite, server, crawled, answer, days_pass):
    server.routes[path_of(subsite, 0)] = answer(HACKED.encode())
    days_pass()
    crawled.run(subsite)
    assert kinds(crawled) == ["hacked"]
    assert "网页疑似被篡改（博彩等垃圾内容），没有入库" in shown_line(crawled).split("\n")[1]


def test_a_dead_file_is_named_with_its_address_and_its_page(server, jcms, planting, crawled):
    links = '<a href="/f/1.pdf">甲</a><a href="/f/2.pdf">乙</a>'
    subsite = with_links(server, jcms, planting, links)
    crawled.run(subsite)
    (detail,) = details(crawled)
    page = subsite.url_of(subsite.planted[0])
    assert detail == f"附件打不开：{server.url}/f/1.pdf（共 2 个），见于网页：{page}"


def test_a_column_that_was_not_read_to_its_end_is_told_until_it_was(
    server, jcms, planting, crawled, fast, monkeypatch
):
    subsite = jcms(server, planting(20))
    few = replace(fast, pages_per_column=2)
    crawled.run(subsite, limits=few)
    assert [row[:2] for row in open_findings(crawled)] == [("budget", f"{server.url}/col/col70/index.html")]
    crawled.run(subsite, limits=few)
    assert kinds(crawled) == ["budget"], "this round ended with the first page, where nothing was new"
    monkeypatch.setattr("crawlers.changes.SWEEP_EVERY", 1)
    crawled.run(subsite)
    assert kinds(crawled) == []
    assert len(crawled.publications()) == 20


def test_a_round_that_a_server_broke_off_says_nothing_of_what_it_did_not_reach(
    subsite, server, crawled, answer, days_pass, fast
):
    for number in (0, 1):
        server.routes[path_of(subsite, number)] = answer(status=403)
    days_pass()
    crawled.run(subsite)
    assert kinds(crawled) == ["blocked"]
    days_pass()
    crawled.run(subsite, limits=replace(fast, pages_per_site=2))
    assert kinds(crawled) == ["blocked", "budget"]


class _Killed:
    """A reader of files whose process is killed so many times."""

    def __init__(self, times):
        self.times = times
        self.real = FileReader.read

    async def read(self, reader, body):
        if self.times:
            self.times -= 1
            return FileReading(FileKind.UNKNOWN, problem=FileProblem.KILLED)
        return await self.real(reader, body)


@pytest.fixture
def kills(monkeypatch):
    def kill(times):
        killed = _Killed(times)
        monkeypatch.setattr(FileReader, "read", lambda reader, body: killed.read(reader, body))

    return kill


def test_a_file_whose_reader_was_killed_is_read_again_and_is_no_finding(
    server, jcms, planting, crawled, answer, kills
):
    server.routes["/f/1.pdf"] = answer(pdf(TEXT), headers={"Content-Type": "application/pdf"})
    kills(2)
    summary = crawled.run(with_links(server, jcms, planting, '<a href="/f/1.pdf">附件</a>'))
    assert (summary.complete, summary.retries) == (True, 2)
    assert crawled.rows("SELECT problem, kind FROM capture_attachment") == [(None, "pdf")]
    assert kinds(crawled) == []


def test_a_file_that_could_not_be_read_for_kills_alone_is_read_at_the_next_visit(
    server, jcms, planting, crawled, answer, kills, days_pass
):
    server.routes["/f/1.pdf"] = answer(pdf(TEXT), headers={"Content-Type": "application/pdf"})
    subsite = with_links(server, jcms, planting, '<a href="/f/1.pdf">附件</a>')
    kills(3)
    crawled.run(subsite)
    assert kinds(crawled) == ["attachment_unreadable"]
    assert "被系统或人工终止" in details(crawled)[0]
    for _ in range(8):  # what has files is looked at whole now and then
        days_pass()
        crawled.run(subsite)
    assert kinds(crawled) == []
    assert crawled.rows("SELECT count(*) FROM capture_attachment WHERE kind = 'pdf'") == [(1,)]


def test_a_kill_while_files_are_read_again_takes_no_text_away(server, jcms, planting, crawled, answer, kills):
    server.routes["/f/1.pdf"] = answer(pdf(TEXT), headers={"Content-Type": "application/pdf"})
    crawled.run(with_links(server, jcms, planting, '<a href="/f/1.pdf">附件</a>'))
    kills(1)
    found = []
    with Catalog.open(crawled.data_dir) as catalog, closing(Reparser(catalog)) as reparser:
        asyncio.run(reparser.read(reparser.captures(), apply=True, report=found.append))
    assert [one.verdict for one in found] == [Verdict.SAME]
    assert crawled.rows("SELECT problem FROM capture_attachment") == [(None,)]


def test_a_kill_by_somebody_else_is_told_from_a_death_of_its_own():
    def ends(how):
        made_worker = Worker(("-c", f"import os,sys; sys.stdin.buffer.read(12); {how}"))
        try:
            return made_worker.read(b"x" * 100, timeout=10.0).problem
        finally:
            made_worker.close()

    assert ends(f"os.kill(os.getpid(), {signal.SIGKILL})") is FileProblem.KILLED
    assert ends(f"os.kill(os.getpid(), {signal.SIGSEGV})") is FileProblem.CRASHED
    assert ends("os._exit(3)") is FileProblem.CRASHED
    assert Problem.READER_KILLED.label


def test_a_file_that_a_better_reader_reads_is_found_unreadable_no_more(
    server, jcms, planting, crawled, answer, monkeypatch
):
    server.routes["/f/1.pdf"] = answer(pdf(TEXT), headers={"Content-Type": "application/pdf"})

    async def broken(_reader, _body):
        return FileReading(FileKind.PDF, problem=FileProblem.BROKEN)

    with monkeypatch.context() as patched:
        patched.setattr(FileReader, "read", broken)
        crawled.run(with_links(server, jcms, planting, '<a href="/f/1.pdf">附件</a>'))
    assert kinds(crawled) == ["attachment_unreadable"]
    for apply, expected in ((False, ["attachment_unreadable"]), (True, [])):
        with Catalog.open(crawled.data_dir) as catalog, closing(Reparser(catalog)) as reparser:
            asyncio.run(reparser.read(reparser.captures(), apply=apply, report=lambda _reading: None))
        assert kinds(crawled) == expected


def test_a_false_charset_is_told_until_no_page_of_the_subsite_claims_one(
    subsite, server, crawled, answer, days_pass
):
    good = dict(server.routes)
    lie = answer(
        good[path_of(subsite, 0)].body.decode().replace("charset=utf-8", "").encode("gb18030"),
        headers=GBK_AS_UTF8,
    )
    server.routes[path_of(subsite, 0)] = server.routes[path_of(subsite, 1)] = lie
    days_pass()
    crawled.run(subsite)
    assert kinds(crawled) == ["wrong_charset"]
    server.routes[path_of(subsite, 1)] = good[path_of(subsite, 1)]
    days_pass()
    crawled.run(subsite)
    server.routes[path_of(subsite, 0)] = answer(status=304)
    crawled.run(subsite)
    assert kinds(crawled) == ["wrong_charset"], "the other page still does, and was not visited"
    server.routes[path_of(subsite, 0)] = good[path_of(subsite, 0)]
    days_pass()
    crawled.run(subsite)
    assert kinds(crawled) == []


def test_a_subsite_of_two_families_is_kept_under_the_one_most_of_its_pages_are_read_with(
    server, jcms, hefei, planting, crawled, answer
):
    few, many = jcms(server, planting(2)), hefei(server, planting(7, "人事信息", 101))
    server.routes["/a"] = answer(status=302, headers={"Location": "/"})
    server.routes["/b"] = answer(status=302, headers={"Location": "/zwgk/public/index.xp"})
    server.routes["/portal.html"] = answer(b'<iframe src="/a"></iframe><iframe src="/b"></iframe>')
    portal = SimpleNamespace(root=f"{server.url}/portal.html", family=None)
    for _ in range(2):
        crawled.run(portal)
        assert len(crawled.publications()) == len(few.planted) + len(many.planted)
        assert crawled.rows("SELECT family FROM subsite") == [("hefei_xp",)]


@pytest.fixture
def tesseract():
    if ocr.program() is None:
        if os.environ.get("CI"):
            pytest.fail("tesseract with chi_sim must be installed where CI is set")
        pytest.skip("tesseract with chi_sim is not installed")


def test_a_scanned_notice_and_a_scanned_pdf_are_read_by_a_crawl(
    tesseract, server, jcms, planting, crawled, answer, fast
):
    subsite = jcms(server, planting(2))
    scanned, notice = (path_of(subsite, number) for number in (0, 1))
    picture = made.saved(made.drawn(LINE))
    server.routes["/img/1.png"] = answer(picture, headers={"Content-Type": "image/png"})
    document = made.saved(made.drawn(LINE), "PDF")
    server.routes["/f/1.pdf"] = answer(document, headers={"Content-Type": "application/pdf"})
    page = server.routes[notice]
    body = subsite.planted[1].body.encode()
    server.routes[notice] = replace(page, body=page.body.replace(body, b'<p><img src="/img/1.png"></p>'))
    page = server.routes[scanned]
    link = '<a href="/f/1.pdf">附件：扫描件</a></body>'.encode()
    server.routes[scanned] = replace(page, body=page.body.replace(b"</body>", link))
    assert crawled.run(subsite, limits=replace(fast, body_bytes=5_000_000)).complete
    rows = crawled.rows(
        "SELECT a.kind, a.provenance, t.characters, a.confidence > 80 FROM capture_attachment a"
        " JOIN text t ON t.hash = a.text_hash ORDER BY a.kind"
    )
    assert [tuple(row) for row in rows] == [("image", "ocr", len(LINE), 1), ("pdf", "ocr", len(LINE), 1)]
    assert kinds(crawled) == []


def test_a_finding_kind_that_a_page_stands_in_place_of_has_a_sentence():
    in_place = {*noticing._OF_KIND.values(), FindingKind.HOME_IN_PLACE}
    assert set(noticing._IN_PLACE) == in_place
