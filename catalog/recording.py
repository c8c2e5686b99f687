"""Writing what was met on the web, or imported, into the catalogue.

Recording is idempotent: the same content under the same alias changes nothing, so whoever was
interrupted simply records again.
"""

import json
from dataclasses import dataclass
from enum import StrEnum
from hashlib import sha256

from sqlalchemy import Connection, select, update

from catalog import authority, grouping, schema, texts
from catalog.authority import load_organizations
from catalog.captures import store_capture
from catalog.errors import RecordError
from catalog.folding import clean, fold
from catalog.ids import mint
from catalog.records import (
    TRUST,
    Block,
    Field,
    PageKind,
    PageRecord,
    Witness,
    flat_text,
)
from catalog.resolving import resolve_all, store_term
from catalog.store import log_change, now
from catalog.vocabulary import vocabulary

__all__ = ["Change", "Recorded", "ensure_column", "ensure_subsite", "load_organizations", "record"]


class Change(StrEnum):
    """What recording a page did."""

    NEW = "new"
    CHANGED = "changed"
    UNCHANGED = "unchanged"


@dataclass(frozen=True, slots=True)
class Recorded:
    """The publication and document a page belongs to, and what recording it did."""

    publication_id: str
    document_id: str
    change: Change


def ensure_subsite(
    connection: Connection,
    *,
    root_url: str,
    name: str,
    organization: str | None = None,
    family: str | None = None,
) -> str:
    """Return the id of the subsite with this root URL; make it or bring its name up to date."""
    table = schema.subsite
    codes = authority.codes_of(connection, organization) if organization else ()
    values = {"name": name, "family": family, "organization_code": codes[0] if codes else None}
    known = connection.execute(select(table).where(table.c.root_url == root_url)).mappings().first()
    if known is None:
        subsite_id = mint()
        connection.execute(
            table.insert().values(id=subsite_id, root_url=root_url, created_at=now(), **values)
        )
        return subsite_id
    if any(known[key] != value for key, value in values.items()):
        connection.execute(table.update().where(table.c.id == known["id"]).values(**values))
    return str(known["id"])


def ensure_column(connection: Connection, subsite_id: str, *, path: str, name: str) -> str:
    """Return the id of the column (栏目) at this path of a subsite, making it if needed.

    Its content class (组配分类) is read from its name; a name that is no class is one of its own.
    """
    table = schema.site_column
    known = connection.execute(
        select(table.c.id).where(table.c.subsite_id == subsite_id, table.c.path == path)
    ).scalar()
    if known is not None:
        return str(known)
    terms = vocabulary("column").resolve(name)
    if not terms:
        raise RecordError(f"栏目名称 {name!r} 为空，应为页面上印出的栏目名称。")
    content_class = store_term(connection, Field.COLUMN, terms[0])
    column_id = mint()
    connection.execute(
        table.insert().values(
            id=column_id, subsite_id=subsite_id, path=path, name=name, content_class=content_class
        )
    )
    return column_id


def record(connection: Connection, page: PageRecord) -> Recorded:
    """Record a page; the connection is one of `Catalog.write()`.

    Raises `RecordError` if the page is not a document or has no title.
    """
    blocks = texts.cleaned(page.blocks)
    witnesses = _cleaned_witnesses(page)
    title = _title(page, witnesses)
    content_hash = _content_hash(page, blocks, witnesses)
    publication_id = _find_publication(connection, page)
    if publication_id is None:
        return _record_new(connection, page, title, blocks, witnesses, content_hash)
    joined = _join_columns(connection, publication_id, page.column_ids)
    if _known_hash(connection, page.alias) == content_hash:
        document_id = _document_of(connection, publication_id)
        if joined:
            log_change(connection, document_id, "recorded")
        return Recorded(publication_id, document_id, Change.CHANGED if joined else Change.UNCHANGED)
    return _record_again(connection, publication_id, page, title, blocks, witnesses, content_hash)


def _record_new(
    connection: Connection,
    page: PageRecord,
    title: str,
    blocks: tuple[Block, ...],
    witnesses: tuple[Witness, ...],
    content_hash: str,
) -> Recorded:
    publication_id, capture_id = mint(), mint()
    stated = resolve_all(connection, witnesses)
    evidence = grouping.evidence_of(title, flat_text(blocks), stated)
    document_id = grouping.group(connection, publication_id, None, evidence)
    connection.execute(
        schema.publication.insert().values(
            id=publication_id,
            document_id=document_id,
            subsite_id=page.subsite_id,
            url=page.url,
            capture_id=capture_id,
            created_at=now(),
        )
    )
    grouping.remember(connection, publication_id, evidence)
    _join_columns(connection, publication_id, page.column_ids)
    store_capture(connection, capture_id, publication_id, page, blocks, stated)
    _store_aliases(connection, publication_id, page, content_hash)
    log_change(connection, document_id, "recorded")
    return Recorded(publication_id, document_id, Change.NEW)


