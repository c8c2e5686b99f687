"""What goes wrong at a source is one readable finding that resolves itself, and removes nothing by itself."""

import sqlite3
from contextlib import closing
from dataclasses import replace
from datetime import timedelta

import pytest

from catalog.findings import FindingKind
from catalog.records import PageKind
from crawlers import noticing
from crawlers.frontier import FILE_NAME
from crawlers.reading import plain
from crawlers.schedule import DAY

WITHDRAWN = "<title>提示</title><p>该信息已被撤下。</p>"
GBK_AS_UTF8 = {"Content-Type": "text/html; charset=utf-8"}
UNKNOWN = "<title>提示</title><p>您访问的页面不存在或已删除</p>"
LOGIN = "<title>用户登录</title><form>用户名<input><br>密码<input type=password></form>"
HACKED = (
    "<html><head><title>澳门新葡京官网_百家乐平台</title><meta name=keywords content='百家乐,博彩,老虎机'>"
    "<meta name=description content='澳门新葡京官网,百家乐,真人娱乐平台'></head><body>"
    + "<p>澳门新葡京官网百家乐老虎机真人娱乐平台注册送彩金</p>" * 20
    + "</body></html>"
)


@pytest.fixture
def days_pass(crawled, monkeypatch):
    """Let so many days pass, for the queue and for China's calendar."""
    passed = []

    class Later(noticing.datetime):
        @classmethod
        def now(cls, tz=None):
            return super().now(tz) + timedelta(days=sum(passed))

    monkeypatch.setattr(noticing, "datetime", Later)

    def pass_(days=100):
        passed.append(days)
        with closing(sqlite3.connect(crawled.data_dir / FILE_NAME)) as file, file:
            file.execute("UPDATE job SET due_at = due_at - ?", [days * DAY])

    return pass_


def open_findings(crawled):
    query = "SELECT kind, subject, times FROM finding WHERE resolved_at IS NULL ORDER BY 1, 2"
    return [tuple(row) for row in crawled.rows(query)]


def kinds(crawled):
    return [kind for kind, *_rest in open_findings(crawled)]


def withdrawn(crawled):
    return crawled.rows("SELECT url FROM publication WHERE withdrawn_at IS NOT NULL")


def path_of(subsite, number):
    return subsite.url_of(subsite.planted[number]).removeprefix(subsite.server.url)


@pytest.fixture
def subsite(server, jcms, planting, crawled):
    made = jcms(server, planting(6))
    crawled.run(made)
    assert open_findings(crawled) == []
    return made


def test_a_publication_gone_on_two_days_is_withdrawn_and_returns_with_its_page(
    subsite, server, crawled, answer, days_pass
):
    url, path = subsite.url_of(subsite.planted[0]), path_of(subsite, 0)
    page, server.routes[path] = server.routes[path], answer(status=410)
    days_pass()
    crawled.run(subsite)
    assert withdrawn(crawled) == []
    crawled.run(subsite)
    assert withdrawn(crawled) == []
    days_pass(3)
    crawled.run(subsite)
    assert withdrawn(crawled) == [(url,)]
    server.routes[path] = page
    days_pass(10)
    crawled.run(subsite)
    assert withdrawn(crawled) == []


def test_a_page_that_says_it_was_withdrawn_goes_at_once_and_a_guess_does_not(
    subsite, server, crawled, answer, days_pass
):
    server.routes[path_of(subsite, 0)] = answer(WITHDRAWN.encode())
    server.routes[path_of(subsite, 1)] = answer(UNKNOWN.encode())
    days_pass()
    crawled.run(subsite)
    assert withdrawn(crawled) == [(subsite.url_of(subsite.planted[0]),)]
    assert kinds(crawled) == ["soft_404"]


