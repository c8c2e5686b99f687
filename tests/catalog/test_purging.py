"""What is purged is gone from texts and archive, and at no instant does the catalogue point into nothing."""

import os
import shutil
import signal
import sys
from io import BytesIO
from pathlib import Path

import pytest
from sqlalchemy import func, select
from warcio.archiveiterator import ArchiveIterator
from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

from catalog import near_duplicates, purging, recording, schema
from catalog.archive_scrub import ArchiveBusyError, held, plain
from catalog.errors import UnknownIdError
from catalog.purging import PurgeError, finish, purge
from catalog.reading import Gone, changed_documents, find_document
from catalog.recording import Change
from catalog.records import (
    ArchivePlace,
    AttachmentRecord,
    Field,
    PageRecord,
    Provenance,
    Witness,
    paragraphs,
)
from catalog.store import Catalog, last_seq, now
from catalog.suppression import suppress

SECRET = "张三丰的身份证号"
LONG = "市政府同意教育局提出的开学安排，现予印发，请认真执行，确保平稳。" * 7
FILE = "http://a.example/files/list.pdf"
ONE, TWO, THREE = (f"http://a.example/{n}" for n in (1, 2, 3))


def archive(folder: Path, name: str, bodies: list[tuple[str, str]]) -> dict[str, ArchivePlace]:
    """Write an archive file with these (address, body) and return where each lies."""
    (folder / "archive").mkdir(exist_ok=True)
    places = {}
    with (folder / "archive" / name).open("xb") as file:
        writer = WARCWriter(file, gzip=True)
        writer.write_record(writer.create_warcinfo_record(name, {"software": "测试"}))
        for url, body in bodies:
            offset = file.tell()
            headers = StatusAndHeaders("200 OK", [("Content-Type", "text/html")], "HTTP/1.1")
            sent = body.encode()
            record = writer.create_warc_record(
                url, "response", payload=BytesIO(sent), length=len(sent), http_headers=headers
            )
            writer.write_record(record)
            places[url] = ArchivePlace(name, offset, file.tell() - offset)
    return places


def write(catalog, url, title, body, place=None, files=()):
    with catalog.write() as tx:
        page = PageRecord(
            alias=url,
            subsite_id=recording.ensure_subsite(tx, root_url="http://a.example/", name="站"),
            captured_at=now(),
            url=url,
            blocks=paragraphs(body),
            witnesses=(Witness(Field.TITLE, title, Provenance.PRINTED),),
            attachments=files,
            archive=place,
        )
        return recording.record(tx, page)


def fill(folder: Path):
    """Make a catalogue with an archive: one page to be purged, two that share with it what can be shared."""
    places = archive(
        folder,
        "gongkai-a.warc.gz",
        [(TWO, "乙的正文"), (ONE, f"{SECRET}正文"), (FILE, f"{SECRET}附件"), (THREE, "丙的正文")],
    )
    archive(folder, "gongkai-b.warc.gz", [(f"{ONE.replace('http', 'https')}/", f"{SECRET}又一次")])
    other = archive(folder, "gongkai-c.warc.gz", [("http://a.example/4", "无关的正文")])
    with Catalog.open(folder) as catalog:
        file = AttachmentRecord(FILE, "名单.pdf", f"{SECRET}附件")
        one = write(catalog, ONE, f"{SECRET}公示", f"{SECRET}正文", places[ONE], (file,))
        two = write(catalog, TWO, "开学安排", LONG, places[TWO])
        write(catalog, THREE, "另一份安排", LONG, places[THREE])
        write(catalog, "http://a.example/4", "无关", "无关的正文", other["http://a.example/4"])
        near_duplicates.find(catalog)
        with catalog.write() as tx:
            suppress(tx, one.document_id, why="含个人信息", who="测试员")
    return one, two


@pytest.fixture
def filled(tmp_path):
    return fill(tmp_path)


@pytest.fixture
def opened(tmp_path, filled):
    with Catalog.open(tmp_path) as catalog:
        yield catalog


def do(catalog, target, why="当事人要求删除"):
    return purge(catalog, target, why=why, who="测试员")


