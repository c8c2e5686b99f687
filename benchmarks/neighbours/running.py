"""Measures what hostile subsites cost the healthy ones beside them.

Healthy subsites are crawled alone and beside one subsite for each fault, in turns, each time into a new
folder. Speed is the healthy subsites' pages over the time from the first to the last of their requests, as
their own server saw them. One JSON line for each turn, then one with the medians: `slowed` is the share of
speed that was lost. With a pause so short that the processor is what limits the crawl, every further
subsite costs its share of it, hostile or not: then the figure says how loaded the machine is.
"""

import argparse
import asyncio
import json
import tempfile
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from statistics import median

from benchmarks.neighbours.healthy import Healthy, healthy
from benchmarks.neighbours.hostile import FAULTS, PAGES, Hostile, all_hostile
from crawlers.crawl import crawl
from crawlers.limits import Limits
from crawlers.sites import Site, Sites
from crawlers.summary import CrawlSummary

ALONE, BESIDE = "alone", "beside"


def main() -> int:
    """Print the figures; 1 if the healthy subsites were slowed by more than `--most`."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.neighbours", description=__doc__)
    parser.add_argument("--subsites", type=int, default=8, help="healthy ones")
    parser.add_argument("--pages", type=int, default=30, help="publications of each healthy subsite")
    parser.add_argument("--delay", type=float, default=0.5, help="seconds between two requests to a server")
    parser.add_argument("--turns", type=int, default=3)
    parser.add_argument("--most", type=float, default=0.1, help="share of speed that may be lost")
    options = parser.parse_args()
    speeds: dict[str, list[float]] = {ALONE: [], BESIDE: []}
    with ExitStack() as stack:
        good = stack.enter_context(healthy(options.subsites, options.pages))
        bad = stack.enter_context(all_hostile())
        for turn in range(options.turns):
            for how, neighbours in ((ALONE, []), (BESIDE, bad)):
                figures = _measured(good, neighbours, options.delay, options.pages)
                speeds[how].append(figures["pages_per_second"])
                print(json.dumps({"turn": turn + 1, "healthy": how, **figures}), flush=True)
    medians = {how: round(median(found), 2) for how, found in speeds.items()}
    slowed = round(1 - medians[BESIDE] / medians[ALONE], 4)
    print(json.dumps({**medians, "slowed": slowed, "delay": options.delay, "hostile": len(FAULTS)}))
    return int(slowed > options.most)


def _measured(good: Healthy, bad: Sequence[str], delay: float, pages: int) -> dict[str, float]:
    roots = [*good.roots, *bad]
    sites = Sites(tuple(Site(root, root, Hostile.family, delay=delay) for root in roots))
    # One of the hostile ones, the liar, is read whole, and long before the healthy ones are.
    wanted = len(good.roots) * pages + (PAGES if bad else 0)
    good.asked()
    with tempfile.TemporaryDirectory() as folder:
        asyncio.run(_until_the_healthy_are_read(sites, Path(folder), wanted))
    times = sorted(good.asked())
    return {"pages": len(times), "pages_per_second": round(len(times) / (times[-1] - times[0]), 2)}


async def _until_the_healthy_are_read(sites: Sites, folder: Path, wanted: int) -> None:
    """Crawl with everyday limits; nobody waits for the hostile ones, which are not done for minutes."""
    stop = asyncio.Event()

    def look(summary: CrawlSummary) -> None:
        if summary.changes.total() >= wanted:
            stop.set()

    await crawl(sites, folder, limits=Limits(), stop=stop, on_progress=look)
