"""What was fetched is read back from the archive as it came, whatever happened to its files since."""

import fcntl
import gzip
from contextlib import closing, suppress
from dataclasses import replace
from datetime import datetime

import pytest
from warcio.archiveiterator import ArchiveIterator

from catalog.records import ArchivePlace
from crawlers.archive import Archive, DiskFullError
from crawlers.archive_reading import ArchiveReader
from crawlers.errors import ArchiveError
from crawlers.limits import Limits
from crawlers.response import Response

WHEN = datetime(2012, 7, 1, 8, 30)
BODY = "<p>泓州市公开目录</p>".encode("gb18030") * 100


def response(url="http://a.example/1", body=BODY, status=200, headers=(), **more):
    return Response(url, status, "OK", "HTTP/1.1", tuple(headers), body, body, WHEN, **more)


@pytest.fixture
def archive(tmp_path):
    with closing(Archive(tmp_path)) as opened:
        yield opened


@pytest.fixture
def reader(tmp_path):
    return ArchiveReader(tmp_path)


def size(tmp_path):
    return sum(path.stat().st_size for path in (tmp_path / "archive").iterdir())


ODD = [
    response(headers=[("Content-Type", "text/html"), ("Transfer-Encoding", "chunked"), ("X", "")]),
    response(headers=[("Location", "通知.html".encode().decode("latin-1")), ("X-Note", "é\x80")], status=302),
    response(body=b""),
    response(body=b"\r\n\r\nHTTP/1.1 200 OK\r\n\r\n"),
    response(body=b"x" * 3_000_000),
    response(url="http://[2408:8000::1]/a?b=%D6%D0"),
]


@pytest.mark.parametrize("odd", ODD)
def test_a_response_is_read_back_as_it_came(odd, archive, reader):
    (place,) = archive.write([odd])
    assert reader.read(place) == odd


def test_a_compressed_body_is_read_back_both_ways(archive, reader):
    packed = replace(response(), headers=(("Content-Encoding", "gzip"),), raw_body=gzip.compress(BODY))
    (place,) = archive.write([packed])
    assert reader.read(place) == packed


def test_of_a_body_that_was_cut_off_the_archive_says_so(archive, reader):
    packed = gzip.compress(BODY)[:-20]
    cut = response(body=packed, headers=[("Content-Encoding", "gzip")], truncated=True)
    (place,) = archive.write([cut])
    found = reader.read(place)
    assert found.truncated
    assert found.raw_body == packed
    assert BODY.startswith(found.body)


def test_the_same_body_is_kept_once_and_found_from_each_of_its_records(archive, reader, tmp_path):
    first, again = response(), response(headers=[("Date", "later")])
    places = archive.write([first, again])
    places += archive.write([again])
    assert [reader.read(place) for place in places] == [first, again, again]
    assert places[1].length < places[0].length + 400
    with next((tmp_path / "archive").iterdir()).open("rb") as file:
        kinds = [record.rec_type for record in ArchiveIterator(file)]
    assert kinds == ["warcinfo", "response", "revisit", "revisit"]


def test_another_address_and_a_changed_body_are_kept_whole(archive, reader):
    responses = [response(), response(url="http://a.example/2"), response(body=BODY + b"!")]
    places = archive.write(responses)
    assert [reader.read(place) for place in places] == responses


def test_a_body_of_an_earlier_process_is_found_by_its_place(archive, reader, tmp_path):
    (old,) = archive.write([response()])
    with closing(Archive(tmp_path)) as later:
        (new,) = later.write([response()], lambda _response: old)
        (third,) = later.write([response()], lambda _response: new)
        (lost,) = later.write([response()], lambda _response: ArchivePlace("gone.warc.gz", 0, 10))
    assert {old.file} != {new.file}
    assert [reader.read(place) for place in (new, third, lost)] == [response()] * 3
    assert len(reader.files()) == 2


def test_a_page_that_was_not_modified_is_read_as_it_was(archive, reader):
    (old,) = archive.write([response(headers=[("ETag", '"1"'), ("Content-Type", "text/html; charset=gbk")])])
    (new,) = archive.write([response(status=304, body=b"", headers=[("ETag", '"1"')])], lambda _response: old)
    found = reader.read(new)
    assert (found.status, found.body, found.charset) == (200, BODY, "gbk")


def test_a_file_that_has_grown_large_is_followed_by_another(tmp_path, reader):
    with closing(Archive(tmp_path, Limits(archive_file_bytes=2_000, disk_floor=0))) as archive:
        bodies = [f"{number}".encode() * 3_000 + bytes(range(256)) * 4 for number in range(30)]
        places = [archive.write([response(body=body)])[0] for body in bodies]
    assert len({place.file for place in places}) > 3
    assert [reader.read(place).body for place in places] == bodies


def test_a_file_that_is_being_written_is_held_until_it_is_closed(archive, tmp_path):
    (place,) = archive.write([response()])
    with (tmp_path / "archive" / place.file).open("rb") as file:
        with pytest.raises(BlockingIOError):
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        archive.close()
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)


def test_records_that_a_purge_moved_to_a_new_file_are_found(archive, reader, tmp_path):
    """What is left of a file is written anew under another name; revisits still name the old one."""
    places = archive.write([response("http://a.example/gone"), response(), response()])
    archive.close()
    path = tmp_path / "archive" / places[0].file
    kept = path.read_bytes()[places[1].offset :]
    path.with_name("gongkai-new.warc.gz").write_bytes(kept)
    path.unlink()
    moved = ArchivePlace("gongkai-new.warc.gz", places[1].length, places[2].length)
    assert reader.read(moved) == response()


