"""`gongkai serve` as a process: its socket, its log, its end."""

import json
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
import uvicorn

from catalog.store import Catalog
from catalog.suppression import suppress
from search_api import server
from search_api.problems import AddressError
from search_api.server import Protocol, address_of, listen

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


def converse(address: str, said: bytes) -> bytes:
    """Send bytes and return everything that comes until the other side hangs up."""
    host, _, port = address.removeprefix("http://").partition(":")
    with socket.create_connection((host, int(port)), timeout=10) as connection:
        connection.sendall(said)
        answer = b""
        while piece := connection.recv(65536):
            answer += piece
        return answer


def test_what_is_no_http_is_answered_with_problem_details(served) -> None:
    process, address, log = served
    bodies = b"POST /search HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nZZ\r\n"
    for said in ("GET /search?q=水价 HTTP/1.1\r\nHost: x\r\n\r\n".encode(), b"\x16\x03\x01\r\n\r\n", bodies):
        head, _, body = converse(address, said).partition(b"\r\n\r\n")
        assert head.startswith(b"HTTP/1.1 400 ")
        assert b"content-type: application/problem+json" in head.lower()
        assert json.loads(body)["code"] == "bad-http"
    assert httpx.get(f"{address}/healthz", trust_env=False).status_code == 200
    process.send_signal(signal.SIGTERM)
    assert process.wait(20) == 0
    assert "Traceback" not in log.read_text("utf-8")


def test_half_a_request_does_not_hold_a_connection_for_ever(app, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server, "HEAD_SECONDS", 0.5)
    listener = listen("127.0.0.1", 0)
    running = uvicorn.Server(
        uvicorn.Config(app, http=Protocol, log_level="warning", access_log=False, lifespan="off")
    )
    thread = threading.Thread(target=running.run, kwargs={"sockets": [listener]})
    thread.start()
    try:
        while not running.started:
            time.sleep(0.01)
        address = address_of(listener)
        assert converse(address, b"") == b""
        assert converse(address, b"GET /healthz HTTP/1.1\r\nHost") == b""
        with httpx.Client(base_url=address, trust_env=False) as client:
            assert client.get("/healthz").status_code == 200
            time.sleep(0.8)
            assert client.get("/healthz").status_code == 200
    finally:
        running.should_exit = True
        thread.join()
        listener.close()


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
