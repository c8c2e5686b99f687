"""What a document says of others and others of it, as an answer."""

from collections.abc import Sequence

from sqlalchemy import Connection

from catalog import reading
from catalog.documents import DocumentView
from catalog.records import RelationKind
from catalog.relating import Claim, claims_by, claims_of
from search_api import wording
from search_api.answers import iso
from search_api.documents import Related, RelationAnswer

MOST = 50
"""Relations shown of one document; what repeals and amends comes first. A law is cited by thousands."""

_ORDER = {kind: rank for rank, kind in enumerate(RelationKind)}


def relations_of(connection: Connection, document_id: str) -> list[RelationAnswer]:
    """Return what a document says of others, and others of it, where both are known and to be shown."""
    incoming = claims_of(connection, [document_id], RelationKind).get(document_id, [])
    outgoing = claims_by(connection, [document_id]).get(document_id, [])
    sides = [(claim, True) for claim in incoming] + [(claim, False) for claim in outgoing]
    sides.sort(key=lambda side: (_ORDER[side[0].kind], not side[1], side[0].by_document, side[0].of_document))
    shown = sides[:MOST]
    others = reading.load_documents(connection, _others(shown))
    return [
        _answer(claim, others[other], incoming=is_incoming)
        for claim, is_incoming in shown
        if (other := claim.by_document if is_incoming else claim.of_document) in others
    ]


def _others(sides: Sequence[tuple[Claim, bool]]) -> list[str]:
    return sorted({claim.by_document if incoming else claim.of_document for claim, incoming in sides})


def _answer(claim: Claim, other: DocumentView, *, incoming: bool) -> RelationAnswer:
    words = wording.RELATION[claim.kind]
    label = words["incoming" if incoming else "outgoing"]
    if incoming and not claim.explicit:
        label = words.get("possible", label)
    date = iso(other.issued_on or other.published_on)
    related = Related(id=other.id, title=other.title, doc_number=other.doc_number, date=date)
    return {
        "kind": claim.kind.value,
        "label": label,
        "incoming": incoming,
        "document": related,
        "sentence": claim.sentence,
        "explicit": claim.explicit,
    }
