"""No request reaches this machine, its network or a cloud's own services unless the sites file says so."""

import asyncio
import socket
from contextlib import closing
from ipaddress import ip_address

import pytest

from benchmarks.names import Names
from crawlers.errors import FetchError, HostDownError, Problem
from crawlers.families.family import PageRequest
from crawlers.fetching import Fetcher
from crawlers.guard import Guard, Reach, reach_of
from crawlers.network import Network
from crawlers.sites import Site, Sites

NAME = "www.example.gov.cn"
INTERNAL = ["127.0.0.1", "127.9.9.9", "10.0.0.8", "172.31.0.1", "192.168.1.1", "100.64.0.1", "::1", "fd12::1"]
WRAPPED = ["::ffff:127.0.0.1", "::127.0.0.1", "2002:7f00:1::", "64:ff9b::7f00:1", "64:ff9b::10.0.0.8"]
NEVER = ["169.254.169.254", "169.254.0.1", "100.100.100.200", "168.63.129.16", "fd00:ec2::254", "fe80::1"]
NEVER += ["::", "224.0.0.1", "ff02::1", "240.0.0.1", "255.255.255.255", "192.0.2.1", "2001:db8::1"]
NEVER += ["::ffff:169.254.169.254", "64:ff9b::a9fe:a9fe", "2002:a9fe:a9fe::", "198.18.0.1", "64:ff9b:1::1"]


@pytest.mark.parametrize("address", ["8.8.8.8", "2408:8000::1", "64:ff9b::808:808", "::ffff:8.8.8.8"])
def test_public_addresses_are_public(address):
    assert reach_of(ip_address(address)) is Reach.PUBLIC


@pytest.mark.parametrize("address", [*INTERNAL, *WRAPPED])
def test_addresses_of_this_machine_and_of_private_networks_are_internal(address):
    assert reach_of(ip_address(address)) is Reach.INTERNAL


@pytest.mark.parametrize("address", NEVER)
def test_what_is_nobodys_page_is_never_one(address):
    assert reach_of(ip_address(address)) is Reach.NEVER


def answering(*addresses):
    """Return a resolver that knows these addresses for every name, and what it was asked."""
    asked = []

    async def resolver(name, _port):
        asked.append(name)
        return list(addresses)

    resolver.asked = asked
    return resolver


def fetch(urls, limits, *, site_url, resolver=None, internal=False, others=()):
    """Fetch pages as a crawl of one site would; returns what came, a response or an error each."""
    sites = Sites(
        tuple(Site(url, url, "hanweb_jcms", delay=0.0, internal=internal) for url in (site_url, *others))
    )

    async def run():
        options = {"network": Network(resolver)} if resolver else {}
        found = []
        async with Fetcher(sites, limits, asyncio.Event(), **options) as fetcher:
            for url in urls:
                try:
                    found.append((await fetcher.fetch(PageRequest(url))).response)
                except FetchError as error:
                    found.append(error)
        return found

    return asyncio.run(run())


@pytest.fixture
def listener():
    """A listening socket that must see no connection."""
    with closing(socket.create_server(("127.0.0.1", 0))) as listening:
        yield listening
        listening.settimeout(0.05)
        with pytest.raises(TimeoutError):
            listening.accept()


@pytest.mark.parametrize("address", ["127.0.0.1", "::ffff:127.0.0.1"])
def test_a_name_that_leads_to_this_machine_is_not_connected_to(listener, address, fast):
    url = f"http://{NAME}:{listener.getsockname()[1]}/"
    (error,) = fetch([url], fast, site_url=url, resolver=answering(address))
    assert isinstance(error, HostDownError)
    assert error.problem is Problem.PRIVATE_ADDRESS
    assert "internal = true" in error.detail


def test_a_name_server_that_changes_its_mind_gains_nothing(listener, fast):
    """It is asked once for a connection; the connection goes to the address that was judged."""
    answers = iter([["127.0.0.1"], ["127.0.0.1"]])

    async def resolver(_name, _port):
        return next(answers)

    guard = Guard([NAME], resolver=resolver)
    with pytest.raises(FetchError, match="未连接"):
        asyncio.run(guard.addresses_of(NAME, 80))
    url = f"http://{NAME}:{listener.getsockname()[1]}/"
    (error,) = fetch([url], fast, site_url=url, resolver=resolver)
    assert error.problem is Problem.PRIVATE_ADDRESS


def test_of_several_addresses_only_the_public_ones_are_tried():
    guard = Guard([NAME], resolver=answering("10.0.0.1", "8.8.8.8", "127.0.0.1", "2408:8000::1"))
    assert asyncio.run(guard.addresses_of(NAME, 80)) == ["8.8.8.8", "2408:8000::1"]


