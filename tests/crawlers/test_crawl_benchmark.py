"""The benchmark of the crawl: its city is what it says, and the log would tell a second connection."""

import pytest

from benchmarks.crawling.connections import ROBOTS, Log
from benchmarks.crawling.made import HOME_AND_LISTS, make_city

SUBSITES, DETAILS = 40, 6


@pytest.fixture(scope="module")
def city():
    return make_city(SUBSITES, SUBSITES * (DETAILS + HOME_AND_LISTS))


def test_each_subsite_has_an_address_and_as_many_pages_as_wanted(city):
    assert len({site.address for site in city.subsites}) == SUBSITES
    assert {len(site.publications) for site in city.subsites} == {DETAILS}


def test_every_publication_stands_in_a_list_and_has_an_address_of_its_own(city):
    urls = [publication.url() for publication in city.publications]
    assert len(set(urls)) == len(urls)
    for publication in city.publications:
        assert publication in publication.columns[0].publications
        assert not publication.attachments


def test_every_page_of_the_city_is_answered(city):
    for site in city.subsites:
        for one in (*site.columns.values(), *site.publications):
            path, _, query = one.path.partition("?")
            said = dict(pair.split("=", 1) for pair in query.split("&") if pair)
            assert site.cms.answer(site, path, said) is not None, one.path


def test_the_log_tells_connections_after_one_another_from_those_at_once():
    log = Log()
    for _ in range(3):
        log.connected("127.20.0.1")
        log.closed("127.20.0.1")
    assert log.report()["connections_per_host"] == 3
    assert log.report()["connections_at_once_per_host"] == 1
    log.connected("127.20.0.1")
    log.connected("127.20.0.1")
    assert log.report()["connections_at_once_per_host"] == 2


def test_the_log_begun_anew_still_counts_what_is_open():
    log = Log()
    log.connected("127.20.0.1")
    log.asked("127.20.0.1", ROBOTS, 200)
    log.begin_anew()
    log.connected("127.20.0.1")
    assert log.report() == {
        "hosts": 1,
        "pages": 0,
        "robots": 0,
        "not_found": 0,
        "connections": 2,
        "connections_per_host": 2,
        "connections_at_once_per_host": 2,
    }
