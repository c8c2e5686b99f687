"""The generic reader on pages of no known make: what it takes for columns, lists and further pages."""

from urllib.parse import parse_qsl

import pytest

from crawlers.families import FAMILIES, GENERIC
from crawlers.families.family import ListPlace, WebPage
from crawlers.families.paging import next_page, page_count
from crawlers.reading.tree import parse

URL = "http://h/xxgk/zcwj/index.html"
PLACE = ListPlace("/xxgk/zcwj/index.html", "政策文件", 1)
TITLES = ("关于做好防汛工作的通知", "关于公布收费目录的公告", "关于调整供水价格的批复")


def page(text, url=URL):
    return WebPage(url, text, "utf-8", parse(text))


def read(text, url=URL, place=PLACE):
    return FAMILIES[GENERIC].read_list(page(text, url), place)


def found(reading):
    return [
        (item.url, *(witness.raw for witness in item.witnesses if witness.field in ("title", "published_on")))
        for item in reading.items
    ]


def rows(shape, titles=TITLES):
    return "".join(shape.format(n=n, title=title, cut=title[:6]) for n, title in enumerate(titles, 1))


NAVIGATION = (
    "<ul class=nav>" + rows("<li><a href='/xxgk/c{n}/'>栏目名称之{n}</a></li>", "一二三四五六七八") + "</ul>"
)
SHAPES = {
    "list": "<ul>" + rows("<li><a href='{n}.html'>{title}</a><span>[2012-10-0{n}]</span></li>") + "</ul>",
    "table": "<table>"
    + rows("<tr><td>{n}</td><td><a href='{n}.html'>{title}</a></td><td>2012年10月0{n}日</td></tr>")
    + "</table>",
    "definitions": "<dl>"
    + rows("<dt><a href='{n}.html'>{title}</a></dt><dd>发布时间：2012-10-0{n}</dd>")
    + "</dl>",
    "blocks of one": rows("<ul><li><a href='{n}.html'>{title}</a> 2012/10/0{n}</li></ul>"),
    "cut names": rows("<p><a href='{n}.html' title='{title}'>{cut}…</a> 2012.10.0{n}</p>"),
    "a marker before": rows(
        "<li><a href='/c/'>[通知]</a><a href='{n}.html'>{title}</a><i>2012-10-0{n}</i></li>"
    ),
    "rows of entries": rows(
        "<div><ul><li>{n}</li><li><a href='{n}.html'>{title}</a></li><li>2012-10-0{n}</li></ul></div>"
    ),
    "kept for a script": "<script type='text/xml'><r><![CDATA["
    + rows("<li><a href='{n}.html'>{title}</a><b>2012-10-0{n}</b></li>")
    + "]]></r></script>",
}


@pytest.mark.parametrize("shape", SHAPES)
def test_a_list_is_found_whatever_it_is_made_of(shape):
    reading = read(f"<div>{NAVIGATION}</div><div class=main>{SHAPES[shape]}</div><div>备案 2019-01-01</div>")
    days = [day for _, _, day in found(reading)]
    assert [url for url, *_ in found(reading)] == [f"http://h/xxgk/zcwj/{n}.html" for n in (1, 2, 3)]
    assert [title for _, title, _ in found(reading)] == list(TITLES)
    assert [day.strip("日").replace("年", "-").replace("月", "-")[-2:] for day in days] == ["01", "02", "03"]


def test_a_list_of_one_is_a_list():
    row = f"<ul><li><a href='1.html'>{TITLES[0]}</a>2012-10-01</li></ul>"
    assert len(read(f"<a href='/'>某某市人民政府</a>{NAVIGATION}{row}").items) == 1


def test_long_names_without_dates_are_a_list_too():
    text = NAVIGATION + "<ul>" + rows("<li><a href='{n}.html'>{title}之{n}</a></li>", TITLES * 2) + "</ul>"
    assert len(read(text).items) == 6


