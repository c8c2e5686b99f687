"""Analysed documents become the arrays of a segment.

Documents are taken one by one and kept in compact arrays, some kilobytes each; sorting them by term
makes the segment. Whoever feeds it keeps an eye on `postings`, for that is what takes the memory.
"""

import itertools
from array import array
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from indexer.bigrams import bigram_lists
from indexer.documents import AnalysedDocument, IndexDocument
from indexer.query import TermField
from indexer.whoosh_engine.arrays import ArrayWriter, Stamp, narrow
from indexer.whoosh_engine.columns import Columns
from indexer.whoosh_engine.postings import PostingsWriter
from indexer.whoosh_engine.segment import KEYS, key_term
from indexer.whoosh_engine.storage import Storage
from indexer.whoosh_engine.terms import Terms
from indexer.whoosh_engine.texts import TextsWriter, join

SPILL_POSTINGS = 4_000_000
"""Postings that wait in memory before they become a segment: some fifty bytes each while it is written."""

WORDS = (TermField.WORDS.value, TermField.TITLE_WORDS.value, KEYS)
PAIRS = (TermField.BIGRAMS.value, TermField.TITLE_BIGRAMS.value)


class _Words:
    """The postings of a field of words in the order in which documents came."""

    def __init__(self) -> None:
        self._numbers: defaultdict[str, int] = defaultdict(itertools.count().__next__)
        self._terms = array("I")
        self._counts = array("I")
        self._ends = array("Q")

    def add(self, terms: Mapping[str, int]) -> int:
        """Take the terms of the next document; return how many there are."""
        self._terms.extend(map(self._numbers.__getitem__, terms))
        self._counts.extend(terms.values())
        self._ends.append(len(self._terms))
        return len(terms)

    def write(self, writer: ArrayWriter, name: str, size: int) -> None:
        """Sort by term and write."""
        terms = sorted(self._numbers)  # the order of code points is the order of their UTF-8
        ranks = np.empty(len(terms), dtype=np.int64)
        numbers = np.fromiter(map(self._numbers.__getitem__, terms), np.int64, len(terms))
        ranks[numbers] = np.arange(len(terms))
        ends = np.frombuffer(self._ends, dtype=np.uint64).astype(np.int64)
        rows = np.repeat(np.arange(size), np.diff(ends, prepend=0))
        counts = np.frombuffer(self._counts, dtype=np.uint32)
        ranked = ranks[np.frombuffer(self._terms, dtype=np.uint32)]
        # Sorting whole numbers (rank, place) is several times faster than an indirect stable sort.
        order = np.sort(ranked.astype(np.uint64) << np.uint64(32) | np.arange(len(rows), dtype=np.uint64))
        places = (order & np.uint64(0xFFFFFFFF)).astype(np.int64)
        Terms.of([term.encode() for term in terms]).write(writer, name)
        postings = PostingsWriter(writer, name, size)
        postings.append(np.bincount(ranked, minlength=len(terms)), rows[places], counts[places])
        postings.finish()


class _Pairs:
    """The bigrams of documents, which are counted all at once."""

    def __init__(self) -> None:
        self._texts: list[str] = []

    def add(self, pieces: Sequence[str]) -> int:
        """Take the folded pieces of the next document; return how many pairs there are, repeated ones too."""
        self._texts.append("\n".join(pieces))
        return len(self._texts[-1])

    def write(self, writer: ArrayWriter, name: str, size: int) -> None:
        """Count, sort and write."""
        found = bigram_lists(self._texts)
        Terms.of_keys(found.pairs).write(writer, name)
        postings = PostingsWriter(writer, name, size)
        postings.append(found.holding, found.texts, found.counts)
        postings.finish()


class Inverter:
    """Takes analysed documents and writes them as one segment."""

    def __init__(self) -> None:
        self._documents: list[IndexDocument] = []
        self._words = {name: _Words() for name in WORDS}
        self._pairs = {name: _Pairs() for name in PAIRS}
        self._lengths: dict[TermField, list[int]] = {field: [] for field in TermField}
        self._texts: list[bytes] = []
        self.postings = 0  # about how many wait

    def __len__(self) -> int:
        return len(self._documents)

    def add(self, analysed: AnalysedDocument) -> None:
        """Take the next document."""
        document = analysed.document
        for field in TermField:
            self._lengths[field].append(analysed.lengths[field])
        for field in (TermField.WORDS, TermField.TITLE_WORDS):
            self.postings += self._words[field.value].add(analysed.terms[field])
        pieces = (*analysed.folded_titles, *analysed.folded_texts)
        self.postings += self._pairs[TermField.BIGRAMS.value].add(pieces)
        self.postings += self._pairs[TermField.TITLE_BIGRAMS.value].add(analysed.folded_titles)
        self._words[KEYS].add({key_term(key).decode(): 1 for key in document.keys})
        self._texts.append(join(analysed.folded_titles, analysed.folded_texts))
        self._documents.append(replace(document, titles=(), texts=()))

    def write(self, storage: Storage, name: str) -> Stamp:
        """Write the segment; its file is durable, its name is not yet."""
        writer = ArrayWriter()
        size = len(self._documents)
        for field, words in self._words.items():
            words.write(writer, field, size)
        for field, pairs in self._pairs.items():
            pairs.write(writer, field, size)
        for term_field, lengths in self._lengths.items():
            writer.add(f"{term_field}.lengths", narrow(np.array(lengths, dtype=np.int64)))
        texts = TextsWriter(writer, b"")
        for text in self._texts:
            texts.append(text)
        texts.finish()
        labels = Columns.of(self._documents).write(writer)
        return writer.write(storage, name, about_segment(size, labels))


def about_segment(size: int, labels: Mapping[str, list[str]]) -> dict[str, object]:
    """Return the header of a segment's file."""
    return {"kind": "segment", "documents": size, "labels": labels}
