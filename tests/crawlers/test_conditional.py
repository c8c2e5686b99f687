"""A page is asked for with what its server gave to ask with, and nothing is believed that cannot be meant."""

import asyncio
from datetime import datetime

import pytest

from crawlers.errors import FetchError, Problem
from crawlers.families.family import PageRequest
from crawlers.fetching import Fetcher
from crawlers.response import Response, Validators
from crawlers.sites import Site, Sites

TAG, DAY = '"5f-1a2b"', "Sun, 01 Jul 2012 08:30:00 GMT"


def validators_of(**headers):
    said = tuple((name.replace("_", "-"), value) for name, value in headers.items())
    return Response("http://a/", 200, "OK", "HTTP/1.1", said, b"", b"", datetime(2012, 7, 1)).validators


def fetch(server, limits, validators, request=None):
    sites = Sites((Site("子站", f"{server.url}/", "hanweb_jcms", delay=0.0),))

    async def run():
        async with Fetcher(sites, limits, asyncio.Event()) as fetcher:
            return await fetcher.fetch(request or PageRequest(f"{server.url}/page"), validators)

    return asyncio.run(run())


def answering(answer, tag=TAG, day=DAY):
    """Return a route that answers conditional requests as RFC 9110 says."""

    def route(asked):
        same = tag in asked.headers.get("If-None-Match", "") or day == asked.headers.get("If-Modified-Since")
        return answer(b"" if same else b"page", 304 if same else 200, {"ETag": tag, "Last-Modified": day})

    return route


def test_a_response_gives_what_to_ask_with_and_the_page_is_unchanged_then(server, answer, fast):
    server.routes["/page"] = answering(answer)
    first = fetch(server, fast, None).response
    assert first.validators == Validators(TAG, DAY, f"{server.url}/page")
    again = fetch(server, fast, first.validators)
    assert (again.response.status, again.response.body) == (304, b"")
    assert server.asked[-1].headers["If-None-Match"] == TAG
    assert server.asked[-1].headers["If-Modified-Since"] == DAY


def test_a_changed_page_is_had(server, answer, fast):
    server.routes["/page"] = answering(answer, tag='"new"', day="Mon, 02 Jul 2012 08:30:00 GMT")
    found = fetch(server, fast, Validators(TAG, DAY)).response
    assert (found.status, found.body) == (200, b"page")


@pytest.mark.parametrize("etag", ['"a"', 'W/"a"', '""', '"' + "x" * 200 + '"'])
def test_a_tag_in_its_form_is_taken_weak_or_strong(etag):
    assert validators_of(ETag=etag).etag == etag


@pytest.mark.parametrize(
    "etag", ["a", "W/a", '"', '"a', '"a"b"', '"a\x01"', '"中"', '"' + "x" * 201 + '"', "*", 'w/"a"']
)
def test_a_tag_that_cannot_be_sent_back_is_none(etag):
    assert validators_of(ETag=etag).etag is None


@pytest.mark.parametrize(
    "date",
    [
        "yesterday",
        "",
        "Thu, 01 Jan 1970 00:00:00 GMT",
        "Sun, 01 Jul 9999 08:30:00 GMT",
        "Sun, 01 Jul 2012 08:30:00 GMT" + " " * 30,
        "0",
        "-1",
        "Sun, 99 Jul 2012 08:30:00 GMT",
        "二〇一二年",
    ],
)
def test_a_date_that_cannot_be_meant_is_none(date):
    found = validators_of(Last_Modified=date).last_modified
    assert found is None or found == date.strip()
    if date.strip() != DAY:
        assert found is None
    assert not Validators(None, None)


def test_validators_are_sent_to_no_other_page(server, answer, fast):
    server.routes["/page"] = answer(status=302, headers={"Location": "/there"})
    server.routes["/there"] = answering(answer)
    there = fetch(server, fast, None).response.validators
    server.asked.clear()
    assert fetch(server, fast, there).response.status == 304
    assert [("If-None-Match" in asked.headers) for asked in server.asked] == [False, False, True]
    server.asked.clear()
    assert fetch(server, fast, Validators(TAG, DAY)).response.status == 200
    assert [("If-None-Match" in asked.headers) for asked in server.asked] == [False, True, False]


def test_a_form_is_never_asked_conditionally(server, answer, fast):
    server.routes["/page"] = answer(b"page")
    fetch(server, fast, Validators(TAG, DAY), PageRequest(f"{server.url}/page", "a=1"))
    assert "If-None-Match" not in server.asked[-1].headers


def test_not_modified_of_another_version_is_not_believed(server, answer, fast):
    def route(asked):
        asked_so = "If-None-Match" in asked.headers
        return answer(b"" if asked_so else b"page", 304 if asked_so else 200, {"ETag": '"other"'})

    server.routes["/page"] = route
    assert fetch(server, fast, Validators(TAG, DAY)).response.body == b"page"
    assert fetch(server, fast, Validators('W/"other"')).response.status == 304, "weak tags compare, too"


def test_not_modified_without_having_been_asked_is_an_error(server, answer, fast):
    server.routes["/page"] = answer(status=304)
    with pytest.raises(FetchError) as raised:
        fetch(server, fast, None)
    assert raised.value.problem is Problem.BAD_RESPONSE
    assert "返回 304" in raised.value.detail
