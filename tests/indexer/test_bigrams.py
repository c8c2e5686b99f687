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
from indexer.bigrams import bigram_lists, bigrams, ranking_bigrams, ranks


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


def plain_lists(folded):
    """(packed pair, text, count) of all texts, in the order of pairs and texts."""
    found = [
        (pair, place, count) for place, text in enumerate(folded) for pair, count in plainly(text).items()
    ]
    return [
        (int.from_bytes(pair.encode().ljust(8, b"\0"), "big"), place, count)
        for pair, place, count in sorted(found)
    ]


@given(st.lists((texts | st.text()).map(fold), max_size=6))
@example(["", "政", "", "a\U00020000é政", "\U0010fffd"])
def test_many_at_once_give_the_same_by_pair_and_text(folded):
    found = bigram_lists(folded)
    pairs = found.pairs.repeat(found.holding)
    columns = (pairs.tolist(), found.texts.tolist(), found.counts.tolist())
    assert list(zip(*columns, strict=True)) == plain_lists(folded)
    assert sorted(set(found.pairs.tolist())) == found.pairs.tolist()


@given(st.lists((texts | st.text()).map(fold), max_size=4))
def test_the_parts_of_one_document_are_added_up(parts):
    found = bigram_lists(["\n".join(parts)])
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
        bigram_lists(["政府", "信息"])
