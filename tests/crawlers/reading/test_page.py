import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from catalog.records import BlockKind, PageKind
from cli.extract import as_json
from crawlers.reading import ReadingHints, read_page

URL = "http://www.shili.example/art/2015/3/12/art_1_31.html"
LONG = "为保证春耕用水，现就农田灌溉工作通知如下，请各部门认真执行，不得有误。"


def test_a_header_table_page_gives_its_whole_record(saved):
    found = as_json(read_page(saved("header_table"), url=URL))
    assert found["page_kind"] == "document"
    assert found["title"] == "示例市人民政府办公室关于做好农田灌溉工作的通知"
    assert found["doc_number"] == "示政办〔2015〕12号"
    assert found["index_number"] == "123456789/2015-00031"
    assert (found["issuer"], found["publisher"]) == ("示例市人民政府办公室", None)
    assert (found["issued_on"], found["published_on"]) == ("2015-03-10", "2015-03-12")
    assert found["topic"] == "农业、林业、水利\\水利、水务"
    assert (found["genre"], found["keywords"]) == (None, None)
    assert found["attachments"] == ["http://www.shili.example/art/2015/3/12/P020150312.pdf"]
    assert "http://www.shili.example/xxgk/" in found["links"]
    assert not set(found["attachments"]) & set(found["links"])


def test_the_body_keeps_its_shape_and_leaves_furniture_behind(saved):
    reading = read_page(saved("header_table"))
    kinds = [block.kind for block in reading.blocks]
    table = next(block for block in reading.blocks if block.kind is BlockKind.TABLE)
    assert table.rows == (("名称", "长度"), ("东干渠", "12公里"), ("西干渠", "9公里"))
    assert next(b for b in reading.blocks if b.kind is BlockKind.LIST).rows == (
        ("清理淤泥；",),
        ("修补渠堤。",),
    )
    assert BlockKind.HEADING in kinds
    for word in ("索 引 号", "打印", "上一篇", "隐藏", "var a", "标识码"):
        assert word not in reading.text


def test_a_page_of_one_file_is_a_document_with_its_file(saved):
    found = as_json(read_page(saved("two_copies"), url=URL))
    assert found["page_kind"] == "document"
    assert found["title"] == "关于公布补贴名单的公告"
    assert found["attachments"] == ["http://www.shili.example/upload/2019/mingdan.pdf"]


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("list", PageKind.LIST),
        ("login", PageKind.LOGIN),
        ("form", PageKind.FORM),
        ("soft_404", PageKind.ERROR),
        ("cookie_shell", PageKind.SHELL),
        ("hacked", PageKind.HACKED),
    ],
)
def test_pages_that_are_no_documents_are_told(saved, name, kind):
    reading = read_page(saved(name))
    assert reading.page_kind is kind
    found = as_json(reading)
    assert (found["doc_number"], found["published_on"]) == (None, None)


def test_a_document_about_gambling_or_errors_is_still_a_document(read):
    gambling = f"<title>公安局通报打击网络赌博专项行动</title><div id=zoom><p>{LONG * 4}</p></div>"
    error = f"<title>关于纠正名单错误的公告</title><div id=zoom><p>{LONG * 60}</p></div>"
    assert read(gambling).page_kind is PageKind.DOCUMENT
    assert read(error).page_kind is PageKind.DOCUMENT


def test_without_a_known_container_the_text_is_still_found(read):
    menu = "".join(f"<li><a href=/{n}>栏目{n}</a></li>" for n in range(30))
    rows = "<table><tr><td>东干渠</td><td>12公里</td></tr><tr><td>西干渠</td><td>9公里</td></tr></table>"
    said = f"<p>{LONG}</p><p>{LONG[::-1]}</p><p>{LONG[:20]}二</p>"
    text = read(f"<body><ul>{menu}</ul><div class=q7>{said}{rows}</div></body>").text
    assert LONG in text
    assert "东干渠\t12公里" in text
    assert "栏目3" not in text


def test_a_family_names_its_container_and_where_the_body_ends(read):
    page = (
        f"<table class=bk><tr><td><p>{LONG}</p><!-- GWD SHARE BEGIN --><p>分享按钮若干</p></td></tr></table>"
    )
    reading = read(page, hints=ReadingHints(body=("table.bk",), body_end="GWD SHARE BEGIN"))
    assert reading.text == LONG


