"""The second stage: what it prefers, and that it only ever reorders."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from indexer.query import RankTerm, TermField
from indexer.reranking import Candidate, Reranking, new_scores, rerank

NUMBERS = Reranking(characters=1.0, window=1.5, window_length=30, k1=1.2, b=0.75)
CHARACTERS = Reranking(characters=1.0, window=0.0, window_length=30, k1=1.2, b=0.75)
WINDOW = Reranking(characters=0.0, window=1.5, window_length=30, k1=1.2, b=0.75)

FILLING = "各部门认真落实有关要求做好日常工作"


def terms(*words: str) -> list[RankTerm]:
    text = "".join(words)
    pairs = [text[start : start + 2] for start in range(len(text) - 1)]
    return [
        *(RankTerm(TermField.WORDS, word, 1.0) for word in words),
        *(RankTerm(TermField.BIGRAMS, pair, 1.0) for pair in dict.fromkeys(pairs)),
    ]


def candidates(*texts: str, score: float = 10.0) -> list[Candidate]:
    return [Candidate(f"d{place}", score, ("标题", text)) for place, text in enumerate(texts)]


def order(asked: list[RankTerm], found: list[Candidate], numbers: Reranking = NUMBERS) -> list[str]:
    return [document_id for document_id, _ in rerank(asked, found, numbers)]


def test_the_document_whose_words_stand_together_comes_first() -> None:
    apart = "公积金" + FILLING * 4 + "提取" + FILLING * 4 + "租房"
    together = FILLING * 4 + "公积金提取租房" + FILLING * 4
    other = FILLING * 8
    assert order(terms("公积金", "提取", "租房"), candidates(apart, together, other))[0] == "d1"


def test_one_good_window_lifts_a_long_document() -> None:
    long = FILLING * 1500 + "老旧小区加装电梯补贴标准" + FILLING * 300
    scattered = "电梯" + FILLING * 3 + "补贴" + FILLING * 3 + "小区" + FILLING * 3
    asked = terms("小区", "加装", "电梯", "补贴")
    assert order(asked, candidates(scattered, FILLING * 6, long), WINDOW)[0] == "d2"


def test_single_characters_tell_documents_apart_that_share_no_word() -> None:
    found = candidates("擅自摆摊的处罚", "对商标近似的认定", FILLING)
    assert order(terms("相近", "商品", "标志"), found, CHARACTERS)[0] == "d1"


def test_what_all_candidates_hold_decides_little() -> None:
    found = candidates("低保申请条件", "低保申请低保申请低保申请", "低保申请材料")
    assert order(terms("低保", "申请", "材料"), found)[0] == "d2"


def test_a_window_counts_each_pair_once() -> None:
    found = candidates("停车" * 10, "停车收费" + FILLING, FILLING)
    scores = new_scores(terms("停车", "收费"), found, WINDOW)
    assert scores[1] > scores[0] > scores[2]


def test_pairs_further_apart_than_the_window_are_not_added() -> None:
    near = "停车" + "某" * 27 + "收费"  # the pairs begin 29 characters apart
    far = "停车" + "某" * 28 + "收费"
    asked = [RankTerm(TermField.BIGRAMS, pair, 1.0) for pair in ("停车", "收费")]
    scores = new_scores(asked, candidates(near, far, FILLING, FILLING, score=0.0), WINDOW)
    assert scores[0] == 2 * scores[1] > 0


def test_nothing_is_found_across_the_end_of_a_text() -> None:
    split = Candidate("a", 1.0, ("停", "车"))
    whole = Candidate("b", 1.0, ("停车",))
    scores = new_scores([RankTerm(TermField.BIGRAMS, "停车", 1.0)], [split, whole, whole], WINDOW)
    assert scores[0] == 1.0 < scores[1]


def test_no_candidates_give_no_scores() -> None:
    assert rerank(terms("停车", "收费"), [], NUMBERS) == []


def test_without_terms_scores_stay_as_they_are() -> None:
    assert new_scores([], candidates("停车", "收费"), NUMBERS).tolist() == [10.0, 10.0]


def test_a_document_without_text_keeps_its_score() -> None:
    found = [Candidate("a", 2.0, ()), Candidate("b", 1.0, ("停车",))]
    assert new_scores(terms("停车"), found, NUMBERS)[0] == 2.0
    assert new_scores(terms("停车"), found[:1], NUMBERS).tolist() == [2.0]


def test_ties_stay_by_id() -> None:
    found = [Candidate(name, 3.0, ("停车收费",)) for name in ("c", "a", "b")]
    assert order(terms("停车", "收费"), found) == ["a", "b", "c"]


texts = st.text(st.sampled_from("停车收费小区的a1𠮷。"), max_size=40)


@given(
    st.lists(st.tuples(texts, texts), max_size=8),
    st.text(st.sampled_from("停车收费区a1𠮷"), min_size=2, max_size=6),
)
def test_the_same_documents_come_back_with_finite_scores_that_no_order_of_theirs_changes(
    pairs: list[tuple[str, str]], asked: str
) -> None:
    found = [Candidate(str(place), float(place), pair) for place, pair in enumerate(pairs)]
    query = terms(asked[:2], asked[2:]) if asked[2:] else terms(asked)
    forth, back = rerank(query, found, NUMBERS), rerank(query, found[::-1], NUMBERS)
    assert sorted(name for name, _ in forth) == sorted(candidate.document_id for candidate in found)
    assert np.isfinite([score for _, score in forth]).all()
    assert dict(forth) == dict(back)
