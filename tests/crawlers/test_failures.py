"""What goes wrong at one page is counted, reported and stops nothing else."""

import gzip
import time
import zlib

import pytest

from catalog.recording import Change
from catalog.records import PageKind
from crawlers.errors import Problem

BAD_PAGES = {
    "404": ({"status": 404}, Problem.GONE, 1),
    "410": ({"status": 410}, Problem.GONE, 1),
    "403": ({"status": 403}, Problem.REFUSED, 1),
    "500": ({"status": 500}, Problem.SERVER_ERROR, 3),
    "503": ({"status": 503}, Problem.SERVER_ERROR, 3),
    "429": ({"status": 429}, Problem.TOO_MANY_REQUESTS, 3),
    "521": ({"status": 521, "body": b"<script>document.cookie='x'</script>"}, Problem.BLOCKED, 1),
    "412": ({"status": 412}, Problem.BLOCKED, 1),
    "endless body": ({"body": b"x" * 300_000}, Problem.TOO_LARGE, 1),
    "slow body": ({"body": b"x" * 100, "slowly": 1.0}, Problem.TIMEOUT, 3),
    "cut body": ({"body": b"x" * 100, "cut": True}, Problem.CONNECTION, 3),
    "bomb": (
        {"body": gzip.compress(b"\0" * 5_000_000), "headers": {"Content-Encoding": "gzip"}},
        Problem.TOO_LARGE,
        1,
    ),
    "unknown coding": ({"body": b"x", "headers": {"Content-Encoding": "br"}}, Problem.BAD_RESPONSE, 1),
    "broken coding": ({"body": b"x", "headers": {"Content-Encoding": "gzip"}}, Problem.BAD_RESPONSE, 1),
    "redirect without address": ({"status": 302}, Problem.BAD_REDIRECT, 1),
}


@pytest.mark.parametrize("kind", BAD_PAGES)
def test_a_bad_page_is_tried_as_often_as_it_may_help_and_reported(
    kind, server, jcms, planting, crawled, answer
):
    parts, problem, times = BAD_PAGES[kind]
    subsite = jcms(server, planting(3))
    bad = subsite.url_of(subsite.planted[1]).removeprefix(server.url)
    server.routes[bad] = answer(**parts)
    summary = crawled.run(subsite)
    assert summary.failures == {problem: 1}
    assert not summary.complete
    assert server.targets().count(bad) == times
    assert summary.examples[0].url.endswith(bad)
    assert summary.changes == {Change.NEW: 2}


@pytest.mark.parametrize("coding", ["gzip", "deflate", "raw deflate"])
def test_compressed_pages_are_read(coding, server, jcms, planting, crawled, answer):
    subsite = jcms(server, planting(1))
    path = subsite.url_of(subsite.planted[0]).removeprefix(server.url)
    plain = server.routes[path]
    raw = zlib.compressobj(wbits=-15)
    body = {
        "gzip": gzip.compress(plain.body),
        "deflate": zlib.compress(plain.body),
        "raw deflate": raw.compress(plain.body) + raw.flush(),
    }[coding]
    headers = plain.headers | {"Content-Encoding": coding.split()[-1]}
    server.routes[path] = answer(body, headers=headers)
    assert crawled.run(subsite).changes == {Change.NEW: 1}
    assert len(crawled.publications()) == 1


def test_a_page_that_recovers_is_recorded(server, jcms, planting, crawled, answer):
    subsite = jcms(server, planting(2))
    path = subsite.url_of(subsite.planted[0]).removeprefix(server.url)
    answers = [answer(status=503, headers={"Retry-After": "0"}), server.routes[path]]
    server.routes[path] = lambda _asked: answers.pop(0)
    summary = crawled.run(subsite)
    assert summary.complete
    assert summary.retries == 1
    assert summary.changes == {Change.NEW: 2}


def test_a_server_that_says_when_to_come_back_is_left_alone_until_then(
    server, jcms, planting, crawled, answer
):
    subsite = jcms(server, planting(2))
    path = subsite.url_of(subsite.planted[0]).removeprefix(server.url)
    answers = [answer(status=429, headers={"Retry-After": "9999"}), server.routes[path]]
    server.routes[path] = lambda _asked: answers.pop(0)
    crawled.run(subsite)
    refused = next(asked for asked in server.asked if asked.target == path)
    after = [asked for asked in server.asked if asked.begun > refused.ended]
    # 9,999 seconds are cut down to the limit of the tests, 0.3.
    assert 0.28 < after[0].begun - refused.ended < 2


