"""Documents that say nearly the same are suggested with a reason, and never merged by themselves."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import func, select

from catalog import near_duplicates, schema, sketches
from catalog.decisions import split, undo
from catalog.differences import differences
from catalog.folding import fold
from catalog.reading import Moved, find_document
from catalog.suggestions import State, SuggestionError, accept, refuse, suggestions

BODY = (
    "".join(
        f"{where}要按照统一部署安排好开学工作,{what}由{who}负责,务必落实到位。"
        for where, what, who in (
            ("城区各校", "校车检查", "后勤处"),
            ("乡镇中心校", "食堂卫生", "总务科"),
            ("民办学校", "收费公示", "计财科"),
            ("幼儿园", "门卫值守", "保卫科"),
            ("特殊教育学校", "康复课程", "基教科"),
            ("职业中专", "实训设备", "职教科"),
            ("教师进修学校", "暑期培训", "人事科"),
            ("青少年活动中心", "社团招新", "德育科"),
        )
    ).replace(",", "，")
    + "开学日期为2012年9月1日。"
)
TITLE = "关于做好开学工作的通知"
HEADING = "云岭市教育局政务公开专栏"


@pytest.fixture
def pair(record):
    """Record two pages that no rule merges: one body has something the other has not."""

    def call(other, *, title=TITLE, **facts):
        first = record("http://a.example/1", TITLE, BODY)
        second = record("http://a.example/2", title, other, **facts)
        assert first.document_id != second.document_id
        return first, second

    return call


def found(catalog, state=State.OPEN):
    near_duplicates.find(catalog)
    with catalog.read() as connection:
        return list(suggestions(connection, state))


@pytest.mark.parametrize(
    ("other", "said"),
    [
        (f"{HEADING}\n{BODY}", HEADING),
        (BODY + "\n云岭市教育局办公室", "云岭市教育局办公室"),
        (BODY.replace("，", ","), "标点"),
        (BODY.replace("后勤处", "（后勤处）"), "标点"),
    ],
)
def test_a_print_version_or_a_mirrored_page_is_suggested_with_its_reason(catalog, pair, other, said):
    if fold(other) == fold(BODY):
        other += "。"
    first, second = pair(other)
    (suggestion,) = found(catalog)
    assert {suggestion.first_document_id, suggestion.second_document_id} == {
        first.document_id,
        second.document_id,
    }
    assert said in suggestion.reason
    assert suggestion.similarity >= near_duplicates.LEAST


def test_the_same_text_under_another_title_is_suggested(catalog, pair):
    pair(BODY, title="开学工作安排")
    (suggestion,) = found(catalog)
    assert (suggestion.similarity, suggestion.reason) == (1.0, "正文完全相同，标题不同")


@pytest.mark.parametrize(
    "other",
    [
        BODY.replace("2012", "2013"),
        BODY.replace("2012年", "二○一二年"),
        BODY.replace("后勤处", "财务处"),
        BODY.replace("务必落实", "不必落实", 1),
        BODY.replace("由保卫科负责", "不由保卫科负责"),
        BODY[: len(BODY) // 2] + "2012年9月1日",
    ],
)
def test_texts_that_differ_in_a_digit_or_a_word_are_never_suggested(catalog, pair, other):
    pair(other)
    assert found(catalog) == []


@pytest.mark.parametrize(
    ("facts", "title"),
    [
        ({"doc_number": "云教〔2012〕8号"}, TITLE),
        ({"issued_on": "2012-08-02"}, TITLE),
        ({}, "2012年第3号公告"),
    ],
)
def test_what_is_printed_of_the_documents_can_speak_against_it(catalog, record, facts, title):
    record("http://a.example/1", TITLE, BODY, doc_number="云教〔2012〕7号", issued_on="2012-08-01")
    record("http://a.example/2", title, f"{HEADING}\n{BODY}", **facts)
    assert found(catalog) == []


def test_a_run_looks_at_what_changed_against_all_there_is(catalog, record):
    record("http://a.example/1", TITLE, BODY)
    assert near_duplicates.find(catalog).sketched == 1
    assert near_duplicates.find(catalog) == near_duplicates.Searched(0, 0, 0)
    record("http://a.example/2", TITLE, f"{HEADING}\n{BODY}")
    assert near_duplicates.find(catalog) == near_duplicates.Searched(1, 1, 1)
    assert near_duplicates.find(catalog) == near_duplicates.Searched(0, 0, 0)


def test_a_suggestion_for_which_nothing_speaks_any_longer_is_dropped(catalog, pair, record):
    pair(f"{HEADING}\n{BODY}")
    assert len(found(catalog)) == 1
    record("http://a.example/2", TITLE, f"{HEADING}\n{BODY.replace('2012', '2013')}")
    assert found(catalog) == []
    record("http://a.example/2", TITLE, f"{HEADING}\n{BODY}")
    assert len(found(catalog)) == 1


def test_what_was_refused_is_not_suggested_again(catalog, pair, record):
    pair(f"{HEADING}\n{BODY}")
    (suggestion,) = found(catalog)
    with catalog.write() as tx:
        refuse(tx, suggestion.id, who="测试员")
        with pytest.raises(SuggestionError, match="测试员"):
            accept(tx, suggestion.id, who="另一人")
    record("http://a.example/2", TITLE, f"{HEADING}。\n{BODY}")
    assert found(catalog) == []
    assert [each.id for each in found(catalog, State.REFUSED)] == [suggestion.id]


def test_accepting_merges_and_is_a_decision_that_can_be_undone(catalog, pair):
    pair(f"{HEADING}\n{BODY}")
    (suggestion,) = found(catalog)
    with catalog.write() as tx:
        decision = accept(tx, suggestion.id, who="测试员")
    with catalog.read() as connection:
        merged = decision.details["merged"]
        assert find_document(connection, merged) == Moved(decision.details["into"])
    assert suggestion.id in decision.why  # the reason may quote the text, which a purge has to remove
    assert found(catalog) == []
    with catalog.write() as tx:
        undo(tx, decision.id, why="看错了", who="测试员")
    assert found(catalog) == []


def test_documents_that_became_one_otherwise_are_no_longer_listed(catalog, pair, record):
    pair(f"{HEADING}\n{BODY}")
    assert len(found(catalog)) == 1
    record("http://a.example/2", TITLE, BODY)
    assert found(catalog) == []


def test_what_staff_split_out_is_not_suggested(catalog, record):
    record("http://a.example/1", TITLE, BODY)
    second = record("http://a.example/2", TITLE, BODY)
    with catalog.write() as tx:
        split(tx, second.publication_id, why="不是一件", who="测试员")
    assert found(catalog) == []


def test_many_pages_of_one_text_take_bounded_work(catalog, record):
    count = near_duplicates.BUCKET * 2
    for n in range(count):
        record(f"http://a.example/{n}", f"{'甲乙丙丁戊己庚辛'[n % 8]}区{'东西南北中'[n // 8]}片通知", BODY)
    searched = near_duplicates.find(catalog)
    assert searched.made == searched.pairs < count * near_duplicates.BUCKET


def test_sketches_of_another_kind_are_made_anew(catalog, record):
    record("http://a.example/1", TITLE, BODY)
    near_duplicates.find(catalog)
    with catalog.write() as tx:
        tx.execute(schema.text_sketch.update().values(sketch=b"older"))
    record("http://a.example/2", TITLE, f"{HEADING}\n{BODY}")
    record("http://a.example/1", TITLE, BODY, source="本站")
    assert near_duplicates.find(catalog).made == 1
    with catalog.read() as connection:
        assert connection.execute(select(func.count()).select_from(schema.text_sketch)).scalar_one() == 2


texts = st.text("甲乙丙丁。,12", max_size=60)


@given(one=texts, other=texts)
def test_differences_tell_all_that_differs(one, other):
    told = differences(one, other)
    assert (told == []) == (one == other)
    assert sum(len(d.other) - len(d.one) for d in told) == len(other) - len(one)


@given(text=st.text(max_size=300))
def test_a_sketch_is_of_one_size_and_the_same_for_the_same_text(text):
    stored = sketches.sketch(text)
    assert stored == sketches.sketch(text)
    assert sketches.is_current(stored)
    assert len(stored) == sketches.SIZE


def test_a_text_too_long_or_too_different_is_not_compared():
    assert differences("甲。" * 6_000, "乙。") is None
    assert differences("甲" * 3_000, "乙" * 3_000) is None
