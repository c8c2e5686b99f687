"""How a text becomes terms."""

from hypothesis import given
from hypothesis import strategies as st
from made_up import texts

from catalog.folding import fold
from indexer.analysis import bigrams, tiles, tokens, words


def test_a_long_word_is_tiled_and_not_cut_into_every_substring():
    assert set(tokens("人民政府")) == {"人民政府", "人民", "政府"}
    assert "民政" not in tokens("中华人民共和国政府")
    assert {"中华人民共和国", "中华", "人民共和国", "政府"} <= set(tokens("中华人民共和国政府"))


def test_digits_and_letters_are_words_of_their_own():
    assert words("第1号令，PM2.5，医保A类，2023-2025") == [
        *("第", "1", "号令"),
        *("pm", "2", "5"),
        *("医保", "a", "类"),
        *("2023", "2025"),
    ]


def test_white_space_between_characters_does_not_part_words():
    assert words("政 府\n信　息") == words("政府信息")


def test_policy_words_stay_in_one_piece():
    for word in ("新农合", "公租房", "五险一金", "双随机一公开"):
        assert word in words(f"关于{word}的通知")


def test_rare_characters_and_zeros_are_not_lost():
    assert "龘" in "".join(words("龘字"))
    assert "〇" in "".join(words("二〇一二年"))


@given(texts | st.text())
def test_words_and_tiles_stand_in_the_folded_text(text):
    folded = fold(text)
    for word in tokens(text):
        assert word in folded


@given(st.text(alphabet="人民政府中华共和国市局关于的通知", min_size=3, max_size=12))
def test_a_word_can_be_laid_out_with_its_tiles(word):
    parts = set(tiles(word))
    reached = {0}
    for start in range(len(word)):
        if start in reached:
            reached |= {start + len(part) for part in parts if word.startswith(part, start)}
    assert len(word) in reached
    assert word not in parts


@given(texts | st.text())
def test_every_character_begins_a_bigram(text):
    folded = fold(text)
    pairs = bigrams(text)
    assert sum(pairs.values()) == len(folded)
    assert {pair[0] for pair in pairs} == set(folded)


def test_a_run_of_characters_that_nobody_knows_is_cut_soon():
    word = "\U00020000\U00020001" * 2500
    assert len(tiles(word)) >= 5000  # took minutes before splits were bounded by the longest known word
