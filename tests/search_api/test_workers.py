"""`gongkai serve --workers 2`: processes on one socket, their deaths, their freshness."""

import asyncio
import json
import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from catalog.importing import import_file
from catalog.store import Catalog
from indexer.indexing import bring_up

COMMAND = [sys.executable, "-c", "import typer; from cli.serve import serve; typer.run(serve)"]
COUNT = 2
PATIENCE_SECONDS = 30

pytestmark = pytest.mark.slow


@dataclass
class Served:
    """A running parent, what it says, and the processes that answer."""

    process: subprocess.Popen
    address: str
    log: Path

    @property
    def workers(self) -> list[int]:
        pid = self.process.pid
        return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]

    @property
    def port(self) -> int:
        return int(self.address.rpartition(":")[2])

    def get(self, path: str, **parameters: str) -> httpx.Response:
        """Ask on a connection of its own."""
        return httpx.get(self.address + path, params=parameters, trust_env=False, timeout=PATIENCE_SECONDS)

    @contextmanager
    def only(self, worker: int) -> Iterator[None]:
        """Let nobody but this worker run."""
        others = [pid for pid in self.workers if pid != worker]
        for pid in others:
            os.kill(pid, signal.SIGSTOP)
        try:
            yield
        finally:
            for pid in others:
                os.kill(pid, signal.SIGCONT)


def wait_until(condition: Callable[[], object]) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.05)


@pytest.fixture
def served(own_data: Path, tmp_path: Path) -> Iterator[Served]:
    log = tmp_path / "serve.log"
    arguments = ["--data", str(own_data), "--port", "0", "--workers", str(COUNT)]
    with log.open("w") as out:
        process = subprocess.Popen([*COMMAND, *arguments], stdout=out, stderr=out)
    workers: list[int] = []
    try:
        wait_until(lambda: process.poll() is not None or "服务已启动" in log.read_text("utf-8"))
        found = re.search(r"address=(\S+)", log.read_text("utf-8"))
        assert found, log.read_text("utf-8")
        running = Served(process, found[1], log)
        wait_until(lambda: len(running.workers) == COUNT)
        workers = running.workers
        for worker in workers:
            with running.only(worker):
                assert running.get("/healthz").status_code == 200
        yield running
    finally:
        process.kill()
        process.wait()
        for worker in filter(is_running, workers):
            os.kill(worker, signal.SIGKILL)


def is_running(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return False
    return state not in "ZX"


def is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def sockets(pid: int) -> set[str]:
    """Return the sockets that a process has open, as the system names them."""
    links = [str(path.readlink()) for path in Path(f"/proc/{pid}/fd").iterdir() if path.is_symlink()]
    return {link for link in links if link.startswith("socket:")}


def listening(port: int) -> set[str]:
    """Return the sockets that listen on a port."""
    rows = [line.split() for line in Path("/proc/net/tcp").read_text().splitlines()[1:]]
    return {f"socket:[{row[9]}]" for row in rows if row[3] == "0A" and row[1].endswith(f":{port:04X}")}


def test_every_worker_answers_on_the_one_socket_they_share(served: Served) -> None:
    (shared,) = listening(served.port)
    answers = []
    for worker in served.workers:
        assert shared in sockets(worker)
        with served.only(worker):
            answers.append(served.get("/api/v1/search", q="用水价格").json())
    assert answers[0]["total"] > 0
    assert len({json.dumps({**answer, "took_ms": 0}) for answer in answers}) == 1


def test_a_killed_worker_is_replaced_and_the_others_fail_nobody(served: Served) -> None:
    victim, other = served.workers
    # A stopped process takes no connection, so every request below is the other's or the new one's.
    os.kill(victim, signal.SIGSTOP)
    statuses: list[int] = []
    enough = threading.Event()

    def ask() -> None:
        while not enough.is_set():
            statuses.append(served.get("/api/v1/search", q="用水价格").status_code)

    thread = threading.Thread(target=ask)
    thread.start()
    try:
        os.kill(victim, signal.SIGKILL)
        wait_until(lambda: len(served.workers) == COUNT and victim not in served.workers)
    finally:
        enough.set()
        thread.join()
    assert set(statuses) == {200}
    (new,) = set(served.workers) - {other}
    with served.only(new):
        assert served.get("/readyz").json()["status"] == "ready"
    assert f"工作进程已退出，重新启动 pid={victim}" in served.log.read_text("utf-8")


def test_sigterm_to_the_parent_ends_all_of_them_and_frees_the_port(served: Served) -> None:
    workers = served.workers
    served.process.send_signal(signal.SIGTERM)
    assert served.process.wait(PATIENCE_SECONDS) == 0
    assert not any(map(is_running, workers))
    assert is_free(served.port)
    told = served.log.read_text("utf-8")
    assert "Traceback" not in told
    assert told.count("服务已停止") == COUNT


def test_when_the_parent_is_killed_its_workers_end_and_free_the_port(served: Served) -> None:
    workers = served.workers
    served.process.kill()
    served.process.wait()
    wait_until(lambda: not any(map(is_running, workers)) and is_free(served.port))


def test_a_worker_that_hangs_does_not_keep_the_others_alive_without_the_parent(served: Served) -> None:
    *others, newest = sorted(served.workers)
    os.kill(newest, signal.SIGSTOP)
    served.process.kill()
    served.process.wait()
    wait_until(lambda: not any(map(is_running, others)))
    os.kill(newest, signal.SIGCONT)
    wait_until(lambda: not is_running(newest) and is_free(served.port))


def test_every_worker_sees_what_was_committed(served: Served, own_data: Path, tmp_path: Path) -> None:
    record = {"id": "new", "title": "关于公布星槎码头夜航班次的公告", "body": "夜航班次自即日起公布。"}
    (tmp_path / "new.jsonl").write_text(json.dumps(record), "utf-8")
    with Catalog.open(own_data) as catalog:
        list(import_file(catalog, tmp_path / "new.jsonl"))
    asyncio.run(bring_up(own_data))
    for worker in served.workers:
        with served.only(worker):
            wait_until(lambda: served.get("/api/v1/search", q="星槎码头", match="exact").json()["total"] == 1)
            assert served.get("/readyz").json()["lag"] == 0