@pytest.mark.parametrize(
    ("tag", "title"),
    [
        ("关于灌溉的通知 - 示例市水务局", "关于灌溉的通知"),
        ("关于灌溉的通知_通知公告_示例市水务局", "关于灌溉的通知"),
        ("关于灌溉的通知 | 示例网", "关于灌溉的通知"),
        ("关于灌溉的通知--示例网", "关于灌溉的通知"),
        ("关于灌溉的通知-示例市人民政府", "关于灌溉的通知"),
        ("示例市2018-2035年总体规划", "示例市2018-2035年总体规划"),
        ("&lt;font color=red&gt;关于灌溉的通知&lt;/font&gt;", "关于灌溉的通知"),
    ],
)
def test_the_site_name_is_cut_off_a_title(read, tag, title):
    assert read(f"<title>{tag}</title><div id=zoom><p>{LONG}</p></div>").title == title


@pytest.mark.parametrize(
    ("html", "file"),
    [
        ("<a href='./P0201.doc'>附件</a>", "http://www.shili.example/art/2015/3/12/P0201.doc"),
        ("<iframe src='/v.html?file=%2Fa%2Fb.pdf'></iframe>", "http://www.shili.example/a/b.pdf"),
        ("<embed src='/a/b.pdf'>", "http://www.shili.example/a/b.pdf"),
        ("<object data='/a/b.pdf'></object>", "http://www.shili.example/a/b.pdf"),
        ("<a href='#' onclick=\"window.open('/a/b.xls')\">表</a>", "http://www.shili.example/a/b.xls"),
        ("<a href=\"javascript:window.open('/a/b.OFD')\">表</a>", "http://www.shili.example/a/b.OFD"),
        (
            "<a href='/module/download/downfile.jsp?filename=a.pdf&amp;classid=0'>表</a>",
            "http://www.shili.example/module/download/downfile.jsp?filename=a.pdf&classid=0",
        ),
    ],
)
def test_files_are_found_in_every_way_a_page_shows_them(read, html, file):
    reading = read(f"<div id=zoom>{LONG}{html}</div>", url=URL)
    assert [link.url for link in reading.attachments] == [file]
    assert file not in {link.url for link in reading.links}


def test_hostile_and_foreign_links_are_dropped(read):
    hrefs = [
        "http://[bad",
        "javascript:alert(1)",
        "mailto:a@b.c",
        "ftp://a.example/x.pdf",
        "http://a:99999/x",
        "//",
        "http://",
        "#x",
    ]
    html = "".join(f"<a href='{href}'>x</a><iframe src='{href}'></iframe>" for href in hrefs)
    reading = read(html + "<a href='http://ok.example/'>好</a>" * 2, url=URL)
    assert [link.url for link in reading.links] == ["http://ok.example/"]
    assert reading.attachments == ()


def test_relative_links_need_an_address(read):
    html = "<a href='b.html'>x</a><a href='//c.example/d.html'>y</a>"
    assert read(html).links == ()
    assert read(f"<base href='http://a.example/x/'>{html}").links[0].url == "http://a.example/x/b.html"
    assert (
        read(f"<link rel=canonical href='http://a.example/y/1.html'>{html}").links[0].url
        == "http://a.example/y/b.html"
    )


@settings(max_examples=60, deadline=None)
@given(st.binary(max_size=400))
def test_reading_never_raises_on_any_bytes(body):
    as_json(read_page(body, url="http://[bad"))


@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_reading_never_raises_on_mangled_pages(saved, data):
    body = bytearray(saved(data.draw(st.sampled_from(["header_table", "two_copies", "list", "form"]))))
    for _ in range(data.draw(st.integers(1, 6))):
        start = data.draw(st.integers(0, len(body)))
        end = start + data.draw(st.integers(0, 200))
        body[start:end] = data.draw(
            st.one_of(
                st.binary(max_size=20),
                st.sampled_from([b"<table>", b"</td>", b"<!--", b"<a href='http://[", b"\x00"]),
            )
        )
    as_json(read_page(bytes(body), url=URL))


@pytest.mark.parametrize("tag", ["div", "span", "b", "table", "ul", "font"])
def test_deep_nesting_neither_crashes_nor_loses_the_text(tag):
    reading = read_page((f"<{tag}>" * 50_000 + LONG + f"</{tag}>" * 50_000 + "<p>末尾</p>").encode())
    assert LONG in reading.text
    assert "末尾" in reading.text


