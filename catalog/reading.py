"""Reading documents out of the catalogue, as `catalog.documents` shows them."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Connection, RowMapping, func, select

from catalog import schema, texts
from catalog.documents import AttachmentView, DocumentView, PublicationView
from catalog.folding import fold
from catalog.grouping import surviving
from catalog.records import TRUST, Field, Provenance, Witness, flat_text
from catalog.schema import change, document, publication, site_column, subsite
from catalog.suppression import suppressed_ids

BATCH = 500
"""Documents or publications read at once; SQLite takes a bounded number of parameters."""

Valued = list[tuple[Witness, str]]
"""Statements that could be read, with the value each stands for."""


@dataclass(frozen=True, slots=True)
class Moved:
    """The document was merged into another."""

    document_id: str


@dataclass(frozen=True, slots=True)
class Gone:
    """The document was withdrawn or suppressed; it is a tombstone."""


def find_document(connection: Connection, document_id: str) -> DocumentView | Moved | Gone | None:
    """Return a document, where it went, that it is gone, or None if the id was never given."""
    survivor = surviving(connection, document_id)
    if survivor is None:
        return None
    if survivor != document_id:
        return Moved(survivor)
    return load_documents(connection, [document_id]).get(document_id) or Gone()


def document_ids(connection: Connection, *, after: str = "", limit: int = BATCH) -> list[str]:
    """Return the ids of unmerged documents in order, from behind `after`."""
    rows = connection.execute(
        select(document.c.id)
        .where(document.c.merged_into.is_(None), document.c.id > after)
        .order_by(document.c.id)
        .limit(limit)
    )
    return list(rows.scalars())


def changed_documents(connection: Connection, since: int) -> list[str]:
    """Return the documents touched by any change after number `since`."""
    rows = connection.execute(select(change.c.document_id).where(change.c.seq > since).distinct())
    return sorted(rows.scalars())


def load_documents(connection: Connection, ids: Sequence[str]) -> dict[str, DocumentView]:
    """Return the live ones among the documents: not merged, with a publication that is to be shown."""
    suppressed = suppressed_ids(connection)
    wanted = [document_id for document_id in ids if document_id not in suppressed]
    views: dict[str, DocumentView] = {}
    for start in range(0, len(wanted), BATCH):
        for document_id, publications in _publications(
            connection, wanted[start : start + BATCH], suppressed
        ).items():
            views[document_id] = _document(document_id, publications)
    return views


@dataclass(frozen=True, slots=True)
class _Publication:
    """A publication's view with the values of its statements."""

    view: PublicationView
    values: Valued


def _publications(
    connection: Connection, ids: Sequence[str], suppressed: frozenset[str]
) -> dict[str, list[_Publication]]:
    found: dict[str, list[_Publication]] = defaultdict(list)
    shown = [row for row in _rows(connection, ids) if row["id"] not in suppressed]
    for start in range(0, len(shown), BATCH):  # one document may have thousands of publications
        _collect(connection, shown[start : start + BATCH], found)
    return found


def _collect(
    connection: Connection, rows: Sequence[RowMapping], found: dict[str, list[_Publication]]
) -> None:
    """Add the publications of some rows to those of their documents."""
    capture_ids = [row["capture_id"] for row in rows]
    witnesses = _witnesses(connection, capture_ids)
    attachments = _attachments(connection, capture_ids)
    columns = _columns(connection, [row["id"] for row in rows])
    for row in rows:
        stated = witnesses[row["capture_id"]]
        view = _publication(row, stated, columns[row["id"]], attachments[row["capture_id"]])
        values = [(witness, value) for witness, value in stated if value is not None]
        found[row["document_id"]].append(_Publication(view, values))


def _rows(connection: Connection, ids: Sequence[str]) -> Sequence[RowMapping]:
    capture, text = schema.capture, schema.text
    return (
        connection.execute(
            select(
                publication.c.id,
                publication.c.document_id,
                publication.c.url,
                publication.c.subsite_id,
                publication.c.capture_id,
                subsite.c.name.label("subsite_name"),
                subsite.c.organization_code,
                capture.c.captured_at,
                text.c.blocks,
            )
            .join(subsite, subsite.c.id == publication.c.subsite_id)
            .join(capture, capture.c.id == publication.c.capture_id)
            .join(text, text.c.hash == capture.c.text_hash)
            .where(publication.c.document_id.in_(ids), publication.c.withdrawn_at.is_(None))
            .order_by(publication.c.id)
        )
        .mappings()
        .all()
    )


def _witnesses(
    connection: Connection, capture_ids: Sequence[str]
) -> dict[str, list[tuple[Witness, str | None]]]:
    table = schema.witness
    found: dict[str, list[tuple[Witness, str | None]]] = defaultdict(list)
    for row in connection.execute(
        select(table)
        .where(table.c.capture_id.in_(capture_ids))
        .order_by(table.c.capture_id, table.c.position)
    ):
        witness = Witness(Field(row.field), row.raw, Provenance(row.provenance))
        found[row.capture_id].append((witness, row.value))
    return found


def _attachments(connection: Connection, capture_ids: Sequence[str]) -> dict[str, list[AttachmentView]]:
    table, text = schema.capture_attachment, schema.text
    found: dict[str, list[AttachmentView]] = defaultdict(list)
    for row in connection.execute(
        select(table, text.c.blocks)
        .outerjoin(text, text.c.hash == table.c.text_hash)
        .where(table.c.capture_id.in_(capture_ids))
        .order_by(table.c.capture_id, table.c.position)
    ):
        content = None if row.blocks is None else flat_text(texts.decode(row.blocks))
        found[row.capture_id].append(AttachmentView(row.attachment_id, row.url, row.name, content))
    return found


