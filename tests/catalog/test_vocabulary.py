import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.folding import fold
from catalog.vocabulary import VOCABULARIES, Term, read_vocabulary_file, unlisted_code, vocabulary

FIELDS = ["topic", "genre", "audience", "life_cycle", "format", "column", "validity"]
FILES = ["topic", "genre", "audience", "life_cycle", "format", "content_class", "validity"]
TOPIC = vocabulary("topic")


def codes(field, raw):
    return [term.code for term in vocabulary(field).resolve(raw)]


def path_of(terms, term):
    by_code = {one.code: one for one in terms}
    return [*path_of(terms, by_code[term.parent]), term.label] if term.parent else [term.label]


def test_every_classification_has_its_vocabulary():
    assert list(VOCABULARIES) == FIELDS
    assert VOCABULARIES["topic"] is vocabulary("topic")
    with pytest.raises(KeyError):
        VOCABULARIES["organization"]


@pytest.mark.parametrize("field", FIELDS)
def test_codes_are_unique_and_parents_stand_before_their_children(field):
    seen = set()
    for term in vocabulary(field).terms:
        assert term.code not in seen
        assert re.fullmatch(r"[A-Z]+[0-9]*", term.code)
        assert term.parent is None or term.parent in seen
        seen.add(term.code)


@pytest.mark.parametrize("field", FIELDS)
def test_no_name_is_ambiguous_except_under_distinct_parents(field):
    bearers = {}
    for term in vocabulary(field).terms:
        for name in {fold(name) for name in (term.label, *term.aliases)}:
            bearers.setdefault(name, []).append(term)
    for name, terms in bearers.items():
        assert len({term.parent for term in terms}) == len(terms), name
        if len(terms) > 1:
            assert name in {"其他", "其它"}


@pytest.mark.parametrize("name", FILES)
def test_a_data_file_holds_one_entry_a_line_and_says_what_it_is(name):
    data = read_vocabulary_file(name)
    assert data["_about"]["what"]
    allowed = {"code", "label", "parent", "aliases", "confidence", "maps_to"}
    assert all(set(entry) <= allowed for entry in data["terms"])


def test_every_term_of_the_other_topic_scheme_maps_into_the_tree_shown():
    mapped = read_vocabulary_file("topic")["mapped_terms"]
    shown = {term.code for term in TOPIC.terms}
    assert len(mapped) == 153
    assert len({entry["code"] for entry in mapped} - shown) == 153
    terms = [Term(entry["code"], entry["label"], entry.get("parent")) for entry in mapped]
    for entry, term in zip(mapped, terms, strict=True):
        assert entry["maps_to"]
        assert set(entry["maps_to"]) <= shown
        assert codes("topic", "\\".join(path_of(terms, term)))[: len(entry["maps_to"])]
        if term.parent:
            assert codes("topic", "\\".join(path_of(terms, term))) == entry["maps_to"]


@pytest.mark.parametrize("field", FIELDS)
def test_every_label_resolves_to_its_own_code(field):
    terms = vocabulary(field).terms
    for term in terms:
        path = path_of(terms, term)
        if term.label != "其他":
            assert codes(field, term.label) == [term.code]
        if vocabulary(field).parent(term.code) or len(path) == 1:
            assert codes(field, "\\".join(path)) == [term.code]


@pytest.mark.parametrize("field", FIELDS)
def test_every_alias_resolves_to_its_term(field):
    for term in vocabulary(field).terms:
        for alias in term.aliases:
            if alias != "其它":
                assert codes(field, alias) == [term.code], alias


def test_labels_parents_and_lineages_are_told():
    assert TOPIC.label("T0201") == "政务公开"
    assert TOPIC.parent("T0201") == "T02"
    assert TOPIC.lineage("T0201") == ("T0201", "T02")
    assert TOPIC.lineage("T02") == ("T02",)
    assert TOPIC.label("x-0123456789ab") is None
    assert TOPIC.lineage("x-0123456789ab") == ("x-0123456789ab",)


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ("综合政务\\政务公开", ["T0201"]),
        ("综合政务 > 政务公开", ["T0201"]),
        ("综合政务/政务公开", ["T0201"]),
        ("综合政务-政务公开", ["T0201"]),
        ("综合政务　政务公开", ["T0201"]),
        ("综合政务\\从未见过的细类", ["T02"]),
        ("农业、林业、水利", ["T06"]),
        ("农业林业水利", ["T06"]),
        ("财政、金融、审计\\货币(含外汇)", ["T0404"]),
        ("其他", ["T22"]),
        ("综合政务\\其他", ["T0299"]),
        ("科技、教育\\其它", ["T1199"]),
        ("综合政务；科技、教育\\教育", ["T02", "T1102"]),
        ("文化、卫生、体育\\计划生育", ["T1401"]),
        ("工业、交通、邮政", ["T07"]),
        ("国土资源", ["T05"]),
        ("生态环境", ["T1003"]),
        ("卫生计生", ["T1301"]),
        ("工商", ["T0901"]),
        ("市场监管", ["T09"]),
        ("港澳台工作", ["T2001", "T2002"]),
    ],
)
def test_printed_topics_find_their_code(raw, expected):
    assert codes("topic", raw) == expected


@pytest.mark.parametrize(
    ("field", "raw", "expected"),
    [
        ("genre", "命令(令)", ["G103"]),
        ("genre", "会议纪要", ["G115"]),
        ("audience", "公民、企业", ["A1", "A2"]),
        ("audience", "公民,企业", ["A1", "A2"]),
        ("life_cycle", "住房", ["LP07"]),
        ("format", "文本/中文", ["F1"]),
        ("format", "PDF", ["F2"]),
        ("column", "政策法规>本级文件", ["C02", "C03"]),
        ("column", "本級檔案", ["C03"]),
        ("validity", "有 效", ["LV01"]),
        ("validity", "已废止", ["LV03"]),
        ("validity", "is_expired", ["LV02"]),
    ],
)
def test_printed_values_of_other_fields_find_their_code(field, raw, expected):
    assert codes(field, raw) == expected


@pytest.mark.parametrize("field", FIELDS)
@pytest.mark.parametrize("raw", ["", "无", " - ", "--", "NULL", "暂无", "/", "\u3000", "；"])
def test_a_value_that_says_there_is_none_has_no_term(field, raw):
    assert codes(field, raw) == []


def test_an_unknown_label_is_kept_under_a_code_of_its_own():
    (term,) = TOPIC.resolve(" 中央有关文件 ")
    assert term == Term(unlisted_code("中央有关文件"), "中央有关文件")
    assert re.fullmatch(r"x-[0-9a-f]{12}", term.code)
    assert codes("topic", "中央 有关文件") == [term.code]
    assert codes("column", "财政信息/从未见过") == ["C05", unlisted_code("从未见过")]


@given(
    st.sampled_from(FIELDS),
    st.text()
    | st.lists(st.sampled_from(["其他", "综合政务", "\\", "；", "、", "企业", " ", "x"])).map("".join),
)
def test_no_text_raises_and_every_code_is_known_or_of_its_own(field, raw):
    terms = vocabulary(field).resolve(raw)
    assert len({term.code for term in terms}) == len(terms)
    for term in terms:
        assert vocabulary(field).label(term.code) == term.label or term.code == unlisted_code(term.label)
