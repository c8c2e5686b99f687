import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.doc_numbers import DocNumber, find_all, key, own_number, parse, parse_all, parse_query

BRACKETS = ["〔〕", "[]", "()", "（）", "【】", "﹝﹞", "〈〉", "《》", "‘’", "〚〛", "［］", "〖〗"]
CODES = st.sampled_from(
    [
        "合政",
        "合政办",
        "合政秘",
        "合政办秘",
        "皖政办",
        "国办发",
        "国发明电",
        "阳府办函",
        "工信厅科函",
        "人社厅发",
    ]
)
YEARS = st.integers(1949, 2048)
SERIALS = st.integers(1, 99999).map(str) | st.integers(1, 9).map("特{}".format)
NUMERALS = str.maketrans("0123456789", "〇一二三四五六七八九")
WIDE = str.maketrans("0123456789", "０１２３４５６７８９")
NUMBERS = st.one_of(
    st.builds(DocNumber, CODES, YEARS, SERIALS),
    st.builds(DocNumber, st.sampled_from(["国务院令", "市政府令", "财政部令"]), st.none(), SERIALS),
    st.builds(DocNumber, st.sampled_from(["公告", "国家税务总局公告", "某省人民政府令"]), YEARS, SERIALS),
    st.builds(
        DocNumber,
        st.sampled_from(["DB34/T", "GB/T", "GB", "T/CCSA"]),
        YEARS,
        st.sampled_from(["4086", "1.2"]),
    ),
)


@st.composite
def spellings(draw):
    """A number and one of the ways in which pages write it."""
    number = draw(st.builds(DocNumber, CODES, YEARS, SERIALS))
    bracket = draw(st.sampled_from(BRACKETS))
    year = draw(st.sampled_from([str(number.year), str(number.year).translate(NUMERALS)]))
    if number.year % 100 and draw(st.booleans()):
        year = str(number.year)[2:]
    zeros = "" if number.serial.startswith("特") else draw(st.sampled_from(["", "0", "00"]))
    parts = [
        number.code,
        bracket[0],
        year,
        bracket[1],
        draw(st.sampled_from(["", "第"])),
        zeros + number.serial,
        "号",
    ]
    space = draw(st.sampled_from(["", " ", "\u3000", "\n", "\xa0"]))
    text = space.join(parts) + draw(st.sampled_from(["", " ", "。", "；"]))
    return number, text.translate(WIDE) if draw(st.booleans()) else text


@pytest.mark.parametrize(
    ("text", "number", "display"),
    [
        ("合政办〔2012〕45号", ("合政办", 2012, "45"), "合政办〔2012〕45号"),
        ("合 政 办 〔2012〕 第 045 号", ("合政办", 2012, "45"), "合政办〔2012〕45号"),
        ("文号：合政办[2012]45", ("合政办", 2012, "45"), "合政办〔2012〕45号"),
        ("（合政办〔2012〕45号）", ("合政办", 2012, "45"), "合政办〔2012〕45号"),
        ("皖政〔98〕3号", ("皖政", 1998, "3"), "皖政〔1998〕3号"),
        ("皖政〔二○一二〕3号", ("皖政", 2012, "3"), "皖政〔2012〕3号"),
        ("合政〔2012〕特1号", ("合政", 2012, "特1"), "合政〔2012〕特1号"),
        ("合(蜀)环罚〔2020〕1号", ("合(蜀)环罚", 2020, "1"), "合(蜀)环罚〔2020〕1号"),
        ("国务院令第 492 号", ("国务院令", None, "492"), "国务院令第492号"),
        ("国令第706号", ("国令", None, "706"), "国令第706号"),
        ("市政府令第165号", ("市政府令", None, "165"), "市政府令第165号"),
        ("市政府令（第165号）", ("市政府令", None, "165"), "市政府令第165号"),
        ("市政府第165号令", ("市政府令", None, "165"), "市政府令第165号"),
        (
            "中华人民共和国主席令第四十九号",
            ("中华人民共和国主席令", None, "49"),
            "中华人民共和国主席令第49号",
        ),
        ("某省人民政府令[2008]第9号", ("某省人民政府令", 2008, "9"), "某省人民政府令〔2008〕第9号"),
        ("2012年第5号公告", ("公告", 2012, "5"), "公告2012年第5号"),
        ("公告2012年第5号", ("公告", 2012, "5"), "公告2012年第5号"),
        ("商务部2012年第5号公告", ("商务部公告", 2012, "5"), "商务部公告2012年第5号"),
        ("db34/t 4086—2021", ("DB34/T", 2021, "4086"), "DB34/T 4086-2021"),
        ("GB/T21063.4-2007", ("GB/T", 2007, "21063.4"), "GB/T 21063.4-2007"),
        ("DB344086-2021", ("DB34", 2021, "4086"), "DB34 4086-2021"),
        ("JR/T 0071-2012", ("JR/T", 2012, "0071"), "JR/T 0071-2012"),
        ("某市人民政府办公厅合政办〔2012〕45号", ("合政办", 2012, "45"), "合政办〔2012〕45号"),
        ("关于做好防汛工作的通知合政办〔2012〕45号", ("合政办", 2012, "45"), "合政办〔2012〕45号"),
        ("日安徽省人民政府令〔2012〕第3号", ("安徽省人民政府令", 2012, "3"), "安徽省人民政府令〔2012〕第3号"),
        ("日照市人民政府令第3号", ("日照市人民政府令", None, "3"), "日照市人民政府令第3号"),
        ("皖经信办〔2012〕3号", ("皖经信办", 2012, "3"), "皖经信办〔2012〕3号"),
        ("市政府办公室便函〔2012〕3号", ("市政府办公室便函", 2012, "3"), "市政府办公室便函〔2012〕3号"),
    ],
)
def test_each_form_is_read_and_shown_officially(text, number, display):
    assert parse(text) == DocNumber(*number)
    assert parse(text).display == display