def _columns(connection: Connection, ids: Sequence[str]) -> dict[str, list[tuple[str, str]]]:
    """Return (content class, name) of the columns of each publication."""
    table = schema.publication_column
    found: dict[str, list[tuple[str, str]]] = defaultdict(list)
    for row in connection.execute(
        select(table.c.publication_id, site_column.c.content_class, site_column.c.name)
        .join(site_column, site_column.c.id == table.c.column_id)
        .where(table.c.publication_id.in_(ids))
        .order_by(site_column.c.id)
    ):
        found[row.publication_id].append((row.content_class, row.name))
    return found


def _publication(
    row: RowMapping,
    stated: list[tuple[Witness, str | None]],
    columns: list[tuple[str, str]],
    attachments: list[AttachmentView],
) -> PublicationView:
    values = [(witness, value) for witness, value in stated if value is not None]
    publishers = _best(values, Field.PUBLISHER)
    if not publishers and row["organization_code"]:
        publishers = (row["organization_code"],)
    classes = (*(content_class for content_class, _ in columns), *_best(values, Field.COLUMN))
    index_numbers = _raw_best(stated, Field.INDEX_NUMBER)
    return PublicationView(
        id=row["id"],
        url=row["url"],
        subsite_id=row["subsite_id"],
        subsite_name=row["subsite_name"],
        organizations=publishers,
        columns=_distinct(classes),
        column_names=_distinct(name for _, name in columns),
        index_number=index_numbers[0] if index_numbers else None,
        published_on=_day(_best(values, Field.PUBLISHED_ON)),
        captured_at=row["captured_at"],
        title=_best(values, Field.TITLE)[0],
        blocks=texts.decode(row["blocks"]),
        witnesses=_distinct(witness for witness, _ in stated),
        attachments=tuple(attachments),
    )


def _document(document_id: str, publications: list[_Publication]) -> DocumentView:
    publications = sorted(publications, key=_representative_first)
    first = publications[0]
    days = [entry.view.published_on for entry in publications if entry.view.published_on]
    numbers = _distinct(raw for entry in publications for raw in _raw_best(_stated(entry), Field.DOC_NUMBER))
    validity = _across(publications, Field.VALIDITY)
    return DocumentView(
        id=document_id,
        title=first.view.title,
        titles=_distinct(entry.view.title for entry in publications),
        texts=tuple(dict.fromkeys(text for entry in publications for text in _texts(entry.view))),
        doc_number=numbers[0] if numbers else None,
        doc_numbers=_across(publications, Field.DOC_NUMBER),
        issuers=_across(publications, Field.ISSUER),
        issued_on=_day(_across(publications, Field.ISSUED_ON)),
        published_on=max(days, default=None),
        topics=_across(publications, Field.TOPIC),
        genres=_across(publications, Field.GENRE),
        audiences=_across(publications, Field.AUDIENCE),
        life_cycles=_across(publications, Field.LIFE_CYCLE),
        formats=_across(publications, Field.FORMAT),
        validity=validity[0] if validity else None,
        publications=tuple(entry.view for entry in publications),
    )


def _stated(entry: _Publication) -> list[tuple[Witness, str | None]]:
    return [(witness, value) for witness, value in entry.values]


def _representative_first(entry: _Publication) -> tuple[bool, date, str]:
    """Order by: the issuer's own publication, then the earliest, then the first recorded."""
    issuers = _best(entry.values, Field.ISSUER)
    own = any(code in issuers for code in entry.view.organizations)
    return not own, entry.view.published_on or date.max, entry.view.id


def _texts(view: PublicationView) -> Iterator[str]:
    if view.blocks:
        yield flat_text(view.blocks)
    yield from (attachment.text for attachment in view.attachments if attachment.text)


def _best(values: Valued, field: Field) -> tuple[str, ...]:
    """Return the values of a field from its most trusted witnesses."""
    of_field = [(TRUST[witness.provenance], value) for witness, value in values if witness.field is field]
    best = min((trust for trust, _ in of_field), default=0)
    return _distinct(value for trust, value in of_field if trust == best)


def _across(publications: list[_Publication], field: Field) -> tuple[str, ...]:
    """Return the values of a field that the most trusted witnesses of all publications state."""
    return _best([pair for entry in publications for pair in entry.values], field)


def _raw_best(stated: list[tuple[Witness, str | None]], field: Field) -> tuple[str, ...]:
    """Return the statements of a field as printed, from its most trusted witnesses."""
    return _best([(witness, witness.raw) for witness, value in stated if value is not None], field)


def _day(values: tuple[str, ...]) -> date | None:
    return date.fromisoformat(values[0]) if values else None


def _distinct(values: Iterable[Any]) -> tuple[Any, ...]:
    """Return the values once each, those that differ only in folding as one."""
    found: dict[Any, Any] = {}
    for value in values:
        found.setdefault(fold(value) if isinstance(value, str) else value, value)
    return tuple(found.values())


def count_live(connection: Connection) -> int:
    """Return how many documents `load_documents` would give of all there are."""
    suppressed = suppressed_ids(connection)
    live: set[str] = set()
    for row in connection.execute(
        select(publication.c.id, publication.c.document_id).where(publication.c.withdrawn_at.is_(None))
    ):
        if row.id not in suppressed and row.document_id not in suppressed:
            live.add(row.document_id)
    return len(live)


def counts(connection: Connection) -> dict[str, int]:
    """Return how many subsites, publications and unmerged documents there are."""
    tables = {"subsites": subsite, "publications": publication}
    found = {
        name: connection.execute(select(func.count()).select_from(table)).scalar_one()
        for name, table in tables.items()
    }
    found["documents"] = connection.execute(
        select(func.count()).select_from(document).where(document.c.merged_into.is_(None))
    ).scalar_one()
    return found
