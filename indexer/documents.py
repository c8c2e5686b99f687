"""A document as the index takes it: texts, exact keys, and facet values with their ancestors."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from catalog import index_numbers
from catalog.documents import DocumentView, PublicationView
from catalog.folding import fold
from catalog.records import TextProvenance
from catalog.terms import Terms
from indexer import analysis
from indexer.bigrams import folded_bigrams, ranking_bigrams
from indexer.dictionary import Dictionary
from indexer.query import Key, KeyKind, TermField
from indexer.token_cache import TokenCache

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
    """A live document with at least one publication.

    `recognised` are the numbers of those texts that were recognised in pictures (OCR).
    """

    id: str
    titles: tuple[str, ...]
    texts: tuple[str, ...]
    keys: frozenset[Key]
    publications: tuple[IndexPublication, ...]
    issued_on: date | None = None
    in_force: bool = True
    values: Values = field(default_factory=dict)
    recognised: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class AnalysedDocument:
    """A document with its terms, as an engine takes it.

    `terms` counts the terms of each field; `lengths` are the lengths by which BM25 normalises: words
    with their tiles, and the pairs that rank (those with punctuation or an end of text only find);
    `folded_titles` and `folded_texts` are what verbatim text is verified in.
    """

    document: IndexDocument
    terms: Mapping[TermField, Counter[str]]
    lengths: Mapping[TermField, int]
    folded_titles: tuple[str, ...]
    folded_texts: tuple[str, ...]


class TermCounts(Mapping[TermField, Counter[str]]):
    """The terms of a document by field.

    Bigrams are counted when they are asked for: an engine that takes many documents counts them all at
    once, as arrays (`bigram_lists`).
    """

    def __init__(
        self, title_words: Counter[str], words: Counter[str], titles: tuple[str, ...], texts: tuple[str, ...]
    ) -> None:
        self._counts = {TermField.TITLE_WORDS: title_words, TermField.WORDS: words}
        self._folded = {TermField.TITLE_BIGRAMS: titles, TermField.BIGRAMS: titles + texts}

    def __getitem__(self, name: TermField) -> Counter[str]:
        if name not in self._counts:
            self._counts[name] = _sum(map(folded_bigrams, self._folded[name]))
        return self._counts[name]

    def __iter__(self) -> Iterator[TermField]:
        return iter(TermField)

    def __len__(self) -> int:
        return len(TermField)


def analyse(document: IndexDocument, dictionary: Dictionary | None = None) -> AnalysedDocument:
    """Cut a document into its terms, by the dictionary of this release if none is given."""
    (analysed,) = analyse_all([document], dictionary)
    return analysed


def analyse_all(
    documents: Sequence[IndexDocument],
    dictionary: Dictionary | None = None,
    cache: TokenCache | None = None,
) -> list[AnalysedDocument]:
    """Cut documents into their terms; what the cache knows is not cut again."""
    texts = [analysis.spaced(text) for each in documents for text in (*each.titles, *each.texts)]
    if cache is None:
        tokens = [analysis.spaced_tokens(text, dictionary) for text in texts]
    else:
        tokens = cache.tokens(texts, dictionary)
    analysed, start = [], 0
    for each in documents:
        end = start + len(each.titles) + len(each.texts)
        analysed.append(_analysed(each, texts[start:end], tokens[start:end]))
        start = end
    return analysed


def _analysed(
    document: IndexDocument, texts: Sequence[str], tokens: Sequence[Counter[str]]
) -> AnalysedDocument:
    """Put a document together with its spaced texts, titles first, and the tokens of each."""
    folded, count = tuple(text.replace(" ", "") for text in texts), len(document.titles)
    title_words, words = _sum(tokens[:count]), _sum(_weighed(document, tokens))
    pairs = [ranking_bigrams(text) for text in folded]
    lengths = {
        TermField.WORDS: sum(map(Counter.total, tokens)),
        TermField.BIGRAMS: sum(pairs),
        TermField.TITLE_WORDS: title_words.total(),
        TermField.TITLE_BIGRAMS: sum(pairs[:count]),
    }
    titles, bodies = folded[:count], folded[count:]
    return AnalysedDocument(document, TermCounts(title_words, words, titles, bodies), lengths, titles, bodies)


def _weighed(document: IndexDocument, tokens: Sequence[Counter[str]]) -> list[Counter[str]]:
    """Return the tokens of each text; what was recognised says each word once, however often it stands there.

    Wrong characters repeat: a scanned table in which one word is misread a hundred times would otherwise
    stand before every document that is about that word. The length stays, so its words weigh less still.
    """
    first = len(document.titles)
    return [
        Counter(dict.fromkeys(words, 1)) if number - first in document.recognised else words
        for number, words in enumerate(tokens)
    ]


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
        recognised=_recognised(view),
    )


def _recognised(view: DocumentView) -> frozenset[int]:
    """Return the numbers of the texts that stand in recognised files only."""
    files = [file for publication in view.publications for file in publication.attachments]
    guessed = {file.text for file in files if file.provenance is TextProvenance.OCR}
    if not guessed:
        return frozenset()
    guessed -= {publication.content.text for publication in view.publications}
    guessed -= {file.text for file in files if file.provenance is not TextProvenance.OCR}
    return frozenset(number for number, text in enumerate(view.texts) if text in guessed)


def _publication(view: PublicationView, terms: Terms) -> IndexPublication:
    values = {
        "organization": _with_ancestors(terms, "organization", view.organizations),
        "column": _with_ancestors(terms, "column", view.columns),
        "subsite": frozenset({view.subsite_id}),
    }
    return IndexPublication(view.id, view.published_on, values)


def _with_ancestors(terms: Terms, name: str, codes: tuple[str, ...]) -> frozenset[str]:
    return frozenset(found for code in codes for found in terms.lineage(name, code))


def _sum(counts: Iterable[Counter[str]]) -> Counter[str]:
    """Add counts up; the longest is copied, which is much faster than adding it."""
    total: Counter[str] = Counter()
    for each in sorted(counts, key=len, reverse=True):
        total.update(each)
    return total
