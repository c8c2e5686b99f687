"""The commands with which staff and operators care for what was published, as they are typed."""

import json

import pytest
from sqlalchemy import select
from typer.testing import CliRunner

from catalog import schema
from catalog.findings import FindingKind, report
from catalog.store import Catalog
from cli.main import app

SCHOOLS = ("城区小学", "乡镇初中", "民办幼儿园", "职业中专", "特殊教育学校", "教师进修学校")
WORK = ("校车检查", "食堂卫生", "收费公示", "门卫值守", "康复训练", "暑期培训")
BODY = "".join(
    f"{school}的{work}由本校负责人亲自抓，发现问题立即报告{office}，不得拖延。"
    for school, work, office in zip(
        SCHOOLS, WORK, ("督导室", "总务科", "计财科", "保卫科", "基教科", "人事科"), strict=True
    )
)
RECORDS = [
    {
        "id": "1",
        "title": "关于开学工作的通知",
        "body": BODY,
        "org": "云岭市教育局",
        "url": "http://a.example/1",
    },
    {"id": "2", "title": "关于开学工作的通知", "body": f"云岭市政务公开专栏\n{BODY}", "org": "云岭市政府办"},
    {"id": "3", "title": "放假安排", "body": "寒假另行通知。", "org": "云岭市教育局"},
]


@pytest.fixture
def call(tmp_path):
    """Type `gongkai ARGS --data DIR`; the records are imported and indexed."""

    def run(*arguments, code=0, answer=None):
        options = [] if arguments[0] == "compare" else ["--data", str(tmp_path / "data")]
        done = CliRunner().invoke(app, [*arguments, *options], input=answer)
        assert done.exit_code == code, done.output
        return done.output

    path = tmp_path / "records.jsonl"
    path.write_text("\n".join(json.dumps(each, ensure_ascii=False) for each in RECORDS), "utf-8")
    run("import", str(path))
    run("index")
    return run


def titles(call, query="开学"):
    return [each["title"] for each in json.loads(call("search", query, "--json"))["results"]]


def documents(call):
    results = json.loads(call("search", "开学", "--json"))["results"]
    return [each["id"] for each in results]


def publications(tmp_path):
    with Catalog.open(tmp_path / "data", read_only=True) as catalog, catalog.read() as connection:
        return list(connection.execute(select(schema.publication.c.id)).scalars())


def test_merge_split_and_undo_are_in_the_answers_at_once(call, tmp_path):
    one, other = documents(call)
    call("merge", one, other, "--why", "同一份通知")
    assert len(documents(call)) == 1
    (decision,) = (json.loads(line) for line in call("decisions", "--json").splitlines())
    assert decision["why"] == "同一份通知"
    call("undo", decision["id"], "--why", "看错了")
    assert set(documents(call)) == {one, other}
    assert "已撤销：看错了" in call("decisions")
    call("merge", one, other, "--why", "还是同一份")
    (publication, *_) = publications(tmp_path)
    call("split", publication, "--why", "再看不是")
    assert len(documents(call)) == 2
    assert "没有编号为" in call("merge", one, "nobody", "--why", "试", code=2)


def test_suggestions_are_found_listed_and_decided(call):
    assert "提出建议 1 条" in call("suggestions", "find")
    (suggestion,) = (json.loads(line) for line in call("suggestions", "list", "--json").splitlines())
    shown = call("suggestions", "list")
    assert "云岭市政务公开专栏" in shown
    assert shown.count("关于开学工作的通知") == 2
    call("suggestions", "accept", suggestion["id"])
    assert len(documents(call)) == 1
    assert "已由" in call("suggestions", "refuse", suggestion["id"], code=2)
    assert "没有这样的建议" in call("suggestions", "list")


def test_a_refused_suggestion_is_kept_as_such(call):
    call("suggestions", "find")
    suggestion = json.loads(call("suggestions", "list", "--json"))
    call("suggestions", "refuse", suggestion["id"])
    assert suggestion["id"] in call("suggestions", "list", "--state", "refused")
    assert len(documents(call)) == 2


def test_purge_asks_wants_a_suppression_and_leaves_a_tombstone(call, tmp_path):
    target = documents(call)[0]
    assert "gongkai suppress" in call("purge", target, "--why", "当事人要求", code=2)
    call("suppress", target, "--why", "含个人信息")
    call("purge", target, "--why", "当事人要求", answer="n\n", code=1)
    assert len(publications(tmp_path)) == 3
    assert "已彻底删除" in call("purge", target, "--why", "当事人要求", "--yes")
    assert len(publications(tmp_path)) == 2
    assert target not in documents(call)
    assert "已彻底删除而不收 1" in call("import", str(tmp_path / "records.jsonl"))
    assert target not in documents(call)
    assert "没有内容可以恢复" in call("unsuppress", target, "--why", "误操作", code=2)


def test_findings_are_listed_chosen_and_settled(call, tmp_path):
    assert "没有未了的问题" in call("findings")
    with Catalog.open(tmp_path / "data") as catalog, catalog.write() as tx:
        report(tx, FindingKind.HACKED, "http://a.example/x", "页面内容疑似博彩推广。")
        report(tx, FindingKind.HOST_DOWN, "a.example", "连接被拒绝。")
        report(tx, FindingKind.SHELL, "http://b.example/", "只有验证页：http://b.example/1")
    assert "疑似被篡改  http://a.example/x" in call("findings")
    assert call("findings").count("只有验证页") == 1
    (line,) = call("findings", "--kind", "host_down", "--json").splitlines()
    finding = json.loads(line)
    assert (finding["label"], finding["times"]) == ("服务器不通", 1)
    assert "大面积失效" in call("findings", "--confirm", finding["id"], code=2)
    call("findings", "--resolve", finding["id"])
    assert "服务器不通" not in call("findings")
    assert "了结" in call("findings", "--all")


def test_compare_says_whether_two_folders_hold_the_same(call, tmp_path):
    data = str(tmp_path / "data")
    assert "相同" in call("compare", data, data)
    with Catalog.open(tmp_path / "other"):
        pass
    assert "只在前一个目录库中" in call("compare", data, str(tmp_path / "other"), code=1)


@pytest.mark.parametrize(
    "arguments",
    [
        ("merge", "a", "b", "--why", "试"),
        ("split", "a", "--why", "试"),
        ("undo", "a", "--why", "试"),
        ("decisions",),
        ("findings", "--resolve", "a"),
        ("suggestions", "find"),
        ("suggestions", "accept", "a"),
        ("purge", "a", "--why", "试", "--yes"),
    ],
)
def test_where_no_catalogue_is_none_is_made(tmp_path, arguments):
    done = CliRunner().invoke(app, [*arguments, "--data", str(tmp_path / "nowhere")])
    assert done.exit_code == 2
    assert "gongkai import" in done.stderr
    assert not (tmp_path / "nowhere").exists()
