"""Importing JSON lines."""

import json
import os
import signal
import subprocess
import sys
import time

import pytest
from sqlalchemy import func, select

from catalog import schema
from catalog.importing import ImportSummary, import_file
from catalog.reading import load_documents
from catalog.records import Provenance
from catalog.store import Catalog, last_seq


def write(path, *records):
    lines = [line if isinstance(line, str) else json.dumps(line, ensure_ascii=False) for line in records]
    path.write_text("\n".join(lines) + "\n", "utf-8", errors="surrogatepass")
    return path


def imported(catalog, path) -> ImportSummary:
    *_, summary = import_file(catalog, path)
    return summary


def documents(catalog, summary):
    with catalog.read() as connection:
        return load_documents(connection, sorted(summary.documents))


def seq(catalog) -> int:
    with catalog.read() as connection:
        return last_seq(connection)


RECORD = {
    "id": "1",
    "title": "关于开学的通知",
    "body": "九月一日开学。",
    "org": "云岭市教育局",
    "date": "2012-08-03",
    "written_date": "2012-08-01",
    "doc_number": "云教〔2012〕7号",
    "category": "通知公告",
    "level": "市级",
}


def test_a_record_becomes_a_document_with_what_it_says(catalog, tmp_path):
    summary = imported(catalog, write(tmp_path / "a.jsonl", RECORD))
    (document,) = documents(catalog, summary).values()
    assert (document.title, document.texts) == ("关于开学的通知", ("九月一日开学。",))
    assert document.issued_on.isoformat() == "2012-08-01"
    assert document.published_on.isoformat() == "2012-08-03"
    (publication,) = document.publications
    assert publication.column_names == ("通知公告",)
    assert {witness.provenance for witness in publication.witnesses} == {Provenance.IMPORT}
    with catalog.read() as connection:
        assert connection.execute(select(schema.capture.c.extra)).scalar_one() == {"level": "市级"}


def test_importing_twice_changes_nothing(catalog, tmp_path):
    path = write(tmp_path / "a.jsonl", RECORD, {**RECORD, "id": "2", "title": "另一件"})
    imported(catalog, path)
    before = seq(catalog)
    again = imported(catalog, path)
    assert (again.records, again.unchanged) == (2, 2)
    assert seq(catalog) == before


def test_the_folder_of_the_file_does_not_matter(catalog, tmp_path):
    (tmp_path / "elsewhere").mkdir()
    imported(catalog, write(tmp_path / "a.jsonl", RECORD))
    assert imported(catalog, write(tmp_path / "elsewhere" / "a.jsonl", RECORD)).unchanged == 1
    assert imported(catalog, write(tmp_path / "b.jsonl", RECORD)).new == 1


def test_changed_content_is_a_new_capture(catalog, tmp_path):
    imported(catalog, write(tmp_path / "a.jsonl", RECORD))
    summary = imported(catalog, write(tmp_path / "a.jsonl", {**RECORD, "body": "九月三日开学。"}))
    assert summary.changed == 1
    (document,) = documents(catalog, summary).values()
    assert document.texts == ("九月三日开学。",)
    with catalog.read() as connection:
        assert connection.execute(select(func.count()).select_from(schema.capture)).scalar_one() == 2


def test_records_with_one_url_are_one_publication_in_several_columns(catalog, tmp_path):
    url = "http://a.example/1"
    path = write(
        tmp_path / "a.jsonl",
        {**RECORD, "url": url},
        {**RECORD, "id": "2", "url": url, "category": "政策文件", "body": "九月一日开学。补充。"},
    )
    summary = imported(catalog, path)
    assert (summary.records, len(summary.publications)) == (2, 1)
    (document,) = documents(catalog, summary).values()
    assert set(document.publications[0].column_names) == {"通知公告", "政策文件"}
    before = seq(catalog)
    assert imported(catalog, path).unchanged == 2
    assert seq(catalog) == before


def test_an_empty_body_is_a_document_with_a_title(catalog, tmp_path):
    summary = imported(catalog, write(tmp_path / "a.jsonl", {"id": "1", "title": "只有标题"}))
    (document,) = documents(catalog, summary).values()
    assert (document.title, document.texts) == ("只有标题", ())


