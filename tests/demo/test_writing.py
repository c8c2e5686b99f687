import datetime
import re
from random import Random

import pytest

from catalog import doc_numbers
from catalog.dates import read_date
from catalog.organizations import read_organizations
from catalog.records import flat_text
from demo.composing import chinese_number
from demo.data import load, read
from demo.guides import guides
from demo.names import draw_rank, name_makers, scattered
from demo.phrases import phrase_stock
from demo.subjects import labels, subjects
from demo.writing import write_documents

SLOT = re.compile(r"\{([a-z_0-9]+)")


@pytest.fixture(scope="module")
def documents():
    return list(write_documents(seed=11, count=3000))


def test_the_same_seed_writes_the_same_and_another_seed_does_not(documents):
    again = list(write_documents(seed=11, count=3000))
    other = list(write_documents(seed=12, count=3000))
    assert [(d.title, d.body) for d in again] == [(d.title, d.body) for d in documents]
    assert sum(a.body == b.body for a, b in zip(documents, other, strict=True)) == 0


def test_a_small_city_already_has_all_fifteen_genres():
    genres = {document.genre for document in write_documents(seed=1, count=60)}
    assert {f"G1{number:02}" for number in range(1, 16)} <= genres
    assert {"G503", "G507", "G301", "G401", "G601"} <= genres


def test_every_document_has_a_number_of_its_own_that_the_catalogue_can_read(documents):
    numbers = [document.doc_number for document in documents if document.doc_number]
    assert len(numbers) > 1000
    assert len({doc_numbers.key(number) for number in numbers}) == len(numbers)


def test_serial_numbers_run_on_in_the_order_of_time(documents):
    last: dict[tuple[str, int | None], int] = {}
    for document in documents:
        if document.doc_number:
            number = doc_numbers.parse(document.doc_number)
            series = (number.code, number.year)
            assert int(number.serial) == last.get(series, 0) + 1
            last[series] = int(number.serial)


def test_no_two_bodies_are_alike_and_lengths_vary(documents):
    lengths = sorted(len(document.body) for document in documents)
    assert len({document.body for document in documents}) == len(documents)
    assert lengths[0] < 120
    assert lengths[-1] > 3000


def test_titles_and_bodies_have_no_unfilled_slots_or_broken_sentences(documents):
    broken = re.compile(r"[{}%]s|\{|\}|None|，，|。。|，。|：。|；。|管理管理|《》|（）|、、")
    for document in documents:
        assert not broken.search(document.title), document.title
        found = broken.search(document.body)
        assert not found, document.body[found.start() - 30 : found.end() + 30]


def test_numeral_dates_and_keywords_end_with_june_2012(documents):
    for document in documents:
        if "sign" not in load("kinds.json")[document.kind]["outline"] or document.forwards is not None:
            continue
        old = document.issued_on < datetime.date(2012, 7, 1)
        lines = [block.text for block in document.blocks]
        dates = [
            line for line in lines if re.fullmatch(r"[^，。、]{4}年[^，。、]{1,3}月[^，。、]{1,3}日", line)
        ]
        assert dates
        assert all((read_date(line).date == document.issued_on) for line in dates[:1])
        assert all(line[0].isdigit() and line[0].isascii() for line in dates) is not old
        assert any(line.startswith("主题词") for line in lines) is (old and document.doc_number is not None)


def test_zeros_of_years_are_written_in_several_ways(documents):
    signed = "\n".join(document.body for document in documents if document.issued_on.year < 2012)
    for zero in "○〇O零":
        assert re.search(rf"二{zero}[{zero}一][一二八九{zero}]年", signed), zero


def test_a_forwarded_copy_contains_the_whole_first_document_and_names_its_number(documents):
    forwarding = [document for document in documents if document.forwards is not None]
    assert forwarding
    for document in forwarding:
        first = documents[document.forwards]
        assert flat_text(first.blocks) in document.body
        assert f"（{first.doc_number}）" in document.body
        assert first.doc_number != document.doc_number


def test_an_abolishing_decision_names_what_it_abolishes(documents):
    abolishing = [document for document in documents if document.abolishes]
    assert abolishing
    for document in abolishing:
        for number in document.abolishes:
            assert f"{documents[number].title}（{documents[number].doc_number}）" in document.body


