"""How lists page, and where they end."""

from dataclasses import replace
from typing import NamedTuple

import pytest

from catalog.recording import Change
from catalog.records import Field
from crawlers.errors import Problem

# The imitation of one family claims a false charset on every page, which is a finding of its own.
OPEN = "SELECT 1 FROM finding WHERE resolved_at IS NULL AND kind <> 'wrong_charset'"


def lists_of(server):
    return [t for t in server.targets() if "sxxlist" in t or "dataproxy" in t or "/col/" in t]


def test_a_list_that_repeats_its_first_page_ends(server, jcms, planting, crawled):
    subsite = jcms(server, planting(9), proxy="repeats")
    summary = crawled.run(subsite)
    assert summary.changes == {Change.NEW: 4}
    assert len(lists_of(server)) == 2


def test_paging_by_an_unknown_script_falls_back_to_the_page_argument(server, hefei, planting, crawled):
    subsite = hefei(server, planting(12), turning="unknown")
    assert crawled.run(subsite).changes == {Change.NEW: 12}


def test_an_endless_list_ends_at_the_page_budget_and_is_reported(
    server, jcms, planting, crawled, answer, fast
):
    subsite = jcms(server, planting(2))
    detail = server.routes[subsite.url_of(subsite.planted[0]).removeprefix(server.url)]
    count = iter(range(1000, 10_000))

    def trap(_asked):
        number = next(count)
        path = f"/art/2012/3/1/art_70_{number}.html"
        server.routes[path] = detail
        link = f'<a href="/module/web/jpage/dataproxy.jsp?page={number}&columnid=70"></a>'
        record = f"<record><![CDATA[<li><a href='{path}'>又一条</a></li>]]></record>"
        return answer(f"<nextgroup><![CDATA[{link}]]></nextgroup>{record}".encode())

    server.routes["/module/web/jpage/dataproxy.jsp"] = trap
    summary = crawled.run(subsite)
    assert summary.failures == {Problem.PAGE_BUDGET: 1}
    assert len(lists_of(server)) == fast.pages_per_column


def test_a_page_that_drifted_to_another_column_is_left_out(server, jcms, planting, crawled, answer):
    subsite = jcms(server, planting(6), proxy="startrecord")
    news = "<record><![CDATA[<li><a href='/art/2012/3/1/art_999_1.html'>首页新闻</a></li>]]></record>"
    server.routes["/module/web/jpage/dataproxy.jsp"] = answer(news.encode())
    summary = crawled.run(subsite)
    assert summary.changes == {Change.NEW: 4}
    assert not any("art_999" in target for target in server.targets())


def test_a_stub_after_the_last_page_is_no_failure(server, jcms, planting, crawled, answer):
    subsite = jcms(server, planting(4))
    server.routes["/module/web/jpage/dataproxy.jsp"] = answer(b"<html><body></body></html>")
    assert crawled.run(subsite).complete


IN_PLACE = {
    "a challenge": (
        "<script>document.cookie='__jsl_clearance=1';location.reload()</script>",
        Problem.BLOCKED,
    ),
    "a login": (
        "<title>用户登录</title><form>用户名<input><br>密码<input type=password></form>",
        Problem.BLOCKED,
    ),
    "an error page": ("<title>提示</title><p>系统维护中，请稍后访问。</p>", Problem.NO_LIST),
}


