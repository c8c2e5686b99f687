import html as markup

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from catalog.records import Field, Provenance
from cli.extract import as_json
from crawlers.reading import ReadingHints, read_page, stated

FACTS = {
    "索引号": ("index_number", "123456789/2015-00031"),
    "发布机构": ("publisher", "示例市水务局"),
    "发文机关": ("issuer", "示例市人民政府"),
    "文号": ("doc_number", "示政〔2015〕3号"),
    "发布日期": ("published_on", "2015-03-12"),
    "成文日期": ("issued_on", "2015-03-10"),
    "主题分类": ("topic", "农业、林业、水利"),
    "体裁分类": ("genre", "通知"),
    "标题": ("title", "关于做好农田灌溉工作的通知"),
}
BODY = "<div id='zoom'><p>为保证春耕用水，现就农田灌溉工作通知如下，请各部门认真执行，不得有误。</p></div>"
GAPS = ("", " ", "\u3000", "&nbsp;&nbsp;", "\u3000\u3000")


def _two(items):
    return "<table>" + "".join(f"<tr><th>{k}：</th><td>{v}</td></tr>" for k, v in items) + "</table>"


def _four(items):
    cells = [f"<td><b>{k}：</b></td><td><p>{v}</p></td>" for k, v in items]
    return (
        "<table>"
        + "".join(f"<tr>{''.join(cells[i : i + 2])}</tr>" for i in range(0, len(cells), 2))
        + "</table>"
    )


def _bare_cells(items):
    return "<table>" + "".join(f"<tr><td>{k}</td><td>{v}</td></tr>" for k, v in items) + "</table>"


LAYOUTS = {
    "two columns": _two,
    "four columns": _four,
    "cells without colons": _bare_cells,
    "dl": lambda items: "<dl>" + "".join(f"<dt>【{k}】</dt><dd>{v}</dd>" for k, v in items) + "</dl>",
    "li": lambda items: "<ul>" + "".join(f"<li>{k}：{v}</li>" for k, v in items) + "</ul>",
    "p strong": lambda items: "".join(f"<p><strong>{k}</strong>：{v}</p>" for k, v in items),
    "spans in a line": lambda items: (
        "<div>" + " ".join(f"<span>{k}: {v}</span>" for k, v in items) + "</div>"
    ),
    "adjacent spans": lambda items: "<div>" + "".join(f"<span>{k}：{v}</span>" for k, v in items) + "</div>",
    "label and value elements": lambda items: "".join(
        f"<div class=x><div class=k>{k}：</div><div class=v>{v}</div></div>" for k, v in items
    ),
    "label and value spans": lambda items: "".join(
        f"<li><span>{k}</span><span>{v}</span></li>" for k, v in items
    ),
    "breaks": lambda items: "<td>" + "<br>".join(f"[{k}] {v}" for k, v in items) + "</td>",
}


def _page(block, body=BODY):
    return f"<html><body><div class='menu'><a href='/a'>首页</a></div>{block}{body}</body></html>".encode()


@pytest.mark.parametrize("layout", LAYOUTS, ids=str)
@settings(max_examples=25, deadline=None)
@given(data=st.data())
def test_facts_are_found_however_the_block_is_laid_out(layout, data):
    order = data.draw(st.permutations(list(FACTS)))
    items = []
    for label in order:
        gap = markup.unescape(data.draw(st.sampled_from(GAPS)))
        # Colonless spans of one line part from each other by more than the gaps inside a label.
        items.append((gap.join(label) if layout not in ("spans in a line",) else label, FACTS[label][1]))
    found = as_json(read_page(_page(LAYOUTS[layout](items))))
    assert {field: found[field] for field, _ in FACTS.values()} == dict(FACTS.values())
    assert all(found["provenance"][field] == "printed" for field, _ in FACTS.values())
    assert found["body"].startswith("为保证春耕用水")


@pytest.mark.parametrize("said", ["无", "-", "--", "/", "null", " 空 ", "", "暂无", "&nbsp;"])
@pytest.mark.parametrize("layout", LAYOUTS, ids=str)
def test_values_that_say_nothing_are_null(layout, said):
    items = [
        ("索引号", "123456789/2015-00031"),
        ("文号", said),
        ("主题分类", said),
        ("发布机构", "示例市水务局"),
    ]
    found = as_json(read_page(_page(LAYOUTS[layout](items))))
    assert (found["doc_number"], found["topic"]) == (None, None)
    assert (found["index_number"], found["publisher"]) == ("123456789/2015-00031", "示例市水务局")


