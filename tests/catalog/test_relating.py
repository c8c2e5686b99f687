"""Who is meant by what documents say of each other, and what follows for their force."""

import pytest
from sqlalchemy import event

from catalog import purging, removal
from catalog.in_force import Force, in_force
from catalog.reading import changed_documents, load_documents
from catalog.records import AttachmentRecord, RelationKind
from catalog.relating import Claim, claims_by, claims_of
from catalog.store import last_seq
from catalog.suppression import suppress, unsuppress

REPEALS, AMENDS = RelationKind.REPEALS, RelationKind.AMENDS


def _view(catalog, recorded):
    with catalog.read() as connection:
        return load_documents(connection, [recorded.document_id])[recorded.document_id]


def _old(record, number="云政〔2008〕5号", **facts):
    return record("http://a.example/old", "云岭市供水办法", "第一条 为了供水。", doc_number=number, **facts)


def _new(record, body="《云岭市供水办法》（云政〔2008〕5号）同时废止。", url="http://a.example/new"):
    return record(url, "云岭市城镇供水条例实施细则", body, doc_number="云政〔2020〕1号")


@pytest.mark.parametrize("old_first", [True, False])
def test_a_repealed_document_is_known_to_be_so_whichever_was_met_first(catalog, record, old_first) -> None:
    old = _old(record) if old_first else None
    new = _new(record)
    old = old or _old(record)
    view = _view(catalog, old)
    assert (view.validity, view.validity_derived, view.validity_possible) == ("LV03", True, None)
    with catalog.read() as connection:
        (claim,) = claims_of(connection, [old.document_id])[old.document_id]
        assert claims_by(connection, [new.document_id]) == {new.document_id: [claim]}
    assert (claim.kind, claim.by_document, claim.explicit) == (REPEALS, new.document_id, True)
    assert claim.sentence == "《云岭市供水办法》（云政〔2008〕5号）同时废止。"


def test_who_is_repealed_is_logged_as_changed_and_again_when_it_is_not_any_more(catalog, record) -> None:
    old = _old(record)
    with catalog.read() as connection:
        seq = last_seq(connection)
    _new(record)
    with catalog.read() as connection:
        assert old.document_id in changed_documents(connection, seq)
        seq = last_seq(connection)
    _new(record, body="更正后的正文，不再提到别的文件。")
    with catalog.read() as connection:
        assert old.document_id in changed_documents(connection, seq)
    assert _view(catalog, old).validity is None


def test_a_repeal_without_a_number_is_only_possible(catalog, record) -> None:
    old = _old(record, validity="有效")
    _new(record, body="《云岭市供水办法》同时废止。")
    view = _view(catalog, old)
    assert (view.validity, view.validity_derived, view.validity_possible) == ("LV01", False, "LV03")


def test_a_title_that_several_documents_bear_means_none_of_them(catalog, record) -> None:
    old = _old(record)
    record("http://a.example/twin", "云岭市供水办法", "另一份同名的文件。", doc_number="云政〔2001〕9号")
    _new(record, body="《云岭市供水办法》同时废止。")
    assert _view(catalog, old).validity_possible is None


def test_a_number_under_another_title_means_nobody(catalog, record) -> None:
    old = _old(record)
    _new(record, body="《云岭市燃气办法》（云政〔2008〕5号）同时废止。")
    assert _view(catalog, old).validity is None


def test_what_is_suppressed_says_nothing_of_others(catalog, record) -> None:
    old = _old(record)
    new = _new(record)
    with catalog.write() as connection:
        suppress(connection, new.document_id, why="含个人信息", who="测试员")
    assert _view(catalog, old).validity is None


def _suppress(tx, new):
    suppress(tx, new.document_id, why="含个人信息", who="测试员")


def _suppress_publication(tx, new):
    suppress(tx, new.publication_id, why="含个人信息", who="测试员")


def _withdraw(tx, _new):
    removal.note_withdrawn(tx, "http://a.example/new", "该信息已被撤下")


LEAVING = {
    "a suppression": (_suppress, lambda tx, new: unsuppress(tx, new.document_id, why="误撤", who="测试员")),
    "one of a publication": (
        _suppress_publication,
        lambda tx, new: unsuppress(tx, new.publication_id, why="误撤", who="测试员"),
    ),
    "a withdrawal": (_withdraw, lambda tx, _new: removal.note_present(tx, "http://a.example/new")),
}


