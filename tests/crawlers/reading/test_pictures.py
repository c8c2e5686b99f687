"""Pages whose text is a picture."""

import pytest

from crawlers.reading import read_page

PAGE = """<html><head><title>关于停水的公告-泓州市水务局</title></head><body>
<h1>关于停水的公告</h1><p>发布日期：2014-05-06 信息来源：泓州市水务局</p>
<img src="/logo.png"><div id="zoom">{}</div></body></html>"""


def _files(inside: str) -> list[tuple[str, str]]:
    reading = read_page(PAGE.format(inside).encode(), url="http://swj.example.gov.cn/art/1.html")
    return [(link.url, link.name) for link in reading.attachments]


def test_a_picture_in_the_place_of_the_text_is_a_file_of_the_page() -> None:
    inside = '<p>见下图：</p><img src="1.jpg" alt="停水公告"><img src="2.jpg">'
    assert _files(inside) == [
        ("http://swj.example.gov.cn/art/1.jpg", "停水公告"),
        ("http://swj.example.gov.cn/art/2.jpg", "图片2"),
    ]


@pytest.mark.parametrize(
    "inside",
    [
        "<p>因管网检修，定于五月八日全天对城东片区暂停供水，请市民提前储水备用。</p><img src='1.jpg'>",
        "<img src='icon.gif' width='16' height='16'>",
        "<img src='data:image/png;base64,AAAA'><img>",
    ],
)
def test_pictures_beside_a_text_icons_and_broken_ones_are_no_files(inside: str) -> None:
    assert _files(inside) == []


def test_a_page_that_is_one_picture_is_a_document() -> None:
    page = PAGE.format('<img src="1.jpg">').encode()
    assert read_page(page, url="http://swj.example.gov.cn/art/1.html").page_kind == "document"
