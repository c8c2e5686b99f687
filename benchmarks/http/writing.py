"""Commits to a catalogue every so often, and asks the server when what it wrote can be found.

`python -m benchmarks.http.writing DATA ADDRESS SECONDS` prints the delays. Each commit imports records
of the made-up city that nobody has yet, and changes those of the commit before.
"""

import http.client
import json
import sys
import time
from concurrent.futures import Future, ThreadPoolExecutor
from itertools import islice
from math import ceil
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from urllib.parse import urlencode, urlsplit

from catalog.importing import import_file
from catalog.store import Catalog
from demo.export import records

Record = dict[str, Any]

EVERY_SECONDS = 2.0
RECORDS = 10
"""New records of a commit; as many are changed."""
PATIENCE = 15.0
"""Seconds after which a commit counts as never seen."""

_ASK_SECONDS = 0.05
_IN_A_ROW = 5
"""Answers that must show a commit one after the other: each server process has to have seen it."""
_SEED = 4711
_LETTERS = str.maketrans("0123456789", "ghijklmnop")


def write(data: Path, address: str, seconds: float) -> dict[str, Any]:
    """Commit until the time is over; return how many commits and when they were seen."""
    fresh = records(int(seconds / EVERY_SECONDS + 2) * RECORDS, _SEED)
    begin = time.monotonic()
    seen: list[Future[float | None]] = []
    with TemporaryDirectory() as folder, Catalog.open(data) as catalog, ThreadPoolExecutor(16) as askers:
        file = Path(folder) / f"bench-{time.time_ns()}.jsonl"
        new: list[Record] = []
        for number in range(ceil(seconds / EVERY_SECONDS)):
            time.sleep(max(0.0, begin + number * EVERY_SECONDS - time.monotonic()))
            marker = _marker()
            # The titles stay as they are, so that each commit can still be found after the next one.
            changed = [{**record, "body": f"{record['body']}\n{marker}"} for record in new]
            new = [{**record, "title": f"{record['title']}（{marker}）"} for record in islice(fresh, RECORDS)]
            file.write_text("\n".join(map(json.dumps, changed + new)), "utf-8")
            next(import_file(catalog, file))
            wanted = len(changed) + len(new)
            seen.append(askers.submit(_seen_after, address, marker, wanted, time.monotonic()))
    delays = [delay for each in seen if (delay := each.result()) is not None]
    return {
        "commits": len(seen),
        "unseen": len(seen) - len(delays),
        "visible_ms": sorted(round(delay * 1000) for delay in delays),
    }


def _marker() -> str:
    """Return a word that no document holds: letters only, so that it is one word to every cutter."""
    return f"{time.time_ns():x}".translate(_LETTERS)


def _seen_after(address: str, marker: str, wanted: int, committed: float) -> float | None:
    """Return how long after its commit all of it could be found in every answer; None if it never was."""
    first, found = 0.0, 0
    while found < _IN_A_ROW:
        if time.monotonic() > committed + PATIENCE:
            return None
        if not _is_found(address, marker, wanted):
            found = 0
        else:
            first = first if found else time.monotonic()
            found += 1
        time.sleep(_ASK_SECONDS)
    return first - committed


def _is_found(address: str, marker: str, wanted: int) -> bool:
    connection = http.client.HTTPConnection(urlsplit(address).netloc, timeout=PATIENCE)
    try:
        connection.request("GET", "/api/v1/search?" + urlencode({"q": marker, "match": "exact"}))
        return bool(json.load(connection.getresponse())["total_publications"] >= wanted)
    except (OSError, KeyError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def main(data: str, address: str, seconds: str) -> None:
    """Write and print the result as one line of JSON."""
    print(json.dumps(write(Path(data), address, float(seconds))))


if __name__ == "__main__":
    main(*sys.argv[1:])