def holding_secret(folder: Path) -> list[str]:
    """Return the files in which the secret can be read."""
    found = [path.name for path in folder.glob("catalog.db*") if SECRET.encode() in path.read_bytes()]
    for path in (folder / "archive").iterdir():
        with path.open("rb") as file:
            if any(SECRET.encode() in record.content_stream().read() for record in ArchiveIterator(file)):
                found.append(path.name)
    return found


def assert_every_place_holds_its_page(folder: Path) -> int:
    """Check that each capture's place holds the response of its page; return how many there are."""
    with Catalog.open(folder, read_only=True) as catalog, catalog.read() as connection:
        rows = connection.execute(
            select(schema.capture).where(schema.capture.c.archive_file.is_not(None))
        ).all()
    for row in rows:
        with (folder / "archive" / row.archive_file).open("rb") as file:
            file.seek(row.archive_offset)
            member = BytesIO(file.read(row.archive_length))
        (record,) = list(ArchiveIterator(member))
        assert record.rec_headers.get_header("WARC-Target-URI") == row.alias
    return len(rows)


def test_what_is_purged_is_gone_from_texts_and_archive(tmp_path, filled, opened):
    one, _ = filled
    assert holding_secret(tmp_path)
    purged = do(opened, one.document_id)
    assert (purged.publications, purged.captures, purged.archive_files, purged.erased) == (1, 1, 2, True)
    assert holding_secret(tmp_path) == []
    assert assert_every_place_holds_its_page(tmp_path) == 3
    with opened.read() as connection:
        assert find_document(connection, one.document_id) == Gone()
        for table in (schema.evidence, schema.publication, schema.capture):
            assert connection.execute(select(func.count()).select_from(table)).scalar_one() >= 3
        assert connection.execute(select(func.count()).select_from(schema.text)).scalar_one() == 2
        assert connection.execute(select(schema.archive_removal)).all() == []
    assert not (tmp_path / "archive" / "gongkai-a.warc.gz").exists()
    assert (tmp_path / "archive" / "gongkai-c.warc.gz").exists()


def test_a_tombstone_says_who_when_and_why_and_the_index_is_told(filled, opened):
    one, _ = filled
    with opened.read() as connection:
        before = last_seq(connection)
    do(opened, one.document_id)
    with opened.read() as connection:
        (row,) = connection.execute(select(schema.purge)).all()
        assert (row.who, row.why, row.target_id) == ("测试员", "当事人要求删除", one.document_id)
        assert row.purged_at
        assert changed_documents(connection, before) == [one.document_id]


def test_a_crawl_does_not_bring_it_back(filled, opened):
    one, _ = filled
    do(opened, one.document_id)
    again = write(opened, ONE, f"{SECRET}公示", f"{SECRET}正文")
    assert (again.change, again.document_id) == (Change.PURGED, one.document_id)
    twin = write(opened, ONE.replace("http:", "https:"), f"{SECRET}公示", f"{SECRET}正文")
    assert twin == again
    with opened.read() as connection:
        assert find_document(connection, one.document_id) == Gone()
        assert purging.tombstone(connection, [ONE]).publication_id == one.publication_id
        assert purging.tombstone(connection, [TWO]) is None


def test_a_text_that_others_share_stays(tmp_path, filled, opened):
    _, two = filled
    with opened.write() as tx:
        suppress(tx, two.publication_id, why="试", who="测试员")
    do(opened, two.publication_id)
    with opened.read() as connection:
        texts = connection.execute(select(schema.text.c.characters)).scalars().all()
    assert max(texts) >= 200
    assert assert_every_place_holds_its_page(tmp_path) == 3


def test_only_what_is_suppressed_is_purged(filled, opened):
    one, two = filled
    with pytest.raises(PurgeError, match="gongkai suppress"):
        do(opened, two.document_id)
    with pytest.raises(UnknownIdError):
        do(opened, "nobody")
    with pytest.raises(PurgeError, match="--why"):
        do(opened, one.document_id, why=" ")
    do(opened, one.document_id)
    with pytest.raises(PurgeError, match="没有内容"):
        do(opened, one.document_id)