def test_a_torn_last_record_takes_nothing_else_with_it(archive, reader, tmp_path):
    places = archive.write([response(f"http://a.example/{number}") for number in range(4)])
    path = tmp_path / "archive" / places[0].file
    whole = path.read_bytes()
    for end in (places[3].offset + 1, places[3].offset + places[3].length // 2, len(whole) - 1):
        path.write_bytes(whole[:end])
        fresh = ArchiveReader(tmp_path)
        assert [fresh.read(place).url for place in places[:3]] == [f"http://a.example/{n}" for n in range(3)]
        assert fresh.near(places[0], "http://a.example/2") == places[2]
        assert fresh.near(places[0], "http://a.example/3") is None
        with pytest.raises(ArchiveError, match="没有完整的记录"):
            fresh.read(places[3])
        assert [str(places[3].offset) in str(damage) for damage in fresh.damages(places[0].file)] == [True]


def test_a_flipped_bit_is_never_read_as_a_page(archive, tmp_path):
    places = archive.write([response()])
    path = tmp_path / "archive" / places[0].file
    whole = bytearray(path.read_bytes())
    for at in range(places[0].offset, places[0].offset + places[0].length, 7):
        whole[at] ^= 0x10
        path.write_bytes(whole)
        with suppress(ArchiveError):
            assert ArchiveReader(tmp_path).read(places[0]).body == BODY
        whole[at] ^= 0x10


def test_a_body_that_is_not_what_its_record_says_is_told(archive, tmp_path):
    (place,) = archive.write([response(body=b"one" * 300)])
    path = tmp_path / "archive" / place.file
    record = gzip.decompress(path.read_bytes()[place.offset :]).replace(b"one", b"two")
    path.write_bytes(path.read_bytes()[: place.offset] + gzip.compress(record))
    reader = ArchiveReader(tmp_path)
    with pytest.raises(ArchiveError, match="与校验值不符"):
        reader.read(ArchivePlace(place.file, place.offset, 100_000))
    assert len(list(reader.damages(place.file))) == 1


@pytest.mark.parametrize("file", ["../catalog.db", "none.warc.gz", ""])
def test_a_place_leads_to_no_other_file(file, reader):
    with pytest.raises(ArchiveError):
        reader.read(ArchivePlace(file, 0, 100))


def test_what_a_page_brought_with_it_lies_behind_it(archive, reader):
    page, file = "http://a.example/1", "http://a.example/1.pdf"
    places = archive.write(
        [response(file, body=b"old" * 300), response(page), response(file), response(file, body=b"newer")]
    )
    assert reader.near(places[1], file) == places[2]
    assert reader.near(places[3], page) == places[1]
    assert reader.near(places[0], "http://a.example/none") is None


def test_nothing_is_written_when_the_disk_is_nearly_full(tmp_path):
    archive = Archive(tmp_path, Limits(disk_floor=1 << 60))
    with pytest.raises(DiskFullError, match="所在磁盘只剩"):
        archive.write([response()])
    assert not list(tmp_path.iterdir())


def test_a_crawl_ends_before_the_disk_is_full_and_goes_on_when_there_is_room(
    server, jcms, planting, crawled, fast
):
    subsite = jcms(server, planting(6))
    with pytest.raises(DiskFullError):
        crawled.run(subsite, limits=replace(fast, disk_floor=1 << 60))
    assert crawled.publications() == {}
    assert crawled.run(subsite).complete
    assert len(crawled.publications()) == 6


def test_the_answers_to_requests_for_robots_txt_are_archived(server, jcms, planting, crawled, answer):
    server.routes["/robots.txt"] = answer(status=301, headers={"Location": "/rules.txt"})
    server.routes["/rules.txt"] = answer(b"User-agent: *\nDisallow: /nothing\n")
    summary = crawled.run(jcms(server, planting(2)))
    assert summary.responses == len(server.asked)
    reader = ArchiveReader(crawled.data_dir)
    (file,) = reader.files()
    found = reader.near(ArchivePlace(file, 0, 0), f"{server.url}/rules.txt")
    assert b"Disallow: /nothing" in reader.read(found).body


@pytest.mark.parametrize("status", [403, 404, 500])
def test_robots_txt_is_archived_also_where_the_first_page_is_refused(
    status, server, jcms, planting, crawled, answer
):
    subsite = jcms(server, planting(1))
    server.routes["/robots.txt"] = answer(b"User-agent: *\nDisallow: /never\n")
    server.routes["/"] = answer(b"no", status=status)
    crawled.run(subsite)
    (file,) = (crawled.data_dir / "archive").iterdir()
    with file.open("rb") as stream:
        targets = [record.rec_headers.get_header("WARC-Target-URI") for record in ArchiveIterator(stream)]
    assert targets.count(f"{server.url}/robots.txt") == 1


def test_every_record_of_a_crawl_is_what_its_digest_says(server, hefei, planting, crawled):
    crawled.run(hefei(server, planting(12)))
    reader = ArchiveReader(crawled.data_dir)
    assert [damage for file in reader.files() for damage in reader.damages(file)] == []
