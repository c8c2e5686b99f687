"""Moving a catalogue from one database into another, row by row, ids and change numbers kept."""

from pathlib import Path

from sqlalchemy import URL, Connection, Table, func, insert, select

from catalog import schema
from catalog.errors import StoreNotEmptyError
from catalog.store import Catalog, last_seq, name_store, store_place, store_url

BATCH = 1000
"""Rows copied at once."""


def move(data_dir: Path, target: URL | None) -> int:
    """Copy the catalogue of a data folder into another database, and let the folder name that one.

    `target` is a PostgreSQL database, or None for SQLite in the folder. The old database stays as it was;
    nobody can write to it while it is copied. Programs that hold the catalogue open go on with the old one
    and have to be started again. Returns how many rows were copied.

    Raises `StoreNotEmptyError` if the target holds a catalogue already, `StoreUrlError` if it cannot be used.
    """
    if target == store_url(data_dir):
        raise StoreNotEmptyError(store_place(data_dir, target))
    with Catalog.open(data_dir) as old, Catalog.open_at(data_dir, target) as new:
        with old.write() as source, new.write() as copy:
            if last_seq(copy):
                raise StoreNotEmptyError(store_place(data_dir, target))
            rows = sum(_copy(source, copy, table) for table in schema.metadata.sorted_tables)
            _count_on(copy)
        name_store(data_dir, target)
    return rows


def _copy(source: Connection, copy: Connection, table: Table) -> int:
    rows = select(table)
    if table is schema.document:
        # A redirect points at a document that must be there before it, and that is no redirect itself.
        rows = rows.order_by(table.c.merged_into.is_not(None))
    copied = 0
    for batch in source.execution_options(yield_per=BATCH).execute(rows).mappings().partitions(BATCH):
        copy.execute(insert(table), [dict(row) for row in batch])
        copied += len(batch)
    return copied


def _count_on(connection: Connection) -> None:
    """Let the next change have the next number; SQLite looks at its rows itself."""
    seq = last_seq(connection)
    if seq and connection.dialect.name == "postgresql":
        counter = func.pg_get_serial_sequence(schema.change.name, schema.change.c.seq.name)
        connection.execute(select(func.setval(counter, seq)))
