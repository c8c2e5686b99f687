"""`gongkai index --watch` as a process: what it follows, how it begins and ends."""

import asyncio
import json
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from catalog.importing import import_file
from catalog.store import Catalog, last_seq
from catalog.suppression import suppress
from indexer.generations import Generations
from indexer.indexing import bring_up
from indexer.requests import Match, SearchRequest
from indexer.search import Index
from indexer.whoosh_engine.manifest import read_manifest

COMMAND = [sys.executable, "-c", "from cli.main import main; main()", "index"]
PATIENCE_SECONDS = 30

pytestmark = pytest.mark.slow

Watch = Callable[[], subprocess.Popen]


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A data folder with one document in its catalogue and no index."""
    put(tmp_path / "data", "关于开放城北游泳馆的通知")
    return tmp_path / "data"


@pytest.fixture
def watch(data: Path) -> Iterator[Watch]:
    """Start to watch the data folder; returns once the catalogue is followed."""
    started: list[subprocess.Popen] = []

    def call() -> subprocess.Popen:
        arguments = ["--data", str(data), "--watch"]
        process = subprocess.Popen(
            [*COMMAND, *arguments], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )
        started.append(process)
        process.told = []
        while line := process.stdout.readline():
            process.told.append(line)
            if "正在跟随" in line:
                return process
        raise AssertionError(process.stderr.read())

    yield call
    for process in started:
        process.kill()
        process.communicate()


def put(data: Path, *titles: str) -> None:
    """Import documents, each known by its title."""
    data.mkdir(exist_ok=True)
    file = data / "records.jsonl"
    records = [{"id": title, "title": title, "body": f"{title}，请遵照执行。"} for title in titles]
    file.write_text("\n".join(map(json.dumps, records)), "utf-8")
    with Catalog.open(data) as catalog:
        list(import_file(catalog, file))


def found(data: Path, title: str) -> list[str]:
    """Return the documents with this title that a process finds which opens the index now."""

    async def ask() -> list[str]:
        with Catalog.open(data, read_only=True) as catalog:
            index = Index.open(data, catalog)
            try:
                answer = await index.search(SearchRequest(title, match=Match.EXACT))
            finally:
                await index.close()
            return [hit.document_id for hit in answer.hits]

    return asyncio.run(ask())


def wait_until(condition: Callable[[], object]) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def ended(process: subprocess.Popen, number: int) -> str:
    """End a process by a signal as an operator does; return what it still said."""
    process.send_signal(number)
    said, errors = process.communicate(timeout=PATIENCE_SECONDS)
    assert process.returncode == 0
    assert "Traceback" not in errors
    return said


def test_an_index_is_built_first_where_there_is_none(data: Path, watch: Watch) -> None:
    process = watch()
    assert "索引已重建：写入 1 件" in process.told[0]
    assert len(found(data, "城北游泳馆")) == 1


def test_what_the_catalogue_commits_is_soon_in_the_index(data: Path, watch: Watch) -> None:
    watch()
    put(data, "关于开放城南滑冰场的通知", "关于开放城西图书角的通知")
    wait_until(lambda: found(data, "城南滑冰场") and found(data, "城西图书角"))
    (gone,) = found(data, "城南滑冰场")
    with Catalog.open(data) as catalog, catalog.write() as connection:
        suppress(connection, gone, why="测试", who="test")
    # Searches hide it at once by the catalogue; here the index itself has to have read of it.
    wait_until(lambda: seq_of_index(data) == seq_of_catalogue(data))
    assert not found(data, "城南滑冰场")
    assert found(data, "城北游泳馆")


def seq_of_index(data: Path) -> int:
    return read_manifest(Generations(data).require_live()).seq


def seq_of_catalogue(data: Path) -> int:
    with Catalog.open(data, read_only=True) as catalog, catalog.read() as connection:
        return last_seq(connection)


def test_nobody_else_writes_meanwhile_and_the_end_makes_room(data: Path, watch: Watch) -> None:
    process = watch()
    refused = subprocess.run([*COMMAND, "--data", str(data)], capture_output=True, text=True, check=False)
    assert refused.returncode == 2
    assert "Traceback" not in refused.stderr
    assert "已停止跟随" in ended(process, signal.SIGTERM)
    put(data, "关于开放城东羽毛球馆的通知")
    assert asyncio.run(bring_up(data)).documents == 1
    assert len(found(data, "城东羽毛球馆")) == 1


def test_ctrl_c_is_a_clean_end_too(data: Path, watch: Watch) -> None:
    assert "已停止跟随" in ended(watch(), signal.SIGINT)


def test_a_killed_watcher_leaves_an_index_that_the_next_one_goes_on_with(data: Path, watch: Watch) -> None:
    process = watch()
    process.kill()
    process.wait()
    put(data, "关于开放城东羽毛球馆的通知")
    assert "索引已更新：写入 1 件" in watch().told[0]
    assert len(found(data, "城东羽毛球馆")) == 1
