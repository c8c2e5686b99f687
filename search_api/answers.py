"""The answer of `GET /api/v1/search`, filled from the catalogue."""

from collections.abc import Mapping
from datetime import date

from markupsafe import Markup
from typing_extensions import TypedDict

from catalog.documents import DocumentView, PublicationView
from indexer.requests import Facet, FacetCounts, Hit, SearchAnswer, SearchRequest
from search_api.labels import Labels
from search_api.snippets import highlight, passage

MAX_BUCKETS = 100
"""Values of one facet in an answer; those that are selected come on top of it."""


class Code(TypedDict):
    """A vocabulary code and what people call it."""

    code: str
    label: str


class Reading(TypedDict):
    """A reading of the query other than as typed."""

    kind: str
    text: str


class Query(TypedDict):
    """What was asked."""

    q: str
    match: str
    interpretations: list[Reading]


class SnippetFile(TypedDict):
    """The attachment from which a snippet was taken; `provenance` is `ocr` where its text was recognised."""

    id: str
    name: str
    url: str
    provenance: str | None


class Result(TypedDict):
    """One document. `publications` counts its live appearances; dates are YYYY-MM-DD.

    `validity` is a code; it may be derived from another document that says so without doubt.
    `validity_possible` is a code that another document may mean: to be shown as 可能.
    """

    id: str
    title: str
    title_html: str
    snippet_html: str
    snippet_file: SnippetFile | None
    url: str | None
    doc_number: str | None
    issuer: Code | None
    organization: list[Code]
    issued_on: str | None
    published_on: str | None
    validity: str | None
    validity_derived: bool
    validity_possible: str | None
    publications: int
    score: float


class Bucket(TypedDict):
    """One value of a facet; in trees `parent` is the code above it and `count` includes its children."""

    value: str
    label: str
    count: int
    selected: bool
    parent: str | None


class FacetAnswer(TypedDict):
    """The values of a facet, the most frequent first; `missing` counts documents that state none."""

    buckets: list[Bucket]
    missing: int
    truncated: bool


class Answer(TypedDict):
    """The whole answer. `seq` is the change of the catalogue up to which the index had read."""

    query: Query
    total: int
    total_relation: str
    total_publications: int
    seq: int
    took_ms: float
    results: list[Result]
    facets: dict[str, FacetAnswer]
    next_cursor: str | None


def build_answer(
    request: SearchRequest,
    answer: SearchAnswer,
    documents: Mapping[str, DocumentView],
    labels: Labels,
    took_ms: float,
) -> Answer:
    """Put the answer together.

    A hit without a document in `documents` (taken down after the index was written) is left out.
    """
    return {
        "query": {
            "q": request.q,
            "match": request.match.value,
            "interpretations": [{"kind": each.kind, "text": each.text} for each in answer.interpretations],
        },
        "total": answer.total,
        "total_relation": "eq",
        "total_publications": answer.total_publications,
        "seq": answer.seq,
        "took_ms": took_ms,
        "results": [
            _result(hit, documents[hit.document_id], answer.marks, labels)
            for hit in answer.hits
            if hit.document_id in documents
        ],
        "facets": {
            facet.value: _facet(facet, counts, request.filters.only.get(facet.value, frozenset()), labels)
            for facet, counts in answer.facets.items()
        },
        "next_cursor": answer.next_cursor,
    }


def _result(hit: Hit, document: DocumentView, marks: tuple[str, ...], labels: Labels) -> Result:
    shown = _passing(hit, document)
    organizations = dict.fromkeys(code for publication in shown for code in publication.organizations)
    shown_text, source = passage(document.each_text(), marks, title=document.title)
    url = next((publication.url for publication in shown if publication.url), None)
    return {
        "id": document.id,
        "title": document.title,
        "title_html": _html(highlight(document.title, marks)),
        "snippet_html": _html(shown_text),
        "snippet_file": _file_of(source, document),
        "url": url,
        "doc_number": document.doc_number,
        "issuer": labels.code(Facet.ISSUER, document.issuers[0]) if document.issuers else None,
        "organization": [labels.code(Facet.ORGANIZATION, code) for code in organizations],
        "issued_on": iso(document.issued_on),
        "published_on": iso(hit.published_on or document.published_on),
        "validity": document.validity,
        "validity_derived": document.validity_derived,
        "validity_possible": document.validity_possible,
        "publications": len(document.publications),
        "score": hit.score,
    }


def _file_of(text: str, document: DocumentView) -> SnippetFile | None:
    """Return the attachment that a text stands in; None if it is that of a page, or there is no text."""
    if not text or any(publication.content.text == text for publication in document.publications):
        return None
    files = (file for publication in document.publications for file in publication.attachments)
    for file in files:
        if file.text == text:
            return {"id": file.id, "name": file.name, "url": file.url, "provenance": file.provenance}
    return None


def _passing(hit: Hit, document: DocumentView) -> list[PublicationView]:
    """Return the publications that passed the filters, or all where none of those is left."""
    passing = [publication for publication in document.publications if publication.id in hit.publications]
    return passing or list(document.publications)


def _facet(facet: Facet, counts: FacetCounts, selected: frozenset[str], labels: Labels) -> FacetAnswer:
    ranked = sorted(counts.counts.items(), key=lambda item: (-item[1], item[0]))
    wanted = {code for code, _ in ranked[:MAX_BUCKETS]}
    # A selected value is shown even if it is rare or counts nothing, and so is what stands above it.
    for code in selected:
        wanted.update(labels.path(facet, code))
    ranked += [(code, 0) for code in sorted(wanted) if code not in counts.counts]
    return {
        "buckets": [
            {
                "value": code,
                "label": labels.label(facet, code),
                "count": count,
                "selected": code in selected,
                "parent": labels.parent(facet, code),
            }
            for code, count in ranked
            if code in wanted
        ],
        "missing": counts.missing,
        "truncated": len(counts.counts) > MAX_BUCKETS,
    }


def _html(markup: Markup) -> str:
    """Return markup as it goes into an answer; pages wrap it in `Markup` again."""
    return str(markup)


def iso(day: date | None) -> str | None:
    """Return a day as YYYY-MM-DD."""
    return None if day is None else day.isoformat()
