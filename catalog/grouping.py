"""Which publications are appearances of one document.

Publications merge by themselves only by two safe rules (`shared/design.md`, "The records"):

* `same_text`: the bodies are identical (folded), have at least 200 visible characters, and the
  titles agree;
* `same_number`: the *printed* 文号 and the title agree.

Titles agree when they are equal after folding or one holds the other. What was once merged stays
merged while the publications still agree; everything softer is a suggestion to staff.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256

from sqlalchemy import Connection, delete, select, update

from catalog import schema
from catalog.folding import fold
from catalog.ids import mint
from catalog.records import Field, Provenance, Witness
from catalog.store import log_change, now

SAFE_TEXT_LENGTH = 200
"""Visible characters from which an identical body is evidence; the shorter ones are templates."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """What a publication offers for finding its document. All values are folded."""

    title: str
    text: str | None
    doc_numbers: frozenset[str]

    def rows(self) -> Iterator[tuple[str, str]]:
        """Give the (kind, value) pairs as they are stored."""
        yield "title", self.title
        if self.text is not None:
            yield "text", self.text
        for number in sorted(self.doc_numbers):
            yield "doc_number", number


def evidence_of(title: str, text: str, stated: list[tuple[Witness, str | None]]) -> Evidence:
    """Put together the evidence of a publication from its title, its flat text and its witnesses."""
    folded = fold(text)
    numbers = {
        value
        for witness, value in stated
        if value and witness.field is Field.DOC_NUMBER and witness.provenance is Provenance.PRINTED
    }
    digest = sha256(folded.encode()).hexdigest() if len(folded) >= SAFE_TEXT_LENGTH else None
    return Evidence(fold(title), digest, frozenset(numbers))


def titles_agree(one: str, other: str) -> bool:
    """Tell whether two folded titles are equal or one holds the other."""
    return bool(one) and bool(other) and (one in other or other in one)


def _agreeing(connection: Connection, publication_id: str, evidence: Evidence) -> dict[str, str]:
    """Return the documents that hold a publication agreeing with this one, each with the rule."""
    shared, titles, publication = schema.evidence.alias(), schema.evidence.alias(), schema.publication
    found: dict[str, str] = {}
    for kind, value in evidence.rows():
        if kind == "title":
            continue
        candidates = connection.execute(
            select(publication.c.document_id, titles.c.value)
            .join(shared, shared.c.publication_id == publication.c.id)
            .join(titles, titles.c.publication_id == publication.c.id)
            .where(shared.c.kind == kind, shared.c.value == value, titles.c.kind == "title")
            .where(publication.c.id != publication_id)
            .distinct()
        )
        for document_id, title in candidates:
            if titles_agree(evidence.title, title):
                found.setdefault(document_id, "same_text" if kind == "text" else "same_number")
    return found


def group(connection: Connection, publication_id: str, document_id: str | None, evidence: Evidence) -> str:
    """Return the document of a publication whose evidence is new or has changed.

    `document_id` is the one it belonged to so far, if any. Documents that turn out to be one are
    merged into the oldest and leave a redirect; a publication that no longer agrees with the others
    of its document gets a document of its own.
    """
    agreeing = _agreeing(connection, publication_id, evidence)
    alone = document_id is not None and not _others(connection, document_id, publication_id)
    kept = {document_id} if document_id is not None and (alone or document_id in agreeing) else set()
    documents = sorted(kept | agreeing.keys())
    home = documents[0] if documents else _mint_document(connection)
    if document_id is not None and home != document_id:
        _move(connection, publication_id, home)
        if document_id not in documents:
            log_change(connection, document_id, "recorded")
    for other in documents[1:]:
        _merge(connection, other, home, agreeing.get(other) or agreeing[home])
    return home


def remember(connection: Connection, publication_id: str, evidence: Evidence) -> None:
    """Store the evidence of a publication in place of what it offered before."""
    table = schema.evidence
    connection.execute(delete(table).where(table.c.publication_id == publication_id))
    rows = [
        {"publication_id": publication_id, "kind": kind, "value": value} for kind, value in evidence.rows()
    ]
    connection.execute(table.insert(), rows)


def surviving(connection: Connection, document_id: str) -> str | None:
    """Return the id under which a document lives on (its own, unless merged); None if unknown."""
    document = schema.document
    row = connection.execute(
        select(document.c.id, document.c.merged_into).where(document.c.id == document_id)
    ).first()
    return None if row is None else str(row.merged_into or row.id)


def _others(connection: Connection, document_id: str, publication_id: str) -> bool:
    publication = schema.publication
    row = connection.execute(
        select(publication.c.id)
        .where(publication.c.document_id == document_id, publication.c.id != publication_id)
        .limit(1)
    ).first()
    return row is not None


def _mint_document(connection: Connection) -> str:
    document_id = mint()
    connection.execute(schema.document.insert().values(id=document_id, created_at=now()))
    return document_id


def _move(connection: Connection, publication_id: str, document_id: str) -> None:
    publication = schema.publication
    connection.execute(
        update(publication).where(publication.c.id == publication_id).values(document_id=document_id)
    )


def _merge(connection: Connection, document_id: str, into: str, rule: str) -> None:
    publication, document = schema.publication, schema.document
    connection.execute(
        update(publication).where(publication.c.document_id == document_id).values(document_id=into)
    )
    # Earlier redirects follow, so that a redirect is always one step long.
    connection.execute(update(document).where(document.c.merged_into == document_id).values(merged_into=into))
    connection.execute(
        update(document).where(document.c.id == document_id).values(merged_into=into, merge_rule=rule)
    )
    log_change(connection, document_id, "merged")