def test_joint_documents_are_signed_by_all_issuers_and_numbered_by_the_first(documents):
    joint = [document for document in documents if len(document.issuers) > 1]
    assert joint
    for document in joint:
        assert set(document.issuer_names) <= {block.text for block in document.blocks}
        assert document.doc_number.startswith(document.issuers[0].number_codes[0])


def test_bodies_write_under_the_name_of_the_day_and_only_while_they_exist(documents):
    for document in documents:
        for issuer, name in zip(document.issuers, document.issuer_names, strict=True):
            assert issuer.exists_on(document.issued_on)
            assert name == issuer.name_on(document.issued_on)
    health = {d.issuer_names[0] for d in documents if d.issuers[0].key == "health"}
    assert {"泓州市卫生局", "泓州市卫生和计划生育委员会", "泓州市卫生健康委员会"} <= health


def test_subjects_cover_every_first_level_topic_with_known_codes():
    assert {subject.topic[:3] for subject in subjects()} == {f"T{number:02}" for number in range(1, 23)}
    for subject in subjects():
        assert subject.topic in labels("topic")
        assert subject.audience in labels("audience")
        assert subject.life_cycle is None or subject.life_cycle in labels("life_cycle")
        assert subject.column is None or subject.column in labels("column")


def test_every_slot_in_the_stock_can_be_filled():
    known = set(phrase_stock()) | set(name_makers()) | {"n", "f", "term", "measure", "office", "month"}
    known |= {
        "district",
        "town",
        "rule",
        "original_title",
        "original_issuer",
        "original_number",
        "guide_title",
    }
    context = {"matter", "aim", "people", "short", "place", "short_office", "lead", "year", "last_year"}
    context |= {
        "next_year",
        "plan_year",
        "date",
        "recent",
        "last_month",
        "quarter",
        "effective",
        "trial",
        "n_five",
    }
    for file in ("phrases.json", "kinds.json", "guides.json", "interpretation_qa.json"):
        assert set(SLOT.findall(str(load(file)))) <= known | context, file


def test_every_guide_answers_about_a_known_subject():
    assert {guide["matter"] for guide in guides()} <= {subject.matter for subject in subjects()}


def test_the_organisations_file_is_one_the_catalogue_reads(tmp_path):
    file = tmp_path / "organizations.json"
    file.write_text(read("organizations.json"), encoding="utf-8")
    entries = read_organizations(file)
    assert len(entries) >= 25
    assert any(entry.former_names for entry in entries)
    assert any(entry.successor for entry in entries)


@pytest.mark.parametrize(
    ("number", "text"), [(1, "一"), (10, "十"), (12, "十二"), (20, "二十"), (35, "三十五"), (104, "一百零四")]
)
def test_chinese_numbers_count_articles(number, text):
    assert chinese_number(number) == text


def test_names_and_numbers_go_on_growing_with_the_number_of_documents(documents):
    """Heaps' law: ten times the documents bring more than thrice, and less than ten times, the words."""
    met: set[str] = set()
    sizes = {}
    for count, document in enumerate(documents, 1):
        met.update(re.findall(r"[0-9A-Z.]{3,}|泓州\w+?公司", document.body))
        sizes[count] = len(met)
    assert 3 < sizes[3000] / sizes[300] < 10


def test_a_rank_is_a_name_and_all_names_are_used_before_one_comes_again():
    assert len({scattered(rank, 426**2) for rank in range(426**2)}) == 426**2
    rng = Random(1)
    ranks = [draw_rank(rng) for _ in range(4000)]
    assert min(ranks) == 0
    assert sum(rank < 120 for rank in ranks) > 1000
    assert max(ranks) > 10_000


def test_numbers_belong_to_nobody():
    makers, rng = name_makers(), Random(2)
    for _ in range(50):
        assert re.fullmatch(r"91349900MA[0-9A-Z]{8}", makers["credit_code"](rng))
        assert re.fullmatch(r"349900\*{8}\d{4}", makers["masked_id"](rng))
        assert float(makers["money"](rng)) >= 100
