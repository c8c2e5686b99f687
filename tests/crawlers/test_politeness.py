"""One request at a time to a server, pauses between them, and robots.txt."""

import gzip
from dataclasses import replace
from itertools import pairwise

import pytest

from catalog.recording import Change
from crawlers.errors import Problem
from crawlers.fetching import USER_AGENT


def gaps(server):
    asked = sorted(server.asked, key=lambda one: one.begun)
    return [after.begun - before.ended for before, after in pairwise(asked)]


def test_never_two_requests_at_once_to_a_server_while_servers_are_asked_in_parallel(
    make_server, jcms, planting, crawled, answer
):
    servers = [make_server() for _ in range(3)]
    subsites = [jcms(server, planting(6)) for server in servers]
    for subsite in subsites:
        path = subsite.url_of(subsite.planted[0]).removeprefix(subsite.server.url)
        good = subsite.server.routes[path]
        subsite.server.routes[path] = answer(good.body, slowly=0.3)
    crawled.run(*subsites)
    assert [server.most_at_once for server in servers] == [1, 1, 1]
    slow = [next(a for a in server.asked if a.ended - a.begun > 0.25) for server in servers]
    assert max(a.begun for a in slow) < min(a.ended for a in slow)


def test_the_delay_lies_between_any_two_requests(server, jcms, planting, crawled):
    crawled.run(jcms(server, planting(4)), delay=0.1)
    assert min(gaps(server)) >= 0.09


def test_a_longer_crawl_delay_of_robots_txt_is_respected(server, jcms, planting, crawled, answer):
    server.routes["/robots.txt"] = answer(b"User-agent: *\nCrawl-delay: 0.15\n")
    crawled.run(jcms(server, planting(2)))
    assert min(gaps(server)[1:]) >= 0.14


def test_a_crawl_delay_of_hours_means_stay_away(server, jcms, planting, crawled, answer):
    server.routes["/robots.txt"] = answer(b"User-agent: *\nCrawl-delay: 86400\n")
    summary = crawled.run(jcms(server, planting(2)))
    assert summary.failures == {Problem.ROBOTS: 1}
    assert server.targets() == []


def test_robots_txt_is_asked_for_once_and_first(server, jcms, planting, crawled):
    crawled.run(jcms(server, planting(5)))
    targets = [asked.target for asked in server.asked]
    assert targets[0] == "/robots.txt"
    assert targets.count("/robots.txt") == 1


def test_what_robots_txt_forbids_us_is_skipped_and_counted(server, jcms, planting, crawled, answer):
    subsite = jcms(server, planting(4))
    path = subsite.url_of(subsite.planted[2]).removeprefix(server.url)
    server.routes["/robots.txt"] = answer(f"User-agent: gongkai\nDisallow: {path}\n".encode())
    summary = crawled.run(subsite)
    assert summary.skipped_by_robots == 1
    assert summary.complete
    assert path not in server.targets()
    assert summary.changes == {Change.NEW: 3}


@pytest.mark.parametrize("status", [500, 503, 429])
def test_nothing_is_crawled_while_robots_txt_cannot_be_had(status, server, jcms, planting, crawled, answer):
    server.routes["/robots.txt"] = answer(status=status)
    summary = crawled.run(jcms(server, planting(2)))
    assert summary.failures == {Problem.ROBOTS_UNREACHABLE: 1}
    assert server.targets() == []


@pytest.mark.parametrize("status", [401, 403, 404])
def test_a_server_without_robots_txt_allows_everything(status, server, jcms, planting, crawled, answer):
    server.routes["/robots.txt"] = answer(status=status)
    assert crawled.run(jcms(server, planting(2))).changes == {Change.NEW: 2}


def test_a_redirected_robots_txt_is_obeyed(server, jcms, planting, crawled, answer):
    server.routes["/robots.txt"] = answer(status=301, headers={"Location": "/rules.txt"})
    server.routes["/rules.txt"] = answer(b"User-agent: *\nDisallow: /\n")
    summary = crawled.run(jcms(server, planting(2)))
    assert summary.skipped_by_robots == 1
    assert server.targets() == ["/rules.txt"]


def test_every_request_names_the_project_and_carries_no_other_servers_cookie(
    make_server, jcms, planting, crawled, answer
):
    first, second = make_server(), make_server()
    subsites = [jcms(first, planting(2)), jcms(second, planting(2))]
    for server in (first, second):
        home = server.routes["/"]
        cookie = f"from={server.url.rpartition(':')[2]}; Path=/; Domain=127.0.0.1"
        server.routes["/"] = answer(home.body, headers=home.headers | {"Set-Cookie": cookie})
    crawled.run(*subsites)
    for server, other in ((first, second), (second, first)):
        assert {asked.headers["User-Agent"] for asked in server.asked} == {USER_AGENT}
        assert not any(
            other.url.rpartition(":")[2] in asked.headers.get("Cookie", "") for asked in server.asked
        )


@pytest.mark.parametrize("coding", ["", "gzip"])
def test_of_a_huge_robots_txt_the_beginning_is_obeyed(coding, server, jcms, planting, crawled, answer, fast):
    rules = b"User-agent: *\nDisallow: /art/\n" + b"# filler\n" * 100_000
    body, headers = (gzip.compress(rules), {"Content-Encoding": "gzip"}) if coding else (rules, {})
    server.routes["/robots.txt"] = answer(body, headers=headers)
    summary = crawled.run(jcms(server, planting(2)), limits=replace(fast, robots_bytes=20_000))
    assert summary.skipped_by_robots == 2
    assert not summary.failures


def test_a_robots_txt_that_is_a_page_or_rubbish_forbids_nothing(server, jcms, planting, crawled, answer):
    rubbish = b"<html>\xff\0<p>Crawl-delay: soon\nUser-agent\nDisallow\n: /\nCrawl-delay: -1\n" * 50
    server.routes["/robots.txt"] = answer(rubbish)
    assert crawled.run(jcms(server, planting(2))).changes == {Change.NEW: 2}


@pytest.mark.parametrize("cookie", ["用户=1", "a=用户", "a=" + "x" * 5000])
def test_a_cookie_that_cannot_be_sent_back_is_dropped_and_others_are_kept(
    cookie, server, jcms, planting, crawled, answer
):
    subsite = jcms(server, planting(3))
    home = server.routes["/"]
    first = subsite.url_of(subsite.planted[0]).removeprefix(server.url)
    page = server.routes[first]
    raw = cookie.encode().decode("latin-1")
    server.routes["/"] = answer(home.body, headers=home.headers | {"Set-Cookie": "session=1"})
    server.routes[first] = answer(page.body, headers=page.headers | {"Set-Cookie": raw})
    summary = crawled.run(subsite)
    assert summary.complete
    assert summary.changes == {Change.NEW: 3}
    assert server.asked[-1].headers["Cookie"] == "session=1"


def test_the_delay_lies_between_the_attempts_of_a_page_and_of_robots_txt(
    server, jcms, planting, crawled, answer
):
    subsite = jcms(server, planting(2))
    bad = subsite.url_of(subsite.planted[0]).removeprefix(server.url)
    server.routes[bad] = answer(status=500)
    busy = iter([answer(status=503), answer(status=404)])
    server.routes["/robots.txt"] = lambda _asked: next(busy)
    crawled.run(subsite, delay=0.1)
    assert server.targets().count(bad) == 3
    assert min(gaps(server)) >= 0.09
