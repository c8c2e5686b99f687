"""Runs `gongkai` again and again in forks that are to die: what is imported once is there at once.

Run as a program; each line of stdin is JSON: `{"run": ["crawl", …], "die": ["committed", 3]}` forks and
answers with the process id, `{"wait": 4711}` answers with the exit code (negative: the signal). `die` is
left out, or names one of `POINTS` and at which passing of it the fork kills itself.
"""

import json
import os
import signal
import sys
from collections.abc import Callable
from contextlib import contextmanager
from itertools import count
from typing import Any

import cli.crawl
import cli.reparse  # noqa: F401 - imported here, once for all forks
from catalog.store import Catalog
from cli.main import app
from crawlers.archive import Archive
from crawlers.frontier import Frontier
from crawlers.settling import Settling


def _before(owner: Any, name: str, step: Callable[[], None]) -> None:
    real = getattr(owner, name)

    def called(*arguments: Any, **options: Any) -> Any:
        step()
        return real(*arguments, **options)

    setattr(owner, name, called)


def _after_block(owner: Any, name: str, step: Callable[[], None]) -> None:
    real = getattr(owner, name)

    @contextmanager
    def entered(*arguments: Any, **options: Any) -> Any:
        with real(*arguments, **options) as value:
            yield value
        step()

    setattr(owner, name, entered)


def _torn(step: Callable[[], None]) -> None:
    """Let a record of the archive reach the file by half."""
    real = Archive._append

    def appended(self: Archive, file: Any, *arguments: Any) -> Any:
        begun = file.tell()
        real(self, file, *arguments)
        file.flush()
        os.truncate(file.fileno(), (begun + file.tell()) // 2)
        step()
        os.truncate(file.fileno(), begun)
        file.seek(begun)
        return real(self, file, *arguments)

    Archive._append = appended  # type: ignore[method-assign]


POINTS: dict[str, Callable[[Callable[[], None]], None]] = {
    "half a record archived": _torn,
    "within both transactions": lambda step: _before(Settling, "settle", step),
    "between both commits": lambda step: _after_block(Catalog, "write", step),
    "after both commits": lambda step: _after_block(Frontier, "write", step),
}
"""The moments of a group's way to the disk, in order."""


def _die(point: str, passing: int) -> None:
    passed = count(1)

    def step() -> None:
        if next(passed) == passing:
            os.kill(os.getpid(), signal.SIGKILL)

    POINTS[point](step)


def _forked(arguments: list[str], die: tuple[str, int] | None) -> int:
    pid = os.fork()
    if pid:
        return pid
    # The pipes are the parent's; what the crawl prints is nobody's.
    nothing = os.open(os.devnull, os.O_RDWR)
    for stream in (0, 1, 2):
        os.dup2(nothing, stream)
    if die is not None:
        _die(*die)
    code = 1
    try:
        app(arguments)
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else int(end.code is not None)
    finally:
        os._exit(code)


def main() -> None:
    """Serve until stdin ends; no fork lives longer."""
    alive: set[int] = set()
    for line in sys.stdin:
        wanted = json.loads(line)
        if "run" in wanted:
            answer = _forked(wanted["run"], wanted.get("die"))
            alive.add(answer)
        else:
            answer = os.waitstatus_to_exitcode(os.waitpid(wanted["wait"], 0)[1])
            alive.discard(wanted["wait"])
        sys.stdout.write(f"{answer}\n")
        sys.stdout.flush()
    for pid in alive:
        os.kill(pid, signal.SIGKILL)


if __name__ == "__main__":
    main()
