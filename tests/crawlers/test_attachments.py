"""Files of a publication: PDFs are fetched and read where they can do no harm, others are kept by name."""

import asyncio

import pytest

from catalog.recording import Change
from crawlers.errors import Problem
from crawlers.pdf_text import PdfReader


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


def test_other_files_are_kept_by_name_and_not_fetched(server, jcms, planting, crawled):
    subsite = with_links(server, jcms, planting, '<a href="/f/2.doc">申请表</a><a href="/f/3.ofd">正文</a>')
    crawled.run(subsite)
    assert crawled.rows(QUERY) == [
        (f"{server.url}/f/2.doc", "申请表", None),
        (f"{server.url}/f/3.ofd", "正文", None),
    ]
    assert not any(target.startswith("/f/") for target in server.targets())


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


@pytest.mark.parametrize("body", [b"", b"%PDF-1.7", b"\0" * 1000, pdf(TEXT)[:200], pdf(TEXT)[200:]])
def test_a_broken_pdf_has_no_text(body):
    assert asyncio.run(PdfReader().read(body)) is None


def test_a_pdf_that_takes_too_long_has_no_text():
    assert asyncio.run(PdfReader(timeout=0.0).read(pdf(TEXT))) is None


def test_a_pdf_gives_its_text():
    assert asyncio.run(PdfReader().read(pdf(TEXT))) == TEXT
