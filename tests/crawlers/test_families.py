"""The family modules by themselves: what they ask for next, and that no page can hold them up."""

import re
import time
from contextlib import suppress
from importlib import import_module
from urllib.parse import parse_qs, urlsplit

import pytest

import crawlers.families
from crawlers.families import FAMILIES, GENERIC, recognise
from crawlers.families.answers import NoListError
from crawlers.families.declared import Declared
from crawlers.families.family import ListPlace, PageRequest, WebPage
from crawlers.reading.tree import parse

URL = "http://h/col/col7/index.html"


def page(text, url=URL):
    return WebPage(url, text, "utf-8", parse(text))


def jcms_records(first, count):
    return "".join(
        f"<record><![CDATA[<li><a href='/art/2012/1/2/art_7_{n}.html'>第{n}条信息</a></li>]]></record>"
        for n in range(first, first + count)
    )


def jcms_list(records, number=1, memo=None):
    script = (
        "<script>var param_3={columnid:7,unitid:'3'};$('#3').jpage({totalRecord:200,perPage:15});</script>"
    )
    text = f"<script type='text/xml'><recordset>{records}</recordset></script>{script if number == 1 else ''}"
    return FAMILIES["hanweb_jcms"].read_list(page(text), ListPlace("/col/col7/", "文件", number, memo or {}))


@pytest.mark.parametrize("shown", [45, 46], ids=["three pages", "three pages and one pinned to the top"])
def test_jcms_asks_for_the_group_after_what_was_shown_in_every_way_a_server_may_obey(shown):
    asked = parse_qs(urlsplit(jcms_list(jcms_records(1, shown)).next.url).query)
    assert asked == {"startrecord": ["46"], "endrecord": ["90"], "perpage": ["15"], "page": ["4"]}


@pytest.mark.parametrize("given", [15, 45], ids=["a server that obeys page", "one that obeys startrecord"])
def test_jcms_goes_on_after_what_a_group_really_held(given):
    first = jcms_list(jcms_records(1, 45))
    second = jcms_list(jcms_records(46, given), 2, first.memo)
    assert parse_qs(urlsplit(second.next.url).query)["startrecord"] == [str(46 + given)]


def test_jcms_resolves_the_links_of_later_groups_against_the_column_page():
    first = jcms_list(jcms_records(1, 45))
    record = "<record><![CDATA[<li><a href='../../art/2012/1/2/art_7_99.html'>第99条</a></li>]]></record>"
    answer = page(f"<recordset>{record}</recordset>", "http://h/module/web/jpage/dataproxy.jsp?page=2")
    reading = FAMILIES["hanweb_jcms"].read_list(answer, ListPlace("/col/col7/", "文件", 2, first.memo))
    assert reading.items[0].url == "http://h/art/2012/1/2/art_7_99.html"


def test_jcms_keeps_an_article_of_another_column_that_stands_among_its_own():
    records = (
        jcms_records(1, 3) + "<record><![CDATA[<a href='/art/2012/1/2/art_8_1.html'>兼栏</a>]]></record>"
    )
    assert len(jcms_list(records, 2, jcms_list(jcms_records(1, 3)).memo).items) == 4


def test_jcms_reads_a_column_page_without_records():
    text = "<ul><li><a href='/art/2012/1/2/art_7_1.html'>关于某事的通知</a> 2012-01-02</li></ul>"
    reading = FAMILIES["hanweb_jcms"].read_list(page(text), ListPlace("/col/col7/", "文件", 1))
    assert [(w.field, w.raw) for w in reading.items[0].witnesses] == [
        ("title", "关于某事的通知"),
        ("published_on", "2012-01-02"),
    ]


CARD = ("Site", "Known by", "Lists", "Details", "Oddities", "Proven by")


@pytest.mark.parametrize("name", [name for name in FAMILIES if FAMILIES[name].__module__.endswith(name)])
def test_every_module_of_a_family_opens_with_its_card(name):
    card = import_module(f"{crawlers.families.__name__}.{name}").__doc__
    assert [word for word in CARD if not re.search(rf"^{word} +\S", card, re.MULTILINE)] == []


SIGNS = {
    "hefei_xp": "<frameset><frame src='spage.xp?doAction=smenu'></frameset>",
    "hanweb_jcms": "<ul><li><a href='/col/col7/index.html'>文件</a></li></ul>",
    GENERIC: "<ul><li><a href='/news/'>要闻</a></li></ul>",
}


@pytest.mark.parametrize("name", SIGNS)
def test_a_home_page_tells_its_family(name):
    assert recognise(page(SIGNS[name], "http://h/")).name == name


def test_a_link_to_another_server_is_no_sign_of_a_family():
    linking = page("<a href='http://other.example/col/col7/index.html'>友情链接</a>", "http://h/")
    assert recognise(linking).name == GENERIC


def test_what_is_posted_tells_its_type():
    assert PageRequest("http://h/").content_type is None
    assert PageRequest("http://h/", "a=%7B").content_type == "application/x-www-form-urlencoded"
    assert PageRequest("http://h/", '{"a": 1}').content_type == "application/json"


HOSTILE = {
    "unclosed records": "<record><![CDATA[" * 100_000,
    "records in one": "<record><![CDATA[" * 50_000 + "]]>",
    "links in one block": "<li>" + "<a href='/art/2012/1/2/art_7_1.html'>x</a>" * 20_000,
    "nested lists": '<table bgcolor="#e4e4e4"><tr><td>1<td>2<td>3<td>4<td>' * 2_000,
    "settings": "a:" * 300_000,
    "white space": "function goPage(" + " " * 1_000_000,
    "turns": "goPage(9)" * 100_000 + "function goPage(n){location.href=" + "'a'+" * 100_000,
    "loads": "$.ajax({url:'/a.jsp?page=1',data:{" * 20_000,
    "names": "goPage(9) function goPage(" + "n" * 1_000_000,
}


# Declared families share one reader: one of them stands for all.
READERS = [name for name, family in FAMILIES.items() if not isinstance(family, Declared)] + ["boda_vsb"]


@pytest.mark.parametrize("family", READERS)
@pytest.mark.parametrize("kind", HOSTILE)
def test_no_list_page_takes_long(kind, family):
    hostile = page(HOSTILE[kind])
    begun = time.process_time()
    FAMILIES[family].recognises(hostile)
    FAMILIES[family].read_home(hostile)
    with suppress(NoListError):
        FAMILIES[family].read_list(hostile, ListPlace("/col/col7/", "文件", 1))
    assert time.process_time() - begun < 5
