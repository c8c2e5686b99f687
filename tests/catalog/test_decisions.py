"""What staff decided on what is one document holds whatever the pages say, and can be undone."""

import pytest

from catalog.decisions import DecisionError, decisions, merge, split, undo
from catalog.errors import UnknownIdError
from catalog.reading import Gone, Moved, changed_documents, count_live, find_document, load_documents
from catalog.store import last_seq
from catalog.suppression import suppress, unsuppress

LONG = "市政府同意教育局提出的开学安排，现予印发，请认真执行，确保平稳。" * 7
TITLE = "关于开学安排的通知"
ONE, TWO, THREE = (f"http://a.example/{n}" for n in (1, 2, 3))


def act(catalog, what, *ids, why="核对过原文", who="测试员"):
    with catalog.write() as tx:
        return what(tx, *ids, why=why, who=who)


def find(catalog, document_id):
    with catalog.read() as connection:
        return find_document(connection, document_id)


def members(catalog, document_id):
    with catalog.read() as connection:
        found = load_documents(connection, [document_id])
    return {publication.url for publication in found[document_id].publications}


@pytest.fixture
def apart(record):
    """Two documents that no rule would merge."""
    return record(ONE, TITLE, "甲"), record(TWO, "开学安排", "乙")


@pytest.fixture
def together(record):
    """Two publications that a rule has merged."""
    return record(ONE, TITLE, LONG), record(TWO, TITLE, LONG)


def test_merged_documents_are_one_and_the_younger_leads_on(catalog, apart):
    first, second = apart
    older, younger = sorted(done.document_id for done in apart)
    with catalog.read() as connection:
        before = last_seq(connection)
    act(catalog, merge, second.document_id, first.document_id)
    assert members(catalog, older) == {ONE, TWO}
    assert find(catalog, younger) == Moved(older)
    with catalog.read() as connection:
        assert set(changed_documents(connection, before)) == {older, younger}
        (decision,) = decisions(connection)
    assert (decision.kind, decision.who, decision.why) == ("merge", "测试员", "核对过原文")


def test_what_staff_merged_stays_merged_when_a_page_changes(catalog, record, apart):
    first, second = apart
    act(catalog, merge, first.document_id, second.document_id)
    for url, title in ((ONE, TITLE), (TWO, "开学安排"), (ONE, TITLE)):
        changed = record(url, title, f"{title}改了。")
        assert members(catalog, changed.document_id) == {ONE, TWO}


def test_a_page_that_agrees_with_one_of_the_merged_joins_them(catalog, record, apart):
    record(THREE, TITLE, LONG)
    first, second = apart
    act(catalog, merge, first.document_id, second.document_id)
    joined = record(TWO, TITLE, LONG)
    assert members(catalog, joined.document_id) == {ONE, TWO, THREE}


def test_undoing_a_merge_brings_back_both_ids(catalog, apart):
    first, second = apart
    decision = act(catalog, merge, first.document_id, second.document_id)
    with catalog.read() as connection:
        before = last_seq(connection)
    undone = act(catalog, undo, decision.id, why="看错了")
    assert members(catalog, first.document_id) == {ONE}
    assert members(catalog, second.document_id) == {TWO}
    assert (undone.undone_by, undone.undone_why) == ("测试员", "看错了")
    with catalog.read() as connection:
        assert set(changed_documents(connection, before)) == {first.document_id, second.document_id}
        assert count_live(connection) == 2
    with pytest.raises(DecisionError, match="已经撤销"):
        act(catalog, undo, decision.id)


def test_undoing_a_merge_restores_the_redirects_of_before(catalog, record):
    ids = [record(f"http://a.example/{n}", f"通知{n}", str(n)).document_id for n in range(3)]
    act(catalog, merge, ids[1], ids[2])
    second = act(catalog, merge, ids[0], ids[1])
    assert find(catalog, ids[2]) == Moved(ids[0])
    act(catalog, undo, second.id)
    assert find(catalog, ids[2]) == Moved(ids[1])


def test_a_merge_that_the_pages_bear_out_meanwhile_cannot_be_undone(catalog, record, apart):
    decision = act(catalog, merge, *(done.document_id for done in apart))
    record(ONE, TITLE, LONG)
    record(TWO, TITLE, LONG)
    with pytest.raises(DecisionError, match="gongkai split"):
        act(catalog, undo, decision.id)
    assert members(catalog, min(done.document_id for done in apart)) == {ONE, TWO}


