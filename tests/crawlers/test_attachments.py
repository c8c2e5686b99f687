"""Files of a publication: all are fetched within the limits, read, and else kept by name with a reason."""

import os
from pathlib import Path

import made_files as made
import pytest

from catalog.recording import Change
from crawlers.errors import Problem
from crawlers.limits import Limits


def pdf(text: str) -> bytes:
    """Return a small PDF of one page."""
    stream = f"BT /F1 12 Tf 72 720 Td ({text}) Tj ET".encode()
    objects = [
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R"
        b"/Resources<</Font<</F1<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>>>>>>>",
        b"<</Length %d>>stream\n%s\nendstream" % (len(stream), stream),
    ]
    body, places = b"%PDF-1.4\n", []
    for number, content in enumerate(objects, 1):
        places.append(len(body))
        body += b"%d 0 obj%s endobj\n" % (number, content)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    return (
        body
        + b"xref\n0 5\n0000000000 65535 f \n"
        + table
        + b"trailer<</Size 5/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF" % len(body)
    )


TEXT = "Annual report 2012, section 4: fees and charges"
QUERY = (
    "SELECT a.url, a.name, t.characters FROM capture_attachment a JOIN publication p USING (capture_id)"
    " LEFT JOIN text t ON t.hash = a.text_hash ORDER BY a.position"
)


def with_links(server, jcms, planting, links):
    subsite = jcms(server, planting(1))
    path = subsite.url_of(subsite.planted[0]).removeprefix(server.url)
    page = server.routes[path]
    page.body = page.body.replace(b"</body>", f"{links}</body>".encode())
    return subsite


def test_a_pdf_is_fetched_archived_and_read(server, jcms, planting, crawled, answer):
    server.routes["/f/1.pdf"] = answer(pdf(TEXT), headers={"Content-Type": "application/pdf"})
    subsite = with_links(server, jcms, planting, '<a href="/f/1.pdf">附件：年度报告</a>')
    summary = crawled.run(subsite)
    assert crawled.rows(QUERY) == [(f"{server.url}/f/1.pdf", "附件：年度报告", len(TEXT.replace(" ", "")))]
    assert summary.responses == len(server.asked)
    assert (summary.attachments, summary.dead_attachments) == (1, 0)


WHY = "SELECT name, kind, provenance, problem FROM capture_attachment ORDER BY position"


def test_files_of_every_kind_are_fetched_and_what_they_are_is_told_by_content(
    server, jcms, planting, crawled, answer
):
    server.routes["/f/2.xls"] = answer(made.html_table())
    server.routes["/f/3.ofd"] = answer(made.ofd())
    server.routes["/f/4.mp4"] = answer(b"\0\0\0\x20ftypisom" + bytes(50))
    server.routes["/f/5.doc"] = answer(made.rtf())
    links = "".join(
        f'<a href="/f/{name}">{name}</a>' for name in ("2.xls", "3.ofd", "4.mp4", "5.doc", "6.docx")
    )
    summary = crawled.run(with_links(server, jcms, planting, links))
    assert crawled.rows(WHY) == [
        ("2.xls", "html", "text", None),
        ("3.ofd", "ofd", "text", None),
        ("4.mp4", "video", None, "暂不能读取此格式的文字"),
        ("5.doc", "rtf", "text", None),
        ("6.docx", None, None, "文件未能下载"),
    ]
    assert (summary.attachments, summary.dead_attachments) == (5, 1)


def test_a_file_larger_than_may_be_fetched_is_kept_by_name(server, jcms, planting, crawled, answer):
    server.routes["/f/1.zip"] = answer(b"PK" + bytes(300_000))
    crawled.run(with_links(server, jcms, planting, '<a href="/f/1.zip">资料</a>'))
    assert crawled.rows(WHY) == [("资料", None, None, "文件过大，没有读取")]


