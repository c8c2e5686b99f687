"""`gongkai crawl`: its exit codes, its errors, its summary."""

import os
import signal
import subprocess
import sys
import time

import pytest
import typer
from typer.testing import CliRunner

from cli.crawl import crawl

APP = typer.Typer()
APP.command()(crawl)


def sites_file(tmp_path, *subsites):
    path = tmp_path / "sites.toml"
    entries = (
        f'[[site]]\nname = "子站{n}"\nurl = "{s.root}"\nfamily = "{s.family}"\ndelay = 0\n'
        for n, s in enumerate(subsites)
    )
    path.write_text("\n".join(entries), encoding="utf-8")
    return path


def run(sites, data_dir):
    return CliRunner().invoke(APP, ["--sites", str(sites), "--data", str(data_dir)])


def test_all_well_is_0_and_the_summary_counts(server, hefei, planting, tmp_path):
    result = run(sites_file(tmp_path, hefei(server, planting(7))), tmp_path / "data")
    assert result.exit_code == 0, result.output
    assert "入库：新发布" in result.stdout
    assert "7" in result.stdout


def test_a_failed_page_is_1_and_named(server, jcms, planting, tmp_path, answer):
    subsite = jcms(server, planting(3))
    path = subsite.url_of(subsite.planted[0]).removeprefix(server.url)
    server.routes[path] = answer(status=404)
    result = run(sites_file(tmp_path, subsite), tmp_path / "data")
    assert result.exit_code == 1
    assert f"页面不存在（404/410）：{server.url}{path} 返回 404" in result.stdout


@pytest.mark.parametrize("text", ["", "[[site]]\nname = 1\n", "[[site"])
def test_a_wrong_sites_file_is_2_and_changes_nothing(text, tmp_path):
    path = tmp_path / "sites.toml"
    path.write_text(text)
    result = run(path, tmp_path / "data")
    assert result.exit_code == 2
    assert "站点清单" in result.stderr
    assert "Traceback" not in result.output
    assert not (tmp_path / "data").exists()


def test_a_wrong_organizations_file_is_2(server, jcms, planting, tmp_path):
    path = sites_file(tmp_path, jcms(server, planting(1)))
    (tmp_path / "o.json").write_text("{")
    path.write_text('organizations = "o.json"\n' + path.read_text(encoding="utf-8"), encoding="utf-8")
    result = run(path, tmp_path / "data")
    assert result.exit_code == 2
    assert "o.json" in result.stderr
    assert server.asked == []
    assert not (tmp_path / "data").exists()


def test_sigterm_ends_cleanly_and_is_1(server, jcms, planting, tmp_path):
    path = sites_file(tmp_path, jcms(server, planting(60)))
    path.write_text(path.read_text(encoding="utf-8").replace("delay = 0", "delay = 0.05"), encoding="utf-8")
    script = "import typer, cli.crawl; typer.run(cli.crawl.crawl)"
    process = subprocess.Popen(
        [sys.executable, "-c", script, "--sites", str(path), "--data", str(tmp_path / "data")],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=os.environ | {"PYTHONUTF8": "1"},
    )
    while len(server.asked) < 12 and process.poll() is None:
        time.sleep(0.01)
    process.send_signal(signal.SIGTERM)
    output, errors = process.communicate(timeout=20)
    assert process.returncode == 1
    assert "抓取被中断" in output.decode()
    assert errors == b"", "nothing but the summary where there is no terminal"
