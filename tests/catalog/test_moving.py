"""The catalogue in PostgreSQL: named by the data folder, moved there and back, refused elsewhere."""

import stat

import pytest
from sqlalchemy import select

from catalog import schema
from catalog.engines import postgresql_url
from catalog.errors import CatalogMissingError, StoreNotEmptyError, StoreUrlError
from catalog.moving import move
from catalog.store import URL_FILE, Catalog, last_seq, name_store, store_url
from catalog.suppression import suppress
from tests.support import postgresql as postgresql_support

LONG = "市政府同意教育局提出的开学安排，现予印发，请认真执行，确保平稳。" * 7


def _rows(data):
    with Catalog.open(data, read_only=True) as catalog, catalog.read() as connection:
        return {
            table.name: sorted(map(repr, connection.execute(select(table)).all()))
            for table in schema.metadata.sorted_tables
        }


@pytest.fixture
def empty_database(postgresql):
    return postgresql_url(postgresql_support.emptied(postgresql))


@pytest.mark.parametrize("catalog", ["sqlite"], indirect=True)
@pytest.mark.postgresql
def test_a_catalogue_moves_to_postgresql_and_back_with_every_row(
    catalog, record, tmp_path, empty_database
) -> None:
    record("http://a.example/1", "开学安排", LONG, doc_number="云教〔2012〕3号")
    record("http://a.example/3", "别的安排", "另一篇。")
    record("http://a.example/2", "开学安排（全文）", LONG)
    gone = record("http://a.example/4", "名单公示", "张三")
    with catalog.write() as connection:
        suppress(connection, gone.document_id, why="含个人信息", who="测试员")
    before = _rows(tmp_path)
    assert move(tmp_path, empty_database) == sum(map(len, before.values()))
    assert store_url(tmp_path) == empty_database
    assert _rows(tmp_path) == before
    with Catalog.open(tmp_path) as moved:
        with moved.read() as connection:
            seq = last_seq(connection)
        with moved.write() as connection:
            suppress(
                connection,
                connection.execute(select(schema.document.c.id)).scalars().first(),
                why="测",
                who="测",
            )
            assert last_seq(connection) == seq + 1
    (tmp_path / "catalog.db").rename(tmp_path / "kept.db")
    there = _rows(tmp_path)
    move(tmp_path, None)
    assert store_url(tmp_path) is None
    assert _rows(tmp_path) == there


@pytest.mark.parametrize("catalog", ["sqlite"], indirect=True)
@pytest.mark.postgresql
def test_nothing_is_moved_to_where_a_catalogue_is(catalog, record, tmp_path, empty_database) -> None:
    record("http://a.example/1", "开学安排", LONG)
    move(tmp_path, empty_database)
    for target in (empty_database, None):
        with pytest.raises(StoreNotEmptyError):
            move(tmp_path, target)


@pytest.mark.postgresql
def test_a_database_without_a_catalogue_is_not_read(tmp_path, empty_database) -> None:
    name_store(tmp_path, empty_database)
    with pytest.raises(CatalogMissingError, match="postgresql"):
        Catalog.open(tmp_path, read_only=True)


@pytest.mark.postgresql
def test_a_database_that_orders_by_language_is_refused(tmp_path, worker_id) -> None:
    options = "ENCODING 'SQL_ASCII' LOCALE 'C'"
    with postgresql_support.database(f"gongkai_other_{worker_id}", options) as url:
        name_store(tmp_path, postgresql_url(url))
        with pytest.raises(StoreUrlError, match="SQL_ASCII"):
            Catalog.open(tmp_path)


@pytest.mark.parametrize(
    "given", ["", "mysql://a/b", "postgresql://host", "postgresql://host:port/x", "目录"]
)
def test_an_address_that_is_no_database_is_named(given) -> None:
    with pytest.raises(StoreUrlError, match="postgresql://"):
        postgresql_url(given)


def test_a_server_that_does_not_answer_is_named_without_the_password(tmp_path) -> None:
    name_store(tmp_path, postgresql_url("postgresql://clerk:secret@127.0.0.1:9/x"))
    assert stat.S_IMODE((tmp_path / URL_FILE).stat().st_mode) == 0o600
    with pytest.raises(StoreUrlError) as caught:
        Catalog.open(tmp_path)
    assert "127.0.0.1:9" in str(caught.value)
    assert "secret" not in str(caught.value)
