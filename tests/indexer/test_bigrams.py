"""The pairs of a text, one text at a time and many at once."""

import unicodedata
from collections import Counter
from itertools import pairwise

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from made_up import texts

from catalog.folding import fold
from indexer import bigrams as module
from indexer.bigrams import bigram_counts, bigrams, ranking_bigrams, ranks


def plainly(text):
    """The definition, word for word."""
    folded = fold(text)
    return Counter(first + second for first, second in pairwise((*folded, "\n")))


@given(texts | st.text())
@example("")
def test_pairs_are_those_of_neighbours_and_of_the_last_character(text):
    assert bigrams(text) == plainly(text)


@given(texts | st.text())
def test_every_character_begins_a_bigram(text):
    folded = fold(text)
    pairs = bigrams(text)
    assert sum(pairs.values()) == len(folded)
    assert {pair[0] for pair in pairs} == set(folded)


@given(st.lists((texts | st.text()).map(fold), max_size=6))
@example(["", "政", "", "a\U00020000é政", "\U0010fffd"])
def test_many_at_once_give_the_same_sorted_by_text_and_code_point(folded):
    found = bigram_counts(folded)
    wanted = [
        (place, int.from_bytes(pair.encode().ljust(8, b"\0"), "big"), count)
        for place, text in enumerate(folded)
        for pair, count in sorted(plainly(text).items())
    ]
    columns = (found.texts, found.pairs, found.counts)
    assert list(zip(*(column.tolist() for column in columns), strict=True)) == wanted
    assert [column.dtype.name for column in columns] == ["uint32", "uint64", "uint32"]


@given(st.lists((texts | st.text()).map(fold), max_size=4))
def test_the_parts_of_one_document_are_added_up(parts):
    found = bigram_counts(["\n".join(parts)])
    pairs = [pair.to_bytes(8, "big").rstrip(b"\0").decode() for pair in found.pairs.tolist()]
    wanted = sum(map(plainly, parts), Counter())
    assert dict(zip(pairs, found.counts.tolist(), strict=True)) == wanted


@given(texts | st.text())
def test_pairs_of_letters_digits_and_characters_rank(text):
    folded = fold(text)
    wanted = [
        pair for pair in pairwise(folded) if all(unicodedata.category(char)[0] in "LN" for char in pair)
    ]
    assert ranking_bigrams(folded) == len(wanted)
    assert all(map(ranks, map("".join, wanted)))
    assert not ranks("号\n")


def test_too_many_texts_are_refused(monkeypatch):
    monkeypatch.setattr(module, "MOST_TEXTS", 1)
    with pytest.raises(ValueError, match="at most 1 "):
        bigram_counts(["政府", "信息"])