def test_files_beyond_what_one_page_may_hold_are_kept_by_name(server, jcms, planting, crawled, answer):
    server.routes["/f/1.txt"] = answer("农田灌溉".encode() * 10)
    server.routes["/f/2.txt"] = answer("农田灌溉".encode())
    links = '<a href="/f/1.txt">一</a><a href="/f/2.txt">二</a>'
    limits = Limits(attachment_bytes=50)
    crawled.run(with_links(server, jcms, planting, links), limits=limits)
    assert crawled.rows(WHY) == [
        ("一", "txt", "text", None),
        ("二", None, None, "页面的附件超过上限，没有下载"),
    ]
    assert not any(target.startswith("/f/2") for target in server.targets())


def test_an_item_that_is_only_a_word_file_is_a_document_whatever_its_type(
    server, jcms, planting, crawled, answer
):
    subsite = jcms(server, planting(1))
    path = "/art/2012/5/4/art_70_9999.html"
    server.routes[path] = answer(made.docx(), headers={"Content-Type": "text/html"})
    item = f"<a href='{path}'>农田灌溉用水收费标准</a><span>2012-05-04</span>"
    server.routes["/col/col70/index.html"] = answer(f"<record><![CDATA[<li>{item}</li>]]></record>".encode())
    assert crawled.run(subsite).changes == {Change.NEW: 1}
    assert crawled.rows(WHY)[0][1:] == ("docx", "text", None)


@pytest.mark.parametrize("parts", [{"status": 404}, {"status": 500}, {"body": b"%PDF-1.4 broken"}])
def test_a_dead_attachment_stops_nothing(parts, server, jcms, planting, crawled, answer):
    server.routes["/f/1.pdf"] = answer(**parts)
    subsite = with_links(server, jcms, planting, '<a href="/f/1.pdf">附件</a>')
    summary = crawled.run(subsite)
    assert summary.changes == {Change.NEW: 1}
    assert summary.complete
    assert crawled.rows(QUERY) == [(f"{server.url}/f/1.pdf", "附件", None)]


def test_an_attachment_elsewhere_is_kept_by_name_and_not_fetched(server, jcms, planting, crawled):
    url = "http://www.elsewhere.example/1.pdf"
    summary = crawled.run(with_links(server, jcms, planting, f'<a href="{url}">附件</a>'))
    assert summary.changes == {Change.NEW: 1}
    assert crawled.rows(QUERY) == [(url, "附件", None)]


def test_an_item_that_is_only_a_pdf_is_a_document(server, jcms, planting, crawled, answer):
    subsite = jcms(server, planting(1))
    server.routes["/f/plan.pdf"] = answer(pdf(TEXT), headers={"Content-Type": "application/octet-stream"})
    item = "<a href='/f/plan.pdf'>城市总体规划图集</a><span>2012-05-04</span>"
    record = f"<record><![CDATA[<li>{item}</li>]]></record>"
    server.routes["/col/col70/index.html"] = answer(record.encode())
    assert crawled.run(subsite).changes == {Change.NEW: 1}
    assert crawled.publications()[f"{server.url}/f/plan.pdf"]["said"] == [
        ("published_on", "2012-05-04", "list"),
        ("title", "城市总体规划图集", "list"),
    ]
    assert crawled.rows(QUERY)[0][2] == len(TEXT.replace(" ", ""))


def test_a_pdf_without_a_title_from_its_list_is_reported(server, jcms, planting, crawled, answer):
    subsite = jcms(server, planting(1))
    server.routes["/f/plan.pdf"] = answer(pdf(TEXT))
    record = "<record><![CDATA[<li><a href='/f/plan.pdf'>城市总体…</a></li>]]></record>"
    server.routes["/col/col70/index.html"] = answer(record.encode())
    assert crawled.run(subsite).failures == {Problem.NO_TITLE: 1}


def test_no_process_that_reads_files_outlives_a_crawl(server, jcms, planting, crawled, answer):
    server.routes["/f/1.txt"] = answer("农田灌溉".encode())
    crawled.run(with_links(server, jcms, planting, '<a href="/f/1.txt">一</a>'))
    children = Path(f"/proc/{os.getpid()}/task/{os.getpid()}/children").read_text().split()
    commands = [Path(f"/proc/{child}/cmdline").read_bytes() for child in children]
    assert not [command for command in commands if b"crawlers.attachments.child" in command]
