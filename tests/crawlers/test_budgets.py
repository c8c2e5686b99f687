"""What a run may cost: requests per second over all servers, pages and bytes of one, addresses in circles."""

import asyncio
import time
from dataclasses import replace
from itertools import pairwise

import pytest

from crawlers.addresses import Host, Territory, host_of, pattern_of, runs_in_circles
from crawlers.errors import FetchError, HostDownError, Problem, StoppedError
from crawlers.families.family import PageRequest
from crawlers.fetching import Fetcher
from crawlers.network import Network
from crawlers.politeness import Pace
from crawlers.sites import Site, Sites


def fetch_all(limits, sites, urls, *, one_by_one=False, **options):
    """Fetch pages, at the same time unless told otherwise; returns a response or an error for each."""

    async def run():
        async with Fetcher(Sites(sites), limits, asyncio.Event(), **options) as fetcher:
            asked = [fetcher.fetch(PageRequest(url)) for url in urls]
            if one_by_one:
                return [(await asyncio.gather(one, return_exceptions=True))[0] for one in asked]
            return await asyncio.gather(*asked, return_exceptions=True)

    return asyncio.run(run())


def site(url, **options):
    return Site(url, url, "hanweb_jcms", **({"delay": 0.0} | options))


def problems(found):
    return [error.problem if isinstance(error, FetchError) else None for error in found]


def test_all_servers_together_are_asked_no_faster_than_the_cap(make_server, answer, fast):
    servers = [make_server() for _ in range(3)]
    urls = [f"{server.url}/{number}" for server in servers for number in range(6)]
    for server in servers:
        server.routes |= {f"/{number}": answer(b"page") for number in range(6)}
    found = fetch_all(
        replace(fast, requests_per_second=15.0), tuple(site(s.url + "/") for s in servers), urls
    )
    assert problems(found) == [None] * 18
    begun = sorted(asked.begun for server in servers for asked in server.asked)
    assert len(begun) == 21
    # Fifteen may go out at once, each of the six others after a fifteenth of a second.
    assert begun[-1] - begun[0] >= 0.35


def test_the_pace_is_kept_over_time_and_ends_with_the_crawl():
    async def run():
        stop = asyncio.Event()
        pace = Pace(50.0, stop)
        begun = time.monotonic()
        await asyncio.gather(*(pace.step() for _ in range(75)))
        took = time.monotonic() - begun
        stop.set()
        with pytest.raises(StoppedError):
            await pace.step()
        return took

    assert 0.45 < asyncio.run(run()) < 2


def test_a_server_is_left_alone_when_its_budget_of_pages_is_spent(server, answer, fast):
    server.routes |= {f"/{number}": answer(b"page") for number in range(9)}
    urls = [f"{server.url}/{number}" for number in range(9)]
    found = fetch_all(replace(fast, pages_per_site=6), (site(server.url + "/"),), urls)
    assert problems(found) == [None] * 5 + [Problem.SITE_BUDGET] * 4
    assert isinstance(found[-1], HostDownError)
    assert len(server.asked) == 6, "robots.txt counts"


def test_a_server_is_left_alone_when_its_budget_of_bytes_is_spent(server, answer, fast):
    server.routes |= {f"/{number}": answer(b"x" * 1_000) for number in range(5)}
    urls = [f"{server.url}/{number}" for number in range(5)]
    found = fetch_all(replace(fast, bytes_per_site=2_500), (site(server.url + "/"),), urls, one_by_one=True)
    assert problems(found) == [None] * 3 + [Problem.SITE_BUDGET] * 2
    assert "已下载" in found[-1].detail


def test_addresses_of_one_kind_end_at_their_budget_and_others_go_on(server, answer, fast):
    targets = [*(f"/day/{number}.html" for number in range(5)), "/art/1.html"]
    server.routes |= {target: answer(b"page") for target in targets}
    urls = [server.url + target for target in targets]
    found = fetch_all(replace(fast, pages_per_pattern=3), (site(server.url + "/"),), urls)
    assert problems(found) == [None] * 3 + [Problem.SITE_BUDGET] * 2 + [None]
    assert not isinstance(found[3], HostDownError)


def test_an_address_that_leads_in_circles_is_not_asked_for(server, fast):
    (error,) = fetch_all(fast, (site(server.url + "/"),), [f"{server.url}/a/b/a/b/a/b/a/b/x.html"])
    assert error.problem is Problem.TRAP
    assert server.targets() == []


@pytest.mark.parametrize(
    "path",
    [
        "/a/a/a/a/",
        "/x/a/b/c/a/b/c/a/b/c/a/b/c/1.html",
        "/" + "/".join(map(str, range(31))),
        "/list/list/list/list",
    ],
)
def test_paths_that_repeat_or_never_end_are_circles(path):
    assert runs_in_circles(f"http://h{path}")


@pytest.mark.parametrize(
    "path",
    ["/", "/art/2012/3/14/art_70_1.html", "/n1/n2/n3/c1/content.html", "/a/a/a/x", "/01/01/01/01/1.html"],
)
def test_ordinary_paths_are_none(path):
    assert not runs_in_circles(f"http://h{path}?a=/b/b/b/b/b")


def test_addresses_of_one_kind_have_one_pattern():
    assert pattern_of("http://h/art/2012/3/1.html?b=1&a=2") == pattern_of(
        "http://h/art/2013/11/72.html?a=&b=x"
    )
    assert pattern_of("http://h/art/1.html") != pattern_of("http://h/col/1.html")
    assert len(pattern_of("http://h/" + "x" * 9_000 + "?" + "y" * 9_000)) <= 400


def test_twins_of_a_name_are_one_server():
    urls = ["http://a.gov.cn/", "https://a.gov.cn/", "http://www.a.gov.cn/", "https://www.a.gov.cn:8443/"]
    assert {host_of(url).server for url in urls} == {"a.gov.cn"}
    assert Host("127.0.0.1", 80).server != Host("127.0.0.1", 81).server
    assert Territory(("http://a.gov.cn/",)).allows("https://www.a.gov.cn/x")
    assert Territory(("https://www.a.gov.cn/",)).allows("http://a.gov.cn/x")
    assert not Territory(("http://a.gov.cn/",)).allows("https://www.a.gov.cn:8443/x")
    assert not Territory(("http://a.gov.cn:8080/",)).allows("http://a.gov.cn/x")


def test_twins_of_a_name_are_never_asked_at_the_same_time(make_server, answer, fast):
    """Both names lead to loopback here; what counts is that the one waits for the other."""
    first, second = make_server(), make_server()
    ports = [server.url.rpartition(":")[2] for server in (first, second)]
    for server in (first, second):
        server.routes |= {f"/{number}": answer(b"xx", slowly=0.05) for number in range(3)}
    urls = [f"http://a.example:{ports[0]}", f"http://www.a.example:{ports[1]}"]

    async def resolver(_name, _port):
        return ["127.0.0.1"]

    sites = tuple(site(f"{url}/", internal=True) for url in urls)
    pages = [f"{url}/{number}" for number in range(3) for url in urls]
    assert problems(fetch_all(fast, sites, pages, network=Network(resolver))) == [None] * 6
    spans = sorted((asked.begun, asked.ended) for server in (first, second) for asked in server.asked)
    assert all(before[1] <= after[0] + 0.005 for before, after in pairwise(spans))
