"""Redirects are followed by us, hop by hop, and never out of the sites file."""

from urllib.parse import quote

import pytest

from catalog.recording import Change
from crawlers.errors import Problem


def moved(server, subsite, answer, location, status=302):
    path = subsite.url_of(subsite.planted[0]).removeprefix(server.url)
    good = server.routes[path]
    server.routes[path] = answer(status=status, headers={"Location": location})
    return path, good


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_moved_page_is_recorded_under_the_address_it_has_now(
    status, server, jcms, planting, crawled, answer
):
    subsite = jcms(server, planting(1))
    _path, good = moved(server, subsite, answer, "../../new.html", status)
    server.routes["/art/2012/new.html"] = good
    assert crawled.run(subsite).changes == {Change.NEW: 1}
    assert list(crawled.publications()) == [f"{server.url}/art/2012/new.html"]


def test_two_addresses_that_lead_to_one_page_are_one_publication(server, jcms, planting, crawled, answer):
    subsite = jcms(server, planting(2))
    twin = subsite.url_of(subsite.planted[1]).removeprefix(server.url)
    moved(server, subsite, answer, twin)
    crawled.run(subsite)
    assert list(crawled.publications()) == [server.url + twin]


@pytest.mark.parametrize(
    ("location", "problem"),
    [
        ("http://127.0.0.1:9/secret", Problem.OUTSIDE),
        ("http://localhost:{port}/", Problem.OUTSIDE),
        ("http://10.0.0.1/", Problem.OUTSIDE),
        ("http://[::1]:{port}/", Problem.OUTSIDE),
        ("http://www.elsewhere.example/", Problem.OUTSIDE),
        ("//127.0.0.1:9/", Problem.OUTSIDE),
        ("file:///etc/passwd", Problem.BAD_REDIRECT),
        ("gopher://127.0.0.1:9/", Problem.BAD_REDIRECT),
        ("http://user:pass@127.0.0.1:{port}/", Problem.BAD_REDIRECT),
        ("http://[broken", Problem.BAD_REDIRECT),
    ],
)
def test_nobody_is_led_out_of_the_sites_file(location, problem, server, jcms, planting, crawled, answer):
    subsite = jcms(server, planting(2))
    moved(server, subsite, answer, location.format(port=server.url.rpartition(":")[2]))
    summary = crawled.run(subsite)
    assert summary.failures == {problem: 1}
    assert summary.changes == {Change.NEW: 1}


def test_a_redirect_to_another_server_of_the_sites_file_is_followed(
    make_server, jcms, planting, crawled, answer
):
    here, there = make_server(), make_server()
    subsite, other = jcms(here, planting(1)), jcms(there, planting(1, first=9))
    _path, good = moved(here, subsite, answer, f"{there.url}/moved.html")
    there.routes["/moved.html"] = good
    summary = crawled.run(subsite, other)
    assert summary.changes == {Change.NEW: 2}
    assert f"{there.url}/moved.html" in crawled.publications()


def test_robots_txt_is_asked_on_the_way_of_a_redirect_too(make_server, jcms, planting, crawled, answer):
    here, there = make_server(), make_server()
    subsite, other = jcms(here, planting(1)), jcms(there, planting(1, first=9))
    moved(here, subsite, answer, f"{there.url}/private/x.html")
    there.routes["/robots.txt"] = answer(b"User-agent: *\nDisallow: /private/\n")
    summary = crawled.run(subsite, other)
    assert summary.skipped_by_robots == 1
    assert "/private/x.html" not in there.targets()


def test_a_circle_ends_after_five_hops(server, jcms, planting, crawled, answer):
    subsite = jcms(server, planting(1))
    path = subsite.url_of(subsite.planted[0]).removeprefix(server.url)
    moved(server, subsite, answer, path)
    assert crawled.run(subsite).failures == {Problem.BAD_REDIRECT: 1}
    assert server.targets().count(path) == 6


def test_each_hop_is_archived(server, jcms, planting, crawled, answer):
    subsite = jcms(server, planting(1))
    _path, good = moved(server, subsite, answer, "/new.html")
    server.routes["/new.html"] = good
    summary = crawled.run(subsite)
    # robots.txt, home, column, the empty group after it, the redirect, the page
    assert summary.responses == len(server.asked)


@pytest.mark.parametrize("charset", ["utf-8", "gb18030"])
def test_a_redirect_to_a_bare_chinese_address_is_followed(charset, server, jcms, planting, crawled, answer):
    subsite = jcms(server, planting(1))
    path = subsite.url_of(subsite.planted[0]).removeprefix(server.url)
    there = quote("/通知.html", encoding=charset)
    server.routes[there] = server.routes[path]
    location = "/通知.html".encode(charset).decode("latin-1")
    server.routes[path] = answer(status=302, headers={"Location": location})
    assert crawled.run(subsite).complete
    assert server.targets()[-1] == there
