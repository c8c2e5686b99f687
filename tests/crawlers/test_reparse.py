"""The archive is read again: equal readers change nothing, what better ones read is told and kept."""

import asyncio
import sys
from contextlib import closing
from dataclasses import replace

import pytest
from typer.testing import CliRunner

import crawlers.reading.page
from catalog.records import Field, PageKind, Provenance, Witness
from catalog.store import Catalog
from cli.main import app
from crawlers.attachments import FileReader
from crawlers.crawl import crawl
from crawlers.reparsing import Reparser, Verdict
from crawlers.sites import read_sites
from demo.publishing import generate
from demo.server import serving
from demo.sites_file import write_sites_file
from tests.crawlers.test_attachments import TEXT, pdf, with_links


def reread(data_dir, *, apply=False, **which):
    """Read a folder's archive again; returns the readings."""
    found = []
    with Catalog.open(data_dir, read_only=not apply) as catalog, closing(Reparser(catalog)) as reparser:
        asyncio.run(reparser.read(reparser.captures(**which), apply=apply, report=found.append))
    return found


def told(readings):
    """Return the differences as text, by the last part of the address."""
    return {
        reading.capture.alias.rpartition("/")[2]: [str(one) for one in reading.differences]
        for reading in readings
        if reading.differences
    }


@pytest.fixture
def reader(monkeypatch):
    """Exchange the reader of pages: what it reads is passed through a function."""
    real = crawlers.reading.page.read_page

    def exchange(change):
        for name, module in list(sys.modules.items()):
            if name.startswith("crawlers.") and getattr(module, "read_page", None) is real:
                monkeypatch.setattr(
                    module, "read_page", lambda *given, **options: change(real(*given, **options))
                )

    return exchange


def test_the_same_readers_read_the_same(server, imitate, planting, crawled):
    subsite = imitate(server, [*planting(7), *planting(3, "人事信息", 101)])
    crawled.run(subsite)
    before = crawled.publications()
    server.asked.clear()
    readings = reread(crawled.data_dir, apply=True)
    assert [reading.verdict for reading in readings] == [Verdict.SAME] * 10
    assert crawled.publications() == before
    assert crawled.rows("SELECT count(*) FROM capture") == [(10,)]
    assert server.asked == [], "nothing is asked for on the web"


def test_a_crawl_that_was_interrupted_and_gone_on_with_reads_the_same(server, jcms, planting, crawled):
    subsite = jcms(server, planting(12))
    for _ in range(4):
        stop = asyncio.Event()
        crawled.run(subsite, stop=stop, on_progress=lambda _now, stop=stop: stop.set())
    assert crawled.run(subsite).complete
    assert len(list((crawled.data_dir / "archive").iterdir())) > 2
    assert {reading.verdict for reading in reread(crawled.data_dir)} == {Verdict.SAME}


def test_attachments_are_read_again_from_the_archive(server, jcms, planting, crawled, answer, monkeypatch):
    server.routes["/f/1.pdf"] = answer(status=302, headers={"Location": "/g/1.pdf"})
    server.routes["/g/1.pdf"] = answer(pdf(TEXT), headers={"Content-Type": "application/pdf"})
    server.routes["/f/2.pdf"] = answer(status=404)
    links = '<a href="/f/1.pdf">附件：年度报告</a><a href="/f/2.pdf">失效的附件</a>'
    crawled.run(with_links(server, jcms, planting, links))
    (reading,) = reread(crawled.data_dir)
    assert reading.verdict is Verdict.SAME, reading.differences
    texts = [file.text for file in reading.record.attachments]
    assert texts == [TEXT, None]