def test_a_server_that_falls_silent_is_left_alone_and_gone_on_with_next_time(
    server, jcms, planting, crawled, answer
):
    subsite = jcms(server, planting(12))
    silent = {subsite.url_of(item).removeprefix(server.url) for item in subsite.planted}
    good = {path: server.routes[path] for path in silent}
    server.routes |= dict.fromkeys(silent, answer(b"xx", cut=True))
    summary = crawled.run(subsite)
    assert summary.failures == {Problem.HOST_DOWN: 1}
    assert sum(target in silent for target in server.targets()) == 5
    server.routes |= good
    assert crawled.run(subsite).changes == {Change.NEW: 12}


def test_an_unreachable_server_does_not_hold_up_another(make_server, jcms, planting, crawled):
    dead, alive = make_server(), make_server()
    down, up = jcms(dead, planting(2)), jcms(alive, planting(2))
    dead.close()
    summary = crawled.run(down, up)
    assert summary.failures == {Problem.ROBOTS_UNREACHABLE: 1}
    assert summary.changes == {Change.NEW: 2}


NOT_DOCUMENTS = {
    PageKind.ERROR: "<title>提示</title><p>您访问的页面不存在或已删除</p>",
    PageKind.SHELL: "<script>document.cookie='C3VK=1';location.reload()</script>",
    PageKind.LOGIN: "<title>用户登录</title><form>用户名<input><br>密码<input type=password></form>",
}


@pytest.mark.parametrize("kind", NOT_DOCUMENTS)
def test_what_is_no_document_is_counted_and_not_recorded(kind, server, jcms, planting, crawled, answer):
    subsite = jcms(server, planting(3))
    path = subsite.url_of(subsite.planted[1]).removeprefix(server.url)
    server.routes[path] = answer(NOT_DOCUMENTS[kind].encode())
    summary = crawled.run(subsite)
    assert summary.not_documents == {kind: 1}
    assert len(crawled.publications()) == 2


def test_a_challenge_in_place_of_the_home_page_is_told_as_blocked(server, jcms, planting, crawled, answer):
    subsite = jcms(server, planting(1))
    server.routes["/"] = answer(NOT_DOCUMENTS[PageKind.SHELL].encode())
    assert crawled.run(subsite).failures == {Problem.BLOCKED: 1}


def test_a_home_page_without_columns_is_told(server, jcms, planting, crawled, answer):
    subsite = jcms(server, planting(1))
    server.routes["/"] = answer("<h1>欢迎访问</h1><p>本站正在建设。</p>".encode())
    assert crawled.run(subsite).failures == {Problem.NO_COLUMNS: 1}


def test_what_failed_is_tried_again_in_the_next_round(server, jcms, planting, crawled, answer):
    subsite = jcms(server, planting(2))
    path = subsite.url_of(subsite.planted[0]).removeprefix(server.url)
    good, server.routes[path] = server.routes[path], answer(status=500)
    assert not crawled.run(subsite).complete
    server.routes[path] = good
    assert crawled.run(subsite).changes == {Change.NEW: 1}
    assert len(crawled.publications()) == 2


def test_hostile_headers_and_bytes_break_nothing(server, jcms, planting, crawled, answer):
    subsite = jcms(server, planting(3))
    paths = [subsite.url_of(item).removeprefix(server.url) for item in subsite.planted]
    good = server.routes[paths[0]]
    server.routes[paths[0]] = answer(
        good.body,
        headers={"Content-Type": 'text/html; charset="no-such"', "X-Note": "é\x80", "Set-Cookie": "a=b"},
    )
    server.routes[paths[1]] = answer(b"\xff\xfe\x00" * 2000)
    server.routes[paths[2]] = answer(b"<div>" * 20_000 + b"\x00")
    begun = time.monotonic()
    summary = crawled.run(subsite)
    assert summary.changes == {Change.NEW: 1}, summary
    assert sum(summary.not_documents.values()) == 2
    assert time.monotonic() - begun < 10
