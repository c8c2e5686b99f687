"""LonSun and the openness system by themselves: what they ask for, and what they do not take for a list."""

import json
from urllib.parse import parse_qsl, urlsplit

import pytest

from catalog.recording import Change
from crawlers.errors import Problem
from crawlers.families import FAMILIES
from crawlers.families.family import ListPlace, WebPage
from crawlers.reading.tree import parse

COLUMN = "http://h/public/column/12?type=4&action=list&catId=345"
OBJECT = "5a0c1e7710000000000000b1"
LIST = f"http://h/opennessTarget/?branch_id={OBJECT}&column_code=10000"


def page(text, url):
    return WebPage(url, text, "utf-8", parse(text))


def read(family, text, url, number=1, memo=None):
    return FAMILIES[family].read_list(page(text, url), ListPlace("/", "文件", number, memo or {}))


def rows(*numbers):
    items = "".join(
        f'<li><a href="/public/12/{n}.html">第{n}号信息</a><span>2024-01-02</span></li>' for n in numbers
    )
    return f'<ul class="xxgk_nav_list">{items}</ul>'


def arguments(request):
    return dict(parse_qsl(urlsplit(request.url).query))


def test_without_a_script_lonsun_asks_the_usual_label_for_the_column_of_the_address():
    reading = read("lonsun", '<meta name="SiteId" content="678">', COLUMN)
    assert urlsplit(reading.next.url).path == "/site/label/8888"
    said = arguments(reading.next)
    assert (said["siteId"], said["organId"], said["catId"], said["type"]) == ("678", "12", "345", "4")
    assert (said["labelName"], said["pageIndex"]) == ("publicInfoList", "1")


@pytest.mark.parametrize(
    "text", ["", "<script>document.cookie='a=1';location.reload()</script>", "<h1>404</h1>"]
)
def test_a_page_without_any_sign_of_a_list_is_no_list_and_leads_nowhere(text):
    reading = read("lonsun", text, COLUMN)
    assert (reading.is_list, reading.next, reading.items) == (False, None, ())
    reading = read("anhui_openness", text, LIST)
    assert (reading.is_list, reading.next, reading.items) == (False, None, ())


def test_a_lonsun_column_that_names_no_label_is_turned_by_its_own_address():
    reading = read("lonsun", rows(1, 2), COLUMN)
    assert reading.next.url == f"{COLUMN}&pageIndex=2"
    aside = '<div><a href="/public/12/99.html">推荐的旧信息</a></div>'
    second = read("lonsun", aside + rows(3), reading.next.url, 2, reading.memo)
    assert [item.url for item in second.items] == ["http://h/public/12/3.html"]
    assert second.next.url == f"{COLUMN}&pageIndex=3"


def test_lonsun_asks_on_until_the_last_page_that_was_counted():
    memo = {
        "url": "http://h/site/label/8888",
        "arguments": "catId=345",
        "posts": "",
        "read": "1",
        "pages": "3",
    }
    second = read("lonsun", rows(4, 5), "http://h/site/label/8888", 2, memo)
    assert arguments(second.next)["pageIndex"] == "3"
    third = read("lonsun", rows(6), "http://h/site/label/8888", 3, second.memo)
    assert third.next is None


def test_lonsun_asks_on_while_rows_come_where_nothing_is_counted():
    memo = {"url": "http://h/site/label/8888", "arguments": "catId=345", "posts": "", "read": "5"}
    assert arguments(read("lonsun", rows(4), "http://h/x", 6, memo).next)["pageIndex"] == "7"
    assert read("lonsun", "<p>暂无相关信息</p>", "http://h/x", 6, memo).next is None


@pytest.mark.parametrize(
    ("text", "is_list"),
    [
        ("<ul class='xxgk_nav_list'></ul>", True),
        ("<p>暂无相关信息</p>", False),
        ("<script>location.reload()</script>", False),
    ],
)
def test_a_further_answer_of_lonsun_is_a_list_where_its_rows_would_stand(text, is_list):
    assert read("lonsun", text, "http://h/x", 6, {"url": "http://h/x", "arguments": ""}).is_list is is_list


def test_the_row_of_a_single_item_gives_its_date():
    (item,) = read("lonsun", rows(9), COLUMN).items
    assert [said.raw for said in item.witnesses] == ["第9号信息", "2024-01-02"]


def test_a_file_beside_the_page_of_an_item_is_no_item_of_its_own():
    beside = rows(7).replace("</li>", '<a href="/upload/7.pdf">下载</a></li>')
    alone = (
        '<ul class="xxgk_nav_list"><li><a href="/upload/8.pdf">规划图</a><span>2024-01-05</span></li></ul>'
    )
    reading = read("lonsun", beside + alone, COLUMN)
    assert [item.url for item in reading.items] == ["http://h/public/12/7.html", "http://h/upload/8.pdf"]
    assert [item.witnesses[-1].raw for item in reading.items] == ["2024-01-02", "2024-01-05"]