def _record_again(
    connection: Connection,
    publication_id: str,
    page: PageRecord,
    title: str,
    blocks: tuple[Block, ...],
    witnesses: tuple[Witness, ...],
    content_hash: str,
) -> Recorded:
    capture_id = mint()
    stated = resolve_all(connection, witnesses)
    store_capture(connection, capture_id, publication_id, page, blocks, stated)
    _store_aliases(connection, publication_id, page, content_hash)
    document_id = _document_of(connection, publication_id)
    # A capture without a text does not take the place of one with a text: readers fail more often
    # than offices empty their pages.
    if blocks or not _has_text(connection, publication_id):
        connection.execute(
            update(schema.publication)
            .where(schema.publication.c.id == publication_id)
            .values(capture_id=capture_id, url=page.url)
        )
        evidence = grouping.evidence_of(title, flat_text(blocks), stated)
        document_id = grouping.group(connection, publication_id, document_id, evidence)
        grouping.remember(connection, publication_id, evidence)
    log_change(connection, document_id, "recorded")
    return Recorded(publication_id, document_id, Change.CHANGED)


def _cleaned_witnesses(page: PageRecord) -> tuple[Witness, ...]:
    cleaned = (Witness(w.field, clean(w.raw).strip(), w.provenance) for w in page.witnesses)
    return tuple(dict.fromkeys(witness for witness in cleaned if fold(witness.raw)))


def _title(page: PageRecord, witnesses: tuple[Witness, ...]) -> str:
    if page.page_kind is not PageKind.DOCUMENT:
        raise RecordError(f"{page.alias}：页面类型是 {page.page_kind}，只有 document 才能入库。")
    titles = [witness for witness in witnesses if witness.field is Field.TITLE]
    if not titles:
        raise RecordError(f"{page.alias}：没有标题，应有一个非空的 title。")
    return min(titles, key=lambda witness: TRUST[witness.provenance]).raw


def _content_hash(page: PageRecord, blocks: tuple[Block, ...], witnesses: tuple[Witness, ...]) -> str:
    value = [
        page.url,
        [block.to_json() for block in blocks],
        [[witness.field, witness.raw, witness.provenance] for witness in witnesses],
        [[attachment.url, attachment.name, attachment.text] for attachment in page.attachments],
        page.extra,
    ]
    # Lone surrogates are legal in JSON texts and cannot be encoded: let them stand as what they are.
    encoded = json.dumps(value, ensure_ascii=True, sort_keys=True).encode()
    return sha256(encoded).hexdigest()


def _aliases(page: PageRecord) -> list[str]:
    return [page.alias] if page.url is None or page.url == page.alias else [page.alias, page.url]


def _find_publication(connection: Connection, page: PageRecord) -> str | None:
    table = schema.publication_alias
    for alias in _aliases(page):
        found = connection.execute(select(table.c.publication_id).where(table.c.alias == alias)).scalar()
        if found is not None:
            return str(found)
    return None


def _known_hash(connection: Connection, alias: str) -> str | None:
    table = schema.publication_alias
    return connection.execute(select(table.c.content_hash).where(table.c.alias == alias)).scalar()


def _store_aliases(connection: Connection, publication_id: str, page: PageRecord, content_hash: str) -> None:
    table = schema.publication_alias
    for alias in _aliases(page):
        known = connection.execute(select(table.c.alias).where(table.c.alias == alias)).first()
        said = {"content_hash": content_hash} if alias == page.alias else {}
        if known is None:
            connection.execute(table.insert().values(alias=alias, publication_id=publication_id, **said))
        elif said:
            connection.execute(table.update().where(table.c.alias == alias).values(**said))


def _join_columns(connection: Connection, publication_id: str, column_ids: tuple[str, ...]) -> bool:
    """Put the publication into columns; tell whether any was new to it."""
    table = schema.publication_column
    known = set(
        connection.execute(
            select(table.c.column_id).where(table.c.publication_id == publication_id)
        ).scalars()
    )
    new = [column_id for column_id in dict.fromkeys(column_ids) if column_id not in known]
    for column_id in new:
        connection.execute(table.insert().values(publication_id=publication_id, column_id=column_id))
    return bool(new)


def _document_of(connection: Connection, publication_id: str) -> str:
    table = schema.publication
    return str(
        connection.execute(select(table.c.document_id).where(table.c.id == publication_id)).scalar_one()
    )


def _has_text(connection: Connection, publication_id: str) -> bool:
    publication, capture, text = schema.publication, schema.capture, schema.text
    characters = connection.execute(
        select(text.c.characters)
        .join(capture, capture.c.text_hash == text.c.hash)
        .join(publication, publication.c.capture_id == capture.c.id)
        .where(publication.c.id == publication_id)
    ).scalar_one()
    return bool(characters)
