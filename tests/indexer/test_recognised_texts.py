"""Recognised text is found like any other, and weighs less."""

from dataclasses import replace

from indexer.documents import IndexDocument, analyse
from indexer.query import TermField

TEXT = "灌溉收费标准。灌溉面积。灌溉用水。"


def document(**parts):
    return IndexDocument(
        id="a", titles=("通知",), texts=("正文", TEXT), keys=frozenset(), publications=(), **parts
    )


def test_a_word_of_a_recognised_text_counts_once_and_the_text_is_as_long_as_it_is():
    plain = analyse(document())
    guessed = analyse(document(recognised=frozenset({1})))
    assert plain.terms[TermField.WORDS]["灌溉"] == 3
    assert guessed.terms[TermField.WORDS]["灌溉"] == 1
    assert guessed.lengths == plain.lengths


def test_a_recognised_text_is_found_verbatim_like_any_other():
    plain, guessed = analyse(document()), analyse(replace(document(), recognised=frozenset({1})))
    assert guessed.folded_texts == plain.folded_texts
    assert set(guessed.terms[TermField.WORDS]) == set(plain.terms[TermField.WORDS])
