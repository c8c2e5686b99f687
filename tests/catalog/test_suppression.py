"""Suppression takes out at once, says why, and can be undone."""

import pytest
from sqlalchemy import select

from catalog import schema
from catalog.errors import UnknownIdError
from catalog.reading import Gone, count_live, find_document
from catalog.store import last_seq
from catalog.suppression import SuppressionError, suppress, suppression_changes, unsuppress

LONG = "市政府同意教育局提出的开学安排，现予印发，请认真执行，确保平稳。" * 7


def act(catalog, what, target, why="含个人信息"):
    with catalog.write() as connection:
        return what(connection, target, why=why, who="测试员")


def find(catalog, document_id):
    with catalog.read() as connection:
        return find_document(connection, document_id)


def test_a_suppressed_document_is_gone_and_comes_back(catalog, record):
    done = record("http://a.example/1", "名单公示", "张三")
    act(catalog, suppress, done.document_id)
    assert find(catalog, done.document_id) == Gone()
    act(catalog, unsuppress, done.document_id, why="已脱敏")
    assert find(catalog, done.document_id).title == "名单公示"


def test_a_suppressed_publication_leaves_the_others(catalog, record):
    first = record("http://a.example/1", "名单公示", LONG)
    second = record("http://a.example/2", "名单公示（张三）", LONG)
    assert first.document_id == second.document_id
    act(catalog, suppress, second.publication_id)
    document = find(catalog, first.document_id)
    assert document.titles == ("名单公示",)
    act(catalog, suppress, first.publication_id)
    assert find(catalog, first.document_id) == Gone()
    with catalog.read() as connection:
        assert count_live(connection) == 0


def test_what_is_suppressed_elsewhere_does_not_stand_in_the_way_of_a_publication(catalog, record):
    other = record("http://a.example/1", "名单公示", "张三")
    done = record("http://a.example/2", "另一份名单公示", "李四")
    act(catalog, suppress, other.document_id)
    act(catalog, suppress, done.publication_id)
    assert find(catalog, done.document_id) == Gone()
    act(catalog, unsuppress, done.publication_id)
    assert find(catalog, done.document_id) != Gone()
    assert find(catalog, other.document_id) == Gone()


def test_a_document_stays_suppressed_when_it_is_merged_into_another(catalog, record):
    first = record("http://a.example/1", "关于开学安排的通知", "甲", doc_number="云教〔2012〕7号")
    second = record("http://a.example/2", "关于开学安排的通知", LONG)
    newer = max(first.document_id, second.document_id)
    act(catalog, suppress, newer)
    bridge = record("http://a.example/3", "关于开学安排的通知", LONG, doc_number="云教〔2012〕7号")
    assert find(catalog, bridge.document_id) == Gone()
    act(catalog, unsuppress, newer)
    assert find(catalog, bridge.document_id) != Gone()


def test_what_was_merged_into_a_document_is_lifted_by_either_id(catalog, record):
    first = record("http://a.example/1", "关于开学安排的通知", "甲", doc_number="云教〔2012〕7号")
    second = record("http://a.example/2", "关于开学安排的通知", LONG)
    older, newer = sorted((first.document_id, second.document_id))
    with catalog.read() as connection:
        before = last_seq(connection)
    act(catalog, suppress, newer)
    record("http://a.example/3", "关于开学安排的通知", LONG, doc_number="云教〔2012〕7号")
    with catalog.read() as connection:
        assert suppression_changes(connection, before) == {older, newer}
    with pytest.raises(SuppressionError, match="已经撤下"):
        act(catalog, suppress, older)
    act(catalog, unsuppress, older)
    assert find(catalog, older) != Gone()


def test_who_why_and_when_are_kept(catalog, record):
    done = record("http://a.example/1", "名单公示", "张三")
    act(catalog, suppress, done.document_id, why="含身份证号")
    act(catalog, unsuppress, done.document_id, why="已脱敏")
    with catalog.read() as connection:
        row = connection.execute(select(schema.suppression)).one()
    assert (row.why, row.who, row.lifted_why, row.lifted_by) == ("含身份证号", "测试员", "已脱敏", "测试员")
    assert row.lifted_at >= row.suppressed_at


def test_servers_learn_of_it_by_the_number_of_the_change(catalog, record):
    done = record("http://a.example/1", "名单公示", "张三")
    with catalog.read() as connection:
        before = last_seq(connection)
    act(catalog, suppress, done.document_id)
    with catalog.read() as connection:
        assert suppression_changes(connection, before) == {done.document_id}
        assert suppression_changes(connection, last_seq(connection)) == frozenset()


def test_wrong_use_says_what_would_be_right_and_changes_nothing(catalog, record):
    done = record("http://a.example/1", "名单公示", "张三")
    with catalog.read() as connection:
        before = last_seq(connection)
    with pytest.raises(UnknownIdError, match="nobody"):
        act(catalog, suppress, "nobody")
    with pytest.raises(SuppressionError, match="--why"):
        act(catalog, suppress, done.document_id, why=" ")
    with pytest.raises(SuppressionError, match="没有被撤下"):
        act(catalog, unsuppress, done.document_id)
    act(catalog, suppress, done.document_id)
    with pytest.raises(SuppressionError, match="已经撤下"):
        act(catalog, suppress, done.document_id)
    with catalog.read() as connection:
        assert last_seq(connection) == before + 1
