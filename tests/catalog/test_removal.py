"""Nothing is deleted because a crawl failed: only what is confirmed to be gone leaves the results."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from sqlalchemy import select

from catalog import recording, schema
from catalog.findings import FindingKind, open_findings
from catalog.reading import Gone, changed_documents, count_live, find_document
from catalog.recording import Change
from catalog.records import Field, PageRecord, Provenance, Witness
from catalog.removal import MASS_COUNT, Noted, confirm_mass, note_absent, note_present, note_withdrawn
from catalog.store import last_seq, now

URL = "http://a.example/1"
LONG = "市政府同意教育局提出的开学安排，现予印发，请认真执行，确保平稳。" * 7
DAY = date(2012, 10, 15)


def later(days):
    return DAY + timedelta(days=days)


def absent(catalog, day, url=URL, status=404):
    with catalog.write() as tx:
        return note_absent(tx, url, status, day)


def find(catalog, document_id):
    with catalog.read() as connection:
        return find_document(connection, document_id)


def findings(catalog):
    with catalog.read() as connection:
        return list(open_findings(connection))


def live(catalog):
    with catalog.read() as connection:
        return count_live(connection)


def many(record, count):
    return [record(f"http://a.example/{n}", f"第{n}号公告", f"内容{n}") for n in range(count)]


def test_what_is_absent_on_one_day_stays_however_often_it_is_asked_for(catalog, record):
    done = record(URL, "关于开学安排的通知")
    assert absent(catalog, DAY) is Noted.WAITING
    assert absent(catalog, DAY) is Noted.WAITING
    assert find(catalog, done.document_id).title == "关于开学安排的通知"


@pytest.mark.parametrize("status", [404, 410])
def test_what_is_absent_on_two_days_leaves_the_results_and_stays_a_tombstone(catalog, record, status):
    done = record(URL, "关于开学安排的通知")
    absent(catalog, DAY, status=status)
    with catalog.read() as connection:
        before = last_seq(connection)
    assert absent(catalog, later(3), status=status) is Noted.WITHDRAWN
    gone = find(catalog, done.document_id)
    assert isinstance(gone, Gone)
    assert str(status) in gone.reason
    assert live(catalog) == 0
    with catalog.read() as connection:
        assert changed_documents(connection, before) == [done.document_id]
    assert absent(catalog, later(4)) is Noted.ALREADY


def test_the_other_publications_of_a_document_stay(catalog, record):
    done = record(URL, "关于开学安排的通知", LONG)
    other = record("http://a.example/2", "关于开学安排的通知", LONG)
    for days in (0, 1):
        absent(catalog, later(days))
    document = find(catalog, done.document_id)
    assert [publication.id for publication in document.publications] == [other.publication_id]
    assert live(catalog) == 1


def test_a_page_that_was_seen_between_two_absences_was_not_removed(catalog, record):
    done = record(URL, "关于开学安排的通知")
    absent(catalog, DAY)
    with catalog.write() as tx:
        assert not note_present(tx, URL)
    assert absent(catalog, later(1)) is Noted.WAITING
    assert record(URL, "关于开学安排的通知").change is Change.UNCHANGED
    assert absent(catalog, later(2)) is Noted.WAITING
    assert find(catalog, done.document_id).title


def test_a_page_that_says_it_was_withdrawn_goes_at_once_and_says_why(catalog, record):
    done = record(URL, "关于开学安排的通知")
    with catalog.write() as tx:
        assert note_withdrawn(tx, URL, "该信息已撤下") is Noted.WITHDRAWN
        assert note_withdrawn(tx, URL, "该信息已撤下") is Noted.ALREADY
        assert note_withdrawn(tx, "http://a.example/nobody", "该信息已撤下") is Noted.UNKNOWN
    assert "该信息已撤下" in find(catalog, done.document_id).reason


@pytest.mark.parametrize("how", ["noted", "recorded", "changed"])
def test_what_returns_is_found_again(catalog, record, how):
    done = record(URL, "关于开学安排的通知")
    for days in (0, 1):
        absent(catalog, later(days))
    with catalog.read() as connection:
        before = last_seq(connection)
    if how == "noted":
        with catalog.write() as tx:
            assert note_present(tx, URL)
    else:
        again = record(URL, "关于开学安排的通知", "补充。" if how == "changed" else "")
        assert again.change is Change.CHANGED
    assert find(catalog, done.document_id).title == "关于开学安排的通知"
    with catalog.read() as connection:
        assert changed_documents(connection, before) == [done.document_id]
    assert absent(catalog, later(2)) is Noted.WAITING


def test_only_the_address_at_which_it_was_last_seen_speaks_for_a_publication(catalog, record):
    assert absent(catalog, DAY) is Noted.UNKNOWN
    record(URL, "关于开学安排的通知")
    with catalog.write() as tx:  # the page has moved; its old address is an alias
        page = PageRecord(
            alias=URL,
            subsite_id=tx.execute(select(schema.subsite.c.id)).scalar_one(),
            captured_at=now(),
            url="http://a.example/new/1",
            witnesses=(Witness(Field.TITLE, "关于开学安排的通知", Provenance.PRINTED),),
        )
        recording.record(tx, page)
        recording.record(tx, replace(page, alias="http://a.example/new/1"))
    for days in (0, 1):
        assert absent(catalog, later(days)) is Noted.UNKNOWN
    assert absent(catalog, DAY, "http://a.example/new/1") is Noted.WAITING


def test_another_status_confirms_nothing(catalog, record):
    record(URL, "关于开学安排的通知")
    with pytest.raises(ValueError, match="503"):
        absent(catalog, DAY, status=503)


def test_a_subsite_of_which_much_is_absent_loses_nothing_and_is_one_finding(catalog, record):
    many(record, 40)
    lost = [f"http://a.example/{n}" for n in range(MASS_COUNT + 2)]
    for days in (0, 1, 2):
        said = [absent(catalog, later(days), url) for url in lost]
    assert said[-1] is Noted.HELD_BACK
    assert live(catalog) == 40
    (finding,) = findings(catalog)
    assert (finding.kind, finding.subject) == (FindingKind.MASS_ABSENCE, "http://a.example/")
    assert "云岭市教育局" in finding.detail


def test_what_a_day_had_withdrawn_comes_back_when_the_day_shows_a_dead_site(catalog, record):
    many(record, 40)
    urls = [f"http://a.example/{n}" for n in range(40)]
    for url in urls[:5]:
        absent(catalog, DAY, url)
    said = [absent(catalog, later(1), url) for url in urls]
    assert said[0] is Noted.WITHDRAWN
    assert said[-1] is Noted.HELD_BACK
    assert live(catalog) == 40


def test_the_finding_goes_when_the_pages_are_back_and_the_few_that_are_not_are_withdrawn(catalog, record):
    many(record, 40)
    urls = [f"http://a.example/{n}" for n in range(40)]
    for url in urls:
        absent(catalog, DAY, url)
    assert findings(catalog)
    for url in urls[3:]:
        with catalog.write() as tx:
            note_present(tx, url)
    assert not findings(catalog)
    assert {absent(catalog, later(1), url) for url in urls[:3]} == {Noted.WITHDRAWN}
    assert live(catalog) == 37


def test_few_publications_of_a_small_site_may_all_be_gone(catalog, record):
    many(record, MASS_COUNT)
    for days in (0, 1):
        said = {absent(catalog, later(days), f"http://a.example/{n}") for n in range(MASS_COUNT)}
    assert said == {Noted.WITHDRAWN}


def test_staff_can_confirm_that_much_was_removed(catalog, record):
    many(record, 40)
    for days in (0, 1):
        for n in range(15):
            absent(catalog, later(days), f"http://a.example/{n}")
    (finding,) = findings(catalog)
    with catalog.write() as tx:
        assert confirm_mass(tx, finding.id) == 15
    assert live(catalog) == 25
    assert not findings(catalog)
