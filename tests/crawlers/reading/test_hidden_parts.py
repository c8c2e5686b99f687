"""What no reader sees, and pages that come back under another address."""

from catalog.records import Field, PageKind, Provenance
from crawlers.reading import same_page, stated

LONG = "为保证春耕用水，现就农田灌溉工作通知如下，请各部门认真执行，不得有误。"
BODY = f"<div id=zoom><p>{LONG}</p><p>{LONG[::-1]}</p></div>"


def block(number: str, day: str, style: str = "") -> str:
    return (
        f"<div {style}><p>索引号：{number}</p><p>发布机构：泓州市水务局</p><p>文号：泓水〔2015〕3号</p>"
        f"<p>发布日期：{day}</p></div>"
    )


def test_a_hidden_copy_contradicts_nothing(read):
    hidden = block("999/2011-9", "2011-01-01", "style='display:none'")
    said = stated(read(hidden + block("123/2015-1", "2015-03-12") + hidden + BODY))
    assert said[Field.INDEX_NUMBER].raw == "123/2015-1"
    assert said[Field.PUBLISHED_ON].raw == "2015-03-12"
    assert "2011-01-01" not in {w.raw for w in read(hidden + block("1/2015-1", "2015-03-12")).witnesses}


def test_a_hidden_block_speaks_where_the_page_shows_none(read):
    reading = read(f"<p>发布日期：2015-03-12</p>{block('123/2015-1', '2011-01-01', 'class=pchide')}{BODY}")
    said = stated(reading)
    assert said[Field.INDEX_NUMBER].raw == "123/2015-1"
    assert said[Field.INDEX_NUMBER].provenance is Provenance.META
    assert said[Field.PUBLISHED_ON].raw == "2015-03-12"
    assert "索引号" not in reading.text
    assert "水务局" not in reading.text


def test_a_hidden_block_adds_nothing_to_a_visible_one(read):
    hidden = block("999/2011-9", "2011-01-01", "style='display:none'")
    seen = "<p>索引号：123/2015-1</p><p>发布机构：泓州市水务局</p><p>发布日期：2015-03-12</p>"
    assert Field.DOC_NUMBER not in stated(read(hidden + seen + BODY))


def test_a_hidden_label_or_two_are_no_block(read):
    html = f"<p>发布日期：2015-03-12</p><div style='display:none'><p>文号：泓水〔2011〕9号</p></div>{BODY}"
    assert Field.DOC_NUMBER not in stated(read(html))


def test_hidden_spam_links_are_told_and_the_document_is_kept(read):
    spam = "".join(f"<a href=http://x{n}.example/>百家乐开户{n}</a>" for n in range(5))
    for style in ("style='display:none'", "style='position:absolute;left:-9999px'", "style='height:0px'"):
        reading = read(f"<title>灌溉通知</title>{block('1/2', '2015-03-12')}{BODY}<div {style}>{spam}</div>")
        assert (reading.page_kind, reading.hidden_spam) == (PageKind.DOCUMENT, 5)
        assert "百家乐" not in reading.text
    assert (
        read(f"<title>灌溉通知</title>{BODY}<div style='display:none'><a href=/x>微信</a></div>").hidden_spam
        == 0
    )


def home(day: int, visits: int) -> str:
    items = "".join(
        f"<li><a href=/{n}.html>泓州市第{n}条要闻：{'甲乙丙丁戊己庚辛'[n % 8]}{n}项工程</a></li>"
        for n in range(30)
    )
    return (
        f"<title>泓州市人民政府</title><p>今天是2015年3月{day}日</p><ul>{items}</ul><p>访问量：{visits}</p>"
    )


def test_the_home_page_under_a_deep_address_is_known_again(read):
    assert same_page(read(home(11, 100)).fingerprint, read(home(12, 101)).fingerprint)


def test_a_detail_in_the_sites_frame_is_another_page(read):
    menu = "".join(f"<li><a href=/c{n}>栏目{chr(0x4E00 + n)}</a></li>" for n in range(30))
    front = read(f"<title>水务局</title><ul>{menu}</ul>{home(11, 1)}").fingerprint
    detail = read(f"<title>水务局</title><ul>{menu}</ul>{block('1/2', '2015-03-12')}{BODY}").fingerprint
    assert not same_page(front, detail)
    assert not same_page(read("<p>短").fingerprint, read("<p>短").fingerprint)
