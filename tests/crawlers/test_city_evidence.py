"""The city from end to end: what the tables say is checked, and they say so where something is wrong."""

import asyncio
import json
from dataclasses import replace

import pytest
from rich.console import Console

from benchmarks.city.checking import Evidence
from benchmarks.city.comparing import FACTS, Figures, by_family, wrong_facts
from benchmarks.city.running import crawl_city
from benchmarks.city.tables import json_lines, print_tables
from benchmarks.city.trapping import CHECKS, Handled, by_trap
from benchmarks.city.twinning import by_twins
from benchmarks.city.wrapping import Asked, Between
from demo.publishing import LEAST_PUBLICATIONS
from demo.traps import traps

WIDE = "<html><body><table><tr><td>索引号</td><td>1/2-3</td></tr></table></body></html>".encode()


@pytest.fixture(scope="module")
def crawled():
    """Crawl a small city whose every page is varied."""
    return crawl_city(LEAST_PUBLICATIONS, vary=1)


def unhandled(crawled):
    return {entry.trap.key for entry in by_trap(Evidence(crawled, wrong_facts(crawled))) if entry.unhandled}


def all_of(crawled):
    return sum(by_family(crawled, wrong_facts(crawled)).values(), Figures())


def without(crawled, url):
    return replace(crawled, found={known: found for known, found in crawled.found.items() if known != url})


def test_every_trap_has_a_check():
    assert CHECKS.keys() == {trap.key for trap in traps()}


@pytest.mark.slow
def test_a_city_whose_pages_are_varied_comes_in_whole_and_its_families_are_recognised():
    crawled = crawl_city(250, vary=2)
    assert all_of(crawled).all_right, all_of(crawled)
    handled = by_trap(Evidence(crawled, wrong_facts(crawled)))
    assert [entry.trap.key for entry in handled if not entry.is_seen] == []


@pytest.mark.slow
def test_a_publication_that_is_missing_is_counted_and_its_traps_are_not_handled(crawled):
    (url,) = [url for url, planted in crawled.planted.items() if "id_card" in planted.traps]
    less = without(crawled, url)
    assert (all_of(less).missing, all_of(less).once) == (1, LEAST_PUBLICATIONS - 1)
    assert all(getattr(all_of(less), fact) < LEAST_PUBLICATIONS for fact in FACTS)
    assert "id_card" in unhandled(less) - unhandled(crawled)


@pytest.mark.slow
def test_a_publication_found_twice_and_one_nobody_planted_are_counted(crawled):
    url = next(iter(crawled.planted))
    found = crawled.found[url]
    more = replace(crawled, found={**crawled.found, url: found * 2, f"{url}&amp": found})
    assert (all_of(more).doubled, all_of(more).foreign) == (1, 1)
    assert not all_of(more).all_right


@pytest.mark.slow
def test_what_nobody_reported_and_a_challenge_that_was_answered_are_told(crawled):
    assert {"shell_row", "hacked_row", "dead_row"} <= unhandled(replace(crawled, findings=[]))
    answered = replace(crawled, asked=Asked(crawled.asked.addresses, {"C3VK=demo00"}))
    assert "shell_row" in unhandled(answered) - unhandled(crawled)


@pytest.mark.slow
def test_a_list_that_was_asked_for_ever_is_told(crawled):
    root = next(
        subsite.root(crawled.port) for subsite in crawled.city.subsites if subsite.beyond_end == "stub"
    )
    asked = Asked(crawled.asked.addresses + type(crawled.asked.addresses)({f"{root}list": 9999}))
    assert "list_stub" in unhandled(replace(crawled, asked=asked)) - unhandled(crawled)


def answered(body, content_type, seed):
    """Return what comes through of an answer."""
    sent = []

    async def site(_scope, _receive, send):
        headers = [(b"content-type", content_type), (b"content-length", b"%d" % len(body))]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": body})

    async def keep(message):
        sent.append(message)

    scope = {
        "server": ("127.20.0.1", 80),
        "path": "/a",
        "query_string": b"b=1",
        "headers": [(b"cookie", b"c=d")],
    }
    asked = Asked()
    asyncio.run(Between(site, asked, seed)(scope, None, keep))
    assert dict(asked.addresses) == {"http://127.20.0.1:80/a?b=1": 1}
    assert asked.cookies == {"c=d"}
    assert dict(sent[0]["headers"])[b"content-length"] == b"%d" % len(sent[1]["body"])
    return sent[1]["body"]


@pytest.mark.slow
def test_twins_of_a_named_subsite_are_found_once_and_keep_their_ids_when_it_moves_to_https():
    once, moved = by_twins(LEAST_PUBLICATIONS)
    assert (once.is_seen, moved.is_seen) == (True, True), (once, moved)


def test_html_is_varied_and_nothing_else():
    assert answered(WIDE, b"text/html; charset=utf-8", 1) != WIDE
    assert answered(WIDE, b"text/html; charset=utf-8", 1) == answered(WIDE, b"text/html; charset=utf-8", 1)
    assert answered(WIDE, b"application/json", 1) == WIDE
    assert answered(WIDE, b"text/html; charset=utf-8", None) == WIDE


def test_the_tables_name_places_where_a_trap_was_not_handled():
    families = {"hefei_xp": Figures(sites=1, recognised=1, planted=2, once=1, missing=1)}
    handled = [Handled(traps()[0], 2, ("http://127.20.0.3:80/",)), Handled(traps()[1], 1, ())]
    console = Console(width=200)
    with console.capture() as shown:
        print_tables(console, families, handled)
    assert "否（1 处）" in shown.get()
    assert "http://127.20.0.3:80/" in shown.get()
    lines = [json.loads(line) for line in json_lines(families, handled)]
    assert [line["all_right"] for line in lines[:2]] == [False, False]
    assert [line["seen"] for line in lines[2:]] == [False, True]