IN_PLACE = {
    "login": (lambda answer, _routes: answer(LOGIN.encode()), FindingKind.LOGIN_IN_PLACE),
    "hacked": (lambda answer, _routes: answer(HACKED.encode()), FindingKind.HACKED),
    "refused": (lambda answer, _routes: answer(status=403), FindingKind.BLOCKED),
    "broken": (lambda answer, _routes: answer(b"x" * 100, cut=True), FindingKind.UNREACHABLE),
    "endless": (lambda answer, _routes: answer(b"x" * 300_000), FindingKind.TOO_LARGE),
    "circle": (
        lambda answer, _routes: lambda asked: answer(status=302, headers={"Location": asked.target}),
        FindingKind.REDIRECT_LOOP,
    ),
}


@pytest.mark.parametrize("what", IN_PLACE)
def test_what_stands_in_place_of_publications_is_one_finding_and_removes_nothing(
    what, subsite, server, crawled, answer, days_pass
):
    wrong, kind = IN_PLACE[what]
    paths = [path_of(subsite, n) for n in (0,) if kind is FindingKind.HACKED] or [
        path_of(subsite, n) for n in (0, 1)
    ]
    good = {path: server.routes[path] for path in paths}
    server.routes |= {path: wrong(answer, server.routes) for path in paths}
    days_pass()
    crawled.run(subsite)
    assert kinds(crawled) == [kind]
    assert withdrawn(crawled) == []
    assert len(crawled.publications()) == 6
    server.routes |= good
    days_pass()
    crawled.run(subsite)
    assert open_findings(crawled) == [], "what is over resolves itself"


def test_a_finding_stays_as_long_as_nobody_looked_again(subsite, server, crawled, answer, days_pass):
    path = path_of(subsite, 0)
    good = server.routes[path]
    server.routes[path] = answer(LOGIN.encode())
    days_pass()
    crawled.run(subsite)
    crawled.run(subsite)
    assert kinds(crawled) == ["login_in_place"], "the page was not due in the second round"
    server.routes[path] = good
    days_pass()
    crawled.run(subsite)
    assert kinds(crawled) == []


def test_a_dead_server_is_one_finding_and_removes_nothing(make_server, jcms, planting, crawled, days_pass):
    server = make_server()
    subsite = jcms(server, planting(3))
    crawled.run(subsite)
    server.close()
    days_pass()
    crawled.run(subsite)
    crawled.run(subsite)
    assert [(kind, times) for kind, _subject, times in open_findings(crawled)] == [("host_down", 2)]
    assert withdrawn(crawled) == []


def test_a_column_that_is_suddenly_empty_is_a_finding_and_removes_nothing(subsite, server, crawled):
    listing = server.routes["/col/col70/index.html"]
    emptied = replace(listing, body=listing.body.split(b"<record>")[0] + b"</datastore></script>")
    server.routes["/col/col70/index.html"] = emptied
    server.routes["/module/web/jpage/dataproxy.jsp"] = replace(listing, body=b"<datastore></datastore>")
    crawled.run(subsite)
    assert kinds(crawled) == ["empty_list"]
    assert withdrawn(crawled) == []
    server.routes["/col/col70/index.html"] = listing
    crawled.run(subsite)
    assert open_findings(crawled) == []


def test_a_home_page_that_lost_its_columns_is_a_changed_template(subsite, server, crawled, answer):
    home = server.routes["/"]
    server.routes["/"] = answer("<h1>欢迎访问新版网站</h1><p>栏目正在迁移。</p>".encode())
    crawled.run(subsite)
    assert kinds(crawled) == ["template_changed"]
    server.routes["/"] = home
    crawled.run(subsite)
    assert open_findings(crawled) == []


def test_an_endless_column_is_a_budget_finding(server, jcms, planting, crawled, fast):
    subsite = jcms(server, planting(20))
    crawled.run(subsite, limits=replace(fast, pages_per_column=2))
    assert kinds(crawled) == ["budget"]


