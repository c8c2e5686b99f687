"""Whatever a server does, it costs bounded time and memory and ends as one error that says what it was."""

import asyncio
import re
import resource
import time
from dataclasses import replace

import pytest
from chaos import BEHAVIOURS, ODD_PAGES, chaos

from crawlers.errors import FetchError, Problem
from crawlers.families.family import PageRequest
from crawlers.fetching import Fetcher
from crawlers.sites import Site, Sites

PROBLEMS = {
    "never answers": Problem.TIMEOUT,
    "hangs up at once": Problem.CONNECTION,
    "resets": Problem.CONNECTION,
    "100 MB": Problem.TOO_LARGE,
    "endless body": Problem.TOO_LARGE,
    "endless chunks": Problem.TOO_LARGE,
    "slow drip of body": Problem.TIMEOUT,
    "slow drip of head": Problem.TIMEOUT,
    "endless head": Problem.BAD_RESPONSE,
    "endless header line": Problem.BAD_RESPONSE,
    "endless continue": Problem.TIMEOUT,
    "closes within body": Problem.CONNECTION,
    "closes within chunk": Problem.CONNECTION,
    "closes within head": Problem.CONNECTION,
    "negative length": Problem.BAD_RESPONSE,
    "two lengths": Problem.BAD_RESPONSE,
    "rubbish for a length": Problem.BAD_RESPONSE,
    "rubbish for a chunk": Problem.BAD_RESPONSE,
    "HTTP/0.9": Problem.CONNECTION,
    "rubbish": Problem.BAD_RESPONSE,
    "SSH": Problem.CONNECTION,
    "status of four digits": Problem.BAD_RESPONSE,
    "gzip bomb": Problem.TOO_LARGE,
    "broken gzip": Problem.BAD_RESPONSE,
    "unknown coding": Problem.BAD_RESPONSE,
    "endless redirects": Problem.BAD_REDIRECT,
    "redirect to rubbish": Problem.BAD_REDIRECT,
    "redirect to a file": Problem.BAD_REDIRECT,
}


@pytest.fixture(scope="module")
def server():
    with chaos() as (root, asked):
        yield root, asked


async def had(root, name, limits):
    """Ask for one address; return the response or the error."""
    sites = Sites((Site("子站", f"{root}/", "hanweb_jcms", delay=0.0),))
    async with Fetcher(sites, limits, asyncio.Event()) as fetcher:
        try:
            return (await fetcher.fetch(PageRequest(f"{root}/{name.replace(' ', '%20')}"))).response
        except FetchError as error:
            return error


def test_every_behaviour_has_its_problem():
    assert set(PROBLEMS) == set(BEHAVIOURS)


@pytest.mark.parametrize("name", BEHAVIOURS)
def test_it_ends_as_one_readable_error_in_time(name, server, fast):
    limits = replace(fast, response_timeout=1.0)
    begun, room = time.monotonic(), resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    error = asyncio.run(had(server[0], name, limits))
    assert isinstance(error, FetchError)
    assert error.problem is PROBLEMS[name], error
    assert re.search(r"[\u4e00-\u9fff]", str(error))
    assert error.detail.startswith(f"{server[0]}/")
    assert len(str(error)) < 500
    assert time.monotonic() - begun < 3
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - room < 50_000, "kilobytes"


@pytest.mark.parametrize("name", ODD_PAGES)
def test_what_is_odd_and_still_a_page_is_had(name, server, fast):
    response = asyncio.run(had(server[0], name, fast))
    assert response.body == b"page"


def test_a_connection_that_was_kept_and_is_gone_is_opened_anew(server, fast):
    root, asked = server
    sites = Sites((Site("子站", f"{root}/", "hanweb_jcms", delay=0.0),))
    request = PageRequest(f"{root}/hangs%20up%20at%20the%20next%20request")

    async def run():
        async with Fetcher(sites, fast, asyncio.Event()) as fetcher:
            return [(await fetcher.fetch(request)).response.body for _ in range(20)]

    del asked[:]
    assert asyncio.run(run()) == [b"page"] * 20
    assert asked == ["/robots.txt"] + ["/hangs%20up%20at%20the%20next%20request"] * 20


def test_a_server_in_chaos_does_not_hold_up_its_neighbour(server, make_server, answer, fast):
    good = make_server()
    good.routes["/"] = answer(b"page")
    sites = Sites(tuple(Site(url, f"{url}/", "hanweb_jcms", delay=0.0) for url in (server[0], good.url)))

    async def both():
        async with Fetcher(sites, fast, asyncio.Event()) as fetcher:
            slow = asyncio.create_task(fetcher.fetch(PageRequest(f"{server[0]}/slow%20drip%20of%20body")))
            await asyncio.sleep(0.2)
            begun = time.monotonic()
            for _ in range(20):
                await fetcher.fetch(PageRequest(f"{good.url}/"))
            needed, done = time.monotonic() - begun, slow.done()
            slow.cancel()
            await asyncio.gather(slow, return_exceptions=True)
            return needed, done

    needed, done = asyncio.run(both())
    assert not done
    assert needed < 1.5
