"""`make bench-http`: a server under a fixed rate of requests; JSON lines for each rate, quiet and written to.

Works on a copy of the data folder, for the writer changes it. Lines go to standard output, progress to
standard error. Ends with 1 if a request failed, or a commit took longer to be seen than promised.
"""

import argparse
import json
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from benchmarks.http.loading import TIMEOUT
from benchmarks.http.mix import draw_paths
from benchmarks.http.serving import Server, served, watched
from benchmarks.http.writing import PATIENCE

VISIBLE_MS = 2_000
"""Within this a commit to the catalogue is to be found by searches."""

_WARMING_RATE, _WARMING = 20, 100
_SPARE_SECONDS = 60.0


def run(
    data: Path, folder: Path, rates: list[float], seconds: float, workers: int
) -> Iterator[dict[str, Any]]:
    """Load a server at each rate, first quiet, then while a writer commits; yield a line for each."""
    counts = [_WARMING, *(int(rate * seconds) for rate in rates * 2)]
    _tell("drawing requests")
    documents, paths = draw_paths(data, sum(counts))
    shares = _shares(paths, counts)
    with served(data, workers, folder / "serve.log") as server:
        _load(server, _WARMING_RATE, next(shares))
        for writing in (False, True):
            with ExitStack() as stack:
                if writing:
                    stack.enter_context(watched(data, folder / "watch.log"))
                for rate in rates:
                    _tell(f"{rate:g} requests/s for {seconds:g} s{' and a writer' if writing else ''}")
                    seen = _measured(server, data, rate, next(shares), seconds if writing else None)
                    yield {
                        "documents": documents,
                        "workers": workers,
                        "rate": rate,
                        "writing": writing,
                        **seen,
                    }


def _measured(
    server: Server, data: Path, rate: float, paths: list[str], writing: float | None
) -> dict[str, Any]:
    """Return what was seen of one load; with a writer for so many seconds, if any."""
    server.rest()
    used, start = server.cpu_seconds(), time.monotonic()
    command = [sys.executable, "-m", "benchmarks.http.writing", str(data), server.address, str(writing)]
    writer = None if writing is None else subprocess.Popen(command, stdout=subprocess.PIPE)  # noqa: S603
    try:
        seen = _load(server, rate, paths)
        seen["cores_used"] = round((server.cpu_seconds() - used) / (time.monotonic() - start), 2)
        if writer:
            seen |= json.loads(writer.communicate(timeout=PATIENCE + _SPARE_SECONDS)[0])
    finally:
        if writer:
            writer.kill()
            writer.wait()
    return {**seen, "anon_mb": [round(size, 1) for size in server.anonymous_mb()]}


def _load(server: Server, rate: float, paths: list[str]) -> dict[str, Any]:
    done = subprocess.run(  # noqa: S603
        [sys.executable, "-m", "benchmarks.http.loading", server.address, str(rate)],
        input=json.dumps(paths).encode(),
        stdout=subprocess.PIPE,
        check=True,
        timeout=len(paths) / rate + TIMEOUT + _SPARE_SECONDS,
    )
    seen: dict[str, Any] = json.loads(done.stdout)
    return seen


def _shares(paths: list[str], counts: list[int]) -> Iterator[list[str]]:
    """Yield so many paths after another; a small collection's are used again from the first."""
    start = 0
    for count in counts:
        yield [paths[(start + number) % len(paths)] for number in range(count)]
        start += count


def _tell(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def _is_good(line: dict[str, Any]) -> bool:
    late = max(line.get("visible_ms") or [0]) >= VISIBLE_MS
    return not (line["errors"] or line.get("unseen") or late)


def main() -> int:
    """Read the arguments and run; return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.http", description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="data folder with catalogue and index")
    parser.add_argument("--rates", default="50,200", help="requests per second, separated by commas")
    parser.add_argument("--seconds", type=float, default=30.0, help="how long each rate is held")
    parser.add_argument("--workers", type=int, default=2)
    given = parser.parse_args()
    good = True
    with tempfile.TemporaryDirectory(prefix="gongkai-bench-http-") as scratch:
        _tell("copying the data folder")
        data = Path(shutil.copytree(given.data, Path(scratch) / "data"))
        rates = [float(rate) for rate in given.rates.split(",")]
        for line in run(data, Path(scratch), rates, given.seconds, given.workers):
            print(json.dumps(line), flush=True)
            good = good and _is_good(line)
    return 0 if good else 1
