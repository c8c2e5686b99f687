"""The memory of a process and all that it started, as the kernel counts it."""

import threading
from pathlib import Path

_EVERY = 1.0


class Watch:
    """Looks at a process and its children every second; a context manager.

    `rss` and `private` are the highest sums seen over all of them, `alone` the highest RSS of the process
    itself; megabytes of 1,000,000 bytes. RSS counts what they share several times, `private` not at all.
    """

    def __init__(self, pid: int) -> None:
        self._pid = pid
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._look, daemon=True)
        self.rss = self.private = self.alone = 0.0

    def __enter__(self) -> "Watch":
        self._thread.start()
        return self

    def __exit__(self, *_error: object) -> None:
        self._ended.set()
        self._thread.join()

    def _look(self) -> None:
        while not self._ended.wait(_EVERY):
            seen = {pid: _memory(pid) for pid in _family(self._pid)}
            self.rss = max(self.rss, sum(rss for rss, _ in seen.values()))
            self.private = max(self.private, sum(private for _, private in seen.values()))
            self.alone = max(self.alone, seen.get(self._pid, (0.0, 0.0))[0])


def _family(pid: int) -> list[int]:
    found = [pid]
    for known in found:  # grows while it is walked
        try:
            tasks = list(Path(f"/proc/{known}/task").iterdir())
            found += [int(child) for task in tasks for child in (task / "children").read_text().split()]
        except OSError:
            continue
    return found


def _memory(pid: int) -> tuple[float, float]:
    """Return RSS and private memory in megabytes; nothing of a process that has ended."""
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()[1:]
    except OSError:
        return 0.0, 0.0
    sizes = {line.split()[0]: int(line.split()[1]) * 1024 / 1e6 for line in lines}
    return sizes["Rss:"], sizes["Private_Clean:"] + sizes["Private_Dirty:"]
