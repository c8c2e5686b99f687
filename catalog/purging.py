"""Purging: what was suppressed goes for good, from texts, captures and archive.

What stays is a tombstone: who, when and why, and the hashes of the addresses, so that no crawl brings it
back. The order makes every interruption harmless: the archive's files are written anew beside the old
ones; one transaction lets the catalogue point into the new ones and forgets the content; then the old ones
are removed. The table `archive_removal` names at any instant what is to be removed, and `finish` does so.
"""

from collections.abc import Iterable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from sqlalchemy import Connection, Row, Table, exists, or_, select

from catalog import archive_scrub, relating, schema
from catalog.archive_scrub import Doomed, plain
from catalog.errors import CatalogError, UnknownIdError
from catalog.grouping import surviving
from catalog.ids import mint
from catalog.store import Catalog, log_change, now
from catalog.suppression import suppressed_ids

PART = 500
"""Ids named in one statement; SQLite takes a bounded number of parameters."""

_publication, _capture = schema.publication, schema.capture
_file, _removal = schema.capture_attachment, schema.archive_removal


class PurgeError(CatalogError):
    """The purge cannot be made."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What a purge takes away: publications of one document, their captures, and addresses (aliases)."""

    target_kind: str
    target_id: str
    document_id: str
    publications: tuple[str, ...]
    captures: tuple[str, ...]
    aliases: Mapping[str, str]
    doomed: Doomed


@dataclass(frozen=True, slots=True)
class Purged:
    """What a purge did. `erased` is false where another process kept the store from being compacted."""

    publications: int
    captures: int
    archive_files: int
    erased: bool


@dataclass(frozen=True, slots=True)
class Tombstone:
    """What is left of a purged publication."""

    publication_id: str
    document_id: str


def plan(connection: Connection, target_id: str) -> Plan:
    """Return what purging a document or a publication takes away.

    Raises `UnknownIdError`, or `PurgeError` unless it is suppressed.
    """
    kind, document_id, publications = _target(connection, target_id)
    hidden = suppressed_ids(connection)
    if target_id not in hidden and document_id not in hidden:
        raise PurgeError(f"{target_id} 还没有撤下；请先运行 gongkai suppress，核对无误后再彻底删除。")
    if not publications:
        raise PurgeError(f"{target_id} 已经没有内容可以删除。")
    captures = _all(connection, _capture, "publication_id", publications)
    aliases = {
        row.alias: row.publication_id
        for row in _all(connection, schema.publication_alias, "publication_id", publications)
    }
    for row in _all(connection, _publication, "id", publications):
        if row.url is not None:
            aliases.setdefault(row.url, row.id)
    places = {(row.archive_file, row.archive_offset) for row in captures if row.archive_offset is not None}
    addresses = _addresses(connection, publications, aliases)
    return Plan(
        kind,
        target_id,
        document_id,
        tuple(publications),
        tuple(row.id for row in captures),
        aliases,
        Doomed(frozenset(places), frozenset(addresses)),
    )


def purge(catalog: Catalog, target_id: str, *, why: str, who: str) -> Purged:
    """Take what is suppressed away for good.

    Raises as `plan`, and `ArchiveBusyError` while a crawl writes to a file that has to be written anew.
    """
    if not why.strip():
        raise PurgeError("必须用 --why 写明彻底删除的理由。")
    finish(catalog)
    with catalog.read() as connection:
        planned = plan(connection, target_id)
    files = archive_scrub.affected(catalog.data_dir, planned.doomed)
    renamed = {file: archive_scrub.new_name(file) for file in files}
    try:
        _purge(catalog, planned, renamed, why, who)
    finally:
        finish(catalog)
    erased = catalog.erase_free_space()
    return Purged(len(planned.publications), len(planned.captures), len(files), erased)


def _purge(catalog: Catalog, planned: Plan, renamed: Mapping[str, str], why: str, who: str) -> None:
    with ExitStack() as holding:
        for file in renamed:
            holding.enter_context(archive_scrub.held(catalog.data_dir, file))
        with catalog.write() as tx:
            _await_removal(tx, renamed.values())
        moved = {
            file: archive_scrub.scrub(catalog.data_dir, file, into, planned.doomed)
            for file, into in renamed.items()
        }
        with catalog.write() as tx:
            if plan(tx, planned.target_id) != planned:
                raise PurgeError(f"{planned.target_id} 在删除时又有变化，没有改动任何内容；请再运行一次。")
            relating.log_targets(tx, planned.publications)
            _forget(tx, planned)
            for file, into in renamed.items():
                _point_into(tx, file, into, moved[file])
            tx.execute(_removal.delete().where(_removal.c.file.in_(renamed.values())))
            _await_removal(tx, renamed)
            _bury(tx, planned, why, who)


def finish(catalog: Catalog) -> None:
    """Remove the archive's files that an interrupted purge left; nothing points into them."""
    with catalog.read() as connection:
        files = connection.execute(select(_removal.c.file)).scalars().all()
    for file in files:
        archive_scrub.remove(catalog.data_dir, file)
    if files:
        with catalog.write() as tx:
            tx.execute(_removal.delete().where(_removal.c.file.in_(files)))


