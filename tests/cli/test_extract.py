import json
from pathlib import Path

import made_files as made
import pytest
import typer
from typer.testing import CliRunner

from cli.extract import extract

PAGES = Path(__file__).parents[1] / "pages"
KEYS = [
    "page_kind",
    "title",
    "body",
    "doc_number",
    "index_number",
    "publisher",
    "issuer",
    "issued_on",
    "published_on",
    "topic",
    "genre",
    "audience",
    "life_cycle",
    "format",
    "keywords",
    "source",
    "attachments",
    "links",
    "provenance",
]


@pytest.fixture
def run():
    app = typer.Typer()
    app.command()(extract)
    return lambda *arguments: CliRunner().invoke(app, [str(argument) for argument in arguments])


def test_one_json_object_with_all_keys_is_printed(run):
    result = run(PAGES / "header_table.html", "--url", "http://a.example/b/c.html")
    found = json.loads(result.stdout)
    assert result.exit_code == 0
    assert list(found) == KEYS
    assert found["attachments"] == ["http://a.example/b/P020150312.pdf"]
    assert found["provenance"]["title"] == "printed"


def test_an_attachment_prints_its_kind_and_text_whatever_its_name(run, tmp_path):
    file = tmp_path / "a.html"
    file.write_bytes(made.docx())
    found = json.loads(run(file).stdout)
    assert list(found) == ["kind", "text", "problem", "provenance", "confidence"]
    assert (found["kind"], found["problem"], found["provenance"]) == ("docx", None, "text")
    assert found["text"].startswith(made.LINES[0])


@pytest.mark.parametrize("start", [b"%PDF-1.4\n", b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"])
def test_a_broken_attachment_says_why_it_has_no_text(run, tmp_path, start):
    file = tmp_path / "a.pdf"
    file.write_bytes(start + b"\x00\x01")
    result = run(file)
    found = json.loads(result.stdout)
    assert (result.exit_code, found["text"], found["problem"]) == (0, None, "文件已损坏，不能读取")


def test_a_missing_file_and_a_folder_are_named_in_the_error(run, tmp_path):
    for file in (tmp_path, tmp_path / "no.html"):
        result = run(file)
        assert (result.exit_code, result.stdout) == (2, "")
        assert "错误" in result.stderr
        assert str(file) in result.stderr


def test_an_empty_file_is_no_document(run, tmp_path):
    file = tmp_path / "empty.html"
    file.touch()
    found = json.loads(run(file).stdout)
    assert found["page_kind"] in ("error", "other")
    assert (found["title"], found["body"], found["links"]) == (None, None, [])


@pytest.mark.parametrize("content", [b"\0" * 5000, bytes(range(256)) * 40])
def test_binary_data_is_refused_whatever_its_name_says(run, tmp_path, content):
    file = tmp_path / "a.html"
    file.write_bytes(content)
    result = run(file)
    assert (result.exit_code, result.stdout) == (2, "")
    assert "二进制" in result.stderr


@pytest.mark.parametrize("charset", ["utf-16", "utf-8-sig", "gb18030"])
def test_a_page_in_any_charset_with_a_damaged_byte_is_a_page(run, tmp_path, charset):
    file = tmp_path / "a.html"
    file.write_bytes(("<title>公告</title>" + "<p>农田\x00灌溉" + "<p>农田灌溉通知。" * 20).encode(charset))
    assert json.loads(run(file).stdout)["title"] == "公告"


def test_a_file_larger_than_any_page_is_refused_unread(run, tmp_path):
    file = tmp_path / "a.html"
    with file.open("wb") as opened:
        opened.truncate(65 * 1024 * 1024)
    result = run(file)
    assert (result.exit_code, result.stdout) == (2, "")
    assert "文件过大" in result.stderr


@pytest.mark.parametrize("text", ['{"a": "正文"}', "只有文字", '<?xml version="1.0"?><a><b>正文</b></a>'])
def test_text_that_is_no_html_is_no_document(run, tmp_path, text):
    file = tmp_path / "a.txt"
    file.write_text(text, encoding="utf-8")
    assert json.loads(run(file).stdout)["page_kind"] == "other"


def test_an_address_that_is_no_web_page_is_refused(tmp_path):
    page = tmp_path / "a.html"
    page.write_text("<title>灌溉通知</title>", "utf-8")
    app = typer.Typer()
    app.command()(extract)
    result = CliRunner().invoke(app, [str(page), "--url", "ftp://a.example/x"])
    assert result.exit_code == 2
    assert "ftp://a.example/x" in result.output