@pytest.mark.parametrize("kind", LEAVING)
def test_whom_a_document_repeals_is_logged_when_it_leaves_and_when_it_returns(catalog, record, kind) -> None:
    old, new = _old(record), _new(record)
    for act, validity in zip(LEAVING[kind], (None, "LV03"), strict=True):
        with catalog.read() as connection:
            seq = last_seq(connection)
        with catalog.write() as tx:
            act(tx, new)
        with catalog.read() as connection:
            assert old.document_id in changed_documents(connection, seq)
        assert _view(catalog, old).validity == validity


def test_who_is_meant_once_a_namesake_leaves_is_logged_and_again_when_it_returns(catalog, record) -> None:
    old = _old(record)
    twin = record(
        "http://a.example/twin", "云岭市供水办法", "另一份同名的文件。", doc_number="云政〔2001〕9号"
    )
    _new(record, body="《云岭市供水办法》同时废止。")
    assert _view(catalog, old).validity_possible is None
    for act, possible in (
        (lambda tx: suppress(tx, twin.document_id, why="含个人信息", who="测试员"), "LV03"),
        (lambda tx: unsuppress(tx, twin.document_id, why="误撤", who="测试员"), None),
        (lambda tx: suppress(tx, twin.publication_id, why="含个人信息", who="测试员"), "LV03"),
        (lambda tx: unsuppress(tx, twin.publication_id, why="误撤", who="测试员"), None),
        (lambda tx: removal.note_withdrawn(tx, "http://a.example/twin", "该信息已被撤下"), "LV03"),
        (lambda tx: removal.note_present(tx, "http://a.example/twin"), None),
    ):
        with catalog.read() as connection:
            seq = last_seq(connection)
        with catalog.write() as tx:
            act(tx)
        with catalog.read() as connection:
            assert old.document_id in changed_documents(connection, seq)
        assert _view(catalog, old).validity_possible == possible


def test_whom_a_document_repeals_is_logged_when_it_is_purged(catalog, record) -> None:
    old, new = _old(record), _new(record)
    with catalog.write() as tx:
        _suppress(tx, new)
    with catalog.read() as connection:
        seq = last_seq(connection)
    purging.purge(catalog, new.document_id, why="含个人信息", who="测试员")
    with catalog.read() as connection:
        assert old.document_id in changed_documents(connection, seq)


def test_the_text_of_a_file_speaks_too(catalog, record) -> None:
    old = _old(record)
    file = AttachmentRecord(
        "http://a.example/f.pdf", "清单.pdf", "废止《云岭市供水办法》（云政〔2008〕5号）。"
    )
    record("http://a.example/decision", "关于清理文件的决定", "见附件。", attachments=(file,))
    assert _view(catalog, old).validity == "LV03"


@pytest.mark.parametrize(
    ("stated", "said", "expected"),
    [
        (None, [], Force(None)),
        ("LV01", [(REPEALS, True)], Force("LV03", derived=True)),
        ("LV01", [(AMENDS, True)], Force("LV04", derived=True)),
        ("LV01", [(AMENDS, True), (REPEALS, True)], Force("LV03", derived=True)),
        ("LV02", [(REPEALS, True)], Force("LV02")),
        ("LV03", [(REPEALS, False)], Force("LV03")),
        (None, [(REPEALS, False)], Force(None, possible="LV03")),
        ("LV04", [(AMENDS, False)], Force("LV04")),
        (None, [(RelationKind.CITES, True)], Force(None)),
    ],
)
def test_what_is_stated_yields_only_to_what_is_certain(stated, said, expected) -> None:
    claims = [Claim(kind, "a", "b", "句子。", explicit) for kind, explicit in said]
    assert in_force(stated, claims) == expected


@pytest.mark.parametrize("catalog", ["sqlite"], indirect=True)
def test_what_is_said_of_ten_documents_is_found_and_not_looked_for_in_all(catalog, record) -> None:
    old, new = _old(record), _new(record)
    asked = []
    with catalog.read() as connection:

        def note(_connection, _cursor, statement, parameters, *_rest) -> None:
            asked.append((statement, parameters))

        event.listen(connection, "before_cursor_execute", note)
        claims_of(connection, [old.document_id, new.document_id])
        claims_by(connection, [old.document_id, new.document_id])
        event.remove(connection, "before_cursor_execute", note)
        assert len(asked) >= 4
        for statement, parameters in asked:
            plan = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters)
            steps = [row[3] for row in plan]
            assert not any("SCAN relation" in step or "SCAN publication" in step for step in steps), steps
            assert not any("evidence" in step and step.endswith("(kind=?)") for step in steps), steps
