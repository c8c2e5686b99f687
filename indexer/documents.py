"""A document as the index takes it: texts, exact keys, and facet values with their ancestors."""

import itertools
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from catalog import index_numbers
from catalog.documents import DocumentView, PublicationView
from catalog.folding import fold
from catalog.terms import Terms
from indexer import analysis
from indexer.query import Key, KeyKind, TermField

NOT_IN_FORCE = frozenset({"LV02", "LV03"})
"""失效 and 废止 in the vocabulary of validity: such a document stands behind those in force."""

Values = Mapping[str, frozenset[str]]
"""Facet values by field; in trees the ancestors of a value are among them."""


@dataclass(frozen=True, slots=True)
class IndexPublication:
    """What is filtered by publication: publisher, columns, subsite, date."""

    id: str
    published_on: date | None = None
    values: Values = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class IndexDocument:
    """A live document with at least one publication."""

    id: str
    titles: tuple[str, ...]
    texts: tuple[str, ...]
    keys: frozenset[Key]
    publications: tuple[IndexPublication, ...]
    issued_on: date | None = None
    in_force: bool = True
    values: Values = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class AnalysedDocument:
    """A document with its terms, as an engine takes it.

    `terms` counts the terms of each field; `lengths` are the lengths by which BM25 normalises;
    `folded_titles` and `folded_texts` are what verbatim text is verified in.
    """

    document: IndexDocument
    terms: Mapping[TermField, Counter[str]]
    lengths: Mapping[TermField, int]
    folded_titles: tuple[str, ...]
    folded_texts: tuple[str, ...]


def analyse(document: IndexDocument) -> AnalysedDocument:
    """Cut a document into its terms."""
    titles, texts = document.titles, document.texts
    title_words, title_bigrams = _words(titles), _bigrams(titles)
    terms = {
        TermField.WORDS: title_words + _words(texts),
        TermField.BIGRAMS: title_bigrams + _bigrams(texts),
        TermField.TITLE_WORDS: title_words,
        TermField.TITLE_BIGRAMS: title_bigrams,
    }
    lengths = {name: _length(counts) for name, counts in terms.items()}
    return AnalysedDocument(document, terms, lengths, tuple(map(fold, titles)), tuple(map(fold, texts)))


def index_document(view: DocumentView, terms: Terms) -> IndexDocument:
    """Return a document of the catalogue as the index takes it."""
    keys = {Key(KeyKind.TITLE, fold(title)) for title in view.titles}
    keys |= {Key(KeyKind.DOC_NUMBER, number) for number in view.doc_numbers}
    keys |= {
        Key(KeyKind.INDEX_NUMBER, number)
        for publication in view.publications
        if publication.index_number and (number := index_numbers.key(publication.index_number))
    }
    validity = (view.validity,) if view.validity else ()
    values = {
        "topic": view.topics,
        "genre": view.genres,
        "audience": view.audiences,
        "life_cycle": view.life_cycles,
        "format": view.formats,
        "validity": validity,
        "issuer": view.issuers,
    }
    return IndexDocument(
        id=view.id,
        titles=view.titles,
        texts=view.texts,
        keys=frozenset(keys),
        publications=tuple(_publication(publication, terms) for publication in view.publications),
        issued_on=view.issued_on,
        in_force=view.validity not in NOT_IN_FORCE,
        values={name: _with_ancestors(terms, name, codes) for name, codes in values.items()},
    )


def _publication(view: PublicationView, terms: Terms) -> IndexPublication:
    values = {
        "organization": _with_ancestors(terms, "organization", view.organizations),
        "column": _with_ancestors(terms, "column", view.columns),
        "subsite": frozenset({view.subsite_id}),
    }
    return IndexPublication(view.id, view.published_on, values)


def _with_ancestors(terms: Terms, name: str, codes: tuple[str, ...]) -> frozenset[str]:
    return frozenset(found for code in codes for found in terms.lineage(name, code))


def _words(texts: tuple[str, ...]) -> Counter[str]:
    found: Counter[str] = Counter()
    for text in texts:
        found.update(analysis.tokens(text))
    return found


def _bigrams(texts: tuple[str, ...]) -> Counter[str]:
    found: Counter[str] = Counter()
    for text in texts:
        found.update(analysis.bigrams(text))
    return found


def _length(counts: Counter[str]) -> int:
    """Count what ranks; pairs with punctuation or an end of text are there for finding only."""
    return sum(itertools.compress(counts.values(), map(analysis.ranks, counts)))
