"""Snippets and highlighted titles."""

import html
import re
from collections.abc import Iterator

from hypothesis import example, given
from hypothesis import strategies as st

from catalog.folding import fold, fold_with_offsets
from search_api.folded_text import FoldedText
from search_api.snippets import ELLIPSIS, WINDOW, highlight, snippet

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
    # A snippet may leave out line breaks; otherwise it is the text.
    text, shown = re.sub(r"\s", "", text), re.sub(r"\s", "", plain(found))
    pieces = {shown, shown.removeprefix(ELLIPSIS), shown.removesuffix(ELLIPSIS)}
    pieces.add(shown.removeprefix(ELLIPSIS).removesuffix(ELLIPSIS))
    assert any(piece in text for piece in pieces)


@given(texts, marks)
def test_a_title_is_whole_and_every_mark_in_it_is_marked(text: str, wanted: list[str]) -> None:
    found = highlight(text, wanted)
    assert plain(found) == text
    assert not set(TAG.sub("", found)) & set("<>\"'")
    outside = re.sub(r"<mark>.*?</mark>", "\0", found, flags=re.DOTALL)
    assert not any(mark in fold(html.unescape(part)) for mark in wanted for part in outside.split("\0"))
    assert "</mark><mark>" not in found


@given(texts, marks)
def test_every_marked_piece_is_made_of_marks(text: str, wanted: list[str]) -> None:
    for shown in (snippet([text], wanted), highlight(text, wanted)):
        for piece in re.findall("<mark>(.*?)</mark>", shown, flags=re.DOTALL):
            folded = fold(html.unescape(piece))
            covered = {
                place
                for mark in wanted
                for start in range(len(folded))
                if folded.startswith(mark, start)
                for place in range(start, start + len(mark))
            }
            # A character that folds to several is marked whole where a part of it was found.
            assert {folded[place] for place in range(len(folded)) if place not in covered} <= set(".fi\u0307")


@given(texts)
def test_every_place_of_the_folding_leads_back(text: str) -> None:
    folded = FoldedText(text * 4)
    assert folded.folded == fold(text * 4)
    for place, char in enumerate(folded.folded):
        assert char in fold(folded.text[folded.place(place)])


@given(
    st.text(st.characters() | st.sampled_from("①ﬁİ㎡\u200b\ud800水")), st.integers(0, 9), st.integers(0, 30)
)
def test_a_stretch_folds_as_every_text_does(text: str, begin: int, length: int) -> None:
    stretch = FoldedText(text, begin, begin + length)
    folded, offsets = fold_with_offsets(text[begin : begin + length])
    assert stretch.folded == folded
    assert [stretch.place(place) for place in range(len(folded))] == [begin + place for place in offsets]


def test_texts_behind_a_good_passage_are_not_asked_for() -> None:
    def texts() -> Iterator[str]:
        yield "本市水价通知。"
        raise AssertionError("another text was asked for")

    assert "<mark>水价通知</mark>" in snippet(texts(), ["水价", "通知"])


def test_what_nobody_sees_hides_no_word_of_a_long_text() -> None:
    text = "别的话。" * 2000 + "调整\u200b水\u200b价的通知。" + "后来的话。" * 1000
    assert "<mark>水\u200b价</mark>" in snippet([text], ["水价"])


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


def test_the_passage_where_the_words_stand_closest_is_preferred() -> None:
    far = "水价由市政府核定，" + "其他事项另行规定，" * 8 + "特此通知。"
    near = "本市调整水价的通知已经印发。"
    found = snippet([far + "别的话。" * 60 + near + "别的话。" * 60], ["水价", "通知"])
    assert "调整<mark>水价</mark>的<mark>通知</mark>" in found


def test_every_place_in_the_snippet_is_marked() -> None:
    found = snippet(["水价通知。" + "水价上涨。" + "关于水价的说明。"], ["水价", "通知"])
    assert found.count("<mark>水价</mark>") + found.count("<mark>水价通知</mark>") == 3


@given(st.integers(0, 12_000), st.booleans())
@example(2048 - 3, False)
@example(4096 - 3, True)
def test_a_passage_anywhere_in_a_long_text_is_found(before: int, spaced: bool) -> None:
    words = "调\n整 Ａ类水价的通知" if spaced else "调整a类水价的通知"
    text = ("别的话。" * 4000)[:before] + words + "。" + "后来的话。" * 2000
    assert "水价的通知</mark>" in snippet([text], ["调整a类水价的通知"])


def test_a_line_break_within_a_sentence_leaves_no_gap() -> None:
    text = "违反规定，处五千元以上二万元以\n下罚款。\n有关单位：\n现将办法印发给你们。"
    assert plain(snippet([text], ["罚款"])) == text.replace("\n", "")


def test_a_heading_keeps_its_distance() -> None:
    text = "第一章 总则\n第一条 为了节约用水，制定本办法。"
    assert plain(snippet([text], ["节约"])) == text


def test_a_title_that_begins_the_text_is_not_said_again() -> None:
    title = "关于调整 水价的通知"
    text = "关于调整水价的通知\n各区人民政府：本市水价自七月起调整。"
    assert plain(snippet([text], ["水价"], title=title)) == "各区人民政府：本市水价自七月起调整。"
    assert plain(snippet([text], [], title=title)) == "各区人民政府：本市水价自七月起调整。"
    assert plain(snippet(["关于调整水价的通知"], ["水价"], title=title)) == "关于调整水价的通知"
    # Where only the title holds the words, it is what shows why.
    assert "<mark>关于</mark>" in snippet([text], ["关于"], title=title)


@given(st.integers(1, 60))
def test_no_found_word_is_cut_in_two(before: int) -> None:
    text = "长" * 300 + "公积金" + "长" * before + "提取办理" + "长" * before + "公积金" + "长" * 300
    found = snippet([text], ["公积金", "提取办理"])
    assert set(re.findall("<mark>(.*?)</mark>", found)) <= {"公积金", "提取办理"}