def test_rows_without_dates_do_not_borrow_those_of_their_neighbours():
    undated = '<li><a href="/public/12/8.html">未注明日期的信息</a></li>'
    text = rows(7).replace("</ul>", f"{undated}</ul>")
    items = read("lonsun", text, COLUMN).items
    assert [said.field for said in items[1].witnesses] == ["title"]


def test_openness_counts_no_pages_of_other_columns_and_stops_at_its_last():
    other = "http://h/opennessTarget/?branch_id=5a0c1e7710000000000000b2&column_code=10000&page=40"
    pager = f'<div id="page_list"><a href="{LIST}&page=2">2</a><a href="{other}">40</a></div>'
    row = f'<a href="/openness/detail/content/{OBJECT}.html">信息</a>'
    assert read("anhui_openness", row + pager, f"{LIST}&page=1").next.url == f"{LIST}&page=2"
    assert read("anhui_openness", row + pager, f"{LIST}&page=2", 2).next is None


@pytest.mark.parametrize(
    "text",
    [
        "[" * 100_000,
        json.dumps(
            [{"name": "深", "code": LIST, "children": [{"name": "x", "code": "javascript:1"}]}] * 9000
        ),
        json.dumps({"a": [1], "b": {"children": "x"}, "c": {"name": 3, "code": []}}),
        '{"name": "\ud83d"}',
    ],
    ids=["deep", "wide", "odd types", "lone surrogate"],
)
def test_a_hostile_tree_gives_at_most_what_can_be_read(text):
    reading = FAMILIES["anhui_openness"].read_home(page(text, f"http://h/jsonTree?branch_id={OBJECT}"))
    assert len(reading.columns) <= 1


def column_page(posts):
    how = 'type: "post", ' if posts else ""
    data = 'siteId: "1", pageIndex: n, organId: "12", type: 4, catId: "345"'
    call = f'Ls.ajax({{ {how}url: "/site/label/8888", data: {{ {data} }} }});'
    return f"<script>function show(n) {{ {call} }}</script>"


DETAIL = (
    "<h1>{title}</h1><table><tr><td>索引号：</td><td>30{n:07}/202401-{n:05}</td><td>发布日期：</td>"
    "<td>2024-01-02</td></tr></table><div class='wzcon'><p>{text}</p></div>"
)


def lonsun_site(server, answer, pages, posts=False):
    """Let a server imitate a site of one column; `pages` returns what its label answers for a page."""
    server.routes["/"] = answer(
        f'<a href="{urlsplit(COLUMN).path}?{urlsplit(COLUMN).query}">文件</a>'.encode()
    )
    server.routes[urlsplit(COLUMN).path] = answer(column_page(posts).encode())

    def answered(asked):
        said = dict(parse_qsl(f"{urlsplit(asked.target).query}&{asked.form}"))
        assert (asked.method == "POST") is posts
        number = int(said["pageIndex"])
        return answer(pages(number).encode())

    server.routes["/site/label/8888"] = answered
    for number in range(1, 40):
        title = f"关于做好第{number}号便民事项办理工作的通知"
        text = f"第{number}号事项由各单位按照规定办理，" * 12
        detail = DETAIL.format(title=title, n=number, text=text)
        server.routes[f"/public/12/{number}.html"] = answer(f"<meta charset=utf-8>{detail}".encode())
    return Subsite(f"{server.url}/")


class Subsite:
    family = "lonsun"

    def __init__(self, root):
        self.root = root


@pytest.mark.parametrize("posts", [False, True], ids=["get", "post"])
def test_a_label_that_repeats_its_first_page_ends_the_list(server, answer, crawled, posts):
    site = lonsun_site(server, answer, lambda number: rows(1, 2, 3) if number != 2 else rows(4, 5), posts)
    summary = crawled.run(site)
    assert summary.changes == {Change.NEW: 5}
    assert sum("site/label" in target for target in server.targets()) == 3


def test_a_label_that_never_ends_is_cut_at_the_page_budget_and_reported(server, answer, crawled, fast):
    site = lonsun_site(server, answer, lambda number: rows(10_000 + number))
    summary = crawled.run(site)
    assert summary.failures[Problem.PAGE_BUDGET] == 1
    assert sum("site/label" in target for target in server.targets()) == fast.pages_per_column - 1


def test_a_renamed_pager_turns_the_list_and_menus_to_first_pages_do_not():
    row = f'<a href="/openness/detail/content/{OBJECT}.html">信息</a>'
    pager = f'<div id="p7"><span>1 / 2</span><a href="{LIST}&page=2">下一页</a></div>'
    menu = f'<ul><li><a href="{LIST}&page=1">栏目</a></li></ul>'
    assert read("anhui_openness", menu + row + pager, f"{LIST}&page=1").next.url == f"{LIST}&page=2"
    assert read("anhui_openness", menu + row, f"{LIST}&page=1").next is None
