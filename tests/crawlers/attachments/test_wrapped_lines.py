"""Paragraphs that a page's width broke are whole again."""

from hypothesis import given
from hypothesis import strategies as st

from catalog.folding import fold
from crawlers.attachments.wrapped_lines import unwrapped


def test_a_sentence_broken_by_the_width_is_joined_and_paragraphs_stay():
    page = "\n".join(
        [
            "云岭市民政局关于开展检查的通知",
            "各区民政局：",
            "为进一步做好城乡居民最低生活保障工作，经研究决定开展专项检",
            "查，全市家庭经济状况核对覆盖率达到百分之九十六以上，现将有",
            "关事项通知如下。",
            "一、检查的内容包括资金发放和档案管理两个方面，以及信息公开情",
            "二、检查的时间为九月。",
        ]
    )
    assert unwrapped(page).split("\n") == [
        "云岭市民政局关于开展检查的通知",
        "各区民政局：",
        "为进一步做好城乡居民最低生活保障工作，经研究决定开展专项检查，全市家庭经济状况核对"
        "覆盖率达到百分之九十六以上，现将有关事项通知如下。",
        "一、检查的内容包括资金发放和档案管理两个方面，以及信息公开情",
        "二、检查的时间为九月。",
    ]


def test_short_lines_are_entries_and_stay_apart():
    assert unwrapped("甲\n乙\n丙") == "甲\n乙\n丙"


@given(st.text())
def test_no_visible_character_is_lost(text):
    assert fold(unwrapped(text)) == fold(text)
