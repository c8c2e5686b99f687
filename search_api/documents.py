"""The answer of `GET /api/v1/documents/{id}`: everything that is known of a document."""

from datetime import UTC

from typing_extensions import TypedDict

from catalog.documents import AttachmentView, DocumentView, PublicationView
from catalog.records import Block, Witness
from indexer.requests import Facet
from search_api.answers import Code, iso
from search_api.labels import Labels


class WitnessAnswer(TypedDict):
    """One statement of one fact, as stated, and where it stood."""

    field: str
    raw: str
    provenance: str


class BlockAnswer(TypedDict):
    """A piece of the text: heading, paragraph, list or table, with its rows of cells."""

    kind: str
    rows: list[list[str]]


class AttachmentAnswer(TypedDict):
    """A file of a publication and what could be read from it.

    `kind` is what it is by its content; `provenance` is `ocr` where the text was recognised, with a
    `confidence` of 0 to 100; `problem` says in Chinese why there is no text or a doubtful one.
    """

    id: str
    url: str
    name: str
    text: str | None
    kind: str | None
    provenance: str | None
    confidence: float | None
    problem: str | None


class PublicationAnswer(TypedDict):
    """One live appearance; `captured_at` is the moment (UTC) at which it was saved."""

    id: str
    url: str | None
    subsite: Code
    organization: list[Code]
    column: list[Code]
    column_names: list[str]
    index_number: str | None
    published_on: str | None
    captured_at: str
    title: str
    blocks: list[BlockAnswer]
    witnesses: list[WitnessAnswer]
    attachments: list[AttachmentAnswer]


class Related(TypedDict):
    """The other document of a relation."""

    id: str
    title: str
    doc_number: str | None
    date: str | None


class RelationAnswer(TypedDict):
    """What a document says of another, or another of it (`incoming`), with the sentence that says it.

    `document` is the other one, with its date of issue or else of publication. `explicit`: number and
    wording leave no doubt.
    """

    kind: str
    label: str
    incoming: bool
    document: Related
    sentence: str
    explicit: bool


class DocumentAnswer(TypedDict):
    """The whole document; `texts` are its distinct plain texts, the shown one first."""

    id: str
    title: str
    titles: list[str]
    doc_number: str | None
    doc_numbers: list[str]
    issuer: list[Code]
    issued_on: str | None
    published_on: str | None
    topic: list[Code]
    genre: list[Code]
    audience: list[Code]
    life_cycle: list[Code]
    format: list[Code]
    validity: Code | None
    validity_derived: bool
    validity_possible: Code | None
    relations: list[RelationAnswer]
    texts: list[str]
    publications: list[PublicationAnswer]


def document_answer(
    document: DocumentView, labels: Labels, relations: list[RelationAnswer]
) -> DocumentAnswer:
    """Put the answer together."""
    return {
        "id": document.id,
        "title": document.title,
        "titles": list(document.titles),
        "doc_number": document.doc_number,
        "doc_numbers": list(document.doc_numbers),
        "issuer": labels.codes(Facet.ISSUER, document.issuers),
        "issued_on": iso(document.issued_on),
        "published_on": iso(document.published_on),
        "topic": labels.codes(Facet.TOPIC, document.topics),
        "genre": labels.codes(Facet.GENRE, document.genres),
        "audience": labels.codes(Facet.AUDIENCE, document.audiences),
        "life_cycle": labels.codes(Facet.LIFE_CYCLE, document.life_cycles),
        "format": labels.codes(Facet.FORMAT, document.formats),
        "validity": _validity(document.validity, labels),
        "validity_derived": document.validity_derived,
        "validity_possible": _validity(document.validity_possible, labels),
        "relations": relations,
        "texts": list(document.texts),
        "publications": [_publication(publication, labels) for publication in document.publications],
    }


def _validity(code: str | None, labels: Labels) -> Code | None:
    return None if code is None else labels.code(Facet.VALIDITY, code)


def _publication(publication: PublicationView, labels: Labels) -> PublicationAnswer:
    return {
        "id": publication.id,
        "url": publication.url,
        "subsite": {"code": publication.subsite_id, "label": publication.subsite_name},
        "organization": labels.codes(Facet.ORGANIZATION, publication.organizations),
        "column": labels.codes(Facet.COLUMN, publication.columns),
        "column_names": list(publication.column_names),
        "index_number": publication.index_number,
        "published_on": iso(publication.published_on),
        "captured_at": publication.captured_at.replace(tzinfo=UTC).isoformat(timespec="seconds"),
        "title": publication.title,
        "blocks": [_block(block) for block in publication.blocks],
        "witnesses": [_witness(witness) for witness in publication.witnesses],
        "attachments": [_attachment(attachment) for attachment in publication.attachments],
    }


def _block(block: Block) -> BlockAnswer:
    return {"kind": block.kind.value, "rows": [list(row) for row in block.rows]}


def _witness(witness: Witness) -> WitnessAnswer:
    return {"field": witness.field.value, "raw": witness.raw, "provenance": witness.provenance.value}


def _attachment(attachment: AttachmentView) -> AttachmentAnswer:
    return {
        "id": attachment.id,
        "url": attachment.url,
        "name": attachment.name,
        "text": attachment.text,
        "kind": attachment.kind,
        "provenance": attachment.provenance,
        "confidence": attachment.confidence,
        "problem": attachment.problem,
    }
