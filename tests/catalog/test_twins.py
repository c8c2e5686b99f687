"""An address and its twins: what they are, and what shows that they are one page."""

import datetime

import pytest

from catalog import recording, records, removal, twins
from catalog.recording import Change

TITLE = "关于做好秋季开学工作的通知"
LONG = "各学校应当在开学前完成校舍和食堂的检查，把结果报教育局，有隐患的先整改后使用。" * 8
SHORT = "本单位无此类事项。"
HTTP, HTTPS = "http://a.example/x/1.html", "https://a.example/x/1.html"
WWW = "http://www.a.example/x/1.html"


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        (HTTP, {HTTPS, WWW, "https://www.a.example/x/1.html"}),
        (
            "https://www.a.example/?q=1",
            {"http://a.example/?q=1", "https://a.example/?q=1", "http://www.a.example/?q=1"},
        ),
        ("http://8.8.8.8/x", {"https://8.8.8.8/x"}),
        ("http://[2408::1]/x", {"https://[2408::1]/x"}),
        ("http://a.example:8080/x", set()),
        ("http://a.example:99999999/x", set()),
        ("import:letters.jsonl#7", set()),
        ("ftp://a.example/x", set()),
        ("", set()),
    ],
)
def test_twins_differ_in_scheme_and_www_alone(address, expected):
    assert set(twins.twins_of(address)) == expected
    assert len({twins.twin_key(form) for form in (address, *expected)}) == 1


def aliases(catalog, publication_id):
    with catalog.read() as connection:
        rows = connection.exec_driver_sql("SELECT alias, publication_id FROM publication_alias").all()
    return {alias for alias, of in rows if of == publication_id}


def test_a_twin_that_says_the_same_is_an_alias(catalog, record):
    first = record(HTTP, TITLE, LONG)
    second = record(WWW, TITLE, LONG)
    assert second.publication_id == first.publication_id
    assert (second.change, second.stands_at) == (Change.UNCHANGED, HTTP)
    assert aliases(catalog, first.publication_id) == {HTTP, WWW}


def test_a_short_page_is_folded_with_its_files_only(catalog, record):
    def file(url, text):
        return (records.AttachmentRecord(url, "附件.doc", text),)

    first = record(HTTP, TITLE, SHORT, attachments=file("http://a.example/1.doc", "甲"))
    other = record(WWW, TITLE, SHORT, attachments=file("http://www.a.example/1.doc", "乙"))
    same = record(HTTPS, TITLE, SHORT, attachments=file("https://a.example/1.doc", "甲"))
    assert first.publication_id == same.publication_id != other.publication_id


@pytest.mark.parametrize(
    ("title", "body", "facts"),
    [
        (TITLE + "（二）", LONG, {}),
        (TITLE, LONG.replace("食堂", "宿舍"), {}),
        (TITLE, LONG, {"index_number": "002990001/201208-00002"}),
        (TITLE, "", {}),
    ],
)
def test_a_twin_that_says_something_else_is_a_publication_of_its_own(record, title, body, facts):
    first = record(HTTP, TITLE, LONG, index_number="002990001/201208-00001")
    second = record(WWW, title, body, **facts)
    assert second.publication_id != first.publication_id
    assert second.change is Change.NEW


def test_titles_alone_show_nothing(record):
    assert record(HTTP, TITLE).publication_id != record(WWW, TITLE).publication_id


def test_another_path_or_port_is_no_twin(record):
    first = record(HTTP, TITLE, LONG)
    for other in (
        "https://a.example/y/1.html",
        "http://a.example:8080/x/1.html",
        "http://m.a.example/x/1.html",
    ):
        assert record(other, TITLE, LONG).publication_id != first.publication_id


def test_a_page_that_moved_to_its_twin_keeps_its_publication(catalog, record):
    first = record(HTTP, TITLE, LONG)
    with catalog.write() as connection:
        assert twins.moved(connection, HTTP, HTTPS, HTTPS)
        assert not twins.moved(connection, HTTP, HTTPS, HTTPS)
        assert not twins.moved(connection, HTTP, "https://a.example/2.html", "https://a.example/2.html")
    again = record(HTTPS, TITLE, LONG + "另行通知。")
    assert again.publication_id == first.publication_id
    assert aliases(catalog, first.publication_id) == {HTTP, HTTPS}


def test_no_address_is_taken_from_another_publication(catalog, record):
    record(HTTP, TITLE, LONG)
    other = record(HTTPS, "另一件", "另一件的正文。")
    with catalog.write() as connection:
        assert not twins.moved(connection, HTTP, HTTPS, HTTPS)
    assert aliases(catalog, other.publication_id) == {HTTPS}


def test_a_subsite_whose_root_moves_to_its_twin_is_the_same_subsite(catalog):
    with catalog.write() as connection:
        ids = {
            recording.ensure_subsite(connection, root_url=f"{form}/", name="云岭市")
            for form in ("http://b.example", "https://b.example", "https://www.b.example")
        }
        assert len(ids) == 1
        other = recording.ensure_subsite(connection, root_url="http://b.example/zwgk/", name="云岭市")
    assert other not in ids


def test_a_page_that_moved_without_a_word_is_absent_where_it_moved_to(catalog, record):
    address = "/spage.xp?b=2&a=1"  # as the site writes it; its canonical form has another order
    known = "/spage.xp?a=1&b=2"
    first = record(f"http://a.example{known}", TITLE, LONG)
    day = datetime.date(2012, 10, 15)
    with catalog.write() as tx:
        twins.moved(
            tx, f"http://a.example{known}", f"https://a.example{known}", f"https://a.example{address}"
        )
        assert removal.note_absent(tx, f"https://a.example{known}", 404, day) is removal.Noted.WAITING
        later = day + datetime.timedelta(days=1)
        assert removal.note_absent(tx, f"https://a.example{known}", 404, later) is removal.Noted.WITHDRAWN
    assert record(f"https://a.example{known}", TITLE, LONG).publication_id == first.publication_id
