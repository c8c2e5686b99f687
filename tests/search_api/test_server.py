"""`gongkai serve` as a process: its socket, its log, its end."""

import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from catalog.store import Catalog
from catalog.suppression import suppress
from search_api.problems import AddressError
from search_api.server import address_of, listen

COMMAND = [sys.executable, "-c", "import typer; from cli.serve import serve; typer.run(serve)"]


def run(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*COMMAND, *map(str, arguments)], capture_output=True, text=True, timeout=60, check=False
    )


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return server.getsockname()[1]


@pytest.fixture
def served(own_data: Path, tmp_path: Path) -> Iterator[tuple[subprocess.Popen, str, Path]]:
    """A running server: process, address, log file."""
    log = tmp_path / "serve.log"
    address = f"http://127.0.0.1:{free_port()}"
    with log.open("w") as out:
        process = subprocess.Popen(
            [*COMMAND, "--data", str(own_data), "--port", address.rpartition(":")[2]], stdout=out, stderr=out
        )
    try:
        for _ in range(200):
            if "服务已启动" in log.read_text("utf-8"):
                break
            assert process.poll() is None, log.read_text("utf-8")
            time.sleep(0.1)
        yield process, address, log
    finally:
        process.kill()
        process.wait()


def test_it_serves_follows_suppressions_and_ends_cleanly(served, own_data: Path) -> None:
    process, address, log = served
    assert f"address={address}" in log.read_text("utf-8")
    with httpx.Client(base_url=address, trust_env=False) as client:
        assert client.get("/readyz").json()["status"] == "ready"
        found = client.get("/api/v1/search", params={"q": "用水价格"}).json()
        with Catalog.open(own_data) as catalog, catalog.write() as connection:
            suppress(connection, found["results"][0]["id"], why="测试", who="test")
        deadline = time.monotonic() + 5
        while client.get("/api/v1/search", params={"q": "用水价格"}).json()["total"]:
            assert time.monotonic() < deadline
            time.sleep(0.1)
    process.send_signal(signal.SIGTERM)
    assert process.wait(20) == 0
    written = log.read_text("utf-8")
    assert "服务已停止" in written
    assert "用水价格" not in written
    assert "%E7%94%A8" not in written
    assert "Traceback" not in written


def test_an_interrupt_is_a_clean_end_too(served) -> None:
    process, _, log = served
    process.send_signal(signal.SIGINT)
    assert process.wait(20) == 0
    assert "Traceback" not in log.read_text("utf-8")


def test_a_taken_port_is_a_clear_error(indexed: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        done = run("--data", indexed, "--port", str(port))
    assert done.returncode == 2
    assert done.stderr == f"错误：127.0.0.1:{port} 已被占用。请用 --port 换一个端口，或先停掉占用它的程序。\n"


def test_a_missing_catalogue_says_which_command_to_run(tmp_path: Path) -> None:
    done = run("--data", tmp_path)
    assert done.returncode == 2
    assert "gongkai import" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_missing_index_says_which_command_to_run(tmp_path: Path) -> None:
    with Catalog.open(tmp_path):
        pass
    done = run("--data", tmp_path)
    assert done.returncode == 2
    assert "gongkai index" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("host", "port", "words"),
    [
        ("no-such-host.invalid", 0, "无法识别"),
        ("a" * 300, 0, "无法识别"),
        ("192.0.2.1", 0, "不是本机的地址"),
    ],
)
def test_an_address_that_cannot_be_used_is_a_clear_error(host: str, port: int, words: str) -> None:
    with pytest.raises(AddressError, match=words):
        listen(host, port).close()


@pytest.mark.parametrize(("host", "shown"), [("127.0.0.1", "http://127.0.0.1:"), ("::1", "http://[::1]:")])
def test_the_address_can_be_opened_as_it_is_shown(host: str, shown: str) -> None:
    try:
        listener = listen(host, 0)
    except AddressError:
        pytest.skip(f"this machine has no {host}")
    with listener:
        assert address_of(listener).startswith(shown)