def test_a_name_that_the_sites_file_calls_internal_is_asked(server, answer, fast):
    server.routes["/"] = answer(b"<p>inside</p>")
    url = f"http://{NAME}:{server.url.rpartition(':')[2]}/"
    resolver = answering("127.0.0.1")
    (response,) = fetch([url], fast, site_url=url, resolver=resolver, internal=True)
    assert response.body == b"<p>inside</p>"
    assert [asked.headers["Host"] for asked in server.asked] == [url.split("/")[2]] * 2
    assert resolver.asked == [NAME], "both requests went over the one connection"


@pytest.mark.parametrize("address", ["169.254.169.254", "100.100.100.200"])
def test_not_even_an_internal_name_leads_to_a_clouds_own_services(address, fast):
    url = f"http://{NAME}/"
    (error,) = fetch([url], fast, site_url=url, resolver=answering(address), internal=True)
    assert error.problem is Problem.PRIVATE_ADDRESS


def test_localhost_is_asked_where_the_sites_file_names_it(server, answer, fast):
    server.routes["/"] = answer(b"here")
    url = f"http://localhost:{server.url.rpartition(':')[2]}/"
    (response,) = fetch([url], fast, site_url=url, resolver=answering("::1", "127.0.0.1"))
    assert response.body == b"here"


SPELLINGS = ["2130706433", "0x7f000001", "0x7f.1", "0177.0.0.1", "127.1", "[::ffff:127.0.0.1]", "localhost"]


@pytest.mark.parametrize("spelling", [*SPELLINGS, "127.0.0.1", "127.0.0.1.", "user@127.0.0.1"])
def test_no_redirect_leads_to_this_machine_however_it_is_spelt(spelling, listener, server, answer, fast):
    location = f"http://{spelling}:{listener.getsockname()[1]}/"
    server.routes["/"] = answer(status=302, headers={"Location": location})
    (error,) = fetch([f"{server.url}/"], fast, site_url=f"{server.url}/")
    assert error.problem in {Problem.OUTSIDE, Problem.BAD_REDIRECT}


@pytest.mark.parametrize("spelling", ["2130706433", "0x7f000001", "0177.0.0.1", "127.1"])
def test_a_number_in_the_sites_file_that_is_no_address_is_judged_by_where_it_leads(spelling, listener, fast):
    url = f"http://{spelling}:{listener.getsockname()[1]}/"
    (error,) = fetch([url], fast, site_url=url)
    assert error.problem in {Problem.PRIVATE_ADDRESS, Problem.ROBOTS_UNREACHABLE}


def test_each_hop_of_a_redirect_is_judged(listener, server, answer, fast):
    there = f"http://{NAME}:{listener.getsockname()[1]}/"
    server.routes["/"] = answer(status=302, headers={"Location": there})
    found = fetch(
        [f"{server.url}/"], fast, site_url=f"{server.url}/", others=[there], resolver=answering("127.0.0.1")
    )
    assert found[0].problem is Problem.PRIVATE_ADDRESS


def test_a_name_without_address_is_told(fast):
    async def resolver(_name, _port):
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    (error,) = fetch([f"http://{NAME}/"], fast, site_url=f"http://{NAME}/", resolver=resolver)
    assert error.problem is Problem.ROBOTS_UNREACHABLE
    assert error.detail == f"域名 {NAME} 无法解析"


def test_a_resolver_that_never_answers_is_not_waited_for(fast):
    async def resolver(_name, _port):
        await asyncio.sleep(60)

    (error,) = fetch([f"http://{NAME}/"], fast, site_url=f"http://{NAME}/", resolver=resolver)
    assert error.problem is Problem.ROBOTS_UNREACHABLE


def test_the_next_address_is_tried_when_one_refuses(server, answer, fast):
    """Nothing listens on this port of 127.0.0.2."""
    server.routes["/"] = answer(b"second")
    url = f"http://{NAME}:{server.url.rpartition(':')[2]}/"
    (response,) = fetch(
        [url], fast, site_url=url, resolver=answering("127.0.0.2", "127.0.0.1"), internal=True
    )
    assert response.body == b"second"


def test_what_opens_connections_stands_behind_the_guard(server, fast):
    """A network of a test's own is told nothing of an address that must not be asked."""
    names = Names()
    names.lead("http", NAME, server.place)
    sites = Sites((Site("a", f"http://{NAME}/", "hanweb_jcms", delay=0.0),))

    async def run():
        async with Fetcher(sites, fast, asyncio.Event(), names.network()) as fetcher:
            await fetcher.fetch(PageRequest(f"http://{NAME}/"))

    with pytest.raises(FetchError) as caught:
        asyncio.run(run())
    assert caught.value.problem is Problem.PRIVATE_ADDRESS
    assert server.asked == []