def test_a_list_in_the_columns_own_folder_comes_before_a_longer_one_of_others():
    news = "<ul>" + rows("<li><a href='/news/{n}.html'>{title}</a>2012-10-0{n}</li>", TITLES * 3) + "</ul>"
    assert len(read(f"<div>{news}</div><div>{SHAPES['list']}</div>").items) == 3


def test_links_that_are_no_document_are_no_list():
    assert read(NAVIGATION).items == ()
    assert not read(NAVIGATION).is_list


def test_a_later_page_of_another_kind_of_addresses_is_drift():
    first = read(SHAPES["list"])
    place = ListPlace(PLACE.path, PLACE.name, 2, first.memo)
    news = rows("<li><a href='/news/t{n}_{n}.html'>{title}</a>2012-10-0{n}</li>")
    assert read(f"<ul>{news}</ul>", place=place).items == ()
    assert len(read(SHAPES["list"], place=place).items) == 3


def test_a_page_without_a_list_leads_to_the_columns_below_it_and_no_deeper():
    home = FAMILIES[GENERIC].read_home(page("<a href='/xxgk/'>信息公开</a>", "http://h/"))
    (column,) = home.columns
    hub = read(NAVIGATION, place=ListPlace(column.path, column.name, 1, column.memo))
    assert len(hub.columns) == 8
    below = hub.columns[0]
    assert read(NAVIGATION, place=ListPlace(below.path, below.name, 1, below.memo)).columns == ()


def test_what_leads_to_no_column_is_none():
    text = (
        "<a href='/'>首页</a><a href='/login.jsp'>登录</a><a href='/map.html'>网站地图</a>"
        "<a href='http://other.example/c/'>友情链接</a><a href='/a.pdf'>办事指南</a>"
        "<a href='javascript:x()'>政策</a>"
        f"<a href='/zcwj/'>政策文件</a>{SHAPES['list']}"
    )
    columns = FAMILIES[GENERIC].read_home(page(text, "http://h/")).columns
    assert [column.name for column in columns] == ["政策文件"]


def test_a_list_in_a_frame_is_asked_for():
    assert read("<iframe src='inner.html'></iframe>").next.url == "http://h/xxgk/zcwj/inner.html"


TURNS = {
    "next link": ("<a href='index_2.html'>下一页</a>", "index_2.html"),
    "counting down": ("<a href='list/41.htm'>下页&gt;</a>", "list/41.htm"),
    "rel": ("<a rel=next href='?p=2'>›</a>", "index.html?p=2"),
    "number": ("<a href='index_1.html'>1</a><a href='index_p2.html'>2</a>", "index_p2.html"),
    "option": (
        "<select><option value='index_1.html'>1<option value='index_b.html'>2</select>",
        "index_b.html",
    ),
    "onclick": ("<a href='#' onclick=\"location.href='p2.html'\">下一页</a>", "p2.html"),
    "script": (
        "<script>function go(n){location.href='index.html?curPage='+n;}</script>"
        "<a href='javascript:go(2)'>下一页</a>",
        "index.html?curPage=2",
    ),
    "createPageHTML": ('<script>createPageHTML(9, 0, "index", "shtml");</script>', "index_1.shtml"),
    "last link and count": ("共9页 <a href='index_9.html'>尾页</a>", "index_2.html"),
}


@pytest.mark.parametrize("kind", TURNS)
def test_every_way_to_turn_a_page_is_understood(kind):
    text, wanted = TURNS[kind]
    assert next_page(page(text), 1).url == f"http://h/xxgk/zcwj/{wanted}"


COUNTED = {
    "argument": ("http://h/list.jsp?id=7&pageNo=2", "http://h/list.jsp?id=7&pageNo=3"),
    "underscore": ("http://h/c/index_2.shtml", "http://h/c/index_3.shtml"),
    "hyphen": ("http://h/c/column-index-2.shtml", "http://h/c/column-index-3.shtml"),
    "plain": ("http://h/c/2.html", "http://h/c/3.html"),
}


