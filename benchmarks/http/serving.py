"""The processes that are measured: `gongkai serve` and `gongkai index --watch`, started and ended here."""

import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

START_SECONDS = 60.0
END_SECONDS = 15.0
REST_SECONDS = 60.0
IDLE_SHARE = 0.1
"""Processor seconds in a second that idle workers may use: they follow index and catalogue."""

_GONGKAI = [sys.executable, "-c", "from cli.main import main; main()"]
_ADDRESS = re.compile(r"address=(http://\S+)")
_FOLLOWING = "正在跟随"


@dataclass(frozen=True)
class Server:
    """A running `gongkai serve`: its address and the process that holds its workers."""

    address: str
    pid: int

    @property
    def workers(self) -> list[int]:
        """The processes that answer."""
        return [int(pid) for pid in Path(f"/proc/{self.pid}/task/{self.pid}/children").read_text().split()]

    def anonymous_mb(self) -> list[float]:
        """Return the private anonymous memory of each worker, in megabytes of 1,000,000 bytes."""
        return [_private_bytes(pid) / 1e6 for pid in self.workers]

    def cpu_seconds(self) -> float:
        """Return the processor time that the workers have used."""
        ticks = sum(sum(map(int, _stat(pid)[11:13])) for pid in self.workers)
        return ticks / os.sysconf("SC_CLK_TCK")

    def rest(self) -> None:
        """Wait until the workers have done with what nobody waits for any more, for a minute at most."""
        deadline = time.monotonic() + REST_SECONDS
        used, before = self.cpu_seconds(), -1.0
        while used - before > IDLE_SHARE and time.monotonic() < deadline:
            time.sleep(1.0)
            used, before = self.cpu_seconds(), used


@contextmanager
def served(data: Path, workers: int, log: Path) -> Iterator[Server]:
    """Serve a data folder on a free port of the loopback network."""
    arguments = ["serve", "--data", str(data), "--port", "0", "--workers", str(workers)]
    with _running(arguments, log) as process:
        address = _awaited(process, log, _ADDRESS)[1]
        server = Server(address, process.pid)
        deadline = time.monotonic() + START_SECONDS
        while len(server.workers) < workers and time.monotonic() < deadline:
            time.sleep(0.05)
        yield server


@contextmanager
def watched(data: Path, log: Path) -> Iterator[None]:
    """Keep the index up with the catalogue."""
    with _running(["index", "--data", str(data), "--watch"], log) as process:
        _awaited(process, log, re.compile(_FOLLOWING))
        yield


@contextmanager
def _running(arguments: list[str], log: Path) -> Iterator[subprocess.Popen[bytes]]:
    environment = {**os.environ, "PYTHONUNBUFFERED": "1"}
    with log.open("wb") as told:
        process = subprocess.Popen([*_GONGKAI, *arguments], stdout=told, stderr=told, env=environment)  # noqa: S603
    try:
        yield process
    finally:
        process.terminate()
        try:
            process.wait(END_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _awaited(process: subprocess.Popen[bytes], log: Path, wanted: re.Pattern[str]) -> re.Match[str]:
    """Wait until a process says something. SystemExit with its words if it ends or is silent instead."""
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        if found := wanted.search(log.read_text("utf-8")):
            return found
        time.sleep(0.05)
    raise SystemExit(f"It did not start: {log.read_text('utf-8')}")


def _private_bytes(pid: int) -> int:
    """Return what a process has written and shares with no other: its heap, not the mapped index."""
    lines = Path(f"/proc/{pid}/smaps_rollup").read_text("ascii").splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("Private_Dirty:")) * 1024


def _stat(pid: int) -> list[str]:
    """Return the fields of a process's `stat` behind its name."""
    return Path(f"/proc/{pid}/stat").read_text("ascii").rpartition(")")[2].split()