def test_bad_lines_are_told_with_file_and_number_and_skipped(catalog, tmp_path):
    bad = [
        "not json",
        "[1]",
        {"title": "没有编号"},
        {"id": "x", "title": " "},
        {"id": "y", "title": "正文不是文字", "body": 7},
        {"id": "z", "title": "列表里有对象", "topic": [{}]},
        {"id": "v", "title": "栏目不是文字", "category": {}},
        RECORD,
    ]
    summary = imported(catalog, write(tmp_path / "a.jsonl", RECORD, *bad, {**RECORD, "id": "2"}))
    assert summary.records == 2
    assert [line.line for line in summary.bad_lines] == list(range(2, 10))
    assert all(line.file == "a.jsonl" and line.why for line in summary.bad_lines)


def test_a_bad_first_line_leaves_nothing_half_made(catalog, tmp_path):
    bad = {"id": "z", "title": "坏", "topic": [{}], "category": "新栏目"}
    summary = imported(catalog, write(tmp_path / "a.jsonl", bad, {**RECORD, "category": "新栏目"}))
    assert (summary.records, len(summary.bad_lines)) == (1, 1)


@pytest.mark.parametrize("body", ["\ud800", "\x00", "\u202e" * 10, "𠀀" * 3000, "{" * 5000])
def test_hostile_texts_are_taken_or_told_of(catalog, tmp_path, body):
    summary = imported(catalog, write(tmp_path / "a.jsonl", json.dumps({**RECORD, "body": body})))
    assert summary.records + len(summary.bad_lines) == 1


def test_a_deeply_nested_line_is_a_bad_line(catalog, tmp_path):
    summary = imported(catalog, write(tmp_path / "a.jsonl", "[" * 100_000))
    assert len(summary.bad_lines) == 1


@pytest.mark.slow
def test_a_killed_import_goes_on_where_it_was_and_doubles_nothing(tmp_path):
    records = [
        {**RECORD, "id": str(n), "title": f"第{n}号公告", "doc_number": f"云公〔2012〕{n}号"}
        for n in range(3000)
    ]
    path = write(tmp_path / "a.jsonl", *records)
    command = [sys.executable, "-c", "from cli.main import main; main()", "import", str(path)]
    command += ["--data", str(tmp_path / "data")]
    for _ in range(3):
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
        time.sleep(1.7)
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
    assert subprocess.run(command, stdout=subprocess.DEVNULL, check=False).returncode == 0
    with Catalog.open(tmp_path / "data") as catalog, catalog.read() as connection:
        for table in (schema.publication, schema.document, schema.capture):
            assert connection.execute(select(func.count()).select_from(table)).scalar_one() == 3000


def test_a_line_that_cannot_be_kept_is_skipped_whatever_is_wrong(catalog, tmp_path):
    deep = "[" * 700 + "]" * 700
    lines = [
        f'{{"id": "{number}", "title": "甲", {rest}}}'
        for number, rest in enumerate((f'"x": {deep}', '"x": NaN', '"topic": true', '"x": 1'), start=1)
    ]
    summary = imported(catalog, write(tmp_path / "a.jsonl", *lines, '{"id": true, "title": "乙"}'))
    assert summary.records + len(summary.bad_lines) == 5
    assert {bad.line for bad in summary.bad_lines} >= {2, 3, 5}
    assert summary.records >= 1


def test_ids_that_differ_only_in_what_cannot_be_stored_are_one_id(catalog, tmp_path):
    summary = imported(
        catalog, write(tmp_path / "a.jsonl", {"id": "1", "title": "甲"}, '{"id": "1\\u0000", "title": "乙"}')
    )
    assert (summary.records, summary.bad_lines[0].line) == (1, 2)


def test_a_record_changed_and_changed_back_is_as_it_was(catalog, tmp_path):
    for body, captures in (("甲", 1), ("乙", 2), ("甲", 3), ("甲", 3)):
        summary = imported(catalog, write(tmp_path / "a.jsonl", {**RECORD, "body": body}))
        (document,) = documents(catalog, summary).values()
        assert document.texts == (body,)
        with catalog.read() as connection:
            assert connection.execute(select(func.count()).select_from(schema.capture)).scalar() == captures


def test_the_summary_counts_documents_as_they_are_in_the_end(catalog, tmp_path):
    body = "现将有关事项通知如下，请认真执行。" * 20
    titles = ("开学通知", "放假通知", "开学通知、放假通知")  # the last one holds both
    records = [{"id": str(n), "title": title, "body": body} for n, title in enumerate(titles)]
    assert len(imported(catalog, write(tmp_path / "a.jsonl", *records)).documents) == 1
