"""The commands that others rely on, as they are typed."""

import json

import pytest
from typer.testing import CliRunner

from cli.main import app

RECORDS = [
    {
        "id": "1",
        "title": "关于提高最低生活保障标准的通知",
        "body": "自七月一日起，云岭市城乡居民最低生活保障标准提高到每人每月八百元。",
        "org": "云岭市民政局",
        "date": "2012-06-20",
        "doc_number": "云民〔2012〕18号",
        "category": "政策法规",
        "url": "http://a.example/1",
    },
    {"id": "2", "title": "云岭市人民政府公告", "body": "", "org": "云岭市人民政府"},
]


@pytest.fixture
def call(tmp_path):
    """Type `gongkai ARGS --data DIR`; returns the result with exit code, stdout and stderr."""

    def run(*arguments: str, data: bool = True):
        options = ["--data", str(tmp_path / "data")] if data else []
        return CliRunner().invoke(app, [*arguments, *options])

    return run


@pytest.fixture
def records(tmp_path):
    path = tmp_path / "records.jsonl"
    path.write_text("\n".join(json.dumps(each, ensure_ascii=False) for each in RECORDS), "utf-8")
    return path


def hits(call, query):
    value = json.loads(call("search", query, "--json").stdout)
    return value["total"], [result["title"] for result in value["results"]]


def test_from_import_to_answer(call, records):
    done = call("import", str(records))
    assert done.exit_code == 0
    assert "记录 2 条（新增 2" in done.stdout
    assert "发布 2 条、文件 2 件" in done.stdout
    assert "写入 2 件" in call("index").stdout
    assert hits(call, "云民[2012]18号")[1][0] == RECORDS[0]["title"]
    assert hits(call, "民政") == (0, [])
    assert hits(call, "最低生活保障") == (1, [RECORDS[0]["title"]])
    plain = call("search", "最低生活保障").stdout
    assert "共 1 件文件（1 条发布）" in plain
    assert "云岭市民政局" in plain
    status = json.loads(call("status", "--json").stdout)
    assert (status["documents"], status["publications"], status["lag"]) == (2, 2, 0)


def test_suppressing_takes_out_of_answers_and_unsuppressing_brings_back(call, records):
    call("import", str(records))
    call("index")
    target = json.loads(call("search", "最低生活保障", "--json").stdout)["results"][0]["id"]
    assert call("suppress", target, "--why", "含个人信息").exit_code == 0
    assert hits(call, "最低生活保障") == (0, [])
    assert call("suppress", target, "--why", "再来一次").exit_code == 2
    assert call("unsuppress", target, "--why", "已脱敏").exit_code == 0
    assert hits(call, "最低生活保障")[0] == 1


def test_a_bad_line_is_told_and_the_exit_code_says_so(call, tmp_path):
    path = tmp_path / "bad.jsonl"
    path.write_text('{"id": "1", "title": "好"}\n{"id": 2}\n', "utf-8")
    done = call("import", str(path))
    assert done.exit_code == 1
    assert "bad.jsonl:2" in done.stderr


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("index",), "gongkai import"),
        (("search", "公告"), "gongkai import"),
        (("status",), "gongkai import"),
        (("suppress", "nobody", "--why", "试"), "gongkai import"),
        (("import", "nowhere.jsonl"), "nowhere.jsonl"),
        (("verify-archive",), "没有归档文件"),
        (("key", "new", "--name", " "), "--name"),
        (("crawl", "--sites", "nowhere.toml", "--window", "20:00-06:00"), "--watch"),
    ],
)
def test_wrong_use_is_one_clear_line_and_code_two(call, tmp_path, arguments, said):
    done = call(*arguments)
    assert done.exit_code == 2
    assert said in done.stderr
    assert "Traceback" not in done.stderr
    assert not (tmp_path / "data").exists()


def test_searching_before_indexing_says_what_to_run(call, records):
    call("import", str(records))
    done = call("search", "公告")
    assert done.exit_code == 2
    assert "gongkai index" in done.stderr


def test_eval_prints_one_json_line(call, tmp_path):
    (tmp_path / "docs.jsonl").write_text('{"id": "a", "title": "公积金贷款指南", "body": ""}\n', "utf-8")
    (tmp_path / "queries.jsonl").write_text('{"id": "q", "text": "公积金怎么贷款"}\n', "utf-8")
    (tmp_path / "qrels.tsv").write_text("q\ta\t1\n", "utf-8")
    done = call("eval", str(tmp_path), data=False)
    assert json.loads(done.stdout)["hit@1"] == 1
    assert call("eval", str(tmp_path / "nowhere"), data=False).exit_code == 2


def test_an_index_of_another_format_is_built_anew_by_whatever_needs_it(call, records, tmp_path):
    call("import", str(records))
    call("index")
    (manifest,) = (tmp_path / "data" / "index").glob("*/manifest.json")
    manifest.write_text('{"seq": 2, "format": 1, "analysis": 1}', "utf-8")
    done = call("index")
    assert done.exit_code == 0
    assert "重建" in done.stderr
    assert hits(call, "最低生活保障")[0] == 1


def test_keys_are_made_listed_and_revoked(call):
    assert "还没有密钥" in call("key", "list").stdout
    made = call("key", "new", "--name", "民政局网站后台")
    assert made.stdout.startswith("gk_")
    assert len(made.stdout.splitlines()) == 1  # so that a script can take it
    assert "只显示这一次" in made.stderr
    key_id = made.stdout.split("_")[1]
    listed = call("key", "list").stdout
    assert key_id in listed
    assert "民政局网站后台" in listed
    assert made.stdout.strip() not in listed
    assert call("key", "revoke", key_id).exit_code == 0
    assert "吊销" in call("key", "list").stdout
    assert call("key", "revoke", key_id).exit_code == 2
