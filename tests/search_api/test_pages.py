"""The citizens' pages."""

import re
from urllib.parse import urljoin, urlsplit

import pytest
from bs4 import BeautifulSoup

from catalog.vocabulary import vocabulary
from search_api import service, wording
from search_api.answers import Bucket, FacetAnswer
from search_api.refine import browse
from search_api.templating import chinese_date, web_address

PAGES = [
    "/",
    "/search",
    "/search?q=用水价格",
    "/search?q=没有这样的词语组合",
    "/nothing",
    "/problems/bad-date",
]


def page(ask, path: str, status: int = 200, **options) -> BeautifulSoup:
    response = ask(path, **options)
    assert response.status_code == status, response.text
    return BeautifulSoup(response.text, "lxml")


def words(part) -> str:
    return re.sub(r"\s+", "", part.get_text())


@pytest.fixture(scope="module")
def document_path(ask) -> str:
    return page(ask, "/search?q=用水价格").select_one(".hit h3 a")["href"]


@pytest.fixture(scope="module")
def hostile_path(ask) -> str:
    return page(ask, "/search?q=名称核准").select_one(".hit h3 a")["href"]


@pytest.mark.parametrize("path", [*PAGES, "document", "hostile"])
def test_pages_load_nothing_from_elsewhere_and_run_no_script(
    ask, path: str, document_path: str, hostile_path: str
) -> None:
    path = {"document": document_path, "hostile": hostile_path}.get(path, path)
    soup = page(ask, path, 404 if path == "/nothing" else 200)
    for tag, attribute in (("link", "href"), ("img", "src"), ("form", "action"), ("iframe", "src")):
        for node in soup.find_all(tag):
            assert not urlsplit(node[attribute]).netloc
            assert tag == "form" or ask(node[attribute]).status_code == 200
    assert not soup.find_all(["script", "style", "base", "object", "embed", "iframe"])
    assert not [
        node for node in soup.find_all(True) for name in node.attrs if name.startswith(("on", "style"))
    ]
    assert all(urlsplit(a["href"]).scheme in ("", "http", "https") for a in soup.find_all("a", href=True))


@pytest.mark.parametrize("path", PAGES)
def test_every_page_has_its_landmarks(ask, path: str) -> None:
    soup = page(ask, path, 404 if path == "/nothing" else 200)
    assert soup.html["lang"] == "zh-CN"
    assert len(soup.find_all("h1")) == len(soup.find_all("main")) == len(soup.find_all("header")) == 1
    assert soup.title.get_text().endswith("政府信息公开查询")
    assert soup.select_one("a.skip")["href"] == "#" + soup.main["id"]


@pytest.mark.parametrize("path", ["/", "/search?q=通知&topic=T02&page=1", "/search?genre.not=_missing"])
def test_every_link_of_ours_leads_somewhere(ask, path: str) -> None:
    soup = page(ask, path)
    links = {urljoin(path, a["href"]) for a in soup.find_all("a", href=True) if a["href"].startswith("/")}
    assert len(links) > 5
    for link in links:
        answer = ask(link)
        assert answer.status_code in (200, 303), link
        assert 'class="note"' not in answer.text, link


def test_the_home_page_offers_to_browse_with_right_counts(ask) -> None:
    soup = page(ask, "/")
    assert "现有40件文件（42条发布）" in words(soup)
    assert [words(h2) for h2 in soup.select(".browse h2")] == [
        "按主题分类查找",
        "按发布机构查找",
        "按信息类别查找",
    ]
    for tile in soup.select(".tiles a"):
        count = words(tile.select_one(".count")).removesuffix("件")
        assert f"共{count}件文件" in words(page(ask, tile["href"]))
    assert len(soup.select(".lines li")) == 8


def test_a_search_sent_to_the_home_page_goes_to_the_results(ask) -> None:
    response = ask("/?q=%E6%B0%B4%E4%BB%B7&from=timeline")
    assert (response.status_code, response.headers["location"]) == (
        307,
        "/search?q=%E6%B0%B4%E4%BB%B7&from=timeline",
    )
    assert ask("/?from=timeline").status_code == 200


def test_results_tell_all_that_decides_which_to_open(ask) -> None:
    soup = page(ask, "/search?q=用水价格")
    assert "共1件文件（3条发布）" in words(soup)
    hit = words(soup.select_one(".hit"))
    for expected in ("云发改价〔2012〕36号", "云川市发展和改革委员会", "另有2处发布", "有效", "2012年8月"):
        assert expected in hit
    assert soup.select_one(".hit h3 mark").get_text() == "用水价格"
    assert soup.select_one("input[name=q]")["value"] == "用水价格"


