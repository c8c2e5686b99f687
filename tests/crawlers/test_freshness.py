"""What is known is kept fresh without asking for everything each time."""

import sqlite3
from contextlib import closing
from dataclasses import replace

import pytest

from catalog.recording import Change
from crawlers.frontier import FILE_NAME
from crawlers.schedule import DAY


@pytest.fixture
def days_pass(crawled):
    """Let so many days pass for the queue."""

    def pass_(days=100):
        with closing(sqlite3.connect(crawled.data_dir / FILE_NAME)) as file, file:
            file.execute("UPDATE job SET due_at = due_at - ?", [days * DAY])

    return pass_


def details(server):
    return [target for target in server.targets() if "/art/" in target]


def lists(server):
    return [target for target in server.targets() if "/col/" in target or "dataproxy" in target]


def path_of(subsite, number):
    return subsite.url_of(subsite.planted[number]).removeprefix(subsite.server.url)


def test_a_page_that_was_changed_is_recorded_again_when_it_is_due(server, jcms, planting, crawled, days_pass):
    subsite = jcms(server, planting(4))
    crawled.run(subsite)
    page = server.routes[path_of(subsite, 1)]
    server.routes[path_of(subsite, 1)] = replace(
        page, body=page.body.replace("书面".encode(), "当面".encode())
    )
    server.asked.clear()
    crawled.run(subsite)
    assert details(server) == []
    days_pass()
    summary = crawled.run(subsite)
    assert summary.changes == {Change.CHANGED: 1, Change.UNCHANGED: 3}
    assert crawled.rows("SELECT count(*) FROM capture") == [(5,)]


def test_a_page_whose_dress_alone_changes_makes_no_capture(server, jcms, planting, crawled, days_pass):
    subsite = jcms(server, planting(3))
    crawled.run(subsite)
    page = server.routes[path_of(subsite, 0)]
    server.routes[path_of(subsite, 0)] = replace(
        page, body=page.body.replace(b"<body>", "<body><script>var visits=77;</script><!-- 另 -->".encode())
    )
    days_pass()
    assert crawled.run(subsite).changes == {Change.UNCHANGED: 3}
    assert crawled.rows("SELECT count(*) FROM capture") == [(3,)]


def test_a_page_of_which_its_list_says_something_new_is_visited_at_once(server, jcms, planting, crawled):
    subsite = jcms(server, planting(3))
    crawled.run(subsite)
    server.asked.clear()
    item = subsite.planted[0]
    listing = server.routes["/col/col70/index.html"]
    corrected = listing.body.replace(item.date.encode(), b"2012-05-05")
    server.routes["/col/col70/index.html"] = replace(listing, body=corrected)
    crawled.run(subsite)
    assert details(server) == [path_of(subsite, 0)]
    said = crawled.publications()[subsite.url_of(item)]["said"]
    dates = [raw for field, raw, provenance in said if field == "published_on" and provenance == "list"]
    assert dates == ["2012-05-05"], "what the list no longer says is in the earlier capture only"


def test_a_list_is_read_until_a_page_brings_nothing_new(server, jcms, planting, crawled):
    subsite = jcms(server, planting(20))
    crawled.run(subsite)
    whole = len(lists(server))
    server.asked.clear()
    crawled.run(subsite)
    assert whole >= 5
    assert len(lists(server)) == 1
    server.asked.clear()
    subsite.__init__(server, [*planting(6, first=70), *subsite.planted])
    assert crawled.run(subsite).changes == {Change.NEW: 6}
    assert 2 <= len(lists(server)) < whole


def test_every_tenth_round_reads_the_lists_to_their_end(server, jcms, planting, crawled):
    subsite = jcms(server, planting(12))
    crawled.run(subsite)
    # Posted under an old date: it stands at the end, where nobody looks for news.
    subsite.__init__(server, [*subsite.planted, *planting(1, first=90)])
    found = [crawled.run(subsite).changes[Change.NEW] for _ in range(10)]
    assert found == [0] * 9 + [1]


