"""Crawls that are killed: begun as forks of `dying`, ended by SIGKILL, looked at after their death."""

import json
import os
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from random import Random

import dying

PARSER = b"crawlers.attachments.child"


class Forks:
    """The process that forks; see `dying`."""

    def __init__(self, process: "subprocess.Popen[str]") -> None:
        self._process = process

    def run(self, *arguments: str, die: tuple[str, int] | None = None) -> int:
        """Run `gongkai`; returns the process id."""
        return self._say({"run": arguments, "die": die})

    def wait(self, pid: int) -> int:
        """Return the exit code of a fork; a negative one is the signal that ended it."""
        return self._say({"wait": pid})

    def _say(self, wanted: dict[str, object]) -> int:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        print(json.dumps(wanted), file=self._process.stdin, flush=True)
        return int(self._process.stdout.readline())


@contextmanager
def forks() -> Iterator[Forks]:
    """Start the process that forks."""
    path = os.pathsep.join(entry for entry in sys.path if entry)
    command = [sys.executable, dying.__file__]
    with subprocess.Popen(
        command,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": path},
    ) as process:
        try:
            yield Forks(process)
        finally:
            assert process.stdin is not None
            process.stdin.close()


def parsers(pid: int) -> list[int]:
    """Return the processes with which a crawl reads files."""
    found = []
    for folder in Path("/proc").iterdir():
        if not folder.name.isdigit():
            continue
        try:
            parent = int((folder / "stat").read_text().rpartition(")")[2].split()[1])
            if parent == pid and PARSER in (folder / "cmdline").read_bytes():
                found.append(int(folder.name))
        except OSError:
            continue  # it has just ended
    return found


def ended(pid: int) -> bool:
    """Tell whether a process has ended (it may not have been waited for)."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] in "ZX"
    except OSError:
        return True


def kill(pid: int) -> None:
    """Send SIGKILL; one that has just ended is as good."""
    try:
        os.kill(pid, signal.SIGKILL)
    except ProcessLookupError:
        return


def jobs(data: Path) -> dict[tuple[str, bool], int]:
    """Return how many jobs a queue holds, by kind and whether they are still to be done."""
    file = data / "frontier.db"
    if not file.exists():
        return {}
    with closing(sqlite3.connect(f"{file.as_uri()}?mode=ro", uri=True, timeout=5)) as queue:
        try:
            rows = queue.execute("SELECT kind, state = 'pending', count(*) FROM job GROUP BY 1, 2").fetchall()
        except sqlite3.OperationalError:
            return {}  # it has no tables yet
    return {(kind, bool(pending)): count for kind, pending, count in rows}


def done(data: Path) -> int:
    """Return how many jobs are done."""
    return sum(count for (_kind, pending), count in jobs(data).items() if not pending)


class Killer:
    """Kills one crawl at a random moment, in a random way, and notes what was hit in which phase.

    A crawl of `total` jobs lives on the average for `total / kills` of them, every fourth for less than it
    takes to begin.
    """

    def __init__(self, forked: Forks, sites: Path, chance: Random, total: int, kills: int) -> None:
        self._forks = forked
        self._sites = sites
        self._chance = chance
        self._total = total
        self._most = max(1, 2 * total // kills)
        self.hits: list[tuple[str, str]] = []
        """What was killed (the crawl, one of two, a process that reads files), and the phase it was in."""
        self.orphans: list[int] = []

    def crawl(self, data: Path) -> int:
        """Begin a crawl; returns the process id."""
        return self._forks.run("crawl", "--sites", str(self._sites), "--data", str(data))

    def finish(self, data: Path) -> int:
        """Let a crawl run to its end; returns the exit code."""
        return self._forks.wait(self.crawl(data))

    def life(self, data: Path) -> bool:
        """Let a crawl live for a while, and another beside it now and then; False if one came to its end."""
        way = self._chance.choices(("crawl", "one of two", "parser"), (5, 1, 6))[0]
        pids = [self.crawl(data) for _ in range(2 if way == "one of two" else 1)]
        killed = True
        for pid in pids:
            # The second one goes on for a while, and takes over what the dead one had.
            self._rest(data, pid)
            if way == "parser":
                self._hit_parser(data, pid)
            self.orphans += parsers(pid)
            kill(pid)
            killed = self._forks.wait(pid) == -signal.SIGKILL and killed
            if killed:
                self.hits.append(("crawl" if way == "parser" else way, self._phase(data)))
        return killed

    def _rest(self, data: Path, pid: int) -> None:
        more = 0 if self._chance.random() < 0.25 else self._chance.randint(1, self._most)
        wanted = done(data) + more
        while done(data) < wanted and not ended(pid):
            time.sleep(0.005)
        time.sleep(self._chance.uniform(0, 0.3))

    def _hit_parser(self, data: Path, pid: int) -> None:
        """Kill a process that reads files, if there is one, and let the crawl go on without it."""
        if found := parsers(pid):
            kill(self._chance.choice(found))
            self.hits.append(("parser", self._phase(data)))
            self._rest(data, pid)

    def _phase(self, data: Path) -> str:
        share = 100 * done(data) // self._total
        kinds = sorted({kind for kind, pending in jobs(data) if pending})
        return f"{share // 20 * 20}–{share // 20 * 20 + 20} % done, pending {'+'.join(kinds) or 'none'}"
