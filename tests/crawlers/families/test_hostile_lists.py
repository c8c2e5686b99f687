"""No page, script or answer holds up the families that are read by script and interface."""

import json
import time
from contextlib import suppress

import pytest

from crawlers.families import FAMILIES
from crawlers.families.answers import NoListError
from crawlers.families.family import ListPlace

ROW = "<li><a href='./201210/t20121016_{}.html' title='t'>关于…</a>[10-16]</li>"
HOSTILE = {
    "one long list": "<ul>" + "".join(ROW.format(n) for n in range(4_000)) + "</ul>",
    "many lists": "".join(f"<ul>{ROW.format(n)}</ul>" for n in range(4_000)),
    "rows within rows": "<table><tr><td><p><a href='./201210/t20121016_1.html'>x</a>" * 5_000,
    "pager calls": "<script>" + "createPageHTML(9," * 60_000 + "</script>",
    "arguments": "<script>createPageHTML(" + "'," * 140 + ")</script>" + "createPage('" * 60_000,
    "numbered links": "".join(f"<a href='index_{n}.html'>{n}</a>" for n in range(4_000)),
    "feeds": "<script>" + "'/common/search/" * 60_000 + "</script>",
    "quotes": "<script>" + "'" * 500_000 + "</script>",
    "config": "<script>" + "window._CONFIG = {SID: '1', TREE: [" * 30_000 + "</script>",
    "white space": "<script>window._CONFIG" + " " * 1_000_000 + "</script>",
    "deep answer": '{"data":' * 100_000,
    "long number": '{"total":' + "9" * 1_000_000 + "}",
    "many items": json.dumps({"articles": [{"id": n, "title": "<b>" * 50} for n in range(4_000)]}),
    "many groups": json.dumps({"data": {"results": [{"url": "/a", "domainMetaList": [{}] * 200_000}]}}),
}


@pytest.mark.parametrize("family", ["trs_wcm", "ucap", "gkmlpt"])
@pytest.mark.parametrize("kind", HOSTILE)
def test_nothing_takes_long(kind, family, web_page):
    page = web_page(HOSTILE[kind], "http://h/zwgk/tzgg/")
    begun = time.process_time()
    FAMILIES[family].recognises(page)
    FAMILIES[family].read_home(page)
    memo = {}
    for number in (1, 2):
        with suppress(NoListError):
            memo = FAMILIES[family].read_list(page, ListPlace("/zwgk/tzgg/", "文件", number, memo)).memo
    assert len(json.dumps(memo)) < 20_000
    assert time.process_time() - begun < 5
