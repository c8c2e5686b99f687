import json
from pathlib import Path

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


@pytest.mark.parametrize("start", [b"%PDF-1.4\n", b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"])
def test_a_file_that_is_no_page_is_refused(run, tmp_path, start):
    file = tmp_path / "a.html"
    file.write_bytes(start + b"\x00\x01")
    result = run(file)
    assert (result.exit_code, result.stdout) == (2, "")
    assert str(file) in result.stderr


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
