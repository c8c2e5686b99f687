"""From a CMS to a search: `gongkai serve`, `crawl --watch` and `index --watch` as processes of their own."""

import asyncio
import re
import signal
import subprocess
import sys
import time
from contextlib import closing

import httpx
import pytest

from catalog.importing import import_file
from catalog.store import Catalog
from indexer.indexing import bring_up
from search_api.keys import Keys
from tests.crawlers.conftest import Answer, Server

COMMAND = [sys.executable, "-c", "from cli.main import main; main()"]
PATIENCE_SECONDS = 60

pytestmark = pytest.mark.slow

RECORD = {
    "title": "关于滨湖路雨污水管网改造期间临时停水的公告",
    "published_on": "2026-03-02",
    "html": "<p>三月五日八时至十八时，滨湖路沿线临时停水，请提前储水。</p>",
    "columns": ["通知公告"],
}


def wait_for(condition):
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not (found := condition()):
        assert time.monotonic() < deadline
        time.sleep(0.1)
    return found


@pytest.fixture
def site():
    server = Server()
    server.routes["/"] = Answer('<a href="/col/1.html">通知公告</a>'.encode())
    server.routes["/art/1.html"] = Answer(status=412, body=b"<script>location.reload()</script>")
    yield server
    server.close()


@pytest.fixture
def data(tmp_path, site):
    folder = tmp_path / "data"
    folder.mkdir()
    (tmp_path / "one.jsonl").write_text('{"id": "1", "title": "一条", "body": "旧的一条。"}\n', "utf-8")
    with Catalog.open(folder) as catalog:
        list(import_file(catalog, tmp_path / "one.jsonl"))
    asyncio.run(bring_up(folder))
    (tmp_path / "sites.toml").write_text(
        f'[[site]]\nname = "市水务局"\nurl = "{site.url}/"\nfamily = "hanweb_jcms"\ndelay = 0\n', "utf-8"
    )
    return folder


@pytest.fixture
def begin(data, tmp_path):
    """Begin a command over the data folder; returns its process and log file."""
    begun = []

    def start(*arguments):
        log = tmp_path / f"{len(begun)}.log"
        with log.open("w") as out:
            command = [*COMMAND, *arguments, "--data", str(data)]
            begun.append(subprocess.Popen(command, stdout=out, stderr=out))
        return begun[-1], log

    yield start
    for process in begun:
        process.kill()
        process.wait()


def test_a_record_is_found_by_search_also_when_the_crawl_is_killed_before_it_took_it(
    data, site, begin, tmp_path
):
    watching = ("crawl", "--watch", "--sites", str(tmp_path / "sites.toml"))
    crawl, _log = begin(*watching)
    wait_for(lambda: "/" in site.targets())
    _server, log = begin("serve", "--port", "0")
    begin("index", "--watch")
    address = wait_for(lambda: re.search(r"http://[\d.]+:\d+", log.read_text("utf-8")))[0]
    with closing(Keys(data)) as keys:
        key = keys.make("水务局网站后台")
    with httpx.Client(base_url=address, headers={"Authorization": f"Bearer {key}"}, timeout=30) as client:
        crawl.send_signal(signal.SIGSTOP)
        record = RECORD | {"url": f"{site.url}/art/1.html"}
        pushed = client.post("/api/v1/publications", json=record, headers={"Idempotency-Key": "2026-17"})
        assert pushed.status_code == 202
        job = pushed.json()["href"]
        crawl.kill()
        begin(*watching)
        told = wait_for(lambda: (now := client.get(job).json())["searchable"] and now)
        assert (told["state"], told["detail"]) == ("done", "推送的内容已入库。")
        again = client.post("/api/v1/publications", json=record, headers={"Idempotency-Key": "2026-17"})
        assert again.json()["id"] == told["id"]
        found = client.get("/api/v1/search", params={"q": "滨湖路沿线临时停水"}).json()
        assert [hit["title"] for hit in found["results"]] == [RECORD["title"]]
        assert told["document"] == f"/api/v1/documents/{found['results'][0]['id']}"
        document = client.get(told["document"]).json()
        assert document["publications"][0]["url"] == record["url"]
