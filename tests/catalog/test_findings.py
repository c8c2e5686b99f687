"""A finding is one line about one subject, open for as long as what it says is so."""

import pytest
from sqlalchemy import event

from catalog.findings import (
    LONGEST,
    FindingKind,
    UnknownFindingError,
    open_about,
    open_findings,
    report,
    resolve,
    resolve_by_id,
)

HOST = "http://a.example/"


def listed(catalog, **choice):
    with catalog.read() as connection:
        return list(open_findings(connection, **choice))


def say(catalog, detail="连接被拒绝。", kind=FindingKind.HOST_DOWN, subject=HOST):
    with catalog.write() as tx:
        return report(tx, kind, subject, detail)


def test_the_same_thing_seen_again_is_the_same_finding_and_counts(catalog):
    first = say(catalog)
    assert say(catalog, "连接超时。") == first
    (finding,) = listed(catalog)
    assert (finding.times, finding.detail, finding.resolved_at) == (2, "连接超时。", None)
    assert finding.first_seen <= finding.last_seen


def test_what_returns_after_it_was_over_is_a_new_finding(catalog):
    first = say(catalog)
    with catalog.write() as tx:
        assert resolve(tx, FindingKind.HOST_DOWN, HOST)
        assert not resolve(tx, FindingKind.HOST_DOWN, HOST)
    assert listed(catalog) == []
    again = say(catalog)
    assert again != first
    assert [finding.id for finding in listed(catalog)] == [again]
    assert {finding.id for finding in listed(catalog, resolved=True)} == {first, again}


def test_findings_differ_by_kind_and_subject_and_can_be_chosen_by_kind(catalog):
    say(catalog)
    say(catalog, kind=FindingKind.CERTIFICATE)
    say(catalog, subject="http://b.example/")
    assert len(listed(catalog)) == 3
    assert [finding.kind for finding in listed(catalog, kind=FindingKind.CERTIFICATE)] == [
        FindingKind.CERTIFICATE
    ]


def test_an_operator_can_settle_one_by_its_id(catalog):
    finding_id = say(catalog)
    with catalog.write() as tx:
        resolve_by_id(tx, finding_id)
        with pytest.raises(UnknownFindingError, match="gongkai findings"):
            resolve_by_id(tx, finding_id)
    assert listed(catalog) == []


def test_what_a_page_put_into_a_finding_is_bounded_and_clean(catalog):
    say(catalog, "坏\x00" * 10_000, subject="http://a.example/" + "x" * 10_000)
    (finding,) = listed(catalog)
    assert len(finding.detail) == len(finding.subject) == LONGEST
    assert "\x00" not in finding.detail
    say(catalog, subject="http://a.example/" + "x" * 10_000)
    assert listed(catalog)[0].times == 2


@pytest.mark.parametrize("kind", FindingKind)
def test_every_kind_has_a_chinese_label(kind):
    assert kind.label
    assert not kind.label.isascii()


def test_what_is_open_about_some_subjects_is_looked_up_and_not_searched_for(catalog):
    for number in range(40):
        say(catalog, subject=f"http://{number}.example/")
    say(catalog, kind=FindingKind.CERTIFICATE)
    say(catalog)
    plans = []

    def explain(connection, _cursor, statement, parameters, *_rest):
        if statement.startswith("SELECT"):
            plan = connection.connection.execute(f"EXPLAIN QUERY PLAN {statement}", parameters)
            plans.extend(row[3] for row in plan)

    with catalog.read() as connection:
        sqlite = connection.dialect.name == "sqlite"
        if sqlite:
            event.listen(connection, "before_cursor_execute", lambda *given: explain(given[0], *given[1:]))
        found = open_about(connection, [HOST, "http://7.example/"], [FindingKind.HOST_DOWN])
        assert {finding.subject for finding in found} == {HOST, "http://7.example/"}
        assert len(open_about(connection, [HOST])) == 2
        assert open_about(connection, []) == []
    if sqlite:
        assert len(plans) == 2
        assert all("uq_finding_open (kind=? AND subject=?)" in plan for plan in plans), plans
