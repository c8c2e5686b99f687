"""One engine in a process of its own: builds, or answers all queries of one kind, and tells what it took.

Run by `running`; only the standard library is needed here. A query process is pinned to one processor,
finds its index in the page cache, and asks no query twice.
"""

import json
import os
import statistics
import sys
import time
from pathlib import Path
from typing import Any

from benchmarks.search.answer import digest
from benchmarks.search.peers import peer
from benchmarks.search.prepared import Prepared


def about(engine: str) -> dict[str, Any]:
    """Return what is fixed for an engine."""
    module = peer(engine)
    fixed = {
        "limit": module.LIMIT,
        "kept": module.KEPT,
        "cuts": module.CUTS,
        "terms": module.TERMS,
        "kinds": list(module.SEARCHES),
    }
    return {"version": module.version(), **fixed}


def build(engine: str, prepared: Prepared, folder: Path) -> dict[str, Any]:
    """Build an index and time it."""
    start = time.perf_counter()
    peer(engine).build(prepared, folder)
    seconds = time.perf_counter() - start
    return {"seconds": seconds, "cpu_seconds": sum(os.times()[:4])}  # of this process and its children


def query(engine: str, queries: Path, folder: Path, kind: str) -> dict[str, Any]:
    """Ask all queries of a file once; times in milliseconds, memory in megabytes (of 1,000,000 bytes)."""
    os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
    _read_through(folder)
    module = peer(engine)
    search, opened = module.SEARCHES[kind], module.open_index(folder)
    asked = json.loads(queries.read_text("utf-8"))
    for words in asked["warming"]:
        search(opened, words)
    times, digests, hits = [], [], 0
    for words in asked["timed"]:
        start = time.perf_counter_ns()
        answer = search(opened, words)
        times.append((time.perf_counter_ns() - start) / 1e6)
        digests.append(digest(answer))
        hits += answer.total
    memory = {"anon_mb": round(_anonymous_bytes() / 1e6, 1)}
    counted = {"queries": len(times), "mean_hits": round(hits / len(times), 1)}
    return {**_quantiles(times), **counted, **memory, "digests": digests}


def _quantiles(times: list[float]) -> dict[str, float]:
    cuts = statistics.quantiles(times, n=100, method="inclusive")
    shares = {"p50_ms": cuts[49], "p95_ms": cuts[94], "p99_ms": cuts[98], "mean_ms": statistics.fmean(times)}
    return {name: round(value, 3) for name, value in shares.items()}


def _read_through(folder: Path) -> None:
    for path in folder.rglob("*"):
        if path.is_file():
            with path.open("rb", buffering=0) as file:
                while file.read(1 << 22):
                    pass


def _anonymous_bytes() -> int:
    lines = Path("/proc/self/smaps_rollup").read_text("ascii").splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("Anonymous:")) * 1024


def main(job: str, engine: str, *rest: str) -> None:
    """Do one job and print its result as one line of JSON."""
    if job == "about":
        result = about(engine)
    elif job == "build":
        result = build(engine, Prepared(Path(rest[0])), Path(rest[1]))
    else:
        result = query(engine, Path(rest[0]), Path(rest[1]), rest[2])
    print(json.dumps(result))


if __name__ == "__main__":
    main(*sys.argv[1:])