def test_a_publication_that_was_split_out_is_joined_to_nothing_by_itself(catalog, record, together):
    first, second = together
    decision = act(catalog, split, second.publication_id)
    assert members(catalog, first.document_id) == {ONE}
    assert members(catalog, decision.details["to"]) == {TWO}
    third = record(THREE, TITLE, LONG)
    assert third.document_id == first.document_id
    for body in (LONG + "改。", LONG):
        assert record(TWO, TITLE, body).document_id == decision.details["to"]
    assert members(catalog, decision.details["to"]) == {TWO}


def test_what_only_the_split_publication_held_together_goes_apart(catalog, record):
    record(ONE, TITLE, "甲", doc_number="云教〔2012〕7号")
    bridge = record(TWO, TITLE, LONG, doc_number="云教〔2012〕7号")
    record(THREE, TITLE, LONG)
    act(catalog, split, bridge.publication_id)
    with catalog.read() as connection:
        assert count_live(connection) == 3


def test_undoing_a_split_joins_again_what_agrees(catalog, together):
    first, second = together
    decision = act(catalog, split, second.publication_id)
    act(catalog, undo, decision.id)
    assert members(catalog, first.document_id) == {ONE, TWO}
    assert find(catalog, decision.details["to"]) == Moved(first.document_id)


def test_undoing_a_split_restores_what_staff_had_merged(catalog, apart):
    first, second = apart
    act(catalog, merge, first.document_id, second.document_id)
    decision = act(catalog, split, second.publication_id)
    assert find(catalog, decision.details["to"]).title == "开学安排"
    act(catalog, undo, decision.id)
    assert members(catalog, min(done.document_id for done in apart)) == {ONE, TWO}


def test_staff_may_join_what_they_split_out_before(catalog, together):
    first, second = together
    apart = act(catalog, split, second.publication_id).details["to"]
    act(catalog, merge, first.document_id, apart)
    assert members(catalog, first.document_id) == {ONE, TWO}


def test_a_decision_on_which_a_later_one_stands_is_undone_after_it(catalog, apart):
    first, second = apart
    merged = act(catalog, merge, first.document_id, second.document_id)
    parted = act(catalog, split, second.publication_id)
    with pytest.raises(DecisionError, match=parted.id):
        act(catalog, undo, merged.id)
    act(catalog, undo, parted.id)
    act(catalog, undo, merged.id)
    assert members(catalog, first.document_id) == {ONE}


def test_a_merge_whose_document_was_merged_on_by_the_pages_is_not_undone(catalog, record):
    oldest = record(THREE, TITLE, LONG)
    first, second = record(ONE, "放假安排", "甲"), record(TWO, "放假", "乙")
    decision = act(catalog, merge, first.document_id, second.document_id)
    joined = record(ONE, TITLE, LONG)
    assert joined.document_id == oldest.document_id
    with pytest.raises(DecisionError, match="又归入"):
        act(catalog, undo, decision.id)


def test_what_is_suppressed_is_not_merged_and_stays_suppressed_when_parted(catalog, apart):
    first, second = apart
    act(catalog, suppress, second.document_id)
    with pytest.raises(DecisionError, match="unsuppress"):
        act(catalog, merge, first.document_id, second.document_id)
    act(catalog, unsuppress, second.document_id)
    decision = act(catalog, merge, first.document_id, second.document_id)
    act(catalog, suppress, second.document_id)
    act(catalog, undo, decision.id)
    assert find(catalog, first.document_id) == find(catalog, second.document_id) == Gone()


def test_wrong_use_says_what_would_be_right_and_changes_nothing(catalog, apart, record):
    first, second = apart
    with catalog.read() as connection:
        before = last_seq(connection)
    with pytest.raises(UnknownIdError):
        act(catalog, merge, first.document_id, "nobody")
    with pytest.raises(UnknownIdError):
        act(catalog, split, "nobody")
    with pytest.raises(DecisionError, match="gongkai decisions"):
        act(catalog, undo, "nobody")
    with pytest.raises(DecisionError, match="同一件"):
        act(catalog, merge, first.document_id, first.document_id)
    with pytest.raises(DecisionError, match="单独"):
        act(catalog, split, first.publication_id)
    with pytest.raises(DecisionError, match="--why"):
        act(catalog, merge, first.document_id, second.document_id, why=" ")
    with catalog.read() as connection:
        assert last_seq(connection) == before
