"""A crawl may be killed at any moment: the next start goes on, and nothing recorded is lost or doubled."""

import asyncio
import gzip
import os
import random
import signal
import subprocess
import sys
import time
from contextlib import contextmanager

import pytest

from crawlers.crawl import crawl
from crawlers.sites import Site, Sites

# It imports once and forks for each crawl it is asked for; what is killed is the fork.
CHILD = """
import asyncio, os, sys
from pathlib import Path
from crawlers.crawl import crawl
from crawlers.limits import Limits
from crawlers.sites import Site, Sites
pairs = (argument.split("=", 1) for argument in sys.argv[2:])
sites = Sites(tuple(Site(url, url, family, delay=0.02) for url, family in pairs))
for _ in sys.stdin:
    pid = os.fork()
    if not pid:
        asyncio.run(crawl(sites, Path(sys.argv[1]), limits=Limits(backoff=0.05, group=4)))
        os._exit(0)
    print(pid, flush=True)
    print(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]), flush=True)
"""


@contextmanager
def crawling(data_dir, *subsites):
    """Give a function that crawls until a server has been asked so often, kills, and tells how it ended."""
    arguments = [f"{subsite.root}={subsite.family}" for subsite in subsites]
    command = [sys.executable, "-c", CHILD, str(data_dir), *arguments]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:

        def killed(server, requests, pause):
            wanted, patience = len(server.asked) + requests, time.monotonic() + 20
            print(file=process.stdin, flush=True)
            pid = int(process.stdout.readline())
            while len(server.asked) < wanted and time.monotonic() < patience:
                time.sleep(0.002)
            time.sleep(pause)
            os.kill(pid, signal.SIGKILL)
            return int(process.stdout.readline())

        try:
            yield killed
        finally:
            process.stdin.close()


@pytest.fixture
def two_subsites(make_server, hefei, jcms, planting):
    first = hefei(make_server(), [*planting(24), *planting(8, "人事信息", 101)])
    second = jcms(make_server(), planting(30))
    return first, second


def test_killed_at_random_moments_it_ends_like_an_undisturbed_crawl(two_subsites, crawled, tmp_path):
    chance = random.Random(20120701)
    killed, undisturbed = crawled, type(crawled)(tmp_path / "undisturbed")
    with crawling(killed.data_dir, *two_subsites) as kill:
        for _ in range(5):
            server = chance.choice(two_subsites).server
            assert kill(server, chance.randint(4, 9), chance.uniform(0, 0.03)) == -signal.SIGKILL
    assert 0 < len(killed.publications()) < 62, "the kills should have come in the middle"
    summary = killed.run(*two_subsites)
    assert summary.resumed
    assert summary.complete
    undisturbed.run(*two_subsites)
    assert killed.publications() == undisturbed.publications()
    assert len(killed.publications()) == 62
    for table in ("publication", "capture", "document", "site_column", "subsite", "attachment"):
        count = f"SELECT count(*) FROM {table}"  # noqa: S608
        assert killed.rows(count) == undisturbed.rows(count), table
    for name, offset, length in killed.rows(
        "SELECT archive_file, archive_offset, archive_length FROM capture"
    ):
        record = (killed.data_dir / "archive" / name).read_bytes()[offset : offset + length]
        assert gzip.decompress(record).startswith(b"WARC/1.0")


def test_a_stop_ends_after_the_requests_under_way_and_the_next_run_goes_on(server, jcms, planting, crawled):
    subsite = jcms(server, planting(20))
    stop = asyncio.Event()

    def enough(summary):
        if summary.changes.total() >= 5:
            stop.set()

    summary = crawled.run(subsite, delay=0.05, stop=stop, on_progress=enough)
    assert summary.interrupted
    assert not summary.complete
    recorded = len(crawled.publications())
    assert 5 <= recorded < 20
    again = crawled.run(subsite)
    assert again.resumed
    assert len(crawled.publications()) == 20
    details = [target for target in server.targets() if "/art/" in target]
    assert len(details) == len(set(details)), "what was recorded is not fetched again"


def test_a_site_added_to_an_unfinished_round_joins_it(make_server, jcms, planting, crawled):
    first, second = jcms(make_server(), planting(20)), jcms(make_server(), planting(4))
    stop = asyncio.Event()
    crawled.run(first, stop=stop, on_progress=lambda _now: stop.set())
    summary = crawled.run(first, second)
    assert summary.resumed
    assert len(crawled.publications()) == 24


def test_a_site_taken_from_the_file_is_left_alone(make_server, jcms, planting, crawled):
    first, second = jcms(make_server(), planting(20)), jcms(make_server(), planting(4))
    stop = asyncio.Event()
    crawled.run(first, stop=stop, on_progress=lambda _now: stop.set())
    first.server.asked.clear()
    assert crawled.run(second).complete
    assert first.server.asked == []


def test_a_stop_does_not_wait_for_the_pause_between_requests(server, jcms, planting, crawled, fast):
    sites = Sites((Site("子站", jcms(server, planting(3)).root, "hanweb_jcms", delay=30.0),))

    async def stopped_soon():
        stop = asyncio.Event()
        asyncio.get_running_loop().call_later(0.5, stop.set)
        return await crawl(sites, crawled.data_dir, limits=fast, stop=stop)

    begun = time.monotonic()
    assert asyncio.run(stopped_soon()).interrupted
    assert time.monotonic() - begun < 10
