"""A crawl that stays: rounds at an interval, sites that change, an end that is clean."""

import asyncio
import os
import signal
import subprocess
import sys
import time
from datetime import datetime, timedelta

import pytest
from typer.testing import CliRunner

from catalog.dates import CHINA
from cli.main import app
from crawlers.watching import SitesFile, Watch, watch
from crawlers.windows import Window, Windows


def sites_file(path, *subsites, delay="0"):
    entries = (
        f'[[site]]\nname = "子站{n}"\nurl = "{s.root}"\ndelay = {delay}\n' for n, s in enumerate(subsites)
    )
    path.write_text("\n".join(entries), encoding="utf-8")
    return path


async def until(condition, seconds=15):
    patience = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < patience, "waited in vain"
        await asyncio.sleep(0.02)


def homes(subsite):
    return subsite.server.targets().count("/")


async def watched(sites, data_dir, how, steps):
    """Watch while `steps` go on; return the rounds' summaries."""
    stop, rounds = asyncio.Event(), []
    task = asyncio.create_task(watch(sites, data_dir, how, stop=stop, on_round=rounds.append))
    try:
        await steps(rounds)
    finally:
        stop.set()
        await asyncio.wait_for(task, 15)
    return rounds


def test_rounds_follow_each_other_and_what_is_new_comes_in(server, jcms, planting, crawled, tmp_path, fast):
    subsite = jcms(server, planting(3))
    sites = sites_file(tmp_path / "sites.toml", subsite)

    async def steps(rounds):
        await until(lambda: len(rounds) == 1)
        subsite.__init__(server, [*planting(1, first=50), *subsite.planted])
        await until(lambda: len(rounds) >= 2)

    asyncio.run(watched(sites, crawled.data_dir, Watch(0.5, limits=fast), steps))
    assert len(crawled.publications()) == 4


def test_a_site_that_fails_ends_no_watch(make_server, jcms, planting, crawled, tmp_path, fast):
    dead, alive = (jcms(make_server(), planting(2)) for _ in range(2))
    dead.server.close()
    sites = sites_file(tmp_path / "sites.toml", dead, alive)

    async def steps(rounds):
        await until(lambda: len(rounds) == 2)

    rounds = asyncio.run(watched(sites, crawled.data_dir, Watch(0.1, limits=fast), steps))
    assert not rounds[0].complete
    assert len(crawled.publications()) == 2


def test_a_changed_sites_file_is_read_again_and_a_wrong_one_changes_nothing(
    make_server, jcms, planting, crawled, tmp_path, fast
):
    first, second = (jcms(make_server(), planting(2)) for _ in range(2))
    path = sites_file(tmp_path / "sites.toml", first)
    file = SitesFile(path)
    assert not file.changed()

    async def steps(rounds):
        await until(lambda: len(rounds) == 1)
        path.write_text("[[site", encoding="utf-8")
        await until(lambda: len(rounds) == 2)
        sites_file(path, first, second)
        await until(lambda: homes(second) > 0 and len(rounds) >= 3)

    asyncio.run(watched(path, crawled.data_dir, Watch(0.3, limits=fast), steps))
    assert len(crawled.publications()) == 4
    assert file.changed()
    assert len(file.sites.sites) == 2


def test_outside_of_its_windows_it_asks_nobody(server, jcms, planting, crawled, tmp_path, fast):
    sites = sites_file(tmp_path / "sites.toml", jcms(server, planting(2)))
    clock = datetime.now(CHINA) + timedelta(hours=2)
    closed = Windows((Window.read(f"{clock:%H:%M}-{clock + timedelta(hours=1):%H:%M}"),))

    async def steps(_rounds):
        await asyncio.sleep(1.3)

    assert asyncio.run(watched(sites, crawled.data_dir, Watch(0.1, closed, fast), steps)) == []
    assert server.asked == []


def recrawl(path, data_dir, *urls):
    return CliRunner().invoke(app, ["recrawl", *urls, "--sites", str(path), "--data", str(data_dir)])


def test_recrawl_fetches_a_page_now_and_says_what_came_of_it(
    server, jcms, planting, crawled, tmp_path, answer
):
    subsite = jcms(server, planting(4))
    path = sites_file(tmp_path / "sites.toml", subsite)
    crawled.run(subsite)
    server.asked.clear()
    url = subsite.url_of(subsite.planted[2])
    result = recrawl(path, crawled.data_dir, url)
    assert result.exit_code == 0, result.output
    assert "已抓取入库" in result.stdout
    assert server.targets() == [url.removeprefix(server.url)]
    server.routes[url.removeprefix(server.url)] = answer(status=404)
    result = recrawl(path, crawled.data_dir, url)
    assert result.exit_code == 1
    assert "页面不存在" in result.stdout
    result = recrawl(path, crawled.data_dir, "http://elsewhere.example/1")
    assert result.exit_code == 2
    assert "不属于站点清单" in result.stderr


def test_recrawl_of_a_subsite_reads_it_anew_and_whole(server, jcms, planting, crawled, tmp_path):
    subsite = jcms(server, planting(9))
    path = sites_file(tmp_path / "sites.toml", subsite)
    crawled.run(subsite)
    before = set(server.targets())
    server.asked.clear()
    result = recrawl(path, crawled.data_dir, subsite.root)
    assert result.exit_code == 0, result.output
    assert set(server.targets()) == before


@pytest.fixture
def daemon(server, jcms, planting, crawled, tmp_path):
    """A watch in a process of its own over a subsite of forty pages at 0.05 s."""
    subsite = jcms(server, planting(40))
    path = sites_file(tmp_path / "sites.toml", subsite, delay="0.05")
    script = "from cli.main import main; main()"
    arguments = ["crawl", "--watch", "--sites", str(path), "--data", str(crawled.data_dir)]
    command = [sys.executable, "-c", script, *arguments]
    process = subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=os.environ | {"PYTHONUTF8": "1"}
    )
    yield process, subsite, path
    process.kill()
    process.communicate()


def wait_for(condition, process, seconds=30):
    patience = time.monotonic() + seconds
    while not condition() and time.monotonic() < patience and process.poll() is None:
        time.sleep(0.02)
    assert condition()


def test_sigterm_ends_a_watch_with_0_and_loses_nothing(daemon, server, crawled):
    process, subsite, _path = daemon
    wait_for(lambda: len(server.asked) > 10, process)
    process.send_signal(signal.SIGTERM)
    _output, errors = process.communicate(timeout=20)
    assert process.returncode == 0, errors.decode()
    assert "常驻抓取已停止" in errors.decode()
    asked = [target for target in server.targets() if "/art/" in target]
    assert len(crawled.publications()) == len(asked), "what was fetched is recorded"
    crawled.run(subsite)
    assert len(crawled.publications()) == 40


def test_recrawl_goes_through_a_running_watch_before_its_other_pages(daemon, server, crawled):
    process, subsite, path = daemon
    wait_for(lambda: sum("/art/" in target for target in server.targets()) >= 2, process)
    url = subsite.url_of(subsite.planted[39])
    result = recrawl(path, crawled.data_dir, url)
    assert result.exit_code == 0, result.output
    asked = [target for target in server.targets() if "/art/" in target]
    assert url.removeprefix(server.url) in asked[:-1] or len(asked) < 40
    assert server.most_at_once == 1