def test_a_list_whose_reading_broke_off_is_read_to_its_end_the_next_time(
    server, jcms, planting, crawled, answer
):
    subsite = jcms(server, planting(20))
    proxy = server.routes["/module/web/jpage/dataproxy.jsp"]
    server.routes["/module/web/jpage/dataproxy.jsp"] = lambda asked: (
        answer(status=500) if "page=3" in asked.target else proxy(asked)
    )
    crawled.run(subsite)
    assert len(crawled.publications()) < 20
    server.routes["/module/web/jpage/dataproxy.jsp"] = proxy
    crawled.run(subsite)
    assert len(crawled.publications()) == 20


def test_a_page_that_is_gone_is_not_asked_for_again_on_the_same_day(
    server, jcms, planting, crawled, days_pass, answer
):
    subsite = jcms(server, planting(3))
    crawled.run(subsite)
    server.routes[path_of(subsite, 0)] = answer(status=404)
    days_pass()
    crawled.run(subsite)
    server.asked.clear()
    crawled.run(subsite)
    assert details(server) == []
    days_pass(2)
    crawled.run(subsite)
    assert details(server) == [path_of(subsite, 0)]


def test_who_answers_not_modified_is_asked_for_no_more_than_that(
    server, jcms, planting, crawled, days_pass, answer
):
    subsite = jcms(server, planting(2))
    for item in subsite.planted:
        path = subsite.url_of(item).removeprefix(server.url)
        page = server.routes[path]
        tagged = replace(page, headers={**page.headers, "ETag": f'"{item.number}"'})

        def conditional(asked, tagged=tagged):
            known = asked.headers.get("If-None-Match") == tagged.headers["ETag"]
            return answer(status=304, headers={"ETag": tagged.headers["ETag"]}) if known else tagged

        server.routes[path] = conditional
    crawled.run(subsite)
    asked_for = []
    for _ in range(6):
        days_pass()
        server.asked.clear()
        assert crawled.run(subsite).changes == {Change.UNCHANGED: 2}
        asked_for.append([bool(a.headers.get("If-None-Match")) for a in server.asked if "/art/" in a.target])
    assert asked_for.count([True, True]) == 5, "and once in five visits for the whole page with its files"
    assert asked_for[4] == [False, False]
    assert crawled.rows("SELECT count(*) FROM capture") == [(2,)]


def with_file(server, subsite, answer, **headers):
    """Let the first page link to a file; its route keeps to validators where it gave any."""
    path = path_of(subsite, 0)
    page = server.routes[path]
    link = '<p><a href="/f/1.txt">附件</a></p></body>'.encode()
    server.routes[path] = replace(page, body=page.body.replace(b"</body>", link))

    def put(text, tag):
        given = {"ETag": tag} if headers else {}

        def route(asked):
            same = bool(given) and asked.headers.get("If-None-Match") == tag
            body = b"" if same else text.encode()
            return answer(body, 304 if same else 200, {"Content-Type": "text/plain; charset=utf-8", **given})

        server.routes["/f/1.txt"] = route

    return put


@pytest.mark.parametrize("conditional", [True, False])
@pytest.mark.parametrize("page_says_304", [True, False])
def test_a_file_replaced_under_its_name_is_found_at_the_next_due_visit(
    page_says_304, conditional, server, jcms, planting, crawled, days_pass, answer
):
    subsite = jcms(server, planting(1))
    put = with_file(server, subsite, answer, **({"etag": True} if conditional else {}))
    put("附件一：办理流程共三步。", '"one"')
    if page_says_304:
        page = server.routes[path_of(subsite, 0)]
        server.routes[path_of(subsite, 0)] = lambda asked: (
            answer(b"", 304, {"ETag": '"page"'})
            if asked.headers.get("If-None-Match") == '"page"'
            else replace(page, headers={**page.headers, "ETag": '"page"'})
        )
    crawled.run(subsite)
    days_pass()
    server.asked.clear()
    assert crawled.run(subsite).changes == {Change.UNCHANGED: 1}
    asked = [one for one in server.asked if one.target == "/f/1.txt"]
    assert [one.headers.get("If-None-Match") for one in asked] == ['"one"' if conditional else None]
    put("附件一：办理流程改为两步。", '"two"')
    days_pass()
    assert crawled.run(subsite).changes == {Change.CHANGED: 1}
    days_pass()
    assert crawled.run(subsite).changes == {Change.UNCHANGED: 1}
    rows = crawled.rows(
        "SELECT count(DISTINCT text_hash) FROM capture_attachment WHERE text_hash IS NOT NULL"
    )
    assert rows == [(2,)]
