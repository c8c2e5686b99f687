"""Sends requests at a fixed rate, whatever becomes of those sent before, in a process of its own.

`python -m benchmarks.http.loading ADDRESS RATE` reads a JSON list of paths and prints what it saw. A
request's time begins when it was due, not when it could be sent, so that no waiting is left out. Each
has a connection of its own, as citizens have. Only the standard library is needed here.
"""

import asyncio
import json
import re
import resource
import statistics
import sys
import time
from typing import Any
from urllib.parse import urlsplit

TIMEOUT = 20.0
"""Seconds after which a request counts as an error."""

_LENGTH = re.compile(rb"\r\ncontent-length: (\d+)\r\n", re.IGNORECASE)


async def load(host: str, port: int, rate: float, paths: list[str]) -> dict[str, Any]:
    """Send every path once and wait for all answers; return counts and times in milliseconds."""
    loop = asyncio.get_running_loop()
    start = loop.time() + 0.5
    due = [start + number / rate for number in range(len(paths))]
    requests = []
    for moment, path in zip(due, paths, strict=True):
        if (early := moment - loop.time()) > 0:
            await asyncio.sleep(early)
        requests.append(asyncio.create_task(_ended(host, port, path)))
    ends = await asyncio.gather(*requests)
    times = [(end - moment) * 1000 for end, moment in zip(ends, due, strict=True) if end is not None]
    answered = [end for end in ends if end is not None]
    return {
        "requests": len(paths),
        "errors": len(paths) - len(times),
        "answered_per_s": round(len(answered) / (max(answered, default=start) - start + 1e-9), 1),
        **_quantiles(times),
    }


async def _ended(host: str, port: int, path: str) -> float | None:
    """Return the moment when the answer was there, None if it was not the right one or not in time."""
    try:
        async with asyncio.timeout(TIMEOUT):
            answer = await _get(host, port, path)
    except (OSError, TimeoutError):
        return None
    return asyncio.get_running_loop().time() if _is_whole(answer) else None


async def _get(host: str, port: int, path: str) -> bytes:
    reader, writer = await asyncio.open_connection(host, port)
    try:
        head = f"GET {path} HTTP/1.1\r\nHost: {host}\r\nAccept-Encoding: gzip\r\nConnection: close\r\n\r\n"
        writer.write(head.encode("ascii"))
        return await reader.read()
    finally:
        writer.close()


def _is_whole(answer: bytes) -> bool:
    head, _, body = answer.partition(b"\r\n\r\n")
    length = _LENGTH.search(head + b"\r\n")
    return head.startswith(b"HTTP/1.1 200 ") and length is not None and int(length[1]) == len(body)


def _quantiles(times: list[float]) -> dict[str, float | None]:
    if len(times) < 2:
        return dict.fromkeys(("p50_ms", "p95_ms", "p99_ms", "max_ms"))
    cuts = statistics.quantiles(times, n=100, method="inclusive")
    found = {"p50_ms": cuts[49], "p95_ms": cuts[94], "p99_ms": cuts[98], "max_ms": max(times)}
    return {name: round(value, 1) for name, value in found.items()}


def main(address: str, rate: str) -> None:
    """Load the address and print the result as one line of JSON."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    split = urlsplit(address)
    host, port = split.hostname or "", split.port or 80
    result = asyncio.run(load(host, port, float(rate), json.load(sys.stdin)))
    print(json.dumps({**result, "load_cpu_s": round(time.process_time(), 1)}))


if __name__ == "__main__":
    main(*sys.argv[1:])
