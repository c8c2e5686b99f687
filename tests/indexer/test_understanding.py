"""How a query is read."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from made_up import queries

from indexer.query import Key, KeyKind
from indexer.ranking import ranking
from indexer.requests import Match, Scope
from indexer.understanding import understand


def only(text):
    (reading,) = understand(text).query.readings
    return reading


def test_words_phrases_and_exclusions():
    reading = only('公积金 "住房贷款" -商业')
    assert reading.words == ("公积金",)
    assert reading.phrases == ("住房贷款",)
    assert reading.excluded == ("商业",)


def test_a_quotation_mark_inside_a_text_is_text():
    assert only("关于“放管服”改革").phrases == ()


def test_stop_words_are_not_asked_for_unless_there_is_nothing_else():
    assert only("公积金的贷款").words == ("公积金", "贷款")
    assert only("关于的").words == ("关于", "的")


def test_up_to_three_words_all_are_asked_for_and_questions_are_loose():
    assert only("公积金 贷款 条件").min_score is None
    assert only("公积金 贷款 条件 材料").min_score == ranking().min_score
    assert only("公积金贷款有什么条件").min_score == ranking().min_score


@pytest.mark.parametrize(
    "typed", ["云政办〔2012〕45号", "云政办[2012]045号", "云政办 2012 45", "云政办（2012）第45号"]
)
def test_every_spelling_of_a_number_is_one_key(typed):
    keys = {key for key in understand(typed).query.keys if key.kind is KeyKind.DOC_NUMBER}
    assert keys == {
        key for key in understand("云政办〔2012〕45号").query.keys if key.kind is KeyKind.DOC_NUMBER
    }
    assert len(keys) == 1


def test_a_number_without_a_body_is_nobodys_key():
    assert not any(key.kind is KeyKind.DOC_NUMBER for key in understand("2012年45号").query.keys)


def test_only_a_traditional_text_is_converted_and_that_is_told():
    assert understand("乾隆年间").interpretations == ()
    understood = understand("政府資訊公開")
    assert [each.kind for each in understood.interpretations] == ["traditional"] * len(
        understood.interpretations
    )
    assert "政府资讯公开" in [each.text for each in understood.interpretations]
    assert len(understood.query.readings) == 1 + len(understood.interpretations)


def test_exact_looks_for_the_text_and_nothing_else():
    query = understand('"公积金" 贷款', match=Match.EXACT).query
    assert query.readings == ()
    assert query.verbatim == ('"公积金"贷款',)
    assert not query.keys_match


def test_nothing_visible_means_every_document():
    assert understand(" \u3000\u200b").query.everything


@given(queries | st.text(max_size=80), st.sampled_from(Scope), st.sampled_from(Match))
def test_no_input_is_a_syntax_error(text, scope, match):
    understood = understand(text, scope=scope, match=match)
    for key in understood.query.keys:
        assert Key(key.kind, key.value) == key
    assert all(understood.marks)
