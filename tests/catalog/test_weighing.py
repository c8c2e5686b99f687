"""Which of several statements counts."""

from catalog.records import Field, Provenance
from catalog.weighing import Statement, best, best_raw, distinct, valued


def stated(raw: str, provenance: Provenance, value: str | None) -> Statement:
    return Statement(Field.TOPIC.value, raw, provenance.value, value)


def test_the_most_trusted_witnesses_are_heard_and_no_others() -> None:
    source = valued(
        [
            stated("教育", Provenance.IMPORT, "T05"),
            stated("物价", Provenance.PRINTED, "T04"),
            stated("国防", Provenance.PRINTED, "T21"),
        ]
    )
    assert best([source], Field.TOPIC) == ("T04", "T21")
    assert best_raw(source, Field.TOPIC) == ("物价", "国防")
    assert best([source], Field.GENRE) == ()


def test_a_statement_that_could_not_be_read_stands_back() -> None:
    source = valued([stated("？？", Provenance.STAFF, None), stated("教育", Provenance.META, "T05")])
    assert best([source], Field.TOPIC) == ("T05",)


def test_several_sources_are_weighed_together() -> None:
    sources = [valued([stated("教育", trust, "T05")]) for trust in (Provenance.META, Provenance.LIST)]
    sources.append(valued([stated("物价", Provenance.META, "T04")]))
    assert best(sources, Field.TOPIC) == ("T05", "T04")


def test_values_that_differ_in_folding_only_are_one() -> None:
    assert distinct(["Ａ类", "a 类", "乙类"]) == ("Ａ类", "乙类")
