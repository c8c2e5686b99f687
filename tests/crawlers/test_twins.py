"""http and https, with www and without: one page is one publication, two pages stay two."""

import asyncio
import ssl
from contextlib import closing
from dataclasses import dataclass, field, replace
from typing import Any

import pytest
import trustme

import crawlers.page_texts
from benchmarks.names import Names
from catalog.recording import Change
from catalog.store import Catalog
from crawlers.crawl import crawl
from crawlers.errors import Problem
from crawlers.frontier import Frontier
from crawlers.jobs import JobState
from crawlers.pushing import detail_of
from crawlers.reparsing import Reparser, Verdict
from crawlers.sites import Site, Sites
from crawlers.twin_jobs import key_of

NAME = "qs.example"
FORMS = (f"http://{NAME}", f"https://{NAME}", f"http://www.{NAME}", f"https://www.{NAME}")


@dataclass
class Office:
    """A subsite with a name: the servers of its four addresses, and the crawl of it."""

    names: Names
    trust: ssl.SSLContext
    data_dir: Any
    limits: Any
    servers: dict[str, Any] = field(default_factory=dict)

    def crawl(self, root=f"http://{NAME}/", **options):
        site = Site("清水市政府", root, "hanweb_jcms", delay=0.0, internal=True)
        network = self.names.network(lambda: self.trust)
        return asyncio.run(
            crawl(Sites((site,)), self.data_dir, limits=self.limits, network=network, **options)
        )

    def days_pass(self):
        """Let every visit come due."""
        frontier = Frontier(self.data_dir)
        with frontier.transaction() as connection:
            connection.exec_driver_sql("UPDATE job SET due_at = due_at - 1e9, visited_at = visited_at - 1e6")
        frontier.close()

    def asked(self, path):
        """Return how often each address was asked for a path; forgets it."""
        counts = {form: server.targets().count(path) for form, server in self.servers.items()}
        for server in self.servers.values():
            server.asked.clear()
        return {form: count for form, count in counts.items() if count}


@pytest.fixture
def office(make_server, crawled, fast):
    """An office whose four addresses show the same pages."""
    authority, names = trustme.CA(), Names()
    trust = ssl.create_default_context()
    authority.configure_trust(trust)
    certificate = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(NAME, f"www.{NAME}").configure_cert(certificate)
    here = Office(names, trust, crawled.data_dir, fast)
    for form in FORMS:
        scheme, name = form.split("://")
        server = make_server(certificate if scheme == "https" else None)
        here.servers[form] = server
        names.lead(scheme, name, server.place)
    first = here.servers[FORMS[0]]
    for server in here.servers.values():
        server.routes = first.routes
    return here


@pytest.fixture
def twinned(jcms):
    """The JCMS imitation, whose lists name every page at each of these addresses."""

    class Twinned(jcms):
        forms = FORMS

        def _records(self, items):
            rows = "".join(
                f"<record><![CDATA[<li><a href='{form}{self._path(item)}' title='{item.title}'>"
                f"{item.title}</a><span>{item.date}</span></li>]]></record>"
                for item in items
                for form in self.forms
            )
            return f"<recordset>{rows}</recordset>"

        def link(self, *forms, routes=None):
            self.forms = forms
            routes = self.server.routes if routes is None else routes
            routes["/col/col70/index.html"] = self._column(0, self.columns[0])

    return Twinned


def own_routes(office, form):
    """Let one of the addresses have pages of its own."""
    server = office.servers[form]
    server.routes = dict(server.routes)
    return server.routes


def redirect_all(office, answer, source, target):
    """Lead from every page of an address to its twin, as a site that moved does."""

    def led(asked):
        return answer(status=301, headers={"Location": target + asked.target})

    routes = own_routes(office, source)
    for path in list(routes):
        if path != "/robots.txt":
            routes[path] = led


def shown(crawled):
    return crawled.rows("SELECT id, url, document_id, withdrawn_at FROM publication ORDER BY id")


def test_a_page_linked_under_four_addresses_is_one_publication(office, twinned, planting, crawled):
    planted = planting(3)
    subsite = twinned(office.servers[FORMS[0]], planted)
    summary = office.crawl()
    assert summary.changes[Change.NEW] == 3
    assert not summary.failures
    assert [url for (url,) in crawled.rows("SELECT url FROM publication")] == [
        FORMS[0] + subsite._path(item) for item in planted
    ]
    assert crawled.rows("SELECT count(*) FROM publication_alias") == [(12,)]
    assert crawled.rows("SELECT count(*) FROM capture") == [(3,)]
    assert crawled.rows("SELECT count(*) FROM document WHERE merged_into IS NULL") == [(3,)]


