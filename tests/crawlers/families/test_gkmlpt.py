"""gkmlpt: the tree of columns, what the interface says, and what it may answer in its place."""

import json

import pytest

from catalog.recording import Change
from crawlers.errors import Problem
from crawlers.families import FAMILIES, recognise
from crawlers.families.answers import AnswerError
from crawlers.families.family import ListPlace, PageRequest

GKMLPT = FAMILIES["gkmlpt"]
SITE = "http://www.qingxi.example"
API = f"{SITE}/gkmlpt/api/all/21?page=1&sid=749901"


def place(number=1, read=0):
    return ListPlace("/gkmlpt/api/all/21", "区政府文件", number, {"read": str(read)} if read else {})


def test_a_saved_detail_gives_its_whole_record(saved_record):
    found = saved_record("gkmlpt", "gkmlpt.html", f"{SITE}/gkmlpt/content/0/508/post_508890.html")
    wanted = {
        "page_kind": "document",
        "title": "清溪区人民政府办公室关于印发清溪区城市管理考评办法的通知",
        "doc_number": "清府办〔2021〕9号",
        "index_number": "11990700007280420Y/2021-00050",
        "publisher": "清溪区人民政府办公室",
        "issued_on": "2021-05-31",
        "published_on": "2021-06-02",
        "attachments": [f"{SITE}/attachment/0/25/25771/508890.pdf"],
    }
    assert {name: found[name] for name in wanted} == wanted
    assert found["body"].startswith("各街道办事处")
    assert found["body"].endswith("2021年5月31日")


def test_a_saved_index_gives_the_columns_of_its_tree(saved_page):
    page = saved_page("gkmlpt_index.html", f"{SITE}/gkmlpt/index")
    columns = GKMLPT.read_home(page).columns
    assert [(column.path, column.name) for column in columns] == [
        ("/gkmlpt/api/all/20", "政策法规"),
        ("/gkmlpt/api/all/21", "区政府文件"),
        ("/gkmlpt/api/all/22", "部门文件 & 其他"),
        ("/gkmlpt/api/all/31", "财政预决算"),
    ]
    assert columns[1].request == PageRequest(API)
    assert recognise(page) is GKMLPT


def test_an_installation_below_a_folder_answers_there(web_page):
    page = web_page(
        "<script>window._CONFIG = {SID: 7, TREE: [{'id':1}] }</script>", f"{SITE}/qxkj/gkmlpt/index"
    )
    # A tree that is no JSON leaves the node that holds everything.
    assert [(column.path, column.request.url) for column in GKMLPT.read_home(page).columns] == [
        ("/qxkj/gkmlpt/api/all/0", f"{SITE}/qxkj/gkmlpt/api/all/0?page=1&sid=7")
    ]


def test_a_home_page_leads_to_the_directory_it_links(web_page):
    home = web_page("<a href='/gkmlpt/index'>目录</a><a href='/gkmlpt/index#21'>文件</a>", f"{SITE}/")
    assert GKMLPT.read_home(home).frames == (PageRequest(f"{SITE}/gkmlpt/index"),)
    assert recognise(home) is not GKMLPT


class Portal:
    """A portal of another system, whose family the sites file does not name, around a directory."""

    family = None

    def __init__(self, root):
        self.root = root


def test_a_portal_keeps_its_own_columns_beside_the_directory_it_links(
    server, jcms, planting, crawled, answer
):
    directory = Imitation(server, planting(3), answer, lambda number, site: site.articles(number, 3))
    portal = jcms(server, planting(4, first=50))
    home = server.routes["/"]
    link = "<body><a href='/gkmlpt/index'>目录</a>".encode()
    server.routes["/"] = answer(home.body.replace(b"<body>", link), headers=home.headers)
    summary = crawled.run(Portal(portal.root))
    assert summary.complete, summary
    found = crawled.publications()
    assert {portal.url_of(item) for item in portal.planted} <= found.keys()
    assert {server.url + directory.path(item) for item in directory.planted} <= found.keys()


def test_a_home_page_that_leads_to_nothing_else_is_the_directorys(server, planting, crawled, answer):
    site = Imitation(server, planting(3), answer, lambda number, site: site.articles(number, 3))
    assert crawled.run(Portal(site.root)).changes == {Change.NEW: 3}
    assert crawled.rows("SELECT family FROM subsite") == [("gkmlpt",)]


@pytest.mark.parametrize(
    "tree",
    [
        "[" * 100_000,
        '[{"id":1,"children":' * 50_000,
        "[" + '{"id":1,"name":"a"},' * 50_000 + "{}]",
        "null",
        "",
    ],
)
def test_a_hostile_tree_gives_a_bounded_number_of_columns(tree, web_page):
    page = web_page(f"<script>window._CONFIG = {{SID: '7', TREE: {tree}}}</script>", f"{SITE}/gkmlpt/index")
    assert len(GKMLPT.read_home(page).columns) == 1


