"""Addresses from pages: canonical forms, and which of them may be asked for."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawlers.addresses import Territory, canonical, host_of, resolve

SAME = [
    ("http://h/x.xp?a=1&b=2", "http://h/x.xp?b=2&a=1"),
    ("http://h/x?indexno=002990926/201203-00001", "http://h/x?indexno=002990926%2F201203-00001"),
    ("http://H:80/a/../b", "http://h/b"),
    ("https://h:443/", "https://h"),
    ("http://h/a;jsessionid=0AB1?x=1", "http://h/a?x=1"),
    ("http://h/a#part", "http://h/a"),
    ("http://h/%e4%b8%ad", "http://h/中"),
]


@pytest.mark.parametrize(("one", "other"), SAME)
def test_two_ways_to_write_an_address_are_one(one, other):
    assert canonical(one) == canonical(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("http://h/a?page=1", "http://h/a?page=2"),
        ("http://h/a", "https://h/a"),
        ("http://h/a", "http://h:8080/a"),
        ("http://h/a", "http://h/A"),
        ("http://h/a?x=", "http://h/a"),
    ],
)
def test_different_pages_stay_different(one, other):
    assert canonical(one) != canonical(other)


@pytest.mark.parametrize(
    "reference",
    [
        "javascript:goPage(2)",
        "mailto:a@b.cn",
        "ftp://h/x",
        "",
        "https://",
        "http://[",
        "http://u:p@h/",
        "x" * 3000,
    ],
)
def test_what_leads_to_no_page_is_none(reference):
    assert resolve("http://h/a/", reference) is None


def test_queries_are_written_in_the_pages_charset():
    assert resolve("http://h/", "s?q=中", charset="gb18030") == "http://h/s?q=%D6%D0"
    assert resolve("http://h/", "中.html", charset="gb18030") == "http://h/%E4%B8%AD.html"


@given(st.text(max_size=60), st.text(max_size=60))
def test_no_reference_breaks_anything_and_a_canonical_form_is_its_own(base, reference):
    for url in (resolve("http://h/a/b?c", reference), resolve(base, reference)):
        if url is not None:
            assert host_of(url) is not None
            assert canonical(canonical(url)) == canonical(url)


@pytest.mark.parametrize(
    ("url", "allowed"),
    [
        ("http://a.gov.cn/x", True),
        ("https://a.gov.cn/x", True),
        ("https://A.gov.cn:443/x", True),
        ("http://a.gov.cn:8080/x", False),
        ("http://b.gov.cn/", False),
        ("http://127.0.0.1:8100/x", True),
        ("http://127.0.0.1/x", False),
        ("http://127.0.0.1:8101/x", False),
        ("http://localhost:8100/x", False),
        ("http://0x7f.0.0.1:8100/", False),
        ("http://10.1.2.3/", True),
        ("https://10.1.2.3/", False),
        ("http://u@a.gov.cn/", False),
        ("file:///etc/passwd", False),
    ],
)
def test_only_servers_of_the_sites_file_may_be_asked(url, allowed):
    territory = Territory(("http://a.gov.cn/", "http://127.0.0.1:8100/", "http://10.1.2.3/y"))
    assert territory.allows(url) is allowed