def test_only_one_of_the_twins_is_visited_again(office, twinned, planting, crawled):
    subsite = twinned(office.servers[FORMS[0]], planting(1))
    path = subsite._path(subsite.planted[0])
    office.crawl()
    assert office.asked(path) == dict.fromkeys(FORMS, 1)
    for _ in range(2):
        office.days_pass()
        office.crawl()
        assert office.asked(path) == {FORMS[0]: 1}
    assert len(shown(crawled)) == 1


def test_a_www_host_with_pages_of_its_own_is_not_folded(office, twinned, planting, crawled, answer):
    planted = planting(2)
    subsite = twinned(office.servers[FORMS[0]], planted)
    subsite.link(FORMS[0], FORMS[2])
    routes = own_routes(office, FORMS[2])
    for item in planted:
        page = routes[subsite._path(item)]
        body = page.body.replace("便民".encode(), "征地".encode()).replace(
            "清政办".encode(), "清土字".encode()
        )
        routes[subsite._path(item)] = replace(page, body=body)
    office.crawl()
    assert len(shown(crawled)) == 4
    assert len({document for _, _, document, _ in shown(crawled)}) == 4
    office.days_pass()
    office.crawl()
    assert len(shown(crawled)) == 4


@pytest.mark.parametrize("links", [(FORMS[0],), (FORMS[1],), (FORMS[0], FORMS[1])])
@pytest.mark.parametrize("edited", [False, True])
def test_a_site_that_moves_to_https_keeps_its_publications(
    links, edited, office, twinned, planting, crawled, answer
):
    subsite = twinned(office.servers[FORMS[0]], planting(5))
    subsite.link(FORMS[0])
    office.crawl()
    before = shown(crawled)
    assert len(before) == 5
    pages = own_routes(office, FORMS[1])
    subsite.link(*links, routes=pages)
    if edited:
        for item in subsite.planted:
            path = subsite._path(item)
            body = pages[path].body.replace("各单位".encode(), "各有关单位".encode())
            pages[path] = answer(body, headers=pages[path].headers)
    redirect_all(office, answer, FORMS[0], FORMS[1])
    office.days_pass()
    summary = office.crawl()
    assert not summary.failures
    after = shown(crawled)
    assert [(row[0], row[2], row[3]) for row in after] == [(row[0], row[2], None) for row in before]
    assert [row[1] for row in after] == [row[1].replace("http:", "https:") for row in before]
    assert crawled.rows("SELECT count(*) FROM absence") == [(0,)]
    assert crawled.rows("SELECT count(*) FROM document") == [(5,)]
    office.asked("/")
    office.days_pass()
    office.crawl()
    assert office.asked(subsite._path(subsite.planted[0])) == {FORMS[1]: 1}
    assert shown(crawled) == after


def test_what_was_recorded_twice_is_united_when_the_server_leads_from_one_to_the_other(
    office, twinned, planting, crawled, answer
):
    planted = planting(2)
    subsite = twinned(office.servers[FORMS[0]], planted)
    subsite.link(FORMS[0], FORMS[1])
    pages = own_routes(office, FORMS[1])
    for item in planted:
        page = pages[subsite._path(item)]
        pages[subsite._path(item)] = replace(page, body=page.body.replace("登记".encode(), "注册".encode()))
    office.crawl()
    before = shown(crawled)
    assert len(before) == 4
    redirect_all(office, answer, FORMS[0], FORMS[1])
    office.days_pass()
    assert not office.crawl().failures
    after = shown(crawled)
    assert [row[0] for row in after] == [row[0] for row in before if row[1].startswith("http:")]
    assert [row[1] for row in after] == [FORMS[1] + subsite._path(item) for item in planted]
    office.asked("/")
    office.days_pass()
    office.crawl()
    assert office.asked(subsite._path(planted[0])) == {FORMS[1]: 1}


def test_the_operator_may_follow_a_site_to_https(office, twinned, planting, crawled, answer):
    subsite = twinned(office.servers[FORMS[0]], planting(4))
    subsite.link(FORMS[0])
    office.crawl()
    before = crawled.publications()
    ids = [row[0] for row in shown(crawled)]
    subsites = crawled.rows("SELECT id FROM subsite")
    columns = crawled.rows("SELECT id, subsite_id, path FROM site_column")
    redirect_all(office, answer, FORMS[0], FORMS[1])
    subsite.link(FORMS[1], routes=office.servers[FORMS[1]].routes)
    office.days_pass()
    summary = office.crawl(f"https://{NAME}/")
    assert not summary.failures
    assert [row[0] for row in shown(crawled)] == ids
    assert crawled.rows("SELECT id FROM subsite") == subsites
    assert crawled.rows("SELECT id, subsite_id, path FROM site_column") == columns
    assert crawled.rows("SELECT root_url FROM subsite") == [(f"https://{NAME}/",)]
    assert {url.replace("https:", "http:") for url in crawled.publications()} == set(before)


