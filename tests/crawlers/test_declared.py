"""Declared families: known by their signs, read as declared, and a wrong file says what is wrong."""

import json

import pytest

from crawlers.families import FAMILIES, recognise
from crawlers.families.declaration import DeclarationError, read_declaration
from crawlers.families.declared import declared_families
from crawlers.families.family import ListPlace, WebPage
from crawlers.reading.tree import parse

GOOD = """
name = "a_cms"
label = "某系统"
proven = false
[card]
site = "One city."
known_by = "Its paths."
lists = "Rows."
details = "None."
oddities = "None."
proven_by = "From memory."
[signs]
paths = ['/x/']
"""


def page(text, url="http://h/"):
    return WebPage(url, text, "utf-8", parse(text))


SIGNS = {
    "anqing": ("http://aqxxgk.anqing.gov.cn/", "<a href='/show.php?id=385009'>通知</a>"),
    "boda_vsb": ("http://h/", "<a href='info/1001/2002.htm'>通知</a>"),
    "epoint": ("http://h/", "<script src='/js/webBuilderCommon.js'></script>"),
    "powereasy": ("http://h/", "<a href='/Category_12/Index.aspx'>文件</a>"),
    "truecms": ("http://h/", "<script>$.get('/messageController/getMessage.do')</script>"),
    "xuancheng": ("http://h/", "<a href='/Jczwgk/show/1979500.html'>通知</a>"),
}


@pytest.mark.parametrize("name", [family.name for family in declared_families()])
def test_every_declared_family_is_known_by_its_signs_and_marked_unproven(name):
    url, text = SIGNS[name]
    assert recognise(page(text, url)).name == name
    assert FAMILIES[name].label.endswith("（未经验证）")


def test_a_common_sign_counts_on_the_named_hosts_only():
    assert recognise(page(SIGNS["anqing"][1])).name == "generic"


def test_of_a_list_only_the_declared_addresses_count():
    rows = (
        "<li><a href='/info/1/2.htm'>关于做好防汛工作的通知</a>2012-10-01</li>"
        "<li><a href='/map/a.htm'>本站使用说明</a></li>"
    )
    reading = FAMILIES["boda_vsb"].read_list(page(f"<ul>{rows}</ul>"), ListPlace("/c/list.htm", "通知", 1))
    assert [item.url for item in reading.items] == ["http://h/info/1/2.htm"]


def test_a_declared_api_is_posted_to_page_by_page_until_it_has_nothing():
    family = FAMILIES["epoint"]
    column = page("<script>var siteGuid='7eb-1', deptcode='', categorynum='003001';</script>")
    first = family.read_list(column, ListPlace("/govInfoPub/", "文件", 1))
    asked = json.loads(first.next.form)
    assert asked == {"siteGuid": "7eb-1", "deptcode": "", "categorynum": "003001", "pageIndex": "0"}
    rows = [{"infotitle": "关于做好防汛工作的通知", "infourl": "/1.html", "infodate": "2012-10-15 09:30:00"}]
    answer = json.dumps({"custom": json.dumps({"infodata": rows, "n": None})})
    second = family.read_list(page(answer), ListPlace("/govInfoPub/", "文件", 2, first.memo))
    said = [(item.url, *(witness.raw for witness in item.witnesses)) for item in second.items]
    assert said == [("http://h/1.html", "关于做好防汛工作的通知", "2012-10-15")]
    assert json.loads(second.next.form)["pageIndex"] == "1"
    last = family.read_list(page('{"custom": "[]"}'), ListPlace("/govInfoPub/", "文件", 3, second.memo))
    assert (last.items, last.next) == ((), None)


@pytest.mark.parametrize(
    "answer", ["[" * 100_000, '{"a":', "[null, 3, [[]]]", 'cb({"title": 5})', "<p>错误</p>"]
)
def test_an_answer_that_is_no_list_brings_nothing(answer):
    assert FAMILIES["epoint"].read_list(page(answer), ListPlace("/c/", "文件", 2)).items == ()


WRONG = {
    "no toml": ("name =", "不是有效的 TOML"),
    "unknown entry": (GOOD.replace("[card]", "rows = 3\n[card]"), "rows：不认识的项"),
    "no card": (GOOD.replace('site = "One city."', ""), "card.site：缺少此项"),
    "pattern": (GOOD.replace("/x/", "(x"), "signs.paths.0：Value error, 不是有效的正则表达式"),
    "no sign": (GOOD.replace("paths = ['/x/']", ""), "signs 应至少有一条"),
    "proven": (GOOD.replace("false", "true"), "proven：只可取规定的值"),
    "selector": (GOOD.replace("[card]", 'body = ["div > p"]\n[card]'), "body.0：写法不对"),
    "another name": (GOOD.replace("a_cms", "b_cms"), "应与文件名相同"),
    "groups": (
        f'{GOOD}[api]\npath = "/a"\nsends = "form"\npage = "no"\nfirst_page = 1\narguments = {{ x = "y" }}',
        "api.arguments.x 应恰有一个括号组",
    ),
}


@pytest.mark.parametrize("kind", WRONG)
def test_a_wrong_file_is_named_with_what_is_wrong(kind):
    text, message = WRONG[kind]
    with pytest.raises(DeclarationError) as caught:
        read_declaration("a_cms.toml", text)
    assert str(caught.value).startswith("网站家族声明 a_cms.toml：")
    assert message in str(caught.value)


def test_a_right_file_is_read():
    assert read_declaration("a_cms.toml", GOOD).signs.paths == ("/x/",)
