import codecs

from hypothesis import given
from hypothesis import strategies as st

from catalog.folding import clean
from crawlers.reading import decode
from crawlers.reading.decoding import false_charset

TEXT = "关于做好防汛工作的通知，请各部门认真执行。镕喆堃〇—·"


def test_utf8_is_read_whatever_is_declared():
    assert decode(TEXT.encode(), "gbk") == TEXT
    assert decode(f'<meta charset="gb2312">{TEXT}'.encode()).endswith(TEXT)


def test_gbk_declared_as_utf8_or_gb2312_is_read_as_gb18030():
    for declared in ("utf-8", "gb2312", "iso-8859-1", "no-such-charset", None):
        assert decode((TEXT + "䶮鿏").encode("gb18030"), declared) == TEXT + "䶮鿏"


def test_byte_order_marks_win_and_disappear():
    for codec in ("utf-8-sig", "utf-16", "utf-32"):
        assert decode(TEXT.encode(codec), "gbk") == TEXT


def test_utf8_with_bad_bytes_does_not_become_mojibake():
    body = (TEXT * 200).encode()
    damaged = b"".join(body[i : i + 300] + b"\xe5\xb0" for i in range(0, len(body), 300))
    assert decode(damaged, "utf-8").count("防汛") >= 150
    assert decode(TEXT.encode() + b"\xff").startswith(TEXT)
    assert decode(TEXT.encode()[:-1]).startswith(TEXT[:-1])


def test_a_declared_charset_breaks_the_tie_when_neither_fits():
    assert (
        "中文" in decode("中文測試".encode("big5") + b"\xff", "big5") or decode(b"\xff", "big5") == "\ufffd"
    )


@given(
    st.binary(max_size=300),
    st.one_of(st.none(), st.text(max_size=12), st.sampled_from(["hex", "rot13", "utf-16"])),
)
def test_decoding_never_raises_and_yields_clean_text(body, declared):
    text = decode(body, declared)
    assert text == clean(text)


def test_a_false_charset_is_told_with_the_true_one():
    page, gbk = TEXT.encode(), TEXT.encode("gb18030")
    assert false_charset(page, "gb2312") == ("gb2312", "utf-8")
    assert false_charset(gbk, "UTF-8") == ("UTF-8", "gb18030")
    assert false_charset(gbk, "iso-8859-1") == ("iso-8859-1", "gb18030")
    assert false_charset(b'<meta charset="gbk">' + page) == ("gbk", "utf-8")


def test_what_makes_no_difference_is_no_false_charset():
    page, gbk = TEXT.encode(), TEXT.encode("gb18030")
    assert false_charset(page, "utf8") is None
    assert false_charset(gbk, "gb2312") is None
    assert false_charset(page) is None
    assert false_charset(page, "no-such-charset") is None
    assert false_charset(b"<p>page</p>", "gbk") is None
    assert false_charset(codecs.BOM_UTF8 + page, "gbk") is None
    assert false_charset(b'<meta charset="gbk">' + page, "utf-8") is None, "a browser believes the header"
    assert false_charset(page[:-1] + b"\xff" + page * 9, "utf-8") is None, "it is damaged, and what it says"
