"""UCAP: what its feeds say, how they page, and what an interface may answer in their place."""

import json

import pytest

from catalog.recording import Change
from crawlers.errors import Problem
from crawlers.families import FAMILIES, recognise
from crawlers.families.answers import AnswerError
from crawlers.families.family import ListPlace

UCAP = FAMILIES["ucap"]
SITE = "https://www.qingxi.example"
COLUMN = f"{SITE}/qx/c100111/list.shtml"
CHANNEL = f"{SITE}/common/search/7f3d2c1b0a9988776655443322110000"
FIRST = f"{CHANNEL}?_isAgg=true&_pageSize=15&_isJson=true&_template=index&page=1"
PATH = "/qx/c100111/list.shtml"


def place(number=2, **memo):
    return ListPlace(PATH, "省政府文件", number, {"feed": FIRST, **memo})


def test_a_saved_detail_gives_its_whole_record(saved_record):
    found = saved_record("ucap", "ucap.html", f"{SITE}/qx/c100111/202103/c00_30812345.shtml")
    wanted = {
        "page_kind": "document",
        "title": "清溪省人民政府关于加强森林草原防火工作的意见",
        "doc_number": "清政发〔2021〕7号",
        "index_number": "000123456/2021-00035",
        "issuer": "清溪省人民政府",
        "issued_on": "2021-03-08",
        "published_on": "2021-03-12",
        "topic": "农业、林业、水利\\林业",
        "source": "省政府办公厅",
    }
    assert {name: found[name] for name in wanted} == wanted
    assert found["body"].split("\n")[1] == "各市人民政府，省政府各厅委、各直属机构："
    assert found["body"].endswith("清溪省人民政府\n2021年3月8日")


def test_a_columns_script_names_its_search_which_is_asked_from_the_first_page(saved_page):
    reading = UCAP.read_list(saved_page("ucap_list.html", COLUMN), ListPlace(PATH, "省政府文件", 1))
    assert (reading.items, reading.next.url, reading.is_list) == ((), FIRST, True)


def test_a_column_may_be_one_file_beside_its_page(web_page):
    script = "<script src='a.js'></script><script>$.ajax({url: './ZHENGCE.json', dataType: 'json'})</script>"
    page = web_page(script, f"{SITE}/zhengce/zuixin/")
    reading = UCAP.read_list(page, ListPlace("/zhengce/zuixin/", "最新政策", 1))
    assert reading.next.url == f"{SITE}/zhengce/zuixin/ZHENGCE.json"
    rows = [
        {
            "TITLE": "关于茶园的意见",
            "URL": "../content/202609/content_7080735.htm",
            "DOCRELPUBTIME": "2026-09-11",
        }
    ]
    answer = UCAP.read_list(
        web_page(json.dumps(rows), reading.next.url), ListPlace("/zhengce/zuixin/", "", 2, reading.memo)
    )
    assert [item.url for item in answer.items] == [f"{SITE}/zhengce/content/202609/content_7080735.htm"]
    assert answer.next is None


def test_a_saved_answer_gives_its_items(saved_page, said):
    reading = UCAP.read_list(saved_page("ucap_feed.json", FIRST), place())
    assert [(item.url, said(item)) for item in reading.items] == [
        (
            f"{SITE}/qx/c100111/202103/c00_30812345.shtml",
            {
                "title": "清溪省人民政府关于加强森林草原防火工作的意见",
                "published_on": "2021-03-12 16:20:00",
                "issued_on": "1615132800000",
                "doc_number": "清政发〔2021〕7号",
                "index_number": "000123456/2021-00035",
                "topic": "农业、林业、水利\\林业",
            },
        ),
        (
            f"{SITE}/qx/c100111/202001/c00_30112233.shtml",
            {"title": "清溪省防汛抗旱条例 (2019年修正)", "published_on": "1578448800000"},
        ),
        (f"{SITE}/qx/c100111/201912/c00_30100001.shtml", {}),
    ]


def test_the_next_page_is_asked_for_while_the_total_or_a_full_page_says_so(web_page):
    def following(rows, total, read=0):
        results = [{"url": f"/qx/c1/202001/c00_{number}.shtml"} for number in range(rows)]
        answer = web_page(json.dumps({"data": {"total": total, "results": results}}), FIRST)
        return UCAP.read_list(answer, place(read=str(read))).next

    assert following(15, 31).url == FIRST.replace("page=1", "page=2")
    assert following(10, "31"), "a server that cuts pages to ten"
    assert following(15, 15), "a total that counts the first page only"
    assert following(15, None)
    assert following(1, 31, read=30) is None
    assert following(3, -1) is None
    assert following(0, 31) is None


NOTHING = [
    "",
    "\ufeff",
    "null",
    "[]",
    "{}",
    '{"data": null}',
    '{"data": {"results": null, "total": 9}}',
    '"x"',
    "7",
]