def test_a_better_reader_is_told_field_by_field_and_applied(server, jcms, planting, crawled, reader):
    crawled.run(jcms(server, planting(3)))
    before = crawled.publications()

    def better(reading):
        said = [
            replace(w, raw=w.raw + "（修订）") if w.field is Field.TITLE else w for w in reading.witnesses
        ]
        said.append(Witness(Field.GENRE, "通知", Provenance.PRINTED))
        return replace(reading, witnesses=tuple(said), blocks=reading.blocks[1:])

    reader(better)
    first = told(reread(crawled.data_dir))
    assert len(first) == 3
    (lines,) = [lines for name, lines in first.items() if name.endswith("_1.html")]
    title = "关于做好第1号便民事项办理工作的通知"
    assert f"名称（meta 标签）：{title} → {title}（修订）" in lines
    assert "体裁分类（页面载明）：无 → 通知" in lines
    assert any(line.startswith("正文：") for line in lines)
    assert crawled.publications() == before, "without --apply nothing is changed"

    reread(crawled.data_dir, apply=True)
    after = crawled.publications()
    for url, page in after.items():
        assert ["genre", "通知", "printed"] in [list(said) for said in page["said"]]
        assert [said for said in page["said"] if said[2] == "list"] == [
            said for said in before[url]["said"] if said[2] == "list"
        ], "what the list said survives"
        assert page["columns"] == before[url]["columns"]
    assert told(reread(crawled.data_dir, apply=True)) == {}, "once applied there is no difference left"
    captures = crawled.rows("SELECT publication_id, captured_at, archive_offset FROM capture ORDER BY 1")
    assert len(captures) == 6
    assert len(set(captures)) == 3, "both readings are of the same moment and the same response"


def test_a_page_that_is_no_document_any_more_is_told_and_stays(server, jcms, planting, crawled, reader):
    crawled.run(jcms(server, planting(2)))
    before = crawled.publications()
    reader(lambda reading: replace(reading, page_kind=PageKind.HACKED))
    readings = reread(crawled.data_dir, apply=True)
    assert [reading.verdict for reading in readings] == [Verdict.NO_DOCUMENT] * 2
    assert "document → hacked" in readings[0].detail
    assert crawled.publications() == before


def test_a_page_that_is_no_document_any_more_is_a_finding_until_it_is_one_again(
    server, jcms, planting, crawled, reader
):
    crawled.run(jcms(server, planting(1)))
    findings = "SELECT kind, detail FROM finding WHERE resolved_at IS NULL"
    kinds = [PageKind.LOGIN]
    reader(lambda reading: replace(reading, page_kind=kinds[-1]))
    reread(crawled.data_dir)
    assert crawled.rows(findings) == []
    reread(crawled.data_dir, apply=True)
    ((kind, detail),) = crawled.rows(findings)
    assert kind == "no_document"
    assert "document → login" in detail
    kinds.append(PageKind.DOCUMENT)
    reread(crawled.data_dir, apply=True)
    assert crawled.rows(findings) == []


def test_the_command_ends_the_processes_that_read_files(server, jcms, planting, crawled, answer, monkeypatch):
    server.routes["/f/1.pdf"] = answer(pdf(TEXT), headers={"Content-Type": "application/pdf"})
    crawled.run(with_links(server, jcms, planting, '<a href="/f/1.pdf">附件</a>'))
    ended, end = [], FileReader.close
    monkeypatch.setattr(FileReader, "close", lambda reader: ended.append(end(reader)))
    result = CliRunner().invoke(app, ["reparse", "--data", str(crawled.data_dir)])
    assert (result.exit_code, len(ended)) == (0, 1), result.output


def test_a_reader_that_fails_takes_nothing_away(server, jcms, planting, crawled, reader):
    crawled.run(jcms(server, planting(2)))
    before = crawled.publications()

    def broken(_reading):
        raise ValueError("no")

    reader(broken)
    assert {reading.verdict for reading in reread(crawled.data_dir, apply=True)} == {Verdict.UNREADABLE}
    reader(lambda reading: replace(reading, blocks=()))
    reread(crawled.data_dir, apply=True)
    assert {url: page["text"] for url, page in crawled.publications().items()} == {
        url: page["text"] for url, page in before.items()
    }, "a reading without text replaces none"


def test_only_the_sites_asked_for_are_read(make_server, hefei, jcms, planting, crawled):
    first, second = hefei(make_server(), planting(2)), jcms(make_server(), planting(3))
    crawled.run(first, second)
    assert len(reread(crawled.data_dir)) == 5
    assert len(reread(crawled.data_dir, family="hanweb_jcms")) == 3
    assert len(reread(crawled.data_dir, site=first.root)) == 2
    assert reread(crawled.data_dir, site="http://nobody.example/") == []


