"""A subsite that does harm costs the others nothing, is one readable finding, and none once it is well."""

import re
import sqlite3
from contextlib import ExitStack, closing

import pytest
from typer.testing import CliRunner

from benchmarks.neighbours.hostile import FAULTS, PAGES, hostile
from catalog.findings import FindingKind
from cli.main import app
from crawlers.frontier import FILE_NAME

KINDS = {
    "times out": FindingKind.HOST_DOWN,
    "sends 100 MB": FindingKind.TOO_LARGE,
    "redirects for ever": FindingKind.REDIRECT_LOOP,
    "closes mid-body": FindingKind.HOST_DOWN,
    "lies about its charset": FindingKind.WRONG_CHARSET,
    "serves gzip bombs": FindingKind.TOO_LARGE,
    "changes its template": FindingKind.TEMPLATE_CHANGED,
}


def test_every_fault_has_its_kind():
    assert KINDS.keys() == FAULTS.keys()


def findings(crawled, *options):
    shown = CliRunner().invoke(app, ["findings", "--data", str(crawled.data_dir), *options])
    assert shown.exit_code == 0, shown.output
    return shown.output.splitlines()


def had(crawled, subsite):
    return [url for url in crawled.publications() if url.startswith(subsite.root)]


@pytest.fixture
def neighbours():
    """Serve one subsite for each fault, all of them sound until it is set."""
    with ExitStack() as stack:
        yield {name: stack.enter_context(hostile(None)) for name in FAULTS}


def test_each_is_one_readable_finding_and_the_others_are_read_whole(
    neighbours, make_server, jcms, planting, crawled, fast
):
    healthy = [jcms(make_server(), planting(6)) for _ in range(8)]
    changing = neighbours["changes its template"]
    crawled.run(changing, limits=fast)  # only what was once read well can change
    for name, subsite in neighbours.items():
        subsite.fault = FAULTS[name]
    crawled.run(*neighbours.values(), *healthy, limits=fast)
    assert all(len(had(crawled, subsite)) == 6 for subsite in healthy)
    assert len(had(crawled, neighbours["lies about its charset"])) == PAGES
    lines = findings(crawled)
    told = {
        name: [line.split("  ")[1] for line in lines[::2] if address(subsite) in line.split("  ")[2]]
        for name, subsite in neighbours.items()
    }
    assert told == {name: [kind.label] for name, kind in KINDS.items()}
    assert len(lines) == 2 * len(FAULTS), "a line and its sentence for each, and none for the healthy"
    for sentence in lines[1::2]:
        assert re.search(r"[\u4e00-\u9fff]{4}", sentence)
        assert len(sentence) < 250
        assert "Error" not in sentence

    for subsite in neighbours.values():
        subsite.fault = None
    with closing(sqlite3.connect(crawled.data_dir / FILE_NAME)) as queue, queue:
        queue.execute("UPDATE job SET due_at = 0")  # pages that were had are not asked for in every round
    crawled.run(*neighbours.values(), *healthy, limits=fast)
    assert findings(crawled) == ["没有未了的问题。"]
    assert all(len(had(crawled, subsite)) == PAGES for subsite in neighbours.values())


def address(subsite):
    return subsite.root.removeprefix("http://").rstrip("/")