@pytest.mark.parametrize("text", NOTHING)
def test_an_answer_without_items_ends_the_list(text, web_page):
    reading = UCAP.read_list(web_page(text, FIRST), place())
    assert (reading.items, reading.next) == ((), None)


@pytest.mark.parametrize("text", ["<html><body>系统繁忙</body></html>", "{'a': 1}", "[" * 100_000])
def test_what_is_no_json_is_not_taken_for_the_end(text, web_page):
    with pytest.raises(AnswerError, match="应返回 JSON"):
        UCAP.read_list(web_page(text, FIRST), place(3))


def test_links_in_a_columns_own_page_are_items_too_and_the_feed_may_repeat_them(web_page, said):
    page = web_page(
        "<ul><li><a href='./202109/content_5634567.htm'>关于湿地的通知</a><span>2021-09-03</span></li></ul>"
        "<div><a href='/xinwen/202109/content_9.htm'>要闻</a></div><script>get('./A.json')</script>",
        f"{SITE}/zhengce/wj/",
    )
    reading = UCAP.read_list(page, ListPlace("/zhengce/wj/", "文件", 1))
    assert [(item.url[-30:], said(item)) for item in reading.items] == [
        ("/wj/202109/content_5634567.htm", {"title": "关于湿地的通知", "published_on": "2021-09-03"})
    ]
    assert reading.next.url.endswith("/zhengce/wj/A.json")


@pytest.mark.parametrize(
    "sign",
    [
        "<div class='x' id='UCAP-CONTENT'>文</div>",
        "<h1><UCAPTITLE>题</UCAPTITLE></h1>",
        "<script>get('/common/search/7f3d2c1b0a9988776655443322110000')</script>",
        "<a href='/zhengce/202109/content_5634567.htm'>一条</a>",
    ],
)
def test_tags_search_and_addresses_are_signs(sign, web_page):
    assert recognise(web_page(sign, f"{SITE}/")) is UCAP


class Imitation:
    """A column of a UCAP site; `answers` gives the text of page N of its search."""

    family = "ucap"
    per_page = 3

    def __init__(self, server, planted, answer, answers):
        self.server, self.planted, self.answer, self.answers = server, planted, answer, answers
        server.routes["/"] = self.page(f"<a href='{PATH}'>省政府文件</a>")
        feed = "/common/search/7f3d2c1b0a9988776655443322110000"
        server.routes[PATH] = self.page(
            f"<script>get('{feed}?_isJson=true&_pageSize={self.per_page}')</script>"
        )
        server.routes[feed] = self.feed
        for item in planted:
            server.routes[self.path(item)] = self.page(
                f"<h1>{item.title}</h1><div id=UCAP-CONTENT>{item.body}</div>"
            )

    @property
    def root(self):
        return f"{self.server.url}/"

    @staticmethod
    def path(item):
        return f"/qx/c100111/201203/c00_{item.number}.shtml"

    def page(self, text):
        return self.answer(f"<html><meta charset=utf-8><body>{text}</body></html>".encode())

    def feed(self, asked):
        number = int(asked.target.partition("page=")[2].partition("&")[0])
        return self.answer(self.answers(number, self).encode(), headers={"Content-Type": "application/json"})

    def results(self, number, total):
        shown = self.planted[(number - 1) * self.per_page : number * self.per_page]
        results = [{"url": self.path(item), "title": item.title} for item in shown]
        return json.dumps({"data": {"total": total, "results": results}})


WAYS = {
    "an exact total": lambda number, site: site.results(number, 8),
    "a total too small": lambda number, site: site.results(number, 3),
    "a total too large, then page 1 again": lambda number, site: site.results(
        number if number < 4 else 1, 99
    ),
    "a total too large, then nothing": lambda number, site: site.results(number, 99) if number < 4 else "",
}


@pytest.mark.parametrize("way", WAYS)
def test_every_item_is_found_once_and_nothing_fails(way, server, planting, crawled, answer):
    summary = crawled.run(Imitation(server, planting(8), answer, WAYS[way]))
    assert summary.changes == {Change.NEW: 8}
    assert summary.complete


def test_a_page_without_any_list_in_place_of_a_column_is_a_failure(server, planting, crawled, answer):
    site = Imitation(server, planting(3), answer, WAYS["an exact total"])
    server.routes[PATH] = site.page("<p>欢迎光临</p>")
    assert crawled.run(site).failures == {Problem.NO_LIST: 1}
    server.routes[PATH] = site.page("<p>本栏目暂无信息</p>")
    assert crawled.run(site).complete


def test_an_error_page_in_place_of_page_two_is_reported(server, planting, crawled, answer):
    def broken(number, site):
        return site.results(number, 8) if number == 1 else "<html>系统繁忙，请稍后再试</html>"

    summary = crawled.run(Imitation(server, planting(8), answer, broken))
    assert summary.changes == {Change.NEW: 3}
    assert summary.failures == {Problem.NO_LIST: 1}