@pytest.mark.parametrize(
    "body",
    [
        "<p>" + "文号：" * 30_000,
        "<p>文号：</p>" * 5_000,
        "<p>" + " " * 300_000 + "：",
        "<title>" + "- " * 100_000,
        "<" * 100_000,
        "【" * 50_000 + "】" * 50_000,
        "<div " + " ".join(f"a{n}=1" for n in range(60_000)) + ">x",
        "<tr><td>发布日期：<td>2015-03-12<td>文号<td>1" * 1_000,
        "<table><tr>" + "<td>文号</td>" * 4_000 + "</tr><tr>" + "<td>1</td>" * 4_000,
        "<table>" + "<tr><td>文号</td><td></td><td>1</td></tr>" * 3_000,
        "<%" * 100_000 + "&lt;%" * 100_000,
        "<div style='display:none'>" * 20_000,
        "<title>" + "外围 送 代开发票" * 20_000,
        "<div style='left:-999px'>" + "<a>百家乐</a>" * 20_000,
    ],
    ids=[
        "labels",
        "empty labels",
        "blanks",
        "hyphens",
        "brackets",
        "lenticular",
        "attributes",
        "rows",
        "labels over values",
        "blank column",
        "server code",
        "hidden",
        "spam in the title",
        "hidden links",
    ],
)
@pytest.mark.timeout(20)
def test_no_page_takes_more_than_linear_time(body):
    as_json(read_page(body.encode()))


def test_a_heading_broken_over_lines_is_one_title(read):
    html = (
        "<title>关于印发《农田灌溉管理办法》的通知 - 示例市人民政府</title><div id=zoom>"
        "<p align=center><b>关于印发《农田灌溉</b></p><p align=center><b>管 理 办 法》的通知</b></p>"
        f"<p>{LONG}</p></div>"
    )
    assert read(html).title == "关于印发《农田灌溉管理办法》的通知"


def test_the_heading_of_the_site_is_no_title_of_a_page_without_text(read):
    html = "<title>我要查询</title><h1>示例市电子税务局</h1><ul><li><a href=/a>查询</a></ul>"
    assert read(html).title == "我要查询"


def test_a_title_that_names_the_column_gives_way_to_the_line_above_the_date(read):
    html = (
        "<title>行政处罚公开-阳光泓州网</title><div><a href=/>首页</a> &gt; 行政处罚公开 &gt; 正文</div>"
        f"<div>水务局处罚结果</div><div>发布时间：2014-04-29 17:47</div><div id=zoom><p>{LONG * 3}</p></div>"
    )
    assert read(html).title == "水务局处罚结果"
    assert read(html.replace("水务局处罚结果", "<a href=/x>水务局处罚结果</a>")).title == "行政处罚公开"


def test_a_search_box_and_a_login_beside_a_dated_text_make_no_form(read):
    fields = "<form><input name=q><input name=user><input type=password name=p><select></select></form>"
    html = f"{fields}<p>发布时间：2016-09-28</p><div id=zoom><p>名单予以公示。</p><p>{LONG * 3}</p></div>"
    assert read(html).page_kind is PageKind.DOCUMENT


def test_long_titles_of_a_list_are_no_prose(read):
    items = "".join(
        f"<li><a href='/{n}.html'>关于公布第{n}批、第{n + 1}批灌溉、抗旱、防汛项目名单的公告</a>2022-04-{n}"
        for n in range(10, 25)
    )
    assert read(f"<title>通知公告</title><ul>{items}</ul>").page_kind is PageKind.LIST


def test_an_empty_list_that_turns_its_pages_by_script_is_a_list(read):
    html = "<script>function goPage(n) { location.href = 'l.xp?p=' + n; }</script>共0页 下一页"
    assert read(html).page_kind is PageKind.LIST


def test_a_label_within_a_sentence_takes_nothing_out_of_the_text():
    opening = "健康服务项目（编号：HZ2020-2907）评标工作已经结束，现将结果公告如下："
    page = (
        "<title>中标公告</title><p>发布时间：2020-03-12　来源：市卫生健康委</p>"
        f"<div id='zoom'><p>{opening}</p><p>{LONG}</p></div>"
    )
    reading = read_page(page.encode())
    assert reading.text == f"{opening}\n{LONG}"
    assert not any("HZ2020" in witness.raw for witness in reading.witnesses)


def test_a_bar_of_print_close_and_scan_is_no_text():
    bar = "【打印本页】【关闭窗口】　扫一扫在手机打开当前页"
    page = f"<title>灌溉通知</title><div><p>{LONG * 3}</p><p>{bar}</p></div>"
    assert read_page(page.encode()).text == LONG * 3