def tombstone(connection: Connection, addresses: Iterable[str]) -> Tombstone | None:
    """Return what is left of the publication that one of these addresses (aliases) belonged to."""
    table = schema.purged_alias
    hashes = [_hash(address) for address in addresses]
    row = connection.execute(select(table).where(table.c.alias_hash.in_(hashes))).first()
    return None if row is None else Tombstone(row.publication_id, row.document_id)


def _target(connection: Connection, target_id: str) -> tuple[str, str, list[str]]:
    owner = connection.execute(
        select(_publication.c.document_id).where(_publication.c.id == target_id)
    ).scalar()
    if owner is not None:
        return "publication", owner, [target_id]
    survivor = surviving(connection, target_id)
    if survivor is None:
        raise UnknownIdError(target_id)
    rows = connection.execute(select(_publication.c.id).where(_publication.c.document_id == survivor))
    return "document", survivor, sorted(rows.scalars())


def _addresses(connection: Connection, publications: Sequence[str], aliases: Iterable[str]) -> set[str]:
    """Return the plain addresses of pages and files that no other publication has."""
    table, own = schema.attachment_alias, set(publications)
    files = {row.url for row in _all(connection, table, "publication_id", publications)}
    bearers = _all(connection, table, "url", sorted(files))
    shared = {row.url for row in bearers if row.publication_id not in own}
    return {plain(url) for url in (*aliases, *files - shared)}


def _forget(tx: Connection, planned: Plan) -> None:
    """Delete every row of the publications, and the texts that nothing else holds."""
    texts = {row.text_hash for row in _all(tx, _capture, "id", planned.captures)}
    texts |= {row.text_hash for row in _all(tx, _file, "capture_id", planned.captures)}
    for table in (schema.witness, _file):
        _delete(tx, table, "capture_id", planned.captures)
    for table in (
        schema.relation,
        schema.finding,
        schema.evidence,
        schema.publication_column,
        schema.absence,
        schema.staff_tie,
        schema.staff_apart,
        schema.attachment_alias,
        schema.attachment,
        _capture,
        schema.publication_alias,
    ):
        _delete(tx, table, "publication_id", planned.publications)
    _delete(tx, schema.finding, "subject", list(planned.aliases))
    _delete(tx, _publication, "id", planned.publications)
    for key in ("first_document_id", "second_document_id"):  # their reasons may quote the text
        _delete(tx, schema.suggestion, key, [planned.document_id])
    _delete_unused(tx, [name for name in texts if name is not None])


def _delete_unused(tx: Connection, hashes: Sequence[str]) -> None:
    used = or_(
        exists().where(_capture.c.text_hash == schema.text.c.hash),
        exists().where(_file.c.text_hash == schema.text.c.hash),
    )
    for part in _parts(hashes):
        unused = select(schema.text.c.hash).where(schema.text.c.hash.in_(part), ~used)
        gone = tx.execute(unused).scalars().all()
        _delete(tx, schema.text_sketch, "text_hash", gone)
        _delete(tx, schema.text, "hash", gone)


def _point_into(tx: Connection, file: str, into: str, moved: Mapping[int, tuple[int, int]]) -> None:
    """Let the captures that are left point into the new file; raises `PurgeError` if it lacks one."""
    rows = tx.execute(select(_capture.c.id, _capture.c.archive_offset).where(_capture.c.archive_file == file))
    for capture_id, offset in rows.all():
        if offset not in moved:
            raise PurgeError(f"归档文件 {file} 在位置 {offset} 处读不出记录，没有改动任何内容。")
        place = dict(zip(("archive_offset", "archive_length"), moved[offset], strict=True))
        tx.execute(_capture.update().where(_capture.c.id == capture_id).values(archive_file=into, **place))


def _await_removal(tx: Connection, files: Iterable[str]) -> None:
    rows = [{"file": file} for file in files]
    if rows:
        tx.execute(_removal.insert(), rows)


def _bury(tx: Connection, planned: Plan, why: str, who: str) -> None:
    purge_id = mint()
    target = {"target_kind": planned.target_kind, "target_id": planned.target_id}
    tx.execute(schema.purge.insert().values(id=purge_id, **target, why=why, who=who, purged_at=now()))
    table = schema.purged_alias
    hashes = {_hash(alias): publication_id for alias, publication_id in planned.aliases.items()}
    _delete(tx, table, "alias_hash", list(hashes))
    rows = [
        {
            "alias_hash": name,
            "purge_id": purge_id,
            "publication_id": publication_id,
            "document_id": planned.document_id,
        }
        for name, publication_id in hashes.items()
    ]
    tx.execute(table.insert(), rows)
    log_change(tx, planned.document_id, "purged")


def _all(connection: Connection, table: Table, key: str, values: Sequence[str]) -> list[Row[Any]]:
    """Return the rows of a table whose column is one of the values."""
    return [
        row
        for part in _parts(values)
        for row in connection.execute(select(table).where(table.c[key].in_(part))).all()
    ]


def _delete(tx: Connection, table: Table, key: str, values: Sequence[str]) -> None:
    for part in _parts(values):
        tx.execute(table.delete().where(table.c[key].in_(part)))


def _parts(values: Sequence[str]) -> list[Sequence[str]]:
    return [values[start : start + PART] for start in range(0, len(values), PART)]


def _hash(address: str) -> str:
    return sha256(address.encode("utf-8", "surrogatepass")).hexdigest()