def test_a_site_whose_family_is_not_named_is_recognised_and_a_change_of_family_is_told(
    server, hefei, jcms, planting, crawled
):
    subsite = jcms(server, planting(5))
    subsite.family = None
    assert crawled.run(subsite).complete
    assert len(crawled.publications()) == 5
    assert crawled.rows("SELECT family FROM subsite") == [("hanweb_jcms",)]
    other = hefei(server, planting(4))
    server.routes["/"] = server.routes["/zwgk/public/index.xp"]
    server.routes["/index.xp"] = server.routes["/zwgk/public/index.xp"]
    server.routes["/spage.xp"] = server.routes["/zwgk/public/spage.xp"]
    crawled.run(subsite)
    assert "template_changed" in kinds(crawled)
    assert len(crawled.publications()) == 5 + len(other.planted)
    assert crawled.rows("SELECT family FROM subsite") == [("hefei_xp",)]


def test_a_deep_link_that_answers_with_the_home_page_is_told_and_not_recorded(
    subsite, server, crawled, days_pass
):
    home = server.routes["/"]
    news = "".join(f"<p>第{word}条工作动态与便民服务信息</p>" for word in "甲乙丙丁戊己庚辛壬癸")
    server.routes["/"] = replace(home, body=home.body.replace(b"</body>", f"{news}</body>".encode()))
    server.routes[path_of(subsite, 0)] = server.routes["/"]
    days_pass()
    summary = crawled.run(subsite)
    assert summary.not_documents == {PageKind.OTHER: 1}
    assert kinds(crawled) == ["home_in_place"]
    assert withdrawn(crawled) == []


def test_a_server_whose_budget_is_spent_is_left_alone_and_told(server, jcms, planting, crawled, fast):
    subsite = jcms(server, planting(20))
    crawled.run(subsite, limits=replace(fast, pages_per_site=8))
    assert kinds(crawled) == ["budget"]
    assert len(server.asked) <= 8
    crawled.run(subsite)
    assert len(crawled.publications()) == 20
    assert open_findings(crawled) == []


def test_what_was_found_stays_found_until_its_pages_are_visited_again(
    subsite, server, crawled, answer, days_pass
):
    good = dict(server.routes)
    server.routes[path_of(subsite, 0)] = answer(UNKNOWN.encode())
    server.routes[path_of(subsite, 1)] = answer(LOGIN.encode())
    server.routes[path_of(subsite, 2)] = answer("办事指南　第一条".encode("gb18030"), headers=GBK_AS_UTF8)
    days_pass()
    crawled.run(subsite)
    assert kinds(crawled) == ["login_in_place", "soft_404", "wrong_charset"]
    crawled.run(subsite)
    assert kinds(crawled) == ["login_in_place", "soft_404", "wrong_charset"], "none of them was due"
    server.routes |= good
    days_pass()
    crawled.run(subsite)
    assert kinds(crawled) == []


SPAM = "<div style='display:none'><a href='http://a.example/'>澳门赌场</a><a href='http://b.example/'>老虎机</a></div>"


def test_links_hidden_on_a_home_page_are_told_and_its_columns_are_followed(
    subsite, server, crawled, answer, days_pass
):
    home, url = server.routes["/"], f"{server.url}/"
    server.routes["/"] = answer(home.body + SPAM.encode())
    days_pass()
    crawled.run(subsite)
    assert open_findings(crawled) == [("hidden_links", url, 1)]
    server.routes["/"] = home
    days_pass()
    crawled.run(subsite)
    assert open_findings(crawled) == []
    assert withdrawn(crawled) == []


def test_a_page_too_large_to_be_read_throughout_is_kept_and_told(subsite, server, crawled, answer, days_pass):
    path = path_of(subsite, 0)
    page = server.routes[path]
    server.routes[path] = answer(page.body.replace(b"</p>", b"2013</p>") + b"<b>" * plain.MOST_TAGS)
    days_pass()
    crawled.run(subsite)
    assert open_findings(crawled) == [("read_plainly", subsite.url_of(subsite.planted[0]), 1)]
    assert withdrawn(crawled) == []