def test_a_page_is_absent_only_when_all_of_its_addresses_are(office, twinned, planting, crawled, answer):
    subsite = twinned(office.servers[FORMS[0]], planting(3))
    subsite.link(*FORMS[:2])
    path = subsite._path(subsite.planted[0])
    office.crawl()
    own_routes(office, FORMS[1])
    office.servers[FORMS[0]].routes[path] = answer(status=404)
    office.days_pass()
    office.crawl()
    (first, *_) = shown(crawled)
    assert first[1] == FORMS[1] + path
    assert crawled.rows("SELECT count(*) FROM absence") == [(0,)]
    office.asked(path)
    office.days_pass()
    office.crawl()
    assert office.asked(path) == {FORMS[1]: 1}
    office.servers[FORMS[1]].routes[path] = answer(status=404)
    for _ in range(3):
        office.days_pass()
        office.crawl()
    assert crawled.rows("SELECT publication_id FROM absence") == [(first[0],)]


def test_https_that_cannot_be_had_harms_no_subsite_that_works(office, twinned, planting, crawled):
    planted = planting(4)
    twinned(office.servers[FORMS[0]], planted).link(*FORMS[:2])
    office.names.drop("https", NAME)
    summary = office.crawl()
    assert summary.changes == {Change.NEW: 4}
    assert summary.failures == {Problem.ROBOTS_UNREACHABLE: 4}
    assert len(crawled.rows("SELECT * FROM finding")) == 1


def test_what_is_told_of_a_page_follows_it_to_its_other_address(office, twinned, planting, crawled, answer):
    (item,) = planted = planting(1)
    subsite = twinned(office.servers[FORMS[0]], planted)
    subsite.link(FORMS[0], FORMS[1])
    path = subsite._path(item)
    routes = office.servers[FORMS[0]].routes
    page = routes[path]
    lost = '<p><a href="/lost.doc">附件：登记表.doc</a></p>'.encode()
    routes[path] = replace(page, body=page.body.replace(b'<div id="zoom">', b'<div id="zoom">' + lost))
    office.crawl()
    told = "SELECT subject FROM finding WHERE kind = 'dead_attachment' AND resolved_at IS NULL"
    assert crawled.rows(told) == [(FORMS[0] + path,)]
    redirect_all(office, answer, FORMS[0], FORMS[1])
    office.days_pass()
    office.crawl()
    assert crawled.rows(told) == [(FORMS[1] + path,)]
    own_routes(office, FORMS[1])[path] = page
    office.days_pass()
    office.crawl()
    assert crawled.rows(told) == []


def test_a_page_read_again_stays_where_it_moved_to(office, twinned, planting, crawled, answer, monkeypatch):
    subsite = twinned(office.servers[FORMS[0]], planting(1))
    subsite.link(FORMS[0])
    office.crawl()
    redirect_all(office, answer, FORMS[0], FORMS[1])
    office.days_pass()
    office.crawl()
    (before,) = shown(crawled)
    real = crawlers.page_texts.read_page

    def better(*given, **options):
        page = real(*given, **options)
        return replace(page, blocks=page.blocks[:-1])

    monkeypatch.setattr(crawlers.page_texts, "read_page", better)
    found = []
    with Catalog.open(office.data_dir) as catalog, closing(Reparser(catalog)) as reparser:
        asyncio.run(reparser.read(reparser.captures(), apply=True, report=found.append))
    assert [reading.verdict for reading in found] == [Verdict.DIFFERENT]
    assert shown(crawled) == [before]
    assert before[1].startswith("https:")


def test_a_page_that_is_asked_for_under_a_new_twin_after_it_changed_is_the_same(
    office, twinned, planting, crawled
):
    (item,) = planted = planting(1)
    subsite = twinned(office.servers[FORMS[0]], planted)
    subsite.link(FORMS[0])
    office.crawl()
    path = subsite._path(item)
    page = subsite.server.routes[path]
    subsite.server.routes[path] = replace(page, body=page.body.replace("登记".encode(), "注册".encode()))
    frontier = Frontier(office.data_dir)
    site = Site("清水市政府", f"http://{NAME}/")
    with frontier.write() as changes:
        changes.ask(detail_of(FORMS[1] + path, site))
    office.crawl(urgent_only=True)
    assert len(shown(crawled)) == 1
    assert crawled.rows("SELECT count(*) FROM capture") == [(2,)]
    news = frontier.state_of(key_of(FORMS[1] + path))
    assert news is not None
    assert (news.state, news.urgent, news.note) == (JobState.DONE, False, None)
    frontier.close()


def test_asking_for_a_twin_asks_for_the_page_that_is_visited(office, twinned, planting):
    subsite = twinned(office.servers[FORMS[0]], planting(1))
    office.crawl()
    path = subsite._path(subsite.planted[0])
    frontier = Frontier(office.data_dir)
    standing = frontier.state_of(key_of(FORMS[0] + path))
    assert standing is not None
    assert all(frontier.state_of(key_of(form + path)) == standing for form in FORMS)
    frontier.close()