@pytest.mark.parametrize("block_is_first", [True, False])
def test_subject_words_that_end_the_text_stay_with_it_beside_a_block(block_is_first):
    rows = {"索引号": "123456789/2010-00031", "发布机构": "示例市水利局", "发布日期": "2010-03-12"}
    block = "<dl>" + "".join(f"<dt>{name}</dt><dd>{said}</dd>" for name, said in rows.items()) + "</dl>"
    text = f"<div><p>{LONG * 3}</p><p>{LONG * 2}</p><p>主题词：水利　灌溉　通知</p></div>"
    page = "<title>灌溉通知</title><div>" + (block + text if block_is_first else text + block) + "</div>"
    reading = read_page(page.encode())
    assert reading.text.endswith("主题词：水利 灌溉 通知")
    assert "索引号" not in reading.text


def test_the_line_under_the_title_is_no_text_however_large_the_block_before_it():
    facts = "".join(
        f"<p>{name}：示例市水利局和示例市财政局</p>" for name in ("发布机构", "发文机关", "主题分类")
    )
    block = f"<div>{facts}<p>关键词：{'水利灌溉' * 30}</p></div>"
    line = "<p>发布时间：2010-03-12　来源：市水利局　浏览次数：次</p>"
    page = f"<title>灌溉通知</title><div>{block}<h1>灌溉通知</h1>{line}<p>{LONG * 3}</p></div>"
    assert read_page(page.encode()).text == LONG * 3


SUBJECT_WORDS = "主题词：水利　灌溉　通知"
SHORT_TEXT = (
    "<p>示例水〔2010〕3号</p><p>各乡镇：</p><p>请做好春灌。</p><p>示例市水利局</p><p>2010年3月12日</p>"
)
BLOCK = {"索引号": "123456789/2010-00031", "发布机构": "示例市水利局", "发布日期": "2010-03-12"}


def items(facts):
    return "<div>" + "".join(f"<p>{name}：{said}</p>" for name, said in facts.items()) + "</div>"


@pytest.mark.parametrize(
    "inner",
    [
        items(BLOCK) + f"<div>{SHORT_TEXT}<p>{SUBJECT_WORDS}</p></div>",
        f"<div>{SHORT_TEXT}<p>{SUBJECT_WORDS}</p></div>" + items(BLOCK),
        f"<p>发布时间：2010-03-12　来源：市水利局</p><div>{SHORT_TEXT}<p>{SUBJECT_WORDS}</p></div>"
        + items(BLOCK),
        f"<div>{SHORT_TEXT}<p>{SUBJECT_WORDS}</p></div>"
        + items(BLOCK | {"主题词": "", "文号": "示例水〔2010〕3号"}),
        f"<div>{SHORT_TEXT}<p>{SUBJECT_WORDS}</p></div>"
        + items({"文种": "通知", "名称": "灌溉通知", "主题词": "水利、灌溉", **BLOCK}),
    ],
    ids=[
        "behind a block",
        "before a block",
        "under a dated line",
        "before an empty 主题词",
        "before another 主题词",
    ],
)
def test_subject_words_end_a_text_however_short(inner):
    reading = read_page(f"<title>灌溉通知</title><div>{inner}</div>".encode())
    assert (
        reading.text
        == "示例水〔2010〕3号\n各乡镇：\n请做好春灌。\n示例市水利局\n2010年3月12日\n主题词：水利 灌溉 通知"
    )


def test_a_date_under_a_title_belongs_to_the_row_of_facts_above_it():
    facts = {
        **BLOCK,
        "主题分类": "",
        "文种": "",
        "名称": "灌溉通知",
        "服务对象": "",
        "文号": "",
        "有效性": "",
    }
    heads, values = ("".join(f"<td>{said}</td>" for said in row) for row in (facts, facts.values()))
    block = f"<table><tr>{heads}</tr><tr>{values}</tr></table>"
    line = "<p>时间：2010-03-12 10:06</p>"
    text = f"<p>{LONG * 3}</p><p>{LONG * 2}</p>"
    page = f"<title>灌溉通知</title><div>{block}<h1>灌溉通知</h1>{line}{text}</div>"
    assert read_page(page.encode()).text == f"{LONG * 3}\n{LONG * 2}"


def test_the_buttons_of_files_at_the_end_are_no_text():
    files = "".join(
        f"<p><a href='/{n}.doc'>{name}.doc</a></p>" for n, name in enumerate(("计划表", "附件下载"))
    )
    page = f"<title>灌溉通知</title><div><p>{LONG * 3}</p><p>{LONG * 2}</p>{files}</div>"
    assert read_page(page.encode()).text == f"{LONG * 3}\n{LONG * 2}"


def test_what_stands_behind_the_end_of_a_page_is_read_as_browsers_show_it():
    page = f"<html><title>灌溉通知</title><body><div><p>{LONG * 3}</p></body></html><p>{LONG * 2}</p>"
    assert read_page(page.encode()).text == f"{LONG * 3}\n{LONG * 2}"
