"""Several crawls on one data folder: each server belongs to one of them, and to a living one."""

import asyncio
import signal
import subprocess
import sys
import time
from contextlib import ExitStack, closing

import pytest

from crawlers.families.family import PageRequest
from crawlers.frontier import Frontier
from crawlers.jobs import JobKind, NewJob
from crawlers.leases import Leases

HOSTS = ["a.gov.cn", "b.gov.cn", "c.gov.cn"]

CRAWL = """
import asyncio, sys
from pathlib import Path
from crawlers.crawl import crawl
from crawlers.limits import Limits
from crawlers.sites import Site, Sites
pairs = (argument.split("=", 1) for argument in sys.argv[3:])
sites = Sites(tuple(Site(url, url, family, delay=0.03) for url, family in pairs))
limits = Limits(backoff=0.05, group=4, hosts=int(sys.argv[2]))
summary = asyncio.run(crawl(sites, Path(sys.argv[1]), limits=limits))
print(summary.changes.total(), summary.complete)
"""


@pytest.fixture
def frontier(tmp_path):
    with closing(Frontier(tmp_path)) as opened:
        homes = [f"http://{host}/" for host in HOSTS]
        with opened.write() as changes:
            changes.begin_round([NewJob(JobKind.HOME, home, PageRequest(home)) for home in homes])
        yield opened


def test_a_server_is_leased_once(frontier):
    with Leases(frontier) as one, Leases(frontier) as other:
        assert one.claim(HOSTS, [], 2) == HOSTS[:2]
        assert other.claim(HOSTS, [], 9) == HOSTS[2:]
        assert one.claim(HOSTS, [], 9) == []
        one.release(HOSTS[0], done=False)
        assert other.claim(HOSTS, [], 9) == HOSTS[:1]
        other.release(HOSTS[2], done=True)
        assert one.claim(HOSTS, [], 9) == [], "what is done is not done twice in a round"
        assert one.claim(HOSTS, [HOSTS[2]], 9) == HOSTS[2:], "unless somebody waits for it"


def test_what_a_process_had_is_free_when_it_ends_well(frontier):
    with Leases(frontier) as one:
        one.claim(HOSTS, [], 9)
    with Leases(frontier) as other:
        assert other.claim(HOSTS, [], 9) == HOSTS


def test_a_lease_that_nobody_renews_is_taken_over_and_a_renewed_one_never(frontier):
    with ExitStack() as stack:
        silent, alive, third = (stack.enter_context(Leases(frontier, lease=0.4)) for _ in range(3))
        silent.claim(HOSTS[:1], [], 9)
        alive.claim(HOSTS[1:], [], 9)
        silent._ended.set()
        taken, patience = [], time.monotonic() + 5
        while time.monotonic() < patience and not taken:
            time.sleep(0.05)
            taken = third.claim(HOSTS, [], 9)
        assert taken == HOSTS[:1]
        assert not silent.holds(HOSTS[0])
        time.sleep(0.8)
        assert third.claim(HOSTS, [], 9) == []
        assert alive.holds(HOSTS[1])


def start(data_dir, hosts, *subsites):
    arguments = [f"{subsite.root}={subsite.family}" for subsite in subsites]
    command = [sys.executable, "-c", CRAWL, str(data_dir), str(hosts), *arguments]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True)


@pytest.fixture
def six(make_server, hefei, jcms, planting):
    return [(hefei, jcms)[n % 2](make_server(), planting(12)) for n in range(6)]


def test_two_processes_share_the_servers_and_none_is_asked_by_both_at_once(six, crawled, tmp_path):
    with start(crawled.data_dir, 1, *six) as one, start(crawled.data_dir, 1, *six) as other:
        results = [process.communicate(timeout=60)[0].split() for process in (one, other)]
    assert [result[1] for result in results] == ["True", "True"]
    counts = [int(result[0]) for result in results]
    assert sum(counts) == 72
    assert all(counts), "both did some"
    assert [subsite.server.most_at_once for subsite in six] == [1] * 6
    for subsite in six:
        asked = subsite.server.targets()
        assert len(asked) == len(set(asked)) or subsite.family == "hefei_xp"
    alone = type(crawled)(tmp_path / "alone")
    alone.run(*six)
    assert crawled.publications() == alone.publications()


def test_when_one_of_two_is_killed_the_other_finishes_everything(six, crawled):
    with start(crawled.data_dir, 9, *six) as one, ExitStack() as stack:
        while sum(len(subsite.server.asked) for subsite in six) < 20:
            time.sleep(0.01)
        other = stack.enter_context(start(crawled.data_dir, 9, *six))
        while sum(len(subsite.server.asked) for subsite in six) < 60:
            time.sleep(0.01)
        one.send_signal(signal.SIGKILL)
        output, _ = other.communicate(timeout=60)
    assert output.split()[1] == "True"
    assert len(crawled.publications()) == 72
    assert [subsite.server.most_at_once for subsite in six] == [1] * 6


def test_a_second_crawl_in_one_process_waits_for_the_first_and_ends_with_it(
    server, jcms, planting, crawled, fast
):
    subsite = jcms(server, planting(8))

    async def twice():
        runs = [asyncio.create_task(crawled.begin(subsite)) for _ in range(2)]
        return await asyncio.gather(*runs)

    first, second = asyncio.run(twice())
    assert first.complete
    assert second.complete
    assert first.changes.total() + second.changes.total() == 8
    details = [target for target in server.targets() if "/art/" in target]
    assert len(details) == 8
