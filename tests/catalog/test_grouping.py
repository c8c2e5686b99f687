"""Publications become one document by two safe rules, and by no other."""

import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import select
from sqlalchemy.dialects import sqlite

from catalog import grouping, recording, schema
from catalog.reading import Gone, Moved, changed_documents, find_document, load_documents
from catalog.records import Field, PageRecord, Provenance, Witness, paragraphs
from catalog.store import Catalog, last_seq, now
from catalog.suppression import suppress

LONG = "市政府同意教育局提出的开学安排，现予印发，请认真执行，确保平稳。" * 7
SHORT = "附件：开学安排。"


def same(one, other) -> bool:
    return one.document_id == other.document_id


def test_an_identical_long_body_and_an_agreeing_title_make_one_document(record):
    first = record("http://a.example/1", "关于开学安排的通知", LONG)
    second = record("http://a.example/2", "云岭市教育局关于开学安排的通知", LONG.replace("，", "，\n"))
    assert same(first, second)


@pytest.mark.parametrize(
    ("title", "body", "why"),
    [
        ("关于开学安排的通知", SHORT, "a short body is a template"),
        ("关于放假安排的通知", LONG, "the titles differ"),
        ("关于开学安排的通知", LONG.replace("安排", "安排3", 1), "the bodies differ"),
    ],
)
def test_anything_softer_stays_apart(record, title, body, why):
    first = record("http://a.example/1", "关于开学安排的通知", SHORT if body == SHORT else LONG)
    assert not same(first, record("http://a.example/2", title, body)), why


def test_a_printed_number_and_an_agreeing_title_make_one_document(record):
    first = record("http://a.example/1", "关于开学安排的通知", "甲", doc_number="云教〔2012〕7号")
    second = record("http://a.example/2", "关于开学安排的通知", "乙", doc_number="云教[2012]第07号")
    assert same(first, second)


def test_a_number_that_was_imported_merges_nothing(record):
    first = record("http://a.example/1", "关于开学安排的通知", "甲", doc_number="云教〔2012〕7号")
    second = record(
        "http://a.example/2",
        "关于开学安排的通知",
        "乙",
        doc_number="云教〔2012〕7号",
        provenance=Provenance.IMPORT,
    )
    assert not same(first, second)


def test_a_number_under_another_title_merges_nothing(record):
    first = record("http://a.example/1", "关于开学安排的通知", "甲", doc_number="云教〔2012〕7号")
    assert not same(first, record("http://a.example/2", "行政处罚决定书", "乙", doc_number="云教〔2012〕7号"))


def test_a_bridge_merges_two_documents_and_leaves_a_redirect(catalog, record):
    first = record("http://a.example/1", "关于开学安排的通知", "甲", doc_number="云教〔2012〕7号")
    second = record("http://a.example/2", "关于开学安排的通知", LONG)
    assert not same(first, second)
    bridge = record("http://a.example/3", "关于开学安排的通知", LONG, doc_number="云教〔2012〕7号")
    older, newer = sorted((first.document_id, second.document_id))
    assert bridge.document_id == older
    with catalog.read() as connection:
        assert find_document(connection, newer) == Moved(older)
        assert len(load_documents(connection, [older])[older].publications) == 3
        rule = select(schema.document.c.merge_rule).where(schema.document.c.id == newer)
        assert connection.execute(rule).scalar_one() in {"same_text", "same_number"}


def test_a_redirect_is_always_one_step_long(catalog, record):
    numbers = ("云教〔2012〕7号", "云教〔2012〕8号", "云教〔2012〕9号")
    ids = [
        record(f"http://a.example/{number}", "关于开学安排的通知", "甲", doc_number=number).document_id
        for number in numbers
    ]
    record("http://a.example/x", "关于开学安排的通知", doc_number=f"{numbers[2]}、{numbers[1]}")
    record("http://a.example/y", "关于开学安排的通知", doc_number=f"{numbers[1]}、{numbers[0]}")
    survivor = min(ids)
    with catalog.read() as connection:
        for document_id in set(ids) - {survivor}:
            assert find_document(connection, document_id) == Moved(survivor)


def test_a_publication_that_no_longer_agrees_leaves_its_document(catalog, record):
    first = record("http://a.example/1", "关于开学安排的通知", LONG)
    assert same(first, record("http://a.example/2", "关于开学安排的通知", LONG))
    moved = record("http://a.example/2", "关于放假安排的通知", "寒假安排另行通知。")
    assert not same(first, moved)
    with catalog.read() as connection:
        assert len(load_documents(connection, [first.document_id])[first.document_id].publications) == 1