def test_labels_are_not_found_inside_other_labels(read):
    reading = read(
        "<p>行 业 分 类：农业</p><p>收文文号：甲2015第3号</p><p>网站名称：示例网</p><p>资金来源：财政</p>"
        + BODY
    )
    assert {w.field for w in reading.witnesses} <= {Field.TITLE}


def test_hidden_copies_are_no_witnesses(saved):
    reading = read_page(saved("two_copies"))
    assert {w.raw for w in reading.witnesses if w.field is Field.INDEX_NUMBER} == {"223456789/2019-00007"}
    assert not any("旧民" in w.raw for w in reading.witnesses)


def test_all_witnesses_are_kept_and_printed_comes_before_meta_before_site(saved):
    reading = read_page(saved("two_copies"), hints=ReadingHints(publisher="示例县政府"))
    dates = [(w.raw, w.provenance) for w in reading.witnesses if w.field is Field.PUBLISHED_ON]
    assert dates == [("2019-05-05", Provenance.PRINTED), ("2019-05-06 10:19", Provenance.META)]
    assert stated(reading)[Field.PUBLISHER].provenance is Provenance.PRINTED
    assert stated(reading)[Field.KEYWORDS].raw == "补贴,名单"
    assert Field.SOURCE not in stated(reading)


def test_the_site_is_the_publisher_where_none_is_printed(read):
    said = stated(read(BODY, hints=ReadingHints(publisher="示例市水务局")))
    assert said[Field.PUBLISHER].provenance is Provenance.SITE
    assert Field.PUBLISHER not in stated(read(BODY))


@pytest.mark.parametrize(
    ("block", "issued", "published"),
    [
        ("<p>发文日期：2015-03-10</p><p>发布日期：2015-03-12</p>", "2015-03-10", "2015-03-12"),
        ("<p>发文日期：2015-03-12</p><p>成文日期：2015-03-10</p>", "2015-03-10", "2015-03-12"),
        ("<p>发文日期：2015-03-10</p>", "2015-03-10", None),
        ("<meta name=PubDate content='2015-03-12 09:00'><p>发文日期：2015-03-12</p>", None, "2015-03-12"),
    ],
)
def test_what_a_date_of_sending_means_depends_on_the_other_dates(read, block, issued, published):
    found = as_json(read(block + "<p>索引号：1/2015-1</p>" + BODY))
    assert (found["issued_on"], found["published_on"]) == (issued, published)


def test_a_registration_number_is_the_number_only_where_no_other_is_stated(read):
    both = "<p>统一编号：ZJ01-2015-0003</p><p>文号：示政〔2015〕3号</p>"
    assert as_json(read(both + BODY))["doc_number"] == "示政〔2015〕3号"
    assert as_json(read("<p>统一编号：ZJ01-2015-0003</p>" + BODY))["doc_number"] == "ZJ01-2015-0003"


def test_a_number_alone_under_the_title_is_printed_and_a_cited_one_is_not(read):
    block = "<p>索引号：1/2015-1</p><p>文号：无</p><p>标题：关于灌溉的通知</p>"
    title, text = "<p>关于灌溉的通知</p>", "<p>各县人民政府：现就灌溉工作通知如下。</p>"
    own = f"<div id=zoom>{title}<p>示政〔2015〕3号</p>{text}</div>"
    cited = f"<div id=zoom>{title}<p>根据示政〔2015〕3号</p>{text}</div>"
    later = f"<div id=zoom>{text}<p>示政〔2015〕3号</p></div>"
    assert as_json(read(block + own))["doc_number"] == "示政〔2015〕3号"
    assert as_json(read(block + cited))["doc_number"] is None
    assert as_json(read(block + later))["doc_number"] is None


def _table(*rows):
    lines = ["".join(f"<td>{cell}</td>" for cell in row) for row in rows]
    return "<table>" + "".join(f"<tr>{line}</tr>" for line in lines) + "</table>"


def test_tables_of_the_text_state_nothing(read):
    table = _table(("名称", "东干渠"), ("来源", "水库"), ("文号", "水〔1"))
    found = as_json(
        read(f"<title>渠道公告</title><div id=zoom><p>{'现就灌溉工作通知如下。' * 20}</p>{table}</div>")
    )
    assert (found["title"], found["source"], found["doc_number"]) == ("渠道公告", None, None)
    assert "东干渠" in found["body"]


