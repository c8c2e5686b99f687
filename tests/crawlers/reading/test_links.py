"""The files of a page are found in every way of domain.md 5.3, with the names they go by."""

from urllib.parse import quote

import pytest

GBK = quote("收费表".encode("gbk"))
BASE = "http://a.example/art/2019/3/t20190312_1.html"


@pytest.fixture
def files(read):
    def found(html):
        return [(link.url, link.name) for link in read(html, url=BASE).attachments]

    return found


@pytest.mark.parametrize(
    ("html", "url"),
    [
        ("<a href='/f/1.pdf'>收费表</a>", "http://a.example/f/1.pdf"),
        ("<a href='./P020190312.doc'>收费表</a>", "http://a.example/art/2019/3/P020190312.doc"),
        ("<a href='W020190312.wps'>收费表</a>", "http://a.example/art/2019/3/W020190312.wps"),
        ("<a href='#' onclick=\"window.open('/f/1.xls')\">收费表</a>", "http://a.example/f/1.xls"),
        ("<a href=\"javascript:downFile('/f/1.ofd')\">收费表</a>", "http://a.example/f/1.ofd"),
        ("<span data-url='/f/1.et'>收费表</span>", "http://a.example/f/1.et"),
        ("<div data-file='/f/1.docx'>收费表</div>", "http://a.example/f/1.docx"),
        (
            "<iframe title=收费表 src='/js/web/viewer.html?file=/f/1.pdf'></iframe>",
            "http://a.example/f/1.pdf",
        ),
        ("<embed title=收费表 src='/f/1.pdf'>", "http://a.example/f/1.pdf"),
        ("<object title=收费表 data='/f/1.pdf'></object>", "http://a.example/f/1.pdf"),
        (
            "<a href='/module/download/downfile.jsp?classid=0&filename=8f2.xls'>收费表</a>",
            "http://a.example/module/download/downfile.jsp?classid=0&filename=8f2.xls",
        ),
    ],
)
def test_a_file_is_found_however_it_is_linked(files, html, url):
    assert files(f"<p>通知</p>{html}") == [(url, "收费表")]


@pytest.mark.parametrize(
    ("link", "name"),
    [
        ("<a href='/f/1.pdf' title='收费表.pdf'>点击下载</a>", "收费表.pdf"),
        ("<a href='/f/1.pdf' download='收费表.pdf'>下载</a>", "收费表.pdf"),
        ("<a href='/f/1.pdf'><img src='/i.gif' alt='收费表'></a>", "收费表"),
        ("<a href='/f/1.pdf' title='农田灌溉收费表'>农田灌…</a>", "农田灌溉收费表"),
        (f"<a href='/f/{quote('收费表')}.pdf'>附件1：</a>", "收费表.pdf"),
        (f"<a href='/f/{GBK}.pdf'>附件下载</a>", "收费表.pdf"),
        (
            f"<a href='/down.jsp?id=1&path=/f/1.pdf&fileName={GBK}.doc'>下载</a>",
            "下载",
        ),
        (f"<a href='/downfile.jsp?id=1&fileName={GBK}.doc'>下载</a>", "收费表.doc"),
        ("<a href='/f/1.pdf'>下载</a>", "下载"),
        ("<a href='/f/1.pdf'></a>", "1.pdf"),
    ],
)
def test_a_file_goes_by_the_name_that_says_most(files, link, name):
    assert [said for _, said in files(link)] == [name]


def test_one_file_linked_by_an_icon_and_by_its_name_is_one_file(files):
    links = "<a href='/f/1.pdf'><img src=i.gif></a><a href='/f/1.pdf'>收费表</a>"
    assert files(links) == [("http://a.example/f/1.pdf", "收费表")]


@pytest.mark.parametrize(
    "html",
    [
        "<div class='footer'><a href='/s.doc'>网站声明</a></div>",
        "<nav><a href='/s.pdf'>办事指南汇编</a></nav>",
        "<div id='menu'><ul><li><a href='/s.pdf'>年鉴</a></ul></div>",
        "<p><a href='/reader.zip'>PDF阅读器下载</a></p>",
    ],
)
def test_what_stands_on_every_page_is_no_file_of_this_one(files, html):
    own = "<div><a href='/f/1.pdf'>收费表</a></div>"
    assert files(own + html) == [("http://a.example/f/1.pdf", "收费表")]


def test_pages_in_data_attributes_are_no_files(files):
    assert files("<div data-url='/a/b.html' data-x='1.pdf' data-bad='http://[x/1.pdf'>文</div>") == []
