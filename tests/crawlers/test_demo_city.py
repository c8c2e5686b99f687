"""The whole demo city is crawled, and every planted publication is found once and as it was planted."""

import asyncio

import pytest

from catalog import doc_numbers
from catalog.reading import document_ids, load_documents
from catalog.recording import Change
from catalog.records import TRUST, Field, PageKind
from catalog.store import Catalog
from crawlers.crawl import crawl
from crawlers.sites import read_sites
from demo.city import expected
from demo.false_items import false_items
from demo.publishing import DEFAULT_PUBLICATIONS, generate, subsites
from demo.server import serving
from demo.sites_file import write_sites_file

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]


@pytest.fixture(scope="module", params=[250, pytest.param(DEFAULT_PUBLICATIONS, marks=pytest.mark.long)])
def crawled_city(request, tmp_path_factory):
    """Crawl a city twice; return what was planted, the documents found and both summaries."""
    folder = tmp_path_factory.mktemp("city")
    city = generate(publications=request.param)
    with serving(city) as port:
        write_sites_file(folder / "sites.toml", city.subsites, port)
        sites = read_sites(folder / "sites.toml")
        summaries = [asyncio.run(crawl(sites, folder / "data")) for _ in range(2)]
        planted = {entry.url: entry for entry in expected(city, port)}
    with Catalog.open(folder / "data", read_only=True) as catalog, catalog.read() as connection:
        ids = document_ids(connection, limit=10 * DEFAULT_PUBLICATIONS)
        documents = list(load_documents(connection, ids).values())
    return planted, documents, summaries


@pytest.fixture(scope="module")
def pairs(crawled_city):
    """Return (planted, publication found, its document) of every planted publication."""
    planted, documents, _summaries = crawled_city
    found = {entry.url: (entry, document) for document in documents for entry in document.publications}
    return [(entry, *found[url]) for url, entry in planted.items()]


def first(publication, field):
    said = sorted(publication.witnesses, key=lambda witness: TRUST[witness.provenance])
    return next((witness.raw for witness in said if witness.field is field), None)


def test_every_planted_publication_is_found_once_and_nothing_else(crawled_city):
    planted, documents, _summaries = crawled_city
    urls = [publication.url for document in documents for publication in document.publications]
    assert sorted(urls) == sorted(planted)


def test_publications_of_one_document_are_one_document(crawled_city):
    planted, documents, _summaries = crawled_city
    found = {frozenset(entry.url for entry in document.publications) for document in documents}
    wanted: dict[str, set[str]] = {}
    for url, entry in planted.items():
        wanted.setdefault(entry.document, set()).add(url)
    assert found == {frozenset(urls) for urls in wanted.values()}


def test_title_index_number_date_publisher_and_columns_are_as_planted(pairs):
    for planted, publication, _document in pairs:
        assert publication.title == planted.title, planted.url
        assert publication.index_number == planted.index_number, planted.url
        # A day that lies ahead is kept as stated and is nobody's date of publication.
        believable = None if planted.traps & {"future_date", "undated"} else planted.published_on
        assert publication.published_on == believable, planted.url
        assert first(publication, Field.PUBLISHER) == planted.publisher, planted.url
        assert sorted(publication.column_names) == sorted(planted.columns), planted.url


def test_document_numbers_and_dates_of_issue_are_as_planted(pairs):
    for planted, publication, document in pairs:
        key = planted.doc_number and doc_numbers.key(planted.doc_number)
        stated = [w.raw for w in publication.witnesses if w.field is Field.DOC_NUMBER]
        assert {doc_numbers.key(raw) for raw in stated} - {None} == ({key} if key else set()), planted.url
        if planted.printed["issued_on"]:
            assert document.issued_on == planted.issued_on, planted.url


def test_the_text_of_an_ofd_is_read(pairs):
    with_ofd = [(planted, found) for planted, found, _ in pairs if "ofd_attachment" in planted.traps]
    assert with_ofd
    for planted, found in with_ofd:
        (text,) = [file.text for file in found.attachments if file.url.endswith(".ofd")]
        assert "".join(planted.title.split()) in "".join((text or "").split()), planted.url


def test_what_stands_only_in_a_pdf_is_read_from_it(pairs):
    only_pdf = [publication for planted, publication, _document in pairs if planted.pdf_only]
    assert only_pdf
    assert all(any(file.text for file in publication.attachments) for publication in only_pdf)


def test_the_crawl_is_complete_and_a_second_one_fetches_nothing_again(crawled_city):
    planted, _documents, (first_run, second_run) = crawled_city
    assert first_run.complete
    assert first_run.changes == {Change.NEW: len(planted)}
    false = sum(len(false_items(subsite)) for subsite in subsites())
    assert sum(first_run.not_documents.values()) == false, "soft 404s, a challenge, a hacked page and such"
    assert {PageKind.ERROR, PageKind.SHELL, PageKind.HACKED} <= set(first_run.not_documents)
    assert second_run.complete
    assert second_run.changes == {}
