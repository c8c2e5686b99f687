"""TRS WCM: what its lists say, which file is page 2, and that no crawl loses a page or takes a side box."""

from types import SimpleNamespace

import pytest

from catalog.recording import Change
from crawlers.errors import Problem
from crawlers.families import FAMILIES, recognise
from crawlers.families.family import OTHERWISE, ListPlace

TRS = FAMILIES["trs_wcm"]
FOLDER = "http://jt.qingxi.example/zwgk/tzgg/"


def place(number=1, memo=None, path="/zwgk/tzgg/"):
    return ListPlace(path, "通知公告", number, memo or {})


def rows(*numbers, folder="./", date="<span>[2012-10-16]</span>"):
    return "<ul>{}</ul>".format(
        "".join(
            f"<li><a href='{folder}201210/t20121016_{number}.html'>第{number}条</a>{date}</li>"
            for number in numbers
        )
    )


def test_a_saved_detail_gives_its_whole_record(saved_record):
    found = saved_record("trs_wcm", "trs_wcm.html", f"{FOLDER}201210/t20121016_2231415.html")
    assert {name: found[name] for name in ("page_kind", "title", "doc_number", "index_number")} == {
        "page_kind": "document",
        "title": "关于调整清溪湖水上客运航线的通知",
        "doc_number": "清交运【2012】88号",
        "index_number": "003123456/201210-00017",
    }
    assert (found["publisher"], found["issued_on"], found["published_on"]) == (
        "清溪市交通运输局",
        "2012-10-15",
        "2012-10-16",
    )
    assert found["body"].startswith("各水路运输企业：\n根据清政办〔2011〕40号")
    assert found["body"].endswith("东岸至湖心岛\t12元\n二○一二年十月十五日")
    assert found["attachments"] == [
        f"{FOLDER}201210/P020121016345678901234.pdf",
        f"{FOLDER}201210/W020121016345678905678.doc",
    ]


def test_a_hidden_template_block_says_nothing(saved_record):
    found = saved_record("trs_wcm", "trs_wcm.html", f"{FOLDER}201210/t20121016_2231415.html")
    assert "模板示例局" not in str(found)
    assert "2010" not in str(found)


def test_a_saved_list_gives_its_items_and_no_side_box(saved_page, said):
    reading = TRS.read_list(saved_page("trs_wcm_list.html", FOLDER), place())
    assert [(item.url.removeprefix("http://jt.qingxi.example"), said(item)) for item in reading.items] == [
        (
            "/zwgk/tzgg/201210/t20121016_2231415.html",
            {"title": "关于调整清溪湖水上客运航线的通知", "published_on": "2012-10-16"},
        ),
        (
            "/zwgk/tzgg/201209/t20120928_2231203.html",
            {"title": "关于公布2012年道路客运线路招标结果的公告", "published_on": "2012-09-28"},
        ),
        (
            "/zwgk/zcfg/201208/t20120820_2229876.html",
            {"title": "清溪市出租汽车管理办法", "published_on": "2012-08-22"},
        ),
        ("/zwgk/tzgg/P020120801500000000001.pdf", {"title": "二〇一二年上半年水路运输统计表"}),
        # [07-09] is not the day of the address (05), so its year is not known; the title is cut.
        ("/zwgk/tzgg/201207/t20120705_2228001.html", {}),
    ]


def test_index_1_is_asked_first_and_index_2_if_that_is_missing(saved_page):
    reading = TRS.read_list(saved_page("trs_wcm_list.html", FOLDER), place())
    assert reading.next.url == f"{FOLDER}index_1.html"
    assert reading.memo[OTHERWISE] == f"{FOLDER}index_2.html"


PAGERS = {
    "createPageHTML(2, 0, 'index', 'html');": "index_1.html",
    "createPageHTML('pages', 20, 1, 'index', 'shtml', 297);": "index_1.shtml",
    'createPage( 3 , 0 , "list_a", "htm" )': "list_a_1.htm",
    "createPageHTML(9,\n 0,\n 'index',\n 'html')": "index_1.html",
    "createPageHTML(1, 0, 'index', 'html');": None,
    "function createPageHTML(_nPageCount, 5, 'index', 'html') {}": None,
    "createPageHTML(nCount, nCurrent, sName, sExt)": None,
    "createPageHTML(99999999999999999999, 0, 'index', 'html')": None,
    "createPageHTML(9, 0, '../../etc/passwd', 'html')": None,
}


@pytest.mark.parametrize("script", PAGERS)
def test_the_pagers_call_names_the_next_file(script, web_page):
    page = web_page(f"{rows(1, 2)}<script>{script}</script>", FOLDER)
    following = TRS.read_list(page, place()).next
    assert (following and following.url) == (PAGERS[script] and FOLDER + PAGERS[script])


def test_a_page_that_links_index_2_and_no_index_1_counts_from_two(web_page):
    page = web_page(f"{rows(1, 2)}<a href='index_2.html'>2</a><a href='index_3.html'>3</a>", FOLDER)
    assert TRS.read_list(page, place()).next.url == f"{FOLDER}index_2.html"


def test_a_later_page_of_another_list_is_left_out(web_page):
    first = TRS.read_list(
        web_page(rows(1, 2) + "<script>createPage(9,0,'index','html')</script>", FOLDER), place()
    )
    drifted = web_page(rows(8, 9, folder="/jrxw/"), f"{FOLDER}index_1.html")
    reading = TRS.read_list(drifted, place(2, first.memo | {OTHERWISE: ""}))
    assert (reading.items, reading.next) == ((), None)


