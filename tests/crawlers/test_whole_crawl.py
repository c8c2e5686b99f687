"""A whole crawl of both families, whichever way their lists page."""

import gzip
from pathlib import Path

from catalog.recording import Change
from catalog.records import Field


def test_every_publication_is_recorded_once_with_what_page_and_list_say(server, imitate, planting, crawled):
    subsite = imitate(server, [*planting(17), *planting(6, "人事信息", 101)])
    summary = crawled.run(subsite)
    assert summary.complete, summary
    assert summary.changes == {Change.NEW: 23}
    found = crawled.publications()
    assert set(found) == {subsite.url_of(item) for item in subsite.planted}
    for item in subsite.planted:
        page = found[subsite.url_of(item)]
        said = {(field, raw) for field, raw, _ in page["said"]}
        assert {(Field.TITLE, item.title), (Field.INDEX_NUMBER, item.index_number)} <= said
        assert {(Field.DOC_NUMBER, item.doc_number), (Field.PUBLISHED_ON, item.date)} <= said
        assert (Field.TITLE, item.title, "list") in page["said"]
        assert page["columns"] == [item.column]


def test_a_second_crawl_reads_the_lists_again_and_fetches_only_what_is_new(
    server, imitate, planting, crawled
):
    subsite = imitate(server, planting(9))
    crawled.run(subsite)
    before = crawled.publications()
    server.asked.clear()
    subsite.__init__(server, [*planting(1, first=77), *subsite.planted])
    summary = crawled.run(subsite)
    assert summary.changes == {Change.NEW: 1}
    assert not summary.resumed
    details = [t for t in server.targets() if "indexno" in t or "/art/" in t]
    assert len(details) == 1
    after = crawled.publications()
    assert {url: after[url] for url in before} == before
    assert len(after) == 10


def test_the_archive_gives_back_each_page_at_the_place_its_capture_names(server, jcms, planting, crawled):
    subsite = jcms(server, planting(5))
    crawled.run(subsite)
    places = crawled.rows(
        "SELECT p.url, archive_file, archive_offset, archive_length FROM capture k"
        " JOIN publication p ON p.capture_id = k.id"
    )
    assert len(places) == 5
    for url, name, offset, length in places:
        archived = Path(crawled.data_dir, "archive", name).read_bytes()[offset : offset + length]
        record = gzip.decompress(archived)
        assert record.startswith(b"WARC/1.0\r\n")
        assert f"WARC-Target-URI: {url}\r\n".encode() in record
        assert b"\r\n\r\nHTTP/1.1 200 OK\r\n" in record
        path = url.removeprefix(server.url)
        assert record.endswith(server.routes[path].body + b"\r\n\r\n")


def test_what_only_a_sitemap_names_comes_in_and_belongs_to_no_column(server, jcms, planting, crawled, answer):
    subsite = jcms(server, planting(3))
    hidden = planting(1, first=60)[0]
    listed = list(subsite.planted)
    subsite.__init__(server, [*listed, hidden])
    url = subsite.url_of(hidden)
    page = server.routes[url.removeprefix(server.url)]
    subsite.__init__(server, listed)
    server.routes[url.removeprefix(server.url)] = page
    server.routes["/robots.txt"] = answer(f"Sitemap: {server.url}/sitemap.xml\n".encode())
    server.routes["/sitemap.xml"] = answer(
        '<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">'
        f"<url><loc>{url}</loc></url></urlset>".encode(),
        headers={"Content-Type": "text/xml"},
    )
    assert crawled.run(subsite).changes == {Change.NEW: 4}
    assert crawled.publications()[url]["columns"] == []
    assert crawled.rows("SELECT count(*) FROM site_column") == [(1,)]
