"""Dictionaries as values, and what a change of one changes."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from made_up import FRAGMENTS

from catalog.folding import fold
from indexer import cutter
from indexer.analysis import tokens, words
from indexer.cutter import Cutter
from indexer.dictionary import Dictionary, containing, shipped
from indexer.documents import IndexDocument, analyse
from indexer.query import TermField
from indexer.understanding import understand

DICTIONARIES = tuple(
    map(
        Dictionary,
        [
            (),
            ("信息公开",),
            ("信息公开", "政府信息公开", "云岭市"),
            ("廉租房", "的通知"),  # jieba knows both parts or the whole
            ("民政", "府信", "龘局"),
        ],
    )
)
PIECES = (*FRAGMENTS, "信息公开", "廉租房", "府信", "龘局", "息公")


def test_a_version_names_words_and_base_and_nothing_else():
    assert Dictionary(("公租房", "新农合")) == Dictionary(("新农合", "公租房", "公租房"))
    assert Dictionary(("公租房", "新农合")).version == Dictionary(("新农合", "公租房")).version
    versions = {each.version for each in (*DICTIONARIES, shipped(), Dictionary((), "another base"))}
    assert len(versions) == len(DICTIONARIES) + 2
    assert len(shipped().version) == 16


def test_words_that_only_one_has_are_changed():
    old, new = Dictionary(("公租房", "新农合")), Dictionary(("公租房", "河长制"))
    assert new.changed_words(old) == old.changed_words(new) == {"新农合", "河长制"}
    assert not containing(new.changed_words(new)).search("新农合")
    assert containing(new.changed_words(old)).search("关于新农合的通知")


def test_dictionaries_on_other_bases_are_not_comparable():
    with pytest.raises(ValueError, match="not comparable"):
        shipped().changed_words(Dictionary((), "another base"))


@pytest.mark.parametrize("word", ["", "政", "PM2.5", "新农合 ", "\uf900\uf901", "新\n农合"])
def test_what_a_dictionary_cannot_cut_is_refused(word):
    with pytest.raises(ValueError, match="two or more"):
        Dictionary((word,))


def test_words_too_common_for_their_share_are_refused(monkeypatch):
    monkeypatch.setattr(cutter, "SHARE", 1)
    with pytest.raises(ValueError, match="too common"):
        Cutter(Dictionary(("公租房", "新农合")))


def test_the_sum_of_all_frequencies_is_the_same_for_every_dictionary():
    def told(dictionary):
        jieba, many = Cutter(dictionary)._jieba, 10**9
        jieba.add_word("\ue001", many, None)
        return jieba.suggest_freq("\ue001\ue001")  # many * many / sum: one less for each one more

    assert len({told(each) for each in (*DICTIONARIES, shipped())}) == 1


def test_a_word_holds_together_only_where_the_dictionary_has_it():
    text = "关于政府信息公开的通知"
    assert "信息公开" in words(text, DICTIONARIES[1])
    assert "信息公开" not in words(text, DICTIONARIES[0])
    assert "政府信息公开" in words(text, DICTIONARIES[2])
    assert {"信息公开", "信息", "公开"} <= set(tokens(text, DICTIONARIES[2]))


@settings(max_examples=300)
@given(
    st.lists(st.sampled_from(PIECES), max_size=14).map("".join),
    st.sampled_from(DICTIONARIES),
    st.sampled_from(DICTIONARIES),
)
def test_a_text_without_a_changed_word_is_cut_alike(text, old, new):
    if not containing(new.changed_words(old)).search(fold(text)):
        assert words(text, old) == words(text, new)
        assert tokens(text, old) == tokens(text, new)


def test_old_documents_stay_findable_by_the_dictionary_they_were_cut_with():
    old, new = Dictionary(()), Dictionary(("三证",))
    document = IndexDocument("a", ("办理三证指南",), (), frozenset(), ())
    held = analyse(document, old).terms[TermField.WORDS]
    (reading,) = understand("三证", dictionary=old).query.readings
    assert set(reading.words) == {"三", "证"}
    assert {*reading.words, *_ranking_words(reading)} <= set(held)
    (reading,) = understand("三证", dictionary=new).query.readings
    assert not set(reading.words) & set(held)  # the blind spot, if the old document were asked like this
    assert {*reading.words, *_ranking_words(reading)} <= set(analyse(document, new).terms[TermField.WORDS])


def _ranking_words(reading):
    return {each.term for each in reading.rank if each.field is TermField.WORDS}
