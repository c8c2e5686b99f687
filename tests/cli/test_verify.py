"""`gongkai verify`, as it is typed: what it finds, what it says, how it ends."""

import json

import pytest
from typer.testing import CliRunner

from cli.main import app
from indexer.generations import Generations


@pytest.fixture
def call(tmp_path):
    """Type `gongkai ARGS --data DIR`."""

    def run(*arguments: str):
        return CliRunner().invoke(app, [*arguments, "--data", str(tmp_path / "data")])

    return run


@pytest.fixture
def generations(call, tmp_path):
    """An index of two generations; the earlier one lacks the third record."""
    path = tmp_path / "records.jsonl"
    for last, arguments in ((2, ()), (3, ("--rebuild",))):
        records = [{"id": str(number), "title": f"第{number}号公告"} for number in range(last)]
        path.write_text("\n".join(json.dumps(each) for each in records))
        assert call("import", str(path)).exit_code == 0
        assert call("index", *arguments).exit_code == 0
    return Generations(tmp_path / "data")


def damage(folder) -> str:
    """Flip a byte in the middle of a segment, which no reader notices; return the file's name."""
    (path,) = folder.glob("*.segment")
    content = bytearray(path.read_bytes())
    content[-100] ^= 1
    path.write_bytes(content)
    return path.name


def test_an_intact_index_is_told_so(call, generations):
    earlier, live = generations.every()
    done = call("verify")
    assert done.exit_code == 0
    assert done.stdout.splitlines() == [
        f"{earlier.name}  完好，2 件文件，到变更号 2",
        f"{live.name}（在用）  完好，3 件文件，到变更号 3",
    ]


def test_a_damaged_index_falls_back_and_follows_the_catalogue_again(call, generations):
    earlier, live = generations.every()
    name = damage(live)
    done = call("verify")
    assert done.exit_code == 1
    assert f"{live.name}（在用）  损坏" in done.stdout
    assert f"{name}：内容与校验和不符" in done.stdout
    assert f"可以退回到 {earlier.name}（到变更号 2）" in done.stdout
    done = call("verify", "--fall-back")
    assert done.exit_code == 0
    assert f"已改用 {earlier.name}" in done.stdout
    assert call("verify").exit_code == 1  # the damaged one is still there
    assert "写入 1 件" in call("index").stdout
    assert call("verify").stdout == f"{earlier.name}（在用）  完好，3 件文件，到变更号 3\n"
    assert json.loads(call("search", "第2号公告", "--json").stdout)["total"] == 1


def test_where_nothing_is_intact_a_rebuild_is_the_way_out(call, generations):
    for folder in generations.every():
        damage(folder)
    done = call("verify")
    assert done.exit_code == 1
    assert "gongkai index --rebuild" in done.stdout
    done = call("verify", "--fall-back")
    assert done.exit_code == 2
    assert "gongkai index --rebuild" in done.stderr
    assert call("index", "--rebuild").exit_code == 0
    assert json.loads(call("verify", "--json").stdout)["usable"]


def test_an_intact_index_has_nothing_to_fall_back_from(call, generations):
    live = generations.require_live()
    done = call("verify", "--fall-back")
    assert done.exit_code == 0
    assert "已改用" not in done.stdout
    assert generations.live() == live


def test_orphans_are_told_and_swept_by_the_next_indexing_run(call, generations):
    live = generations.require_live()
    (live / "left").write_text("by a crash")
    done = call("verify")
    assert done.exit_code == 0
    assert "不属于索引的文件：left" in done.stdout
    call("index")
    assert not (live / "left").exists()


def test_an_older_format_is_told_as_such(call, generations):
    (generations.require_live() / "manifest.json").write_text('{"seq": 3, "format": 2, "analysis": 1}')
    done = call("verify")
    assert done.exit_code == 1
    assert "由另一版本的程序写成" in done.stdout
    assert "格式 2" in done.stdout


def test_as_json_it_tells_the_same(call, generations):
    earlier, live = generations.every()
    name = damage(live)
    value = json.loads(call("verify", "--json").stdout)
    assert (value["intact"], value["usable"], value["fall_back_to"]) == (False, False, earlier.name)
    assert [each["condition"] for each in value["generations"]] == ["intact", "damaged"]
    assert value["generations"][1]["damages"] == [{"file": name, "why": "内容与校验和不符"}]
    done = call("verify", "--fall-back", "--json")
    assert json.loads(done.stdout)["usable"]
    assert "已改用" in done.stderr


@pytest.mark.parametrize("arguments", [(), ("--fall-back",)])
def test_where_no_index_is_it_says_what_to_run(call, tmp_path, arguments):
    done = call("verify", *arguments)
    assert done.exit_code == 2
    assert "gongkai index" in done.stderr
    assert not (tmp_path / "data").exists()