def test_a_lone_publication_keeps_its_document_whatever_it_says(record):
    first = record("http://a.example/1", "关于开学安排的通知", LONG)
    assert same(first, record("http://a.example/1", "关于放假安排的通知", "寒假安排另行通知。"))


def test_what_only_a_changed_page_held_together_goes_apart(catalog, record):
    record("http://a.example/1", "关于开学安排的通知", "甲", doc_number="云教〔2012〕7号")
    bridge = record("http://a.example/2", "关于开学安排的通知", LONG, doc_number="云教〔2012〕7号")
    third = record("http://a.example/3", "关于开学安排的通知", LONG)
    assert same(bridge, third)
    with catalog.read() as connection:
        before = last_seq(connection)
    changed = record("http://a.example/2", "关于放假安排的通知", "寒假安排另行通知。")
    first = record("http://a.example/1", "关于开学安排的通知", "甲", doc_number="云教〔2012〕7号")
    third = record("http://a.example/3", "关于开学安排的通知", LONG)
    ids = {first.document_id, changed.document_id, third.document_id}
    assert len(ids) == 3
    assert first.document_id == bridge.document_id  # the oldest keeps the document
    with catalog.read() as connection:
        assert ids <= set(changed_documents(connection, before))


def test_what_leaves_a_suppressed_document_stays_suppressed(catalog, record):
    first = record("http://a.example/1", "关于开学安排的通知", LONG)
    record("http://a.example/2", "关于开学安排的通知", LONG)
    with catalog.write() as connection:
        suppress(connection, first.document_id, why="含个人信息", who="测试员")
    left = record("http://a.example/2", "关于开学安排的通知", LONG + "补充一句。")
    assert not same(first, left)
    with catalog.read() as connection:
        assert find_document(connection, left.document_id) == Gone()


page = st.tuples(
    st.sampled_from(["开学通知", "关于开学通知", "放假通知"]),
    st.sampled_from([LONG, LONG + "二", SHORT]),
    st.sampled_from([None, "云教〔2012〕7号", "云教〔2012〕8号", "云教〔2012〕7号、云教〔2012〕8号"]),
)
pages = st.lists(page, max_size=7)


@settings(max_examples=25)
@given(data=st.data(), planned=pages)
def test_the_order_of_recording_does_not_decide_what_is_one_document(data, planned):
    order = data.draw(st.permutations(range(len(planned))))
    assert _partition(planned, range(len(planned))) == _partition(planned, order)


@settings(max_examples=25)
@given(data=st.data(), first=pages)
def test_what_pages_said_before_does_not_decide_what_is_one_document(data, first):
    last = [data.draw(st.just(said) | page) for said in first]
    order = data.draw(st.permutations(range(len(first))))
    assert _partition(last, order, before=first) == _partition(last, order)


def _partition(planned, order, before=()):
    """Return which pages share a document, as a set of sets of their numbers; `before` is recorded first."""
    groups: dict[str, set[int]] = {}
    with tempfile.TemporaryDirectory() as folder, Catalog.open(Path(folder)) as catalog:
        with catalog.write() as connection:
            subsite = recording.ensure_subsite(connection, root_url="http://a.example/", name="站")
            ids = {}
            steps = [*((number, before) for number in range(len(before))), *((n, planned) for n in order)]
            for number, said in steps:
                title, body, doc_number = said[number]
                witnesses = [Witness(Field.TITLE, title, Provenance.PRINTED)]
                if doc_number:
                    witnesses.append(Witness(Field.DOC_NUMBER, doc_number, Provenance.PRINTED))
                page = PageRecord(
                    alias=f"http://a.example/{number}",
                    subsite_id=subsite,
                    captured_at=now(),
                    blocks=paragraphs(body),
                    witnesses=tuple(witnesses),
                )
                ids[recording.record(connection, page).publication_id] = number
        with catalog.read() as connection:
            table = schema.publication
            for row in connection.execute(select(table.c.id, table.c.document_id)):
                groups.setdefault(row.document_id, set()).add(ids[row.id])
    return {frozenset(group) for group in groups.values()}


@pytest.mark.parametrize("catalog", ["sqlite"], indirect=True)
def test_looking_for_agreeing_publications_goes_by_what_is_shared_and_not_through_all_titles(catalog):
    compiled = grouping._SHARING.compile(dialect=sqlite.dialect(), compile_kwargs={"literal_binds": False})
    with catalog.read() as connection:
        plan = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {compiled}", ("text", "x", "", "title", "p"))
        steps = [row[3] for row in plan]
    assert "(kind=? AND value=?)" in steps[0], steps
    assert not any("SCAN" in step or step.endswith("(kind=?)") for step in steps), steps
