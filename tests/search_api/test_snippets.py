"""Snippets and highlighted titles."""

import html
import re

from hypothesis import example, given
from hypothesis import strategies as st

from catalog.folding import fold
from search_api.snippets import ELLIPSIS, WINDOW, FoldedText, highlight, snippet

texts = st.text(st.sampled_from("水价通知。！\n <>&\"'ABＡ①ﬁİ…　x\u200b"), max_size=400)
marks = st.lists(texts.map(fold).map(lambda text: text[:5]).filter(bool), max_size=4)

TAG = re.compile(r"</?mark>")


def plain(markup: str) -> str:
    return html.unescape(TAG.sub("", markup))


@given(texts, marks)
@example("a" * 500 + "水价" + "b" * 500, ["水价"])
def test_a_snippet_is_a_piece_of_the_text_and_holds_no_tag_but_mark(text: str, wanted: list[str]) -> None:
    found = snippet([text], wanted)
    assert not set(TAG.sub("", found)) & set("<>\"'")
    assert found.count("<mark>") == found.count("</mark>")
    shown = plain(found)
    dots = str(ELLIPSIS)
    pieces = {shown, shown.removeprefix(dots), shown.removesuffix(dots)}
    pieces.add(shown.removeprefix(dots).removesuffix(dots))
    assert any(piece in text for piece in pieces)


@given(texts, marks)
def test_a_title_is_whole_and_every_mark_in_it_is_marked(text: str, wanted: list[str]) -> None:
    found = highlight(text, wanted)
    assert plain(found) == text
    assert not set(TAG.sub("", found)) & set("<>\"'")
    outside = re.sub(r"<mark>.*?</mark>", "\0", found, flags=re.DOTALL)
    assert not any(mark in fold(html.unescape(part)) for mark in wanted for part in outside.split("\0"))
    assert "</mark><mark>" not in found


@given(texts)
def test_every_place_of_the_folding_leads_back(text: str) -> None:
    folded = FoldedText(text * 4)
    assert folded.folded == fold(text * 4)
    for place, char in enumerate(folded.folded):
        assert char in fold(folded.text[folded.place(place)])


def test_the_best_window_is_the_one_with_most_different_words() -> None:
    text = "水。" * 3 + "无关的话。" * 60 + "调整水价的通知已经印发。" + "别的话。" * 60
    found = snippet([text], ["水", "水价", "通知"])
    assert "调整<mark>水价</mark>的<mark>通知</mark>" in found
    assert found.startswith("…")
    assert found.endswith("…")


def test_it_is_cut_between_sentences() -> None:
    text = (
        "前面有一句很长的话说的是别的事情。" * 20
        + "本市水价由市政府核定。"
        + "后面也有一句很长的话说的是别的事情。" * 20
    )
    shown = plain(snippet([text], ["水价"])).strip("…")
    assert shown.startswith(("前面", "本市"))
    assert shown.endswith("。")
    assert len(shown) <= WINDOW + 30


def test_the_text_that_holds_the_words_is_chosen() -> None:
    assert "<mark>水价</mark>" in snippet(["没有这个词。", "附件里说的是水价。"], ["水价"])


def test_without_a_mark_the_beginning_is_shown() -> None:
    assert snippet(["", "  开头的一句。" + "后来的话，" * 60], ["没有"]).startswith("开头的一句。")
    assert snippet([], ["水价"]) == ""
    assert snippet(["", " \n"], []) == ""


def test_words_are_found_in_any_width_and_case_and_across_spaces() -> None:
    assert highlight("Ａ 类 药品目录", ["a类药品"]) == "<mark>Ａ 类 药品</mark>目录"


def test_hostile_text_stays_text() -> None:
    found = highlight('<script>alert("水价")</script>&amp;', ["水价", "script"])
    assert found == (
        "&lt;<mark>script</mark>&gt;alert(&#34;<mark>水价</mark>&#34;)&lt;/<mark>script</mark>&gt;&amp;amp;"
    )


def test_a_mark_longer_than_the_window_is_shown_whole() -> None:
    long = "".join(chr(0x4E00 + n) for n in range(WINDOW * 2))
    assert f"<mark>{long}</mark>" in snippet(["前言。" + long + "后语。"], [long])