@pytest.mark.parametrize("kind", IN_PLACE)
@pytest.mark.parametrize("imitation", ["jcms", "hefei"])
def test_what_stands_in_place_of_a_further_page_is_no_end_and_the_list_is_read_again(
    kind, imitation, request, server, planting, crawled, answer
):
    subsite = request.getfixturevalue(imitation)(server, planting(12))
    path = "/module/web/jpage/dataproxy.jsp" if imitation == "jcms" else "/zwgk/public/spage.xp"
    text, problem = IN_PLACE[kind]
    good = server.routes[path]

    def broken(asked):
        turns = imitation == "jcms" or "curPage=2" in f"{asked.target}&{asked.form}"
        return answer(text.encode()) if turns else good(asked)

    server.routes[path] = broken
    summary = crawled.run(subsite)
    assert summary.failures == {problem: 1}
    assert summary.changes == {Change.NEW: subsite.per_page}
    assert len(crawled.rows(OPEN)) == 1
    server.routes[path] = good
    assert crawled.run(subsite).changes == {Change.NEW: 12 - subsite.per_page}
    assert not crawled.rows(OPEN)


def test_an_empty_column_is_no_failure(server, jcms, planting, crawled, answer):
    subsite = jcms(server, planting(4))
    server.routes["/col/col70/index.html"] = answer("<div>本栏目暂无信息</div>".encode())
    summary = crawled.run(subsite)
    assert summary.complete
    assert summary.changes == {}


def test_a_publication_in_two_columns_is_fetched_once_and_stands_in_both(
    server, jcms, planting, crawled, answer
):
    subsite = jcms(server, [*planting(3), *planting(1, "人事信息", 50)])
    shared = server.routes["/col/col70/index.html"]
    # 人事信息 is the parent of 部门文件: it shows the same articles.
    server.routes["/col/col71/index.html"] = shared
    crawled.run(subsite)
    found = crawled.publications()
    for item in subsite.planted[:3]:
        assert found[subsite.url_of(item)]["columns"] == ["人事信息", "部门文件"]
        assert server.targets().count(subsite.url_of(item).removeprefix(server.url)) == 1


def test_a_publication_that_joins_a_column_later_is_fetched_again_for_it(server, jcms, planting, crawled):
    subsite = jcms(server, planting(2))
    crawled.run(subsite)
    subsite.__init__(server, [*subsite.planted, *planting(1, "人事信息", 50)])
    server.routes["/col/col71/index.html"] = server.routes["/col/col70/index.html"]
    summary = crawled.run(subsite)
    assert summary.changes == {Change.CHANGED: 2}
    assert len(crawled.publications()) == 2


def test_a_list_in_a_frame_of_its_own_is_found(server, hefei, planting, crawled, answer):
    subsite = hefei(server, planting(3))
    spage = server.routes["/zwgk/public/spage.xp"]

    def framed(asked):
        if "doAction=sxxlist" in asked.target and "inner" not in asked.target:
            frame = "spage.xp?doAction=sxxlist&mlid=0000&inner=1"
            return answer(f"<body><iframe src='{frame}'></iframe></body>".encode())
        return spage(asked)

    server.routes["/zwgk/public/spage.xp"] = framed
    assert crawled.run(subsite).changes == {Change.NEW: 3}


def test_links_to_other_servers_are_never_queued(make_server, jcms, planting, crawled, answer):
    here, there = make_server(), make_server()
    subsite, other = jcms(here, planting(2)), jcms(there, planting(2, first=60))
    records = "".join(
        f"<record><![CDATA[<li><a href='{base}/art/2012/3/1/art_70_{n}.html'>外站信息</a></li>]]></record>"
        for n, base in enumerate(("http://www.elsewhere.example", there.url))
    )
    here.routes["/col/col70/index.html"] = answer(records.encode())
    crawled.run(subsite, other)
    assert not any("art_70_1." in target for target in there.targets())


def test_a_title_the_list_cut_short_is_no_statement(server, jcms, planting, crawled, answer):
    subsite = jcms(server, planting(1))
    item = subsite.planted[0]
    path = subsite.url_of(item).removeprefix(server.url)
    record = f"<record><![CDATA[<li><a href='{path}'>{item.title[:6]}…</a></li>]]></record>"
    server.routes["/col/col70/index.html"] = answer(record.encode())
    crawled.run(subsite)
    titles = [
        raw for field, raw, _ in crawled.publications()[server.url + path]["said"] if field == Field.TITLE
    ]
    assert set(titles) == {item.title}


