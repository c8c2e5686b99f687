"""Reading documents out of the catalogue, as `catalog.documents` shows them."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import Connection, RowMapping, func, select

from catalog.documents import AttachmentView, DocumentView, PublicationView
from catalog.grouping import surviving
from catalog.in_force import in_force
from catalog.publication_rows import attachments, columns, publication_rows, statements
from catalog.records import Field
from catalog.relating import Claim, claims_of
from catalog.schema import change, document, publication, subsite
from catalog.stored_text import StoredText
from catalog.suppression import suppressed, suppressed_ids
from catalog.weighing import Statement, Valued, best, best_raw, distinct, valued

BATCH = 500
"""Documents or publications read at once; SQLite takes a bounded number of parameters."""


@dataclass(frozen=True, slots=True)
class Moved:
    """The document was merged into another."""

    document_id: str


@dataclass(frozen=True, slots=True)
class Gone:
    """The document is a tombstone: withdrawn, suppressed or purged.

    `reason` is a Chinese sentence, given only where the source itself took it down: why staff did is
    their own business.
    """

    reason: str | None = None


def find_document(connection: Connection, document_id: str) -> DocumentView | Moved | Gone | None:
    """Return a document, where it went, that it is gone, or None if the id was never given."""
    survivor = surviving(connection, document_id)
    if survivor is None:
        return None
    if survivor != document_id:
        return Moved(survivor)
    return load_documents(connection, [document_id]).get(document_id) or Gone(
        _reason(connection, document_id)
    )


def _reason(connection: Connection, document_id: str) -> str | None:
    """Return why the last publication of a document left; None if anything of it was not withdrawn."""
    hidden = suppressed()
    rows = connection.execute(
        select(publication.c.withdrawn_why, publication.c.id.in_(hidden).label("hidden"))
        .where(publication.c.document_id == document_id, publication.c.document_id.not_in(hidden))
        .order_by(publication.c.withdrawn_at)
    ).all()
    withdrawn = [row.withdrawn_why for row in rows if not row.hidden]
    return f"{withdrawn[-1]}。" if withdrawn and withdrawn[-1] else None


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
    views: dict[str, DocumentView] = {}
    for start in range(0, len(ids), BATCH):
        batch = ids[start : start + BATCH]
        said = claims_of(connection, batch)
        for document_id, publications in _publications(connection, batch).items():
            views[document_id] = _document(document_id, publications, said.get(document_id, ()))
    return views


@dataclass(frozen=True, slots=True)
class _Publication:
    """A publication's view with those of its statements that could be read."""

    view: PublicationView
    stated: Valued


def _publications(connection: Connection, ids: Sequence[str]) -> dict[str, list[_Publication]]:
    found: dict[str, list[_Publication]] = defaultdict(list)
    shown = publication_rows(connection, ids)
    for start in range(0, len(shown), BATCH):  # one document may have thousands of publications
        _collect(connection, shown[start : start + BATCH], found)
    return found


def _collect(
    connection: Connection, rows: Sequence[RowMapping], found: dict[str, list[_Publication]]
) -> None:
    """Add the publications of some rows to those of their documents."""
    capture_ids = [row["capture_id"] for row in rows]
    of_capture = statements(connection, capture_ids)
    files = attachments(connection, capture_ids)
    places = columns(connection, [row["id"] for row in rows])
    for row in rows:
        stated = of_capture.get(row["capture_id"], [])
        entry = _publication(row, stated, places.get(row["id"], []), files.get(row["capture_id"], []))
        found[row["document_id"]].append(entry)


def _publication(
    row: RowMapping,
    statements: list[Statement],
    columns: list[tuple[str, str]],
    attachments: list[AttachmentView],
) -> _Publication:
    stated = valued(statements)
    publishers = best([stated], Field.PUBLISHER)
    if not publishers and row["organization_code"]:
        publishers = (row["organization_code"],)
    classes = [content_class for content_class, _ in columns]
    index_numbers = best_raw(stated, Field.INDEX_NUMBER)
    view = PublicationView(
        id=row["id"],
        url=row["url"],
        subsite_id=row["subsite_id"],
        subsite_name=row["subsite_name"],
        organizations=publishers,
        columns=distinct([*classes, *best([stated], Field.COLUMN)]),
        column_names=distinct([name for _, name in columns]),
        index_number=index_numbers[0] if index_numbers else None,
        published_on=_day(best([stated], Field.PUBLISHED_ON)),
        captured_at=row["captured_at"],
        title=best([stated], Field.TITLE)[0],
        content=StoredText(row["blocks"]),
        statements=tuple(statements),
        attachments=tuple(attachments),
    )
    return _Publication(view, stated)


def _document(document_id: str, publications: list[_Publication], said: Sequence[Claim]) -> DocumentView:
    publications = sorted(publications, key=_representative_first)
    views = tuple(entry.view for entry in publications)
    stated = [entry.stated for entry in publications]
    numbers = [raw for each in stated for raw in best_raw(each, Field.DOC_NUMBER)]
    force = in_force(next(iter(best(stated, Field.VALIDITY)), None), said)
    return DocumentView(
        id=document_id,
        title=views[0].title,
        titles=distinct([view.title for view in views]),
        doc_number=numbers[0] if numbers else None,
        doc_numbers=best(stated, Field.DOC_NUMBER),
        issuers=best(stated, Field.ISSUER),
        issued_on=_day(best(stated, Field.ISSUED_ON)),
        published_on=max((view.published_on for view in views if view.published_on), default=None),
        topics=best(stated, Field.TOPIC),
        genres=best(stated, Field.GENRE),
        audiences=best(stated, Field.AUDIENCE),
        life_cycles=best(stated, Field.LIFE_CYCLE),
        formats=best(stated, Field.FORMAT),
        validity=force.code,
        validity_derived=force.derived,
        validity_possible=force.possible,
        publications=views,
    )


def _representative_first(entry: _Publication) -> tuple[bool, date, str]:
    """Order by: the issuer's own publication, then the earliest, then the first recorded."""
    issuers = best([entry.stated], Field.ISSUER)
    own = any(code in issuers for code in entry.view.organizations)
    return not own, entry.view.published_on or date.max, entry.view.id


def _day(values: tuple[str, ...]) -> date | None:
    return date.fromisoformat(values[0]) if values else None


def count_live(connection: Connection) -> int:
    """Return how many documents `load_documents` would give of all there are."""
    hidden = suppressed_ids(connection)
    live: set[str] = set()
    for row in connection.execute(
        select(publication.c.id, publication.c.document_id).where(publication.c.withdrawn_at.is_(None))
    ):
        if row.id not in hidden and row.document_id not in hidden:
            live.add(row.document_id)
    return len(live)


def counts(connection: Connection) -> dict[str, int]:
    """Return how many subsites, publications (with those withdrawn) and unmerged documents there are."""
    tables = {"subsites": subsite, "publications": publication}
    found = {
        name: connection.execute(select(func.count()).select_from(table)).scalar_one()
        for name, table in tables.items()
    }
    found["withdrawn"] = connection.execute(
        select(func.count()).select_from(publication).where(publication.c.withdrawn_at.is_not(None))
    ).scalar_one()
    found["documents"] = connection.execute(
        select(func.count()).select_from(document).where(document.c.merged_into.is_(None))
    ).scalar_one()
    return found
