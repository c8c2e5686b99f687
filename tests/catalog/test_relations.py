"""What a document says of others."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.records import Relation, RelationKind
from catalog.references import find_references
from catalog.relations import LONGEST_EVIDENCE, MOST, find_relations

REPEALS, AMENDS, FORWARDS, INTERPRETS, CITES = RelationKind


def _said(
    text: str, title: str = "泓州市某事项办法"
) -> list[tuple[RelationKind, str | None, str | None, bool]]:
    return [(r.kind, r.target_number, r.target_title, r.explicit) for r in find_relations(title, text)]


def test_a_title_and_the_number_beside_it_are_one_reference() -> None:
    sentence = "按照泓政〔2010〕3号文件和《供水办法》(泓政办〔2012〕45号)、《排水办法》办理"
    found = [(reference.title, reference.key) for reference in find_references(sentence)]
    assert found == [(None, "泓政〔2010〕3号"), ("供水办法", "泓政办〔2012〕45号"), ("排水办法", None)]


def test_a_title_within_a_title_is_part_of_it() -> None:
    (reference,) = find_references("见《关于印发《供水办法》的通知》")
    assert reference.title == "关于印发《供水办法》的通知"


def test_what_is_repealed_beside_another_is_repealed_too() -> None:
    text = "本办法自2020年1月1日起施行，《供水办法》（泓政〔2008〕5号）、《供水细则》同时废止。"
    assert _said(text) == [
        (REPEALS, "泓政〔2008〕5号", "供水办法", True),
        (REPEALS, None, "供水细则", False),
    ]


@pytest.mark.parametrize(
    "text",
    [
        "《供水办法》（泓政〔2008〕5号）已废止，不再适用。",
        "《供水办法》（泓政〔2008〕5号）不得废止。",
        "根据《供水办法》（泓政〔2008〕5号）制定的办法废止。",
        "依照《供水办法》（泓政〔2008〕5号）办理。",
    ],
)
def test_what_is_only_spoken_of_is_not_repealed(text: str) -> None:
    assert _said(text) == [(CITES, "泓政〔2008〕5号", "供水办法", False)]


def test_a_list_of_what_is_repealed_is_read_to_its_end() -> None:
    text = "\n".join(
        [
            "经研究，决定废止下列规范性文件：",
            "1.《供水办法》（泓政〔1999〕11号）",
            "2．关于排水的通知（泓政办〔2003〕77号）",
            "泓州市人民政府",
        ]
    )
    assert [said[:2] for said in _said(text)] == [
        (REPEALS, "泓政〔1999〕11号"),
        (REPEALS, "泓政办〔2003〕77号"),
    ]
    assert find_relations("决定", text)[0].sentence.startswith("经研究，决定废止下列")


def test_the_reason_before_a_list_of_what_is_repealed_is_no_condition() -> None:
    text = (
        "根据规范性文件清理工作要求，经研究，决定废止下列文件，自公布之日起不再作为依据：\n"
        "一、云岭市水务局关于印发《供水管理细则（试行）》的通知（云水〔2015〕1号）"
    )
    (relation,) = find_relations("关于废止部分规范性文件的决定", text)
    assert (relation.kind, relation.explicit) == (RelationKind.REPEALS, True)
    assert (relation.target_title, relation.target_number) == ("供水管理细则(试行)", "云水〔2015〕1号")


def test_a_list_is_read_behind_what_was_required_and_a_number_goes_with_what_its_notice_issues() -> None:
    text = "\n".join(
        [
            "根据清理工作要求，经研究，决定废止下列文件，自本决定公布之日起不再作为依据：",
            "一、某某县人民政府关于印发《供水办法》的通知（泓政〔1999〕11号）",
        ]
    )
    assert _said(text) == [(REPEALS, "泓政〔1999〕11号", "供水办法", True)]


def test_the_number_of_a_forwarding_notice_is_not_that_of_what_it_forwards() -> None:
    sentence = "见关于转发《供水办法》的通知(泓政〔1999〕11号)"
    assert [reference.key for reference in find_references(sentence)] == [None, "泓政〔1999〕11号"]


def test_a_list_of_conditions_repeals_nothing() -> None:
    text = "有下列情形之一的，应当废止：\n（一）与《供水办法》（泓政〔1999〕11号）抵触的。"
    assert _said(text) == [(CITES, "泓政〔1999〕11号", "供水办法", False)]


@pytest.mark.parametrize(
    ("text", "explicit"),
    [
        ("决定对《供水办法》（泓政〔2011〕9号）作如下修改：", True),
        ("一、《供水办法》第三条修改为：“供水单位应当保证水质。”", False),
        ("修改《供水办法》（泓政〔2011〕9号）。", True),
    ],
)
def test_amendments_are_read(text: str, explicit: bool) -> None:
    ((kind, _, title, sure),) = _said(text)
    assert (kind, title, sure) == (AMENDS, "供水办法", explicit)


@pytest.mark.parametrize(
    ("title", "kind", "target"),
    [
        ("关于废止《供水办法》等3件文件的决定", REPEALS, "供水办法"),
        ("关于修改《供水办法》的决定", AMENDS, "供水办法"),
        ("关于转发《某部关于供水的通知》的通知", FORWARDS, "某部关于供水的通知"),
        ("泓州市水务局转发省水利厅关于做好供水工作的意见的通知", FORWARDS, "关于做好供水工作的意见"),
        ("《供水办法》政策解读", INTERPRETS, "供水办法"),
        ("一图读懂《供水办法》", INTERPRETS, "供水办法"),
    ],
)
def test_a_title_says_what_the_document_does(title: str, kind: RelationKind, target: str) -> None:
    ((found, _, named, explicit),) = _said("", title)
    assert (found, named, explicit) == (kind, target, False)


def test_the_number_that_the_text_gives_a_title_counts_for_the_title_line_too() -> None:
    relation, *_ = find_relations("关于废止《供水办法》的决定", "决定废止《供水办法》（泓政〔2008〕5号）。")
    assert (relation.target_number, relation.explicit) == ("泓政〔2008〕5号", True)


def test_what_a_notice_issues_and_its_own_number_are_not_other_documents() -> None:
    text = "泓政〔2020〕1号\n现将《供水办法》印发给你们。"
    assert find_relations("关于印发《供水办法》的通知", text, ["泓政〔2020〕1号"]) == ()


@pytest.mark.parametrize("title", ["供水办法（征求意见稿）", "《新供水办法》解读"])
def test_drafts_and_explanations_change_nothing_for_sure(title: str) -> None:
    relations = find_relations(title, "《供水办法》（泓政〔2008〕5号）同时废止。")
    assert [r.explicit for r in relations if r.kind is REPEALS] == [False]


def test_each_document_is_named_once_under_what_is_done_to_it() -> None:
    text = "根据《供水办法》（泓政〔2008〕5号）。\n《供水办法》（泓政〔2008〕5号）停止执行。"
    assert _said(text) == [(REPEALS, "泓政〔2008〕5号", "供水办法", True)]


def test_lists_without_end_are_cut() -> None:
    text = "\n".join(f"见《第{number}号办法的内容》。" for number in range(MOST + 50))
    assert len(find_relations("目录", text)) == MOST
    (relation,) = find_relations("甲", "见《供水办法》" + "长" * 1000)
    assert len(relation.sentence) == LONGEST_EVIDENCE + 1


@given(
    title=st.text(max_size=60),
    text=st.text(alphabet="《》〈〉（）〔〕2012年第45号泓政办废止修改对将转发、，。：\n甲乙 ", max_size=300),
)
def test_any_text_is_read(title: str, text: str) -> None:
    for relation in find_relations(title, text):
        assert isinstance(relation, Relation)
        assert relation.target_number or relation.target_title
