import datetime
from collections import Counter

import pytest

from demo.city import expected
from demo.planting import AS_OF, STALE_DAYS
from demo.publishing import DEFAULT_PUBLICATIONS, generate
from demo.traps import places, traps


def test_the_default_city_has_about_1200_publications_of_about_950_documents():
    city = generate()
    assert len(city.publications) == DEFAULT_PUBLICATIONS == 1200
    assert 930 <= len(city.documents) <= 970
    assert 12 <= len(city.subsites) <= 24


@pytest.mark.parametrize("publications", [60, 61, 100, 333])
def test_a_city_has_exactly_as_many_publications_as_asked(publications):
    city = generate(seed=8, publications=publications)
    planted = expected(city)
    assert len(planted) == len({entry.url for entry in planted}) == publications
    assert len({entry.index_number for entry in planted}) == publications


def test_the_same_seed_makes_the_same_city(city):
    assert expected(generate(seed=3, publications=400)) == expected(city)
    assert expected(generate(seed=4, publications=400)) != expected(city)


def test_too_few_publications_are_refused_in_chinese():
    with pytest.raises(ValueError, match="太少"):
        generate(seed=1, publications=10)


def test_some_documents_stand_on_three_subsites_with_three_index_numbers(city):
    planted = expected(city)
    thrice = [key for key, count in Counter(entry.document for entry in planted).items() if count == 3]
    assert thrice
    for key in thrice:
        entries = [entry for entry in planted if entry.document == key]
        assert len({entry.subsite for entry in entries}) == 3
        assert len({entry.index_number for entry in entries}) == 3


def test_every_trap_is_planted(city):
    traps = Counter(trap for entry in expected(city) for trap in entry.traps)
    assert set(traps) == {
        "number_only_in_body",
        "lost_year",
        "pdf_only",
        "dead_attachment",
        "future_date",
        "issued_after_published",
        "ofd_attachment",
        "undated",
        "id_card",
        "traditional",
        *(f"stale_{days}" for days in STALE_DAYS),
    }
    for entry in expected(city):
        if "future_date" in entry.traps:
            assert entry.published_on > datetime.date(2030, 1, 1)
        if "issued_after_published" in entry.traps:
            assert entry.issued_on > entry.published_on
        if "number_only_in_body" in entry.traps:
            assert entry.printed["doc_number"] == "无"
            assert entry.doc_number


def test_everything_in_the_table_of_traps_stands_somewhere_in_the_city():
    found = places(generate())
    assert [key for key, addresses in found.items() if not addresses] == []
    assert len(found) == len(traps())
    assert all(trap.name and trap.where and trap.must for trap in traps())


def test_every_trap_of_a_site_or_a_page_is_in_the_table(city):
    named = {trap.key for trap in traps()}
    assert {trap for entry in city.publications for trap in entry.traps} <= named


def test_stale_columns_are_as_old_as_they_should_be(city):
    for days in STALE_DAYS:
        (newest,) = [entry for entry in city.publications if f"stale_{days}" in entry.traps]
        (column,) = newest.columns
        assert column.publications[0] is newest
        assert (AS_OF - newest.published_on).days == days


def test_facets_are_partly_blank_and_abolished_documents_say_so(city):
    printed = [publication.printed for publication in city.publications]
    for facet in ("topic", "genre", "audience", "life_cycle", "format", "validity"):
        values = [stated[facet] for stated in printed if facet in stated]
        assert 0.1 < sum(not value for value in values) / len(values) < 0.95, facet
    assert any(document.validity == "LV03" for document in city.documents)


def test_every_site_has_an_empty_column_and_parents_show_their_childrens_items(city):
    for subsite in city.subsites:
        assert any(not column.publications for column in subsite.columns.values())
    twice = [publication for publication in city.publications if len(publication.columns) > 1]
    assert twice