def test_a_lost_and_a_damaged_file_are_told_and_the_rest_is_read(server, jcms, planting, crawled):
    crawled.run(jcms(server, planting(4)))
    (file,) = (crawled.data_dir / "archive").iterdir()
    places = crawled.rows("SELECT archive_offset FROM capture ORDER BY 1")
    whole = file.read_bytes()
    file.write_bytes(whole[: places[2][0]] + b"\0" * 20 + whole[places[2][0] + 20 :])
    readings = reread(crawled.data_dir)
    assert [reading.verdict for reading in readings].count(Verdict.SAME) == 3
    (damaged,) = [reading for reading in readings if reading.verdict is Verdict.NOT_ARCHIVED]
    assert file.name in damaged.detail
    file.unlink()
    assert {reading.verdict for reading in reread(crawled.data_dir)} == {Verdict.NOT_ARCHIVED}


def test_a_text_that_the_archive_does_not_hold_any_more_is_kept(server, jcms, planting, crawled, answer):
    server.routes["/f/1.pdf"] = answer(pdf(TEXT), headers={"Content-Type": "application/pdf"})
    crawled.run(with_links(server, jcms, planting, '<a href="/f/1.pdf">附件</a>'))
    (file,) = (crawled.data_dir / "archive").iterdir()
    ((offset, length),) = crawled.rows("SELECT archive_offset, archive_length FROM capture")
    file.write_bytes(file.read_bytes()[: offset + length])
    (reading,) = reread(crawled.data_dir)
    assert reading.verdict is Verdict.SAME
    assert reading.record.attachments[0].text == TEXT


def test_a_page_captured_anew_meanwhile_is_left_alone(server, jcms, planting, crawled, reader, answer):
    subsite = jcms(server, planting(1))
    crawled.run(subsite)
    reader(lambda reading: replace(reading, blocks=reading.blocks[1:]))
    with Catalog.open(crawled.data_dir) as catalog, closing(Reparser(catalog)) as reparser:
        read = reparser._read

        async def read_while_another_reads(capture):
            found = await read(capture)
            with catalog.write() as tx:
                tx.exec_driver_sql("UPDATE publication SET capture_id = 'newer'")
            return found

        reparser._read = read_while_another_reads
        asyncio.run(reparser.read(reparser.captures(), apply=True, report=lambda _reading: None))
    assert crawled.rows("SELECT count(*) FROM capture") == [(1,)]


@pytest.mark.slow
def test_the_whole_demo_city_reads_the_same_again(tmp_path):
    city = generate(publications=120)
    with serving(city) as port:
        write_sites_file(tmp_path / "sites.toml", city.subsites, port)
        summary = asyncio.run(crawl(read_sites(tmp_path / "sites.toml"), tmp_path / "data"))
    readings = reread(tmp_path / "data", apply=True)
    assert len(readings) == summary.changes.total()
    wrong = [
        (one.capture.alias, one.detail, one.differences)
        for one in readings
        if one.verdict is not Verdict.SAME
    ]
    assert wrong == []


def test_the_command_lists_what_differs_and_counts(server, jcms, planting, crawled, reader):
    crawled.run(jcms(server, planting(3)))
    run = CliRunner().invoke
    result = run(app, ["reparse", "--data", str(crawled.data_dir)])
    assert result.exit_code == 0, result.output
    assert "读取结果不变" in result.output
    assert "--apply" not in result.output
    reader(lambda reading: replace(reading, blocks=reading.blocks[1:]))
    result = run(app, ["reparse", "--data", str(crawled.data_dir)])
    assert result.output.count("  正文：") == 3
    assert "目录库未改动；加 --apply 写入。" in result.output
    assert "已写入目录库。" in run(app, ["reparse", "--apply", "--data", str(crawled.data_dir)]).output


def test_the_command_tells_what_is_wrong(server, jcms, planting, crawled, tmp_path):
    run = CliRunner().invoke
    assert run(app, ["reparse", "--family", "none"]).exit_code == 2
    assert run(app, ["reparse", "--data", str(tmp_path / "nowhere")]).exit_code == 2
    crawled.run(jcms(server, planting(2)))
    result = run(app, ["reparse", "--site", "http://nowhere.example/", "--data", str(crawled.data_dir)])
    assert (result.exit_code, "http://nowhere.example/" in result.output) == (2, True)
    assert run(app, ["verify-archive", "--data", str(crawled.data_dir)]).exit_code == 0
    (file,) = (crawled.data_dir / "archive").iterdir()
    file.write_bytes(file.read_bytes()[:-5])
    result = run(app, ["verify-archive", "--data", str(crawled.data_dir)])
    assert result.exit_code == 1
    assert "1 处损坏" in result.output
    file.unlink()
    assert run(app, ["reparse", "--data", str(crawled.data_dir)]).exit_code == 1