def test_what_is_no_longer_in_force_warns_in_words(ask) -> None:
    for label, code in (("已失效", "LV02"), ("已废止", "LV03")):
        soup = page(ask, f"/search?validity={code}")
        hits = soup.select(".hit")
        assert hits
        assert all(words(hit.select_one("h3 .tag-warn")) == f"效力：{label}" for hit in hits)
        notice = page(ask, hits[0].select_one("h3 a")["href"]).select_one(".paper > .warning")
        assert f"本文件{label}" in words(notice)
        assert "依据：来自导入" in words(notice)
    in_force = page(ask, "/search?validity=LV01")
    assert not in_force.select(".tag-warn")
    assert not page(ask, in_force.select_one(".hit h3 a")["href"]).select(".warning")


def test_every_validity_that_warns_is_one_of_the_vocabulary() -> None:
    assert set(wording.VALIDITY) <= {term.code for term in vocabulary("validity").terms}


def test_of_a_tree_only_what_helps_is_shown() -> None:
    parents = {"A": None, "B": None, "A1": "A", "A2": "A", "A11": "A1", "B1": "B"}

    def topic(*selected: str) -> FacetAnswer:
        buckets: list[Bucket] = [
            {"value": code, "label": code, "count": 1, "selected": code in selected, "parent": parent}
            for code, parent in parents.items()
        ]
        return {"buckets": buckets, "missing": 0, "truncated": False}

    def outline(choices) -> dict:
        return {choice.label: outline(choice.children) for choice in choices}

    assert outline(browse("topic", topic(), 9)) == {"A": {}, "B": {}}
    assert outline(browse("topic", topic("A1"), 9)) == {"A": {"A1": {"A11": {}}, "A2": {}}, "B": {}}
    lone = topic()
    lone["buckets"] = [bucket for bucket in lone["buckets"] if bucket["value"].startswith("A")]
    assert outline(browse("topic", lone, 9)) == {"A1": {}, "A2": {}}


def test_a_page_reads_no_labels_anew(ask, monkeypatch: pytest.MonkeyPatch) -> None:
    def read_again(_connection) -> int:
        pytest.fail("the labels are kept fresh by the service's own task")

    monkeypatch.setattr(service, "last_seq", read_again)
    assert ask("/search?q=通知").status_code == 200


def test_a_cursor_means_nothing_to_a_page(ask) -> None:
    soup = page(ask, f"/search?q=通知&page=1&cursor={'x' * 3000}&facets=nonsense")
    assert not soup.select(".note")
    assert soup.select(".hit")


def test_active_filters_are_chips_that_go_away(ask) -> None:
    soup = page(ask, "/search?topic=T02&genre.not=_missing&published_from=2010-01-01&q=通知&sort=-issued")
    chips = soup.select(".chip")
    assert [words(chip) for chip in chips] == [
        "去掉条件主题分类：综合政务×",
        "去掉条件不含体裁分类：未标明×",
        "去掉条件发布日期：2010-01-01起×",
    ]
    for chip in chips:
        rest = page(ask, chip["href"])
        assert len(rest.select(".chip")) == 2
        assert rest.select_one("input[name=q]")["value"] == "通知"
    carried = {field["name"] for field in soup.select(".search input[type=hidden]")}
    assert carried == {"topic", "genre.not", "published_from", "sort"}
    assert "page=" not in str(soup.select(".facet"))


def test_a_facet_link_selects_excludes_and_lets_go(ask) -> None:
    soup = page(ask, "/search")
    facet = soup.select(".facet")[0]
    name, count = words(facet.select_one(".take .name")), words(facet.select_one(".take .count"))
    chosen = page(ask, facet.select_one(".take")["href"])
    assert f"共{count}" in words(chosen)
    assert f"发布机构：{name}" in words(chosen.select_one(".chips"))
    again = page(ask, chosen.select_one(".chosen .take")["href"])
    assert not again.select(".chip")
    dropped = page(ask, facet.select_one(".drop")["href"])
    assert f"不含发布机构：{name}" in words(dropped.select_one(".chips"))


def test_not_stated_can_be_chosen(ask) -> None:
    links = [a for a in page(ask, "/search").select(".take") if "未标明" in words(a)]
    assert links
    for link in links:
        assert f"共{words(link.select_one('.count'))}" in words(page(ask, link["href"]))


def test_the_pager_reaches_every_page(ask) -> None:
    soup = page(ask, "/search")
    titles = [words(h3) for h3 in soup.select(".hit h3")]
    while following := soup.select_one("a[rel=next]"):
        soup = page(ask, following["href"])
        titles += [words(h3) for h3 in soup.select(".hit h3")]
    assert len(titles) == len(set(titles)) == 40
    assert soup.select_one(".hits")["start"] == "31"
    assert soup.select_one(".pager [aria-current=page]").get_text(strip=True).startswith("第")