@pytest.mark.parametrize("kind", COUNTED)
def test_an_address_is_counted_on_while_there_are_pages(kind):
    url, following = COUNTED[kind]
    assert next_page(page("<script>var totalPage = 3;</script>", url), 2).url == following
    assert next_page(page("<script>var totalPage = 2;</script>", url), 2) is None


COUNTS = {
    "var countPage = 12;": 12,
    '{"totalPages":"7"}': 7,
    "共 31 页": 31,
    "1/8页": 8,
    '<div count="386" rows="15">': 26,
    "全文共3部分": 0,
}


@pytest.mark.parametrize("text", COUNTS)
def test_the_number_of_pages_is_read_where_lists_state_it(text):
    assert page_count(page(text)) == COUNTS[text]


def test_a_page_never_leads_to_itself_nor_to_another_server():
    assert next_page(page("<a href='index.html'>下一页</a>"), 1) is None
    assert next_page(page("<a href='http://other.example/2.html'>下一页</a>"), 1) is None


def test_a_list_of_one_stands_out_from_all_that_is_around_it():
    pager = f"<div><script>{'x = 1; ' * 300}</script><a href='index_1.html'>2</a></div>"
    table = f"<table><tr><td><a href='1.html'>{TITLES[0]}</a></td><td>2012-10-01</td></tr></table>"
    reading = read(f"<div>{NAVIGATION}</div><div>{table}{pager}</div>")
    assert [day for _, _, day in found(reading)] == ["2012-10-01"]


LOADING = """<ul id=list></ul><script>$.post("/visit.jsp?page=1");
function show(pageIndex) { $.ajax({type: "post", url: "/rows.jsp?siteId=3", data: {
  labelName: 'infoList', "pageSize": 8, pageIndex: pageIndex, catId: "671", other: unknown}}); }</script>"""


def test_a_list_that_a_script_loads_is_asked_for_page_by_page_until_it_is_empty():
    empty = read(LOADING)
    assert empty.next.url == "http://h/rows.jsp"
    wanted = {"siteId": "3", "labelName": "infoList", "pageSize": "8", "catId": "671"}
    assert dict(parse_qsl(empty.next.form)) == wanted | {"pageIndex": "1"}
    place = ListPlace(PLACE.path, PLACE.name, 2, empty.memo)
    first = read(SHAPES["list"], "http://h/rows.jsp", place)
    assert len(first.items) == 3
    assert dict(parse_qsl(first.next.form))["pageIndex"] == "2"


def test_a_column_that_shows_its_first_rows_asks_its_script_for_the_second_page():
    reading = read(f"{SHAPES['list']}{LOADING}<a href='javascript:;'>下一页</a>")
    assert dict(parse_qsl(reading.next.form))["pageIndex"] == "2"
    assert read(SHAPES["list"] + LOADING).next is None


def test_a_feed_in_json_is_read_with_its_dates():
    empty = read("<script>$.getJSON('./list.json', show)</script>")
    assert (empty.next.url, empty.next.form) == ("http://h/xxgk/zcwj/list.json", None)
    place = ListPlace(PLACE.path, PLACE.name, 2, empty.memo)
    text = """[{"DOC_TITLE": "关于一", "URL": "1.html", "pubTime": 1350264600000, "writedate": "2011-01-01"},
      {"title": "关于二", "url": "http://h/2.html", "docDate": "2012-10-16 09:30"}, {"title": "外", "url": "http://x/"}]"""
    reading = read(text, empty.next.url, place)
    wanted = [
        ("http://h/xxgk/zcwj/1.html", "关于一", "2012-10-15"),
        ("http://h/2.html", "关于二", "2012-10-16"),
    ]
    assert found(reading) == wanted
    assert reading.next is None


@pytest.mark.parametrize(
    "url", ["/saveVote.jsp?page=1", "/hits.jsp?page=1", "http://other.example/l.jsp?page=1", "/a.jsp?id=3"]
)
def test_what_a_script_sends_for_anything_but_a_list_is_never_sent(url):
    assert read(f"<script>$.post('{url}')</script>").next is None
