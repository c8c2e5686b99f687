"""Folding: the form in which texts are compared."""

from hypothesis import given
from hypothesis import strategies as st

from catalog.folding import clean, fold, fold_with_offsets, visible_length


@given(st.text(), st.text())
def test_the_folding_of_a_part_is_the_part_of_the_folding(one, other):
    assert fold(one + other) == fold(one) + fold(other)


@given(st.text())
def test_folding_again_changes_nothing(text):
    assert fold(fold(text)) == fold(text)


@given(st.text())
def test_every_folded_character_knows_where_it_came_from(text):
    folded, offsets = fold_with_offsets(text)
    assert folded == fold(text)
    assert len(offsets) == len(folded)
    assert offsets == sorted(offsets)
    assert all(char in fold(text[place]) for char, place in zip(folded, offsets, strict=True))


@given(st.text())
def test_no_white_space_is_left(text):
    assert not any(char.isspace() for char in fold(text))


def test_width_case_and_spacing_do_not_matter():
    assert fold("第　１ 号\n令ＰＭ2.5") == "第1号令pm2.5"
    assert visible_length("目　录\u200b\ufe0f") == 2


@given(st.text())
def test_cleaned_text_can_be_stored_and_keeps_what_is_visible(text):
    cleaned = clean(text)
    cleaned.encode()
    assert "\x00" not in cleaned
    assert fold(cleaned) == fold(text)
