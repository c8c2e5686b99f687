"""A bad certificate removes nothing, is told once, harms nobody else, and is forgotten when mended."""

import asyncio
import ssl
from datetime import UTC, datetime, timedelta

import pytest
import trustme

from benchmarks.names import Names
from catalog.recording import Change
from crawlers.crawl import crawl
from crawlers.errors import Problem
from crawlers.sites import Site, Sites

NAME, OTHER = "mz.example", "js.example"


def server_side(certificate):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    certificate.configure_cert(context)
    return context


def expired(authority):
    return server_side(authority.issue_cert(NAME, not_after=datetime.now(UTC) - timedelta(days=3)))


def self_signed(_authority):
    itself = trustme.CA()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    with itself.private_key_pem.tempfile() as key, itself.cert_pem.tempfile() as certificate:
        context.load_cert_chain(certificate, key)
    return context


def of_an_unknown_authority(_authority):
    return server_side(trustme.CA().issue_cert(NAME))


def of_another_host(authority):
    return server_side(authority.issue_cert("sj.example"))


BROKEN = [
    (expired, "证书已过期"),
    (self_signed, "证书是自签名的"),
    (of_an_unknown_authority, "证书的签发机构不受信任"),
    (of_another_host, "证书与域名不符"),
]


@pytest.fixture
def authority():
    return trustme.CA()


@pytest.fixture
def names():
    return Names()


@pytest.fixture
def run(names, authority, crawled, fast):
    """Crawl both subsites; only the authority of this test is trusted."""
    trust = ssl.create_default_context()
    authority.configure_trust(trust)
    sites = Sites(
        tuple(
            Site(title, f"https://{name}/", "hanweb_jcms", delay=0.0, internal=True)
            for title, name in (("市民政局", NAME), ("市建设局", OTHER))
        )
    )
    network = names.network(lambda: trust)
    return lambda: asyncio.run(crawl(sites, crawled.data_dir, limits=fast, network=network))


def findings(crawled):
    return crawled.rows("SELECT kind, subject, detail FROM finding WHERE resolved_at IS NULL")


@pytest.mark.parametrize(("broken", "said"), BROKEN)
def test_a_bad_certificate_removes_nothing_and_is_one_finding_until_it_is_mended(
    broken, said, names, authority, run, make_server, jcms, planting, crawled
):
    good = make_server(server_side(authority.issue_cert(NAME)))
    beside = make_server(server_side(authority.issue_cert(OTHER)))
    bad = make_server(broken(authority))
    jcms(good, planting(3))
    jcms(beside, planting(2, first=20))
    bad.routes = good.routes
    names.lead("https", NAME, good.place)
    names.lead("https", OTHER, beside.place)
    assert run().changes == {Change.NEW: 5}
    before = crawled.publications()
    assert findings(crawled) == []

    names.lead("https", NAME, bad.place)
    jcms(beside, planting(4, first=20))
    summary = run()
    assert summary.changes[Change.NEW] == 2
    assert summary.failures == {Problem.CERTIFICATE: 1}
    assert bad.asked == []
    assert before.items() <= crawled.publications().items()
    assert crawled.rows("SELECT count(*) FROM publication WHERE withdrawn_at IS NOT NULL") == [(0,)]
    assert crawled.rows("SELECT count(*) FROM absence") == [(0,)]
    ((kind, subject, detail),) = findings(crawled)
    assert (kind, subject) == ("certificate", NAME)
    assert said in detail
    assert "已入库的内容不受影响" in detail

    run()
    assert len(crawled.rows("SELECT id FROM finding")) == 1

    names.lead("https", NAME, good.place)
    assert not run().failures
    assert findings(crawled) == []
    assert len(crawled.publications()) == 7