def test_a_saved_answer_gives_its_items(saved_page, said):
    reading = GKMLPT.read_list(saved_page("gkmlpt_articles.json", API), place())
    assert [(item.url, said(item)) for item in reading.items] == [
        (
            f"{SITE}/gkmlpt/content/0/508/post_508890.html",
            {
                "title": "清溪区人民政府办公室关于印发清溪区城市管理考评办法的通知",
                "doc_number": "清府办〔2021〕9号",
                "index_number": "11990700007280420Y/2021-00050",
                "publisher": "清溪区人民政府办公室",
                "keywords": "城市管理,考评",
                "column": "区政府文件",
                "genre": "通知",
                "topic": "城乡建设、环境保护",
                "issued_on": "1622390400",
                "published_on": "1622605320",
                "validity": "废止",
            },
        ),
        (
            f"{SITE}/gkmlpt/content/7/7890/post_7890123.html",
            {"title": "关于公开征求意见的公告", "validity": "失效"},
        ),
        ("https://mp.weixin.example/s/abc", {"title": "转载"}),
    ]


def test_the_next_page_is_asked_for_while_the_count_or_a_full_page_says_so(web_page):
    def following(rows, counted, read=0):
        data = {"classify": {"post_count": counted}, "articles": [{"id": n + 1} for n in range(rows)]}
        return GKMLPT.read_list(web_page(json.dumps(data), API), place(1, read)).next

    assert following(100, "103").url == API.replace("page=1", "page=2")
    assert following(20, 103), "an installation with smaller pages"
    assert following(100, 100), "a count that lags behind"
    assert following(100, None)
    assert following(3, 103, read=100) is None
    assert following(0, 103) is None


NOTHING = [
    "",
    "[]",
    '{"classify":null,"articles":[],"x":"54 bytes of nothing"}',
    '{"articles": "无"}',
    "null",
]


@pytest.mark.parametrize("text", NOTHING)
def test_an_answer_without_items_ends_the_list(text, web_page):
    reading = GKMLPT.read_list(web_page(text, API), place(2))
    assert (reading.items, reading.next) == ((), None)


def test_what_is_no_json_is_not_taken_for_the_end(web_page):
    page = web_page("<html><body>502 Bad Gateway</body></html>", API)
    with pytest.raises(AnswerError, match=r"第 2 页应返回 JSON.*502 Bad Gateway"):
        GKMLPT.read_list(page, place(2))
    with pytest.raises(AnswerError, match="第 1 页"):
        GKMLPT.read_list(page, place(1))


def test_a_failure_that_an_interface_reports_is_no_empty_list(web_page):
    page = web_page('{"code": 500, "msg": "系统错误", "articles": []}', API)
    with pytest.raises(AnswerError, match="系统错误"):
        GKMLPT.read_list(page, place(1))


class Imitation:
    """A directory with one column; `answers` gives the text of page N of the interface."""

    family = "gkmlpt"
    per_page = 4

    def __init__(self, server, planted, answer, answers):
        self.server, self.planted, self.answer, self.answers = server, planted, answer, answers
        tree = '[{"id":21,"name":"区政府文件","children":[]}]'
        server.routes["/"] = self.page("<a href='/gkmlpt/index'>政府信息公开目录</a>")
        server.routes["/gkmlpt/index"] = self.page(
            f"<script>window._CONFIG = {{SID: '7', TREE: {tree}}}</script>"
        )
        server.routes["/gkmlpt/api/all/21"] = self.api
        for item in planted:
            server.routes[self.path(item)] = self.page(
                f"<h1>{item.title}</h1><div class=article-content>{item.body}</div>"
            )

    @property
    def root(self):
        return f"{self.server.url}/"

    @staticmethod
    def path(item):
        return f"/gkmlpt/content/0/0/post_{item.number}.html"

    def page(self, text):
        return self.answer(f"<html><meta charset=utf-8><body>{text}</body></html>".encode())

    def api(self, asked):
        number = int(asked.target.partition("page=")[2].partition("&")[0])
        return self.answer(self.answers(number, self).encode(), headers={"Content-Type": "application/json"})

    def articles(self, number, counted):
        shown = self.planted[(number - 1) * self.per_page : number * self.per_page]
        articles = [{"id": str(item.number), "title": item.title, "url": None, "date": 0} for item in shown]
        return json.dumps({"classify": {"post_count": counted}, "articles": articles})


WAYS = {
    "an exact count": lambda number, site: site.articles(number, 10),
    "a count too large, then page 1 again": lambda number, site: site.articles(
        number if number < 4 else 1, 99
    ),
    "a count too large, then nothing": lambda number, site: site.articles(number, 99) if number < 4 else "",
}


@pytest.mark.parametrize("way", WAYS)
def test_every_item_is_found_once_and_nothing_fails(way, server, planting, crawled, answer):
    summary = crawled.run(Imitation(server, planting(10), answer, WAYS[way]))
    assert summary.changes == {Change.NEW: 10}
    assert summary.complete


@pytest.mark.parametrize("text", ["<p>欢迎光临</p>", "<html>系统繁忙，请稍后再试</html>"])
def test_a_page_in_place_of_a_columns_first_is_a_failure(text, server, planting, crawled, answer):
    summary = crawled.run(Imitation(server, planting(3), answer, lambda *_: text))
    assert summary.failures == {Problem.NO_LIST: 1}


def test_an_error_page_in_place_of_page_two_is_reported(server, planting, crawled, answer):
    def broken(number, site):
        return site.articles(number, 10) if number == 1 else "<html>系统繁忙，请稍后再试</html>"

    summary = crawled.run(Imitation(server, planting(10), answer, broken))
    assert summary.changes == {Change.NEW: 4}
    assert summary.failures == {Problem.NO_LIST: 1}
