"""`gongkai run`: what `make run` starts, from nothing to an answer, and how it ends."""

import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
from urllib.parse import quote
from urllib.request import urlopen

import pytest

COMMAND = [sys.executable, "-c", "from cli.main import main; main()", "run"]
PUBLICATIONS = "80"
PATIENCE_SECONDS = 120

pytestmark = pytest.mark.slow


@pytest.fixture
def demo_port() -> int:
    """A port that is free on every address of the loopback network."""
    with socket.socket() as probe:
        probe.bind(("", 0))
        return int(probe.getsockname()[1])


@pytest.fixture
def start(tmp_path, demo_port):
    """Start `gongkai run` on a data folder; returns the process and the address it prints."""
    started = []

    def call():
        options = ["--data", str(tmp_path / "data"), "--port", "0"]
        options += ["--demo-port", str(demo_port), "--publications", PUBLICATIONS]
        process = subprocess.Popen(
            [*COMMAND, *options], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )
        started.append(process)
        line = process.stdout.readline()
        found = re.search(r"http://127\.0\.0\.1:\d+", line)
        assert found, (line, process.stderr.read())
        return process, found.group()

    yield call
    for process in started:
        process.kill()
        process.wait()
        process.stdout.close()
        process.stderr.close()


def get(address: str) -> dict:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while True:
        try:
            with urlopen(address, timeout=10) as answer:  # noqa: S310 (our own loopback address)
                return json.load(answer)
        except OSError:
            assert time.monotonic() < deadline
            time.sleep(0.1)


def ended(process: subprocess.Popen) -> str:
    """End a run as an operator does; returns what it told on the way."""
    process.send_signal(signal.SIGTERM)
    _, told = process.communicate(timeout=30)
    assert process.returncode == 0
    return told


def is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.20.0.1", port))
        except OSError:
            return False
    return True


def test_from_nothing_to_an_answer_whose_original_can_be_opened(start, demo_port):
    process, address = start()
    ready = get(f"{address}/readyz")
    assert ready["lag"] == 0
    answer = get(f"{address}/api/v1/search?q={quote('通知')}&size=5")
    assert answer["total"] > 0
    original = next(result["url"] for result in answer["results"] if result["url"])
    with urlopen(original, timeout=10) as page:  # noqa: S310 (the demo city on loopback)
        assert page.status == 200
    assert "抓取结果" in ended(process)
    assert is_free(demo_port)

    process, address = start()
    assert get(f"{address}/api/v1/search?q={quote('通知')}")["total"] == answer["total"]
    assert "抓取结果" not in ended(process), "the second run must not crawl again"


def test_a_killed_run_takes_its_city_with_it_and_the_next_goes_on(start, demo_port):
    process, address = start()
    total = get(f"{address}/api/v1/search")["total_publications"]
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    deadline = time.monotonic() + 20
    while not is_free(demo_port):
        assert time.monotonic() < deadline
        time.sleep(0.1)
    _, address = start()
    assert get(f"{address}/api/v1/search")["total_publications"] == total


def test_a_taken_port_is_told_before_any_work(tmp_path):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        done = subprocess.run(
            [*COMMAND, "--data", str(tmp_path / "data"), "--port", port],
            capture_output=True,
            text=True,
            check=False,
        )
    assert done.returncode == 1
    assert port in done.stderr
    assert not (tmp_path / "data").exists()
