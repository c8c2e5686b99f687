"""`make bench-crawl`: our crawl and Scrapy's over the same subsites; a line of JSON for each, then the ratio.

Ends with 1 if the two catalogues differ, a host saw two connections at once from us, or we are slower.
"""

import argparse
import json
import resource
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from benchmarks.crawling.memory import Watch
from catalog.comparing import differences, snapshot
from catalog.store import Catalog

MOST_SECONDS = 15 * 60.0
_MODULES = {"gongkai": "benchmarks.crawling.ours", "scrapy": "benchmarks.crawling.peer"}


@contextmanager
def served(subsites: int, pages: int) -> Iterator[tuple[list[list[str]], Any]]:
    """Run the server; gives the sites, and what returns the log since it was last called."""
    command = [sys.executable, "-m", "benchmarks.crawling.serving", str(subsites), str(pages)]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True) as server:  # noqa: S603
        if server.stdin is None or server.stdout is None:
            raise RuntimeError("the server has no pipes")
        told, said = server.stdin, server.stdout

        def log() -> dict[str, int]:
            told.write("log\n")
            told.flush()
            found: dict[str, int] = json.loads(said.readline())
            return found

        try:
            yield json.loads(said.readline())["sites"], log
        finally:
            told.close()
            server.kill()


def measured(engine: str, folder: Path, sites: list[list[str]], log: Any) -> dict[str, Any]:
    """Let an engine crawl the sites into a folder; return its figures."""
    command = [sys.executable, "-m", _MODULES[engine], str(folder)]
    pipe = subprocess.PIPE
    log()
    used = _cpu_seconds()
    with subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True) as crawl, Watch(crawl.pid) as watch:  # noqa: S603
        try:
            said, _ = crawl.communicate(json.dumps(sites), timeout=MOST_SECONDS)
        except subprocess.TimeoutExpired:
            crawl.kill()
            raise
    if crawl.returncode:
        raise RuntimeError(f"{engine} ended with {crawl.returncode}")
    own, seen = json.loads(said), log()
    return {
        "engine": engine,
        **own,
        "seconds": round(own["seconds"], 1),
        "pages_per_s": round(seen["pages"] / own["seconds"], 1),
        "cpu_seconds": round(_cpu_seconds() - used, 1),
        "rss_mb": round(watch.alone),
        "rss_with_children_mb": round(watch.rss),
        "private_with_children_mb": round(watch.private),
        **seen,
    }


def _cpu_seconds() -> float:
    """Return the processor time of all processes that were started here and have ended."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _compare(one: Path, other: Path) -> list[str]:
    with (
        Catalog.open(one, read_only=True) as first,
        Catalog.open(other, read_only=True) as second,
        first.read() as a,
        second.read() as b,
    ):
        return differences(snapshot(a), snapshot(b))


def main() -> int:
    """Read the arguments and run; return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.crawling", description=__doc__)
    parser.add_argument("--subsites", type=int, default=1024)
    parser.add_argument("--pages", type=int, default=30_000)
    parser.add_argument("--engines", default=",".join(_MODULES), help="separated by commas")
    given = parser.parse_args()
    engines = given.engines.split(",")
    lines = {}
    with (
        tempfile.TemporaryDirectory(prefix="gongkai-bench-crawl-") as scratch,
        served(given.subsites, given.pages) as (sites, log),
    ):
        for engine in engines:
            lines[engine] = measured(engine, Path(scratch) / engine, sites, log)
            print(json.dumps(lines[engine]), flush=True)
        if len(engines) < len(_MODULES):
            return 0
        found = _compare(*(Path(scratch) / engine for engine in _MODULES))
    ratio = lines["gongkai"]["pages_per_s"] / lines["scrapy"]["pages_per_s"]
    print(json.dumps({"ratio": round(ratio, 2), "differences": len(found), "first": found[:5]}), flush=True)
    alone = lines["gongkai"]["connections_at_once_per_host"] == 1
    return 0 if ratio >= 1 and alone and not found else 1


if __name__ == "__main__":
    raise SystemExit(main())