def test_an_empty_result_helps_on(ask) -> None:
    soup = page(ask, "/search?q=没有这样的词语组合&match=exact&topic=T01")
    help_text = words(soup.select_one(".nothing"))
    for advice in ("清除全部条件", "智能", "错别字", "文号"):
        assert advice in help_text
    beyond = words(page(ask, "/search?page=900").select_one(".nothing"))
    assert "第一页" in beyond


def test_a_malformed_filter_is_left_out_with_a_note(ask) -> None:
    soup = page(ask, "/search?q=通知&published_from=2012-02-30&utm_source=x")
    note = words(soup.select_one(".note"))
    assert "published_from" in note
    assert "utm_source" not in note
    assert soup.select(".hit")


def test_a_query_in_traditional_characters_says_what_was_read(ask) -> None:
    soup = page(ask, "/search?q=用水價格")
    assert "用水价格" in words(soup.select_one(".note"))
    assert soup.select(".hit")


def test_a_document_page_shows_the_official_labels_and_who_said_so(ask, document_path: str) -> None:
    soup = page(ask, document_path)
    facts = {words(row.dt): words(row.dd) for row in soup.select(".sheet > div")}
    assert facts["文号"] == "云发改价〔2012〕36号来自导入"
    assert facts["成文日期"] == "2012年8月15日来自导入"
    assert facts["生命周期"] == "未标明"
    assert facts["内容概述"].startswith("调整市区供水价格")
    assert soup.h1.get_text() == "关于调整市区居民生活用水价格的通知"
    assert "各区人民政府，市直各部门：" in words(soup.select_one(".prose"))
    places = soup.select(".places > ol > li")
    assert len(places) == 3
    assert all("本站保存于20" in words(place) for place in places)
    assert places[0].select_one("a")["href"].startswith("http://127.20.0.3:8100/")
    assert "noopener" in places[0].select_one("a")["rel"]
    assert "水价阶梯计价" in words(places[0].details)


def test_a_document_without_a_body_says_so(ask) -> None:
    path = page(ask, "/search?q=政府信息公开工作年度报告").select_one(".hit h3 a")["href"]
    assert "没有正文" in words(page(ask, path).select_one(".prose"))


def test_hostile_text_is_shown_and_not_run(ask, hostile_path: str) -> None:
    soup = page(ask, hostile_path)
    assert "<script>alert(1)</script>" in soup.h1.get_text()
    assert "<imgsrc=xonerror=alert(1)>" in words(soup.select_one(".prose"))
    assert "没有原文网址" in words(soup.select_one(".places"))
    echoed = ask("/search", params={"q": "\"><script>alert(1)</script>'"}).text
    assert "<script" not in echoed


def test_the_large_version_is_one_link_and_one_cookie(ask) -> None:
    soup = page(ask, "/search?q=%E6%B0%B4&topic=T02")
    link = soup.find("a", string="大字版")["href"]
    response = ask(link)
    assert response.status_code == 303
    assert response.headers["location"] == "/search?q=%E6%B0%B4&topic=T02"
    cookie = response.headers["set-cookie"]
    assert cookie.startswith("text=large;")
    assert "HttpOnly" in cookie
    large = page(ask, response.headers["location"], headers={"Cookie": "text=large"})
    assert large.html["class"] == ["large"]
    back = ask(large.find("a", string="标准字版")["href"])
    assert back.headers["set-cookie"].startswith('text="";')


@pytest.mark.parametrize(
    "back",
    [
        "https://example.org/",
        "//example.org",
        "/\\example.org",
        "javascript:alert(1)",
        "/\r\nSet-Cookie: a=b",
        "",
    ],
)
def test_the_large_version_leads_nowhere_else(ask, back: str) -> None:
    response = ask("/text-size", params={"to": "large", "back": back})
    assert response.headers["location"] == "/"
    assert len(response.headers.get_list("set-cookie")) == 1


def test_static_files_may_be_kept_for_a_year_under_their_versioned_address(ask) -> None:
    address = page(ask, "/").find("link", rel="stylesheet")["href"]
    assert "immutable" in ask(address).headers["Cache-Control"]
    assert ask("/static/style.css").headers["Cache-Control"] == "no-cache"
    assert ask("/").headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize(
    ("url", "usable"),
    [
        ("http://127.20.0.1:8100/a", True),
        ("https://example.org/", True),
        ("javascript:alert(1)", False),
        ("data:text/html,x", False),
        ("//example.org", False),
        ("http://", False),
        ("http://[", False),
        ("import:records.jsonl#1", False),
        (None, False),
    ],
)
def test_only_web_addresses_become_links(url: str | None, usable: bool) -> None:
    assert web_address(url) == (url if usable else None)


def test_days_are_written_as_people_read_them() -> None:
    assert chinese_date("2012-07-01") == "2012年7月1日"
    assert chinese_date(None) == ""
