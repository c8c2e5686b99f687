"""How a text becomes terms."""

import subprocess
import sys
from collections import Counter
from itertools import chain

from hypothesis import example, given
from hypothesis import strategies as st
from made_up import texts

from catalog.folding import fold
from indexer.analysis import has_words, spaced, tiles, tokens, words


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
@example("個工作日内，3个工作日")  # a word that is also a tile of another
def test_tokens_are_the_words_and_the_tiles_of_each(text):
    found = words(text)
    assert tokens(text) == Counter(chain(found, chain.from_iterable(map(tiles, found))))
    assert has_words(text) == bool(found)


@given((texts | st.text()).map(lambda text: text * 8) | st.text(min_size=65))
def test_a_spaced_text_is_the_folded_one_with_spaces(text):
    assert spaced(text) == "".join(" " if char.isspace() else fold(char) for char in text)
    assert spaced(text).replace(" ", "") == fold(text)
    assert spaced(spaced(text)) == spaced(text)


def test_a_run_of_characters_that_nobody_knows_is_cut_soon():
    word = "\U00020000\U00020001" * 2500
    assert len(tiles(word)) >= 5000  # took minutes before splits were bounded by the longest known word


def test_who_only_asks_does_not_load_the_frequencies():
    asked = (
        "from indexer import cutter, understanding\n"
        "understanding.understand('中华人民共和国政府信息公开 \"公积金\" -商业')\n"
        "assert not cutter._base_frequencies.cache_info().currsize\n"
    )
    subprocess.run([sys.executable, "-c", asked], check=True, timeout=60)
