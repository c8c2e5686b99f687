"""The store: opening, versions, transactions."""

import threading

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import text

from catalog import schema
from catalog.errors import CatalogMissingError, CatalogVersionError
from catalog.store import Catalog, last_seq, log_change, now


def test_the_migrations_make_exactly_the_tables_of_the_schema(catalog):
    with catalog.read() as connection:
        assert compare_metadata(MigrationContext.configure(connection), schema.metadata) == []


def test_reading_where_nothing_is_names_the_place_and_makes_nothing(tmp_path):
    with pytest.raises(CatalogMissingError, match="import"):
        Catalog.open(tmp_path / "nowhere", read_only=True)
    assert not (tmp_path / "nowhere").exists()


@pytest.mark.parametrize("read_only", [True, False])
def test_a_catalogue_of_a_newer_version_is_refused_and_left_alone(catalog, tmp_path, read_only):
    with catalog.write() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(CatalogVersionError, match="9999"):
        Catalog.open(tmp_path, read_only=read_only)


def test_an_error_inside_a_transaction_leaves_nothing_behind(catalog):
    def fail() -> None:
        with catalog.write() as connection:
            connection.execute(schema.document.insert().values(id="d", created_at=now()))
            log_change(connection, "d", "recorded")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    with catalog.read() as connection:
        assert last_seq(connection) == 0


def test_a_number_of_change_is_never_given_twice(catalog):
    with catalog.write() as connection:
        connection.execute(schema.document.insert().values(id="d", created_at=now()))
        log_change(connection, "d", "recorded")
        log_change(connection, "d", "recorded")
        connection.execute(text("DELETE FROM change"))
        log_change(connection, "d", "recorded")
        assert last_seq(connection) == 3


def test_two_writers_wait_for_each_other(catalog, tmp_path):
    def write() -> None:
        with Catalog.open(tmp_path) as other:
            for _ in range(10):
                with other.write() as connection:
                    log_change(connection, "d", "recorded")

    with catalog.write() as connection:
        connection.execute(schema.document.insert().values(id="d", created_at=now()))
    threads = [threading.Thread(target=write) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with catalog.read() as connection:
        assert last_seq(connection) == 30


def test_a_reader_sees_one_unchanging_state(catalog):
    with catalog.write() as connection:
        connection.execute(schema.document.insert().values(id="d", created_at=now()))
    with catalog.read() as reader:
        before = last_seq(reader)
        with catalog.write() as writer:
            log_change(writer, "d", "recorded")
        assert last_seq(reader) == before


@pytest.mark.parametrize("name", ["甲 乙", "a#b", "a%41", "a?mode=ro"])
def test_a_data_folder_may_have_any_name(tmp_path, name):
    with Catalog.open(tmp_path / name):
        assert (tmp_path / name / "catalog.db").exists()
    with Catalog.open(tmp_path / name, read_only=True) as opened, opened.read() as connection:
        assert last_seq(connection) == 0