def test_an_item_pinned_to_the_top_of_every_page_makes_no_page_a_repeat(web_page):
    script = "<script>createPageHTML(9,0,'index','html')</script>"
    first = TRS.read_list(web_page(rows(1, 2, 3) + script, FOLDER), place())
    second = TRS.read_list(web_page(rows(1, 4, 5) + script, f"{FOLDER}index_1.html"), place(2, first.memo))
    assert len(second.items) == 3
    assert second.next.url == f"{FOLDER}index_2.html"
    assert OTHERWISE not in second.memo


def test_a_parent_columns_list_is_its_dated_rows(web_page):
    side = f"<div class=hot>{rows(7, 8, 9, folder='/jrxw/', date='')}</div>"
    page = web_page(f"{side}<div>{rows(1, 2, folder='../bmwj/')}</div>", FOLDER)
    assert [item.url[-7:] for item in TRS.read_list(page, place()).items] == ["_1.html", "_2.html"]


def test_an_empty_column_has_no_items_whatever_stands_beside_it(web_page):
    side = f"<div class=hot>{rows(7, 8, folder='/jrxw/', date='')}</div>"
    page = web_page(f"{side}<ul></ul><script>createPageHTML(1,0,'index','html')</script>", FOLDER)
    reading = TRS.read_list(page, place())
    assert (reading.items, reading.next, reading.is_list) == ((), None, True)


def test_a_home_page_leads_to_folders_of_its_own_server(web_page):
    page = web_page(
        "<a href='./zwgk/tzgg/'>通知公告</a><a href='/zwgk/tzgg/index.html'>更多</a><a href='/'>首页</a>"
        "<a href='http://other.example/a/'>外站</a><a href='/zwgk/201210/t20121016_1.html'>一条</a>",
        "http://jt.qingxi.example/",
    )
    assert [(column.path, column.name) for column in TRS.read_home(page).columns] == [
        ("/zwgk/tzgg/", "通知公告")
    ]
    assert recognise(page) is TRS


@pytest.mark.parametrize(
    "sign", ["<div class='TRS_Editor'>文</div>", "<script>createPageHTML(3,0,'index','html')</script>"]
)
def test_editor_and_pager_are_signs_but_not_on_a_ucap_page(sign, web_page):
    assert recognise(web_page(sign, FOLDER)) is TRS
    assert recognise(web_page(f"<div id='UCAP-CONTENT'>{sign}</div>", FOLDER)).name == "ucap"


class Imitation:
    """A column of a TRS site. `second` is the number in the name of page 2, `before` what index_1 is then."""

    family = "trs_wcm"
    per_page = 4

    def __init__(self, server, planted, answer, *, second=1, before=None, stated=None):
        self.server, self.answer = server, answer
        folder = "/zwgk/tzgg/"
        server.routes["/"] = self.page(f"<a href='.{folder}'>通知公告</a>")
        pages = -(-len(planted) // self.per_page)
        for page in range(1, pages + 1):
            shown = planted[(page - 1) * self.per_page : page * self.per_page]
            found = self.list(shown, stated or pages, page - 1)
            name = "" if page == 1 else f"index_{page - 2 + second}.html"
            server.routes[folder + name] = found
            if page == 1 and second == 2 and before == "page 1":
                server.routes[f"{folder}index_1.html"] = found
        for number in range(pages, stated or pages):
            server.routes[f"{folder}index_{number - 1 + second}.html"] = self.page(" " * 300)
        for item in planted:
            server.routes[f"{folder}{self.file(item)}"] = self.detail(item)

    @property
    def root(self):
        return f"{self.server.url}/"

    def page(self, text):
        return self.answer(f"<html><meta charset=utf-8><body>{text}</body></html>".encode())

    @staticmethod
    def file(item):
        day = item.date.replace("-", "")
        return f"{day[:6]}/t{day}_{item.number}.html"

    def list(self, shown, pages, current):
        links = "".join(
            f"<li><a href='./{self.file(item)}'>{item.title}</a>[{item.date[5:]}]</li>" for item in shown
        )
        return self.page(f"<ul>{links}</ul><script>createPageHTML({pages},{current},'index','html')</script>")

    def detail(self, item):
        return self.page(f"<h1>{item.title}</h1><div class=TRS_Editor>{item.body}</div>")


WAYS = {
    "page 2 is index_1": {},
    "page 2 is index_2 and index_1 missing": {"second": 2},
    "page 2 is index_2 and index_1 repeats page 1": {"second": 2, "before": "page 1"},
    "the pager states pages that are stubs": {"stated": 9},
}


@pytest.mark.parametrize("way", WAYS)
def test_every_item_is_found_once_and_nothing_fails(way, server, planting, crawled, answer):
    site = Imitation(server, planting(14), answer, **WAYS[way])
    summary = crawled.run(site)
    assert summary.changes == {Change.NEW: 14}
    assert summary.complete
    days = crawled.rows("SELECT raw FROM witness WHERE field = 'published_on' AND provenance = 'list'")
    assert sorted(day for (day,) in days) == sorted(item.date for item in planting(14))


def test_where_neither_page_2_is_there_one_failure_is_reported(server, planting, crawled, answer):
    site = Imitation(server, planting(3), answer, stated=5)
    for path in [path for path in server.routes if "index_" in path]:
        del server.routes[path]
    summary = crawled.run(site)
    assert summary.changes == {Change.NEW: 3}
    assert summary.failures == {Problem.GONE: 1}


def test_a_memo_without_a_guess_asks_for_nothing_else(server, planting, crawled, answer):
    site = SimpleNamespace(root=f"{server.url}/", family="trs_wcm")
    Imitation(server, planting(9), answer)
    del server.routes["/zwgk/tzgg/index_2.html"]
    summary = crawled.run(site)
    assert summary.failures == {Problem.GONE: 1}
    assert not [target for target in server.targets() if "index_3" in target]