def test_a_file_that_a_crawl_writes_is_left_alone(tmp_path, filled, opened):
    one, _ = filled
    before = sorted(path.name for path in (tmp_path / "archive").iterdir())
    with held(tmp_path, "gongkai-a.warc.gz"), pytest.raises(ArchiveBusyError, match="停止"):
        do(opened, one.document_id)
    assert sorted(path.name for path in (tmp_path / "archive").iterdir()) == before
    assert assert_every_place_holds_its_page(tmp_path) == 4


def test_an_archive_that_cannot_be_read_to_where_captures_point_is_not_replaced(tmp_path, filled, opened):
    one, _ = filled
    path = tmp_path / "archive" / "gongkai-a.warc.gz"
    with path.open("r+b") as file:
        file.truncate(path.stat().st_size - 400)
    with pytest.raises(PurgeError, match="读不出"):
        do(opened, one.document_id)
    assert path.exists()
    with opened.read() as connection:
        assert connection.execute(select(schema.archive_removal)).all() == []
        assert connection.execute(select(schema.purge)).all() == []


def test_addresses_are_compared_without_what_twins_differ_in():
    assert plain("HTTP://WWW.a.example/x/?b=1#top") == plain("https://a.example/x?b=1")
    assert plain("http://a.example/%E7%94%B2") == plain("http://a.example/甲")
    assert plain("http://[broken") == "http://[broken"


@pytest.mark.parametrize(
    "stride", [pytest.param(9, marks=pytest.mark.slow), pytest.param(1, marks=pytest.mark.long)]
)
def test_killed_at_any_step_every_place_still_holds_its_page_and_the_next_run_ends_it(tmp_path, stride):
    template = tmp_path / "template"
    template.mkdir()
    one, _ = fill(template)
    step, killed = 0, True
    while killed:
        folder = tmp_path / str(step)
        shutil.copytree(template, folder)
        killed = _killed_at(step, folder, one.document_id)
        assert assert_every_place_holds_its_page(folder) in {3, 4}
        with Catalog.open(folder) as catalog:
            with catalog.read() as connection:
                done = bool(connection.execute(select(schema.purge)).all())
            if done:
                finish(catalog)
                catalog.erase_free_space()
            else:
                do(catalog, one.document_id)
        assert assert_every_place_holds_its_page(folder) == 3
        assert holding_secret(folder) == []
        assert len(list((folder / "archive").iterdir())) == 3
        step += stride
    assert step > 30


STEPS = {
    "purging.py": {"_purge", "_await_removal", "_forget", "_delete", "_point_into", "_bury", "finish"},
    "archive_scrub.py": {"scrub", "remove", "held", "_copy"},
    "durability.py": {"sync_folder"},
    "store.py": {"write", "log_change"},
}
"""Before each call of these, and behind it, a process is killed."""


def _killed_at(step: int, folder: Path, target: str) -> bool:
    """Purge in a process that is killed at a step; tell whether it was."""
    pid = os.fork()
    if not pid:
        _purge_until(step, folder, target)
    code = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
    assert code in (0, -signal.SIGKILL)
    return code != 0


def _purge_until(step: int, folder: Path, target: str) -> None:
    count = 0

    def watch(frame, event, _argument):
        nonlocal count
        code = frame.f_code
        if event in ("call", "return") and code.co_name in STEPS.get(Path(code.co_filename).name, ()):
            if count == step:
                os.kill(os.getpid(), signal.SIGKILL)
            count += 1

    try:
        with Catalog.open(folder) as catalog:
            sys.setprofile(watch)
            do(catalog, target)
            sys.setprofile(None)
        os._exit(0)
    except BaseException:  # noqa: BLE001 (a forked test must not go on as a second pytest)
        os._exit(1)


def test_purging_works_in_every_kind_of_store(catalog, record):
    done = record(ONE, f"{SECRET}公示", LONG)
    with catalog.write() as tx:
        suppress(tx, done.document_id, why="含个人信息", who="测试员")
    assert do(catalog, done.document_id).erased
    with catalog.read() as connection:
        assert find_document(connection, done.document_id) == Gone()
        assert connection.execute(select(schema.text)).all() == []
    assert record(ONE, f"{SECRET}公示", LONG).change is Change.PURGED