@pytest.mark.parametrize(
    "text",
    ["", "无", "-", "/", "其他", "第5号", "2012-10-15", "〔2012〕45号", "合政办", "667938726/201802-00052"],
)
def test_what_is_no_number_is_none(text):
    assert parse(text) is None
    assert key(text) is None
    assert parse_all(text) == []


@given(spellings())
def test_all_spellings_of_one_number_share_its_key(spelling):
    number, text = spelling
    assert key(text) == number.key
    assert find_all(f"关于《办法》的说明：{text}")[0].key == number.key


def test_names_of_one_order_share_its_key():
    names = ["国务院令第492号", "国令第492号", "中华人民共和国国务院令第492号", "国务院第492号令"]
    assert {key(name) for name in names} == {"国务院令492号"}
    assert key("国家税务总局公告2012年第5号") == key("国家税务总局公告〔2012〕5号")


@given(NUMBERS, NUMBERS)
def test_different_numbers_differ_in_their_key(one, other):
    assert (one.key == other.key) == (one == other)


@given(NUMBERS)
def test_the_official_form_is_read_back(number):
    assert parse(number.display) == number


@given(
    st.lists(st.builds(DocNumber, CODES, YEARS, SERIALS), min_size=2, max_size=4),
    st.sampled_from(["、", " ", "\n", "；", ""]),
)
def test_a_joint_document_has_the_number_of_each_body(numbers, mark):
    assert parse_all(mark.join(number.display for number in numbers)) == numbers


@pytest.mark.parametrize(
    ("text", "display"),
    [
        (
            "某市关于印发办法的通知\n合政办〔2012〕45号\n各县、区人民政府：\n根据国办发〔2011〕3号要求",
            "合政办〔2012〕45号",
        ),
        ("某市人民政府文件\n合政〔2012〕3号\n", "合政〔2012〕3号"),
        ("合政〔2012〕45号 签发人：张三\n关于请求支持的请示", "合政〔2012〕45号"),
        ("关于转发财库〔2022〕3号文件的通知\n合财〔2022〕9号\n各单位：", "合财〔2022〕9号"),
        ("关于加强管理的通知国发〔2009〕12号各省、自治区", "国发〔2009〕12号"),
        ("财政部财库〔2022〕3号\n各中央预算单位：", "财库〔2022〕3号"),
        ("某省人民政府办公厅 皖政办〔2011〕3号", "皖政办〔2011〕3号"),
        ("某市人民政府\n令\n第165号\n", "某市人民政府令第165号"),
        ("中华人民共和国国务院令\n第 492 号\n现公布", "中华人民共和国国务院令第492号"),
        ("公 告\n2012年第5号\n", "公告2012年第5号"),
        ("(2023年11月17日某省人民政府令〔2023〕第10号公布)", "某省人民政府令〔2023〕第10号"),
    ],
)
def test_a_body_states_its_own_number_in_its_head(text, display):
    assert own_number(text).display == display


@pytest.mark.parametrize(
    "text",
    [
        "按照财库〔2022〕3号要求，现将有关事项通知如下",
        "根据国发〔2009〕12号和皖政〔2009〕3号，制定本办法",
        "《关于某事的通知》（财库〔2022〕3号）已经收悉",
        "各县、区人民政府：\n现将合政办〔2012〕45号转发给你们",
        "工作已经完成。合政办〔2012〕45号",
        "前言" * 100 + "\n合政办〔2012〕45号\n",
        "没有文号的正文",
    ],
)
def test_a_citation_is_not_the_own_number(text):
    assert own_number(text) is None


def test_numbers_are_found_in_reading_order_without_their_lead_in():
    text = "按照财库〔2022〕3号、国务院令第492号和DB34/T 4086-2021，以及商务部公告2012年第5号办理。"
    found = [number.display for number in find_all(text)]
    assert found == ["财库〔2022〕3号", "国务院令第492号", "DB34/T 4086-2021", "商务部公告2012年第5号"]


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("合政办 2012 45", ("合政办", 2012, "45")),
        ("合政办2012年45号", ("合政办", 2012, "45")),
        ("合政办[2012]45号", ("合政办", 2012, "45")),
        ("2012年45号", ("", 2012, "45")),
        ("〔2012〕45号", ("", 2012, "45")),
    ],
)
def test_a_searcher_may_type_a_number_loosely(text, number):
    assert parse_query(text) == DocNumber(*number)


@pytest.mark.parametrize("text", ["2012 45", "2012-10-15", "医保", "2012年预算"])
def test_a_plain_query_is_no_number(text):
    assert parse_query(text) is None


@given(st.text() | st.text("合政〔〕[]()2012第5号令公告年 \n-GB/T一十", max_size=60))
def test_no_text_raises(text):
    for read in (parse, key, parse_all, find_all, own_number, parse_query):
        read(text)
    for number in find_all(text):
        assert parse(number.display).key == number.key


@pytest.mark.parametrize(
    "piece",
    [
        "〔",
        "合",
        "合 ",
        "2012年第",
        "令第",
        "(合)",
        "合(合",
        "GB/T ",
        "1.",
        "〔2012〕",
        "号令公告",
        "第1号令",
        " ",
        "合〔2012〕",
    ],
)
def test_long_texts_are_read_in_linear_time(piece):
    text = piece * 20_000 + "〔2012〕1号"
    start = time.process_time()
    for read in (parse, find_all, own_number, parse_query):
        read(text)
    assert time.process_time() - start < 5
