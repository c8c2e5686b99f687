"""The measure of bodies, and the labels that kinds are measured against."""

from pathlib import Path

import pytest

from benchmarks.bodies.kinds import labels
from benchmarks.bodies.made import made_pages
from benchmarks.bodies.running import EXTRACTORS
from benchmarks.bodies.scoring import bigram_score, line_score
from catalog.records import PageKind
from crawlers.reading import read_page

SAVED = Path(__file__).parents[4] / "shared/data/pages"
GOLD = "各县区人民政府：\n东干渠\t12公里"


def test_white_space_bars_and_list_marks_do_not_count():
    assert bigram_score("- 各县区 人民政府：\n| 东干渠 | 12公里 |", GOLD).f1 == 1
    assert line_score("各县区人民政府：\n东干渠 | 12公里", GOLD).f1 == 1


def test_what_is_lost_lowers_recall_and_what_is_foreign_precision():
    lost, foreign = bigram_score("各县区人民政府：", GOLD), bigram_score(GOLD + "\n上一篇：没有了", GOLD)
    assert (lost.precision, foreign.recall) == (1, 1)
    assert lost.recall < 1 > foreign.precision
    assert (bigram_score("", GOLD).f1, bigram_score("", "").f1) == (0, 1)


def test_every_label_is_a_kind():
    assert len(labels()) == 75
    assert set(labels().values()) <= set(PageKind)


@pytest.mark.slow
def test_on_pages_of_our_own_no_other_extractor_is_better():
    scores: dict[str, list[float]] = {name: [] for name in EXTRACTORS}
    for _, page, gold in made_pages(variations=1):
        for name, extract in EXTRACTORS.items():
            scores[name].append(bigram_score(extract(page), gold).f1)
    assert len(scores["ours"]) >= 40
    assert max(scores, key=lambda name: sum(scores[name])) == "ours"


@pytest.mark.long
def test_the_saved_pages_are_what_a_person_says_they_are():
    if not SAVED.exists():
        pytest.skip(f"no saved pages at {SAVED}: this test needs ../shared/data")
    said = {page: read_page((SAVED / page).read_bytes()).page_kind.value for page in labels()}
    wrong = {page: (kind, said[page]) for page, kind in labels().items() if said[page] != kind}
    # Its items are filled in by script: only a person sees that it is a list.
    assert wrong == {"malweb2017/nm.gsxt.gov.cn/009250.html": ("list", "other")}