def test_items_of_a_list_state_nothing_about_the_page(read):
    rows = "".join(
        f"<div><p>发布日期：2015-03-{n:02}</p><p>索引号：1/2015-{n}</p></div>" for n in range(1, 9)
    )
    found = as_json(read(rows))
    assert (found["published_on"], found["index_number"]) == (None, None)


def test_a_column_header_is_no_label(read):
    table = _table(("序号", "文号", "责任人2"), ("1", "示政〔2015〕3号", "张"))
    assert as_json(read(table + BODY))["doc_number"] is None


def test_a_family_may_name_its_own_labels(read):
    hints = ReadingHints(labels={"公文标识": Field.DOC_NUMBER})
    assert (
        stated(read("<p>公文标识：示政〔2015〕3号</p>" + BODY, hints=hints))[Field.DOC_NUMBER].raw
        == "示政〔2015〕3号"
    )


def test_a_date_before_the_source_is_the_date_of_publication(read):
    found = as_json(read("<p>2016-12-19 08:49 来源：本站 浏览次数：12 【打印】</p>" + BODY))
    assert (found["published_on"], found["source"]) == ("2016-12-19", "本站")


def _own_colon_cells(items):
    return "<table>" + "".join(f"<tr><td>{k}<td>：<td>{v}" for k, v in items) + "</table>"


def _tables_in_cells(items):
    cell = "<td><table><tr><td>{}</td></tr></table></td>"
    rows = (f"<tr>{cell.format(k + '：')}{cell.format(v)}</tr>" for k, v in items)
    return f"<table>{''.join(rows)}</table>"


def _each_character_marked_up(items):
    rows = (f"<tr><td>{''.join(f'<b>{char}</b>' for char in k)}：</td><td>{v}</td></tr>" for k, v in items)
    return f"<table>{''.join(rows)}</table>"


@pytest.mark.parametrize("block", [_own_colon_cells, _tables_in_cells, _each_character_marked_up])
def test_a_label_may_be_parted_from_its_colon_its_row_or_itself(read, block):
    found = as_json(read(block([(k, v) for k, (_, v) in FACTS.items()]) + BODY))
    assert {field: found[field] for field, _ in FACTS.values()} == dict(FACTS.values())


def test_a_case_number_in_the_text_is_no_document_number(read):
    html = "<p>来源：示例市水务局</p><p>编号：HZ2008-2697</p>"
    assert as_json(read(html + BODY))["doc_number"] is None
    inside = BODY.replace("<p>", "<p>编号：HZ2008-2697</p><p>", 1)
    assert as_json(read(inside))["doc_number"] is None
    assert (
        as_json(read(html.replace("HZ2008-2697", "示政〔2015〕3号") + BODY))["doc_number"]
        == "示政〔2015〕3号"
    )


def test_labels_over_one_row_of_values_are_a_block_and_over_more_a_list(read):
    head = "<table><tr><td>索引号</td><td>发布机构</td><td>发布日期</td></tr>"
    row = "<tr><td>{}/2015-1</td><td>泓州市水务局</td><td>2015-03-1{}</td></tr>"
    text = "<div id=zoom><p>为保证春耕用水，现就农田灌溉工作通知如下。</p></div>"
    one = {w.field: w.raw for w in read(head + row.format(1, 1) + "</table>" + text).witnesses}
    assert (one[Field.INDEX_NUMBER], one[Field.PUBLISHER]) == ("1/2015-1", "泓州市水务局")
    more = read(head + row.format(1, 1) + row.format(2, 2) + "</table>" + text).witnesses
    assert Field.INDEX_NUMBER not in {w.field for w in more}
    linked = row.format(1, 1).replace("泓州市水务局", "<a href=/1>泓州市水务局</a>")
    assert Field.INDEX_NUMBER not in {w.field for w in read(head + linked + "</table>" + text).witnesses}


def test_one_empty_cell_is_a_value_and_a_column_of_them_is_none(read):
    number = "<tr><td>文号：</td><td></td><td>泓水〔2015〕3号</td></tr>"
    one = f"<table>{number}<tr><td>发布日期：</td><td>2015-03-12</td></tr></table>"
    assert Field.DOC_NUMBER not in {w.field for w in read(one).witnesses}
    column = one.replace("<td>2015-03-12</td>", "<td></td><td>2015-03-12</td>")
    found = {w.field: w.raw for w in read(column).witnesses}
    assert (found[Field.DOC_NUMBER], found[Field.PUBLISHED_ON]) == ("泓水〔2015〕3号", "2015-03-12")
