import json
import socket
import tomllib

import pytest
from typer.testing import CliRunner

from catalog.importing import import_file, parse_line
from catalog.reading import load_documents
from catalog.store import Catalog
from cli.demo import app
from demo.export import export, records
from demo.publishing import load_sites


def run(*arguments):
    return CliRunner().invoke(app, [str(argument) for argument in arguments])


def test_documents_are_written_exactly_as_many_as_asked(tmp_path):
    file = tmp_path / "demo.jsonl"
    result = run("--documents", 137, "--out", file, "--seed", 5)
    assert result.exit_code == 0, result.output
    lines = file.read_bytes().splitlines()
    assert len(lines) == 137
    written = [parse_line(line) for line in lines]
    assert len({record["id"] for record in written}) == 137
    assert len({record["url"] for record in written}) == 137
    assert all(record["title"] and record["body"] and record["org"] and record["date"] for record in written)


def test_the_same_seed_writes_the_same_bytes_and_another_does_not(tmp_path):
    files = [tmp_path / name for name in ("a", "b", "c")]
    for file, seed in zip(files, (1, 1, 2), strict=True):
        export(file, 80, seed)
    first, second, third = (file.read_bytes() for file in files)
    assert first == second != third


def test_a_record_has_no_empty_values():
    for record in records(200, 1):
        assert all(value for value in record.values())
        json.dumps(record)


def test_facets_have_several_values_that_go_together():
    written = list(records(600, 1))
    for name in ("topic", "genre", "audience", "org", "category"):
        several = [record[name] for record in written if isinstance(record.get(name), list)]
        assert several, name
        assert all(len(values) == len(set(values)) > 1 for values in several)
    joint = [record for record in written if "、" in record["issuer"] and "topic" in record]
    assert sum(isinstance(record["topic"], list) for record in joint) > len(joint) / 2


def test_records_are_read_by_the_import_with_all_their_values(tmp_path):
    file = tmp_path / "demo.jsonl"
    export(file, 400, 1)
    with Catalog.open(tmp_path) as catalog:
        *_, summary = import_file(catalog, file)
        with catalog.read() as connection:
            views = load_documents(connection, sorted(summary.documents)).values()
    assert summary.bad_lines == []
    assert summary.records == 400
    assert any(len(view.topics) > 1 and len(view.audiences) > 1 for view in views)
    assert any(len(publication.organizations) > 1 for view in views for publication in view.publications)


def test_a_sites_file_and_its_organisations_are_written(tmp_path):
    file = tmp_path / "sites.toml"
    assert run("sites", file, "--port", 8123).exit_code == 0
    content = tomllib.loads(file.read_text("utf-8"))
    assert (tmp_path / content["organizations"]).is_file()
    assert {site["family"] for site in content["site"]} == {entry["family"] for entry in load_sites()}
    assert content["site"][0]["url"] == "http://127.20.0.1:8123/"
    assert all(site["delay"] == 0 for site in content["site"])


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--documents", "0", "--out", "x"), "大于 0"),
        (("--documents", "-4", "--out", "x"), "大于 0"),
        (("--documents", "5"), "--out"),
        ((), "--documents"),
        (("--documents", "5", "--out", "/no/such/folder/x.jsonl"), "无法写入"),
        (("--documents", "5", "--out", "/"), "无法写入"),
        (("--documents", "5", "sites", "x"), "不能与子命令同时使用"),
        (("sites", "/no/such/folder/sites.toml"), "无法写入"),
        (("serve", "--publications", "3"), "太少"),
        (("serve", "--port", "0"), "1 到 65535"),
    ],
)
def test_wrong_usage_is_told_in_chinese_and_ends_with_two(arguments, said):
    result = run(*arguments)
    assert result.exit_code == 2
    assert said in result.output


def test_a_taken_port_ends_serve_with_one_and_names_the_address():
    with socket.create_server(("127.20.0.3", 0)) as taken:
        port = taken.getsockname()[1]
        result = run("serve", "--port", port, "--publications", 60)
    assert result.exit_code == 1
    assert f"127.20.0.3:{port}" in result.output
    assert "--port" in result.output
