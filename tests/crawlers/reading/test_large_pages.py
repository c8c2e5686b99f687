"""Nothing a page says holds its reader up: time is bounded, text is kept."""

import time

import pytest

from catalog.records import PageKind
from crawlers.reading import plain, read_page
from tests.fuzz.targets import LIMIT

HEAD = (
    "<title>灌溉通知</title><table><tr><td>索引号</td><td>123456789/2015-00031</td><td>发布机构</td>"
    "<td>示例市水利局</td></tr></table><h1>灌溉通知</h1><p>各乡镇：现将春灌有关事项通知如下。</p>"
)
FACTS = "<tr><td>索引号：</td><td>003/2013-12</td><td>发布日期</td><td>2013-05-04</td></tr>"
HOSTILE = {
    "line breaks": "春灌<br>" * 300_000,
    "paragraphs": "<p>x</p>" * 200_000,
    "label rows": f"<table>{FACTS * 15_000}</table>",
    "label lines": ("<p>" + "发布日期：" * 110 + "</p>") * 1_200,
    "labels of a list": "<dl>" + "<dt>发布日期</dt><dd>2013-05-04</dd>" * 40_000,
    "nested divisions": "<div>" * 100_000 + "春灌",
    "brothers": "<div><div>各乡镇做好春灌</div></div>" * 10_000,
    "spans": "<table>" + "<tr><td rowspan=65000 colspan=1000>春灌</td></tr>" * 5_000,
    "tables in tables": "<table><tr><td>索引号：<td>春灌" * 20_000,
    "comments": "<!--x-->" * 250_000,
    "attributes": "<p " + " ".join(f"a{n}=1" for n in range(100_000)) + ">",
    "entities": "<p>" + "&#20013;" * 250_000,
    "options": "<select>" + "<option value=1>示例县</option>" * 80_000,
    "one line": "<p>" + "关于印发办法的通知" * 75_000,
    "white space": "<p>索引号" + "\u3000" * 600_000,
    "links": "".join(f"<li><a href='/a/{n}.html'>关于第{n}号的通知</a> 2013-05-04" for n in range(25_000)),
}


@pytest.mark.slow
@pytest.mark.parametrize("rest", HOSTILE.values(), ids=HOSTILE)
def test_no_page_of_two_megabytes_takes_longer_than_it_may(rest):
    page = (HEAD + rest).encode()
    begun = time.process_time()
    reading = read_page(page, url="http://www.shili.example/a.html")
    assert time.process_time() - begun < LIMIT
    assert reading.title == "灌溉通知"


def test_what_stands_behind_the_last_tag_read_is_text_and_told(monkeypatch):
    monkeypatch.setattr(plain, "MOST_TAGS", 20)
    lines = [f"第{n}条　各乡镇应当做好第{n}段渠道的清淤、检修和防渗工作，不得有误。" for n in range(60)]
    text = "".join(f"<p>{line}</p><script>var a = '<p>程序'</script><!--<p>旧稿-->" for line in lines)
    reading = read_page((HEAD + text).encode())
    assert reading.is_too_large
    assert reading.page_kind is PageKind.DOCUMENT
    assert [line for line in lines if line.replace("\u3000", " ") not in reading.text] == []
    assert "程序" not in reading.text
    assert "旧稿" not in reading.text
    assert {w.raw for w in reading.witnesses} >= {"123456789/2015-00031", "示例市水利局"}


@pytest.mark.parametrize("opened", ["<script>", "<!--", "<style>", "<title>"])
def test_a_script_that_is_open_at_the_last_tag_swallows_no_more_than_itself(opened):
    closed = "-->" if opened == "<!--" else opened.replace("<", "</")
    text = (
        "<b>甲</b>" * (plain.MOST_TAGS - 1) + f"{opened}<p>" + "<i>乙</i>" * 5 + closed + "<p>各乡镇做好春灌"
    )
    assert "各乡镇做好春灌" in plain.flattened(text)
    assert "乙" not in plain.flattened(text).rpartition(closed)[2]


def test_an_honest_page_is_read_by_its_structure_throughout():
    page = HEAD + "<table>" + "<tr><td>东干渠</td><td>12公里</td></tr>" * 5_000 + "</table>"
    assert plain.flattened(page) == page
    assert not read_page(HEAD.encode()).is_too_large