def test_a_page_that_lists_without_end_is_cut_and_reported(server, jcms, planting, crawled, fast):
    subsite = jcms(server, planting(9), proxy="startrecord")
    subsite.per_page = 9
    server.routes["/col/col70/index.html"] = subsite._column(0, "部门文件")
    summary = crawled.run(subsite, limits=replace(fast, items_per_list=5))
    assert summary.changes == {Change.NEW: 5}
    assert summary.failures == {Problem.PAGE_BUDGET: 1}


def test_a_home_page_of_frames_without_end_is_cut_and_reported(server, jcms, planting, crawled, answer, fast):
    subsite = jcms(server, planting(1))
    frames = "".join(f"<iframe src='/frame{n}'></iframe>" for n in range(50))
    server.routes["/"] = answer(frames.encode() + server.routes["/"].body)
    summary = crawled.run(subsite, limits=replace(fast, frames_per_page=3))
    assert sum(target.startswith("/frame") for target in server.targets()) == 3
    assert summary.failures[Problem.PAGE_BUDGET] == 1
    ((detail,),) = crawled.rows("SELECT detail FROM finding WHERE kind = 'budget'")
    assert "50 个框架页" in detail


def test_every_organ_of_a_large_portal_is_read_and_only_a_cut_is_reported(server, crawled, answer, fast):
    organs = "".join(f"<a href='/public/column/{n}?type=4&action=list'>第{n}局</a>" for n in range(1, 61))
    server.routes["/"] = answer(organs.encode())
    page = "<a href='/public/column/{0}?type=4&action=list&catId=9'>通知公告</a>"
    for number in range(1, 61):
        server.routes[f"/public/column/{number}"] = answer(page.format(number).encode())
    portal = _Root(f"{server.url}/", "lonsun")
    assert Problem.PAGE_BUDGET not in crawled.run(portal, limits=fast).failures
    assert sum("catId=9" in target for target in server.targets()) == 60
    summary = crawled.run(portal, limits=replace(fast, organs_per_page=7))
    assert summary.failures[Problem.PAGE_BUDGET] == 1


def test_a_list_with_nothing_in_it_is_no_challenge_page(server, hefei, planting, crawled, answer):
    subsite = hefei(server, [*planting(2), *planting(1, "人事信息", 101)], turning="address")
    spage = server.routes["/zwgk/public/spage.xp"]
    script = "function goPage(n) { location.href = 'spage.xp?curPage=' + n; }"

    def empty(asked):
        if "mlid=0001" in asked.target:
            return answer(f"<body><script>{script}</script></body>".encode())
        return spage(asked)

    server.routes["/zwgk/public/spage.xp"] = empty
    summary = crawled.run(subsite)
    assert summary.complete
    assert summary.changes == {Change.NEW: 2}


def test_a_page_listed_by_two_subsites_of_one_server_stands_in_a_column_of_each(
    server, jcms, planting, crawled
):
    first = jcms(server, planting(2))
    second = jcms(server, planting(2))
    home = server.routes["/"]
    server.routes["/second/"] = type(home)(home.body.replace(b"col70", b"col71"), headers=home.headers)
    server.routes["/col/col71/index.html"] = server.routes["/col/col70/index.html"]
    second = _Root(f"{server.url}/second/", second.family)
    assert crawled.run(first, second).complete
    listed = crawled.rows(
        "SELECT p.url, s.root_url FROM publication_column l JOIN publication p ON p.id = l.publication_id"
        " JOIN site_column c ON c.id = l.column_id JOIN subsite s ON s.id = c.subsite_id"
    )
    roots = {first.root, second.root}
    assert {url: {root for other, root in listed if other == url} for url, _ in listed} == {
        first.url_of(item): roots for item in first.planted
    }


class _Root(NamedTuple):
    root: str
    family: str
