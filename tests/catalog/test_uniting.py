"""Two publications of one page, recorded under twins of its address, become one."""

import pytest
from sqlalchemy import func, select

from catalog import reading, schema, suppression, uniting
from catalog.records import AttachmentRecord

TITLE = "关于做好秋季开学工作的通知"
OLD = "各学校应当在开学前完成校舍和食堂的检查，把结果报教育局。" * 9
NEW = OLD.replace("食堂", "食堂、宿舍")
HTTP, HTTPS = "http://a.example/x/1.html", "https://a.example/x/1.html"


@pytest.fixture
def pair(record):
    """The page as it was under http, and as it is under https."""

    def file(scheme):
        return (AttachmentRecord(f"{scheme}://a.example/1.doc", "附件.doc", "附件的文字"),)

    first = record(HTTP, TITLE, OLD, columns=("通知公告",), attachments=file("http"))
    second = record(HTTPS, TITLE, NEW, columns=("最新公开", "通知公告"), attachments=file("https"))
    assert first.publication_id != second.publication_id
    assert first.document_id != second.document_id
    return first, second


def unite(catalog, before=HTTP, now=HTTPS):
    with catalog.write() as tx:
        return uniting.unite(tx, before, now)


def test_the_older_publication_stays_and_shows_what_the_server_leads_to(catalog, record, pair):
    first, second = pair
    assert unite(catalog)
    assert unite(catalog)
    with catalog.read() as connection:
        (document,) = reading.load_documents(connection, [first.document_id]).values()
        (publication,) = document.publications
        assert (publication.id, publication.url) == (first.publication_id, HTTPS)
        assert publication.content.text == NEW
        assert len(publication.columns) == 2
        assert len(publication.attachments) == 1
        merged = select(schema.document.c.merged_into).where(schema.document.c.id == second.document_id)
        assert connection.execute(merged).scalar() == first.document_id
        captures = select(func.count()).where(schema.capture.c.publication_id == first.publication_id)
        assert connection.execute(captures).scalar() == 2
    assert record(HTTPS, TITLE, NEW).publication_id == first.publication_id
    assert record(HTTP, TITLE, OLD).publication_id == first.publication_id


def test_what_was_found_by_the_newer_text_is_found_by_it_still(catalog, record, pair):
    first, _ = pair
    unite(catalog)
    mirror = record("http://b.example/9.html", TITLE, NEW)
    assert mirror.document_id == first.document_id
    assert record("http://c.example/9.html", TITLE, OLD).document_id != first.document_id


def test_what_staff_suppressed_is_left_alone(catalog, pair):
    first, _ = pair
    with catalog.write() as tx:
        suppression.suppress(tx, first.publication_id, why="测试", who="测试员")
    assert not unite(catalog)


@pytest.mark.parametrize("other", ["https://a.example/x/2.html", "https://b.example/x/1.html"])
def test_only_twins_are_united(catalog, record, pair, other):
    record(other, "另一件", "另一件的正文。")
    assert not unite(catalog, HTTP, other)
    assert not unite(catalog, HTTPS, "http://www.a.example/x/1.html")
