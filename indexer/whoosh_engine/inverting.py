"""Analysed documents become the arrays of a segment.

Documents are taken one by one and kept in compact arrays, some kilobytes each; sorting them by term
makes the segment. Whoever feeds it keeps an eye on `postings`, for that is what takes the memory.
"""

import itertools
from array import array
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import replace

import numpy as np

from indexer.documents import AnalysedDocument, IndexDocument
from indexer.query import TermField
from indexer.whoosh_engine.arrays import ArrayWriter, Stamp, narrow
from indexer.whoosh_engine.columns import Columns
from indexer.whoosh_engine.postings import PostingsWriter
from indexer.whoosh_engine.segment import FIELDS, KEYS, key_term
from indexer.whoosh_engine.storage import Storage
from indexer.whoosh_engine.terms import Terms
from indexer.whoosh_engine.texts import SAMPLE_BYTES, TextsWriter, join

SPILL_POSTINGS = 8_000_000
"""Postings that wait in memory, some ten bytes each besides the texts, before they become a segment."""


class _Field:
    """The postings of one field in the order in which documents came."""

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
        ranks = np.empty(len(terms), dtype=np.uint64)
        numbers = np.fromiter(map(self._numbers.__getitem__, terms), np.int64, len(terms))
        ranks[numbers] = np.arange(len(terms))
        ends = np.frombuffer(self._ends, dtype=np.uint64).astype(np.int64)
        rows = np.repeat(np.arange(size), np.diff(ends, prepend=0))
        ranked = ranks[np.frombuffer(self._terms, dtype=np.uint32)]
        # Sorting whole numbers (rank, place) is several times faster than an indirect stable sort.
        order = np.sort(ranked << np.uint64(32) | np.arange(len(rows), dtype=np.uint64))
        places = (order & np.uint64(0xFFFFFFFF)).astype(np.int64)
        counts = np.frombuffer(self._counts, dtype=np.uint32)
        holding = np.bincount(ranked.astype(np.int64), minlength=len(terms))
        Terms.of([term.encode() for term in terms]).write(writer, name)
        postings = PostingsWriter(writer, name, size)
        postings.append(holding, rows[places], counts[places])
        postings.finish()


class Inverter:
    """Takes analysed documents and writes them as one segment."""

    def __init__(self) -> None:
        self._documents: list[IndexDocument] = []
        self._fields = {name: _Field() for name in FIELDS}
        self._lengths: dict[TermField, list[int]] = {field: [] for field in TermField}
        self._texts: list[bytes] = []
        self.postings = 0

    def __len__(self) -> int:
        return len(self._documents)

    def add(self, analysed: AnalysedDocument) -> None:
        """Take the next document."""
        document = analysed.document
        for field in TermField:
            self.postings += self._fields[field.value].add(analysed.terms[field])
            self._lengths[field].append(analysed.lengths[field])
        self._fields[KEYS].add({key_term(key).decode(): 1 for key in document.keys})
        self._texts.append(join(analysed.folded_titles, analysed.folded_texts))
        self._documents.append(replace(document, titles=(), texts=()))

    def write(self, storage: Storage, name: str) -> Stamp:
        """Write the segment; its file is durable, its name is not yet."""
        writer = ArrayWriter()
        size = len(self._documents)
        for field, inverted in self._fields.items():
            inverted.write(writer, field, size)
        for term_field, lengths in self._lengths.items():
            writer.add(f"{term_field}.lengths", narrow(np.array(lengths, dtype=np.int64)))
        texts = TextsWriter(writer, list(sample(iter(self._texts), len(self._texts))))
        for text in self._texts:
            texts.append(text)
        texts.finish()
        labels = Columns.of(self._documents).write(writer)
        return writer.write(storage, name, about_segment(size, labels))


def sample(texts: Iterator[bytes], size: int) -> Iterator[bytes]:
    """Yield texts from all over a collection of known size, as much as a dictionary is trained on."""
    taken = 0
    step = max(1, size // 4096)
    for text in itertools.islice(texts, 0, None, step):
        yield text[: SAMPLE_BYTES // 64]
        taken += len(text)
        if taken > SAMPLE_BYTES:
            return


def about_segment(size: int, labels: Mapping[str, list[str]]) -> dict[str, object]:
    """Return the header of a segment's file."""
    return {"kind": "segment", "documents": size, "labels": labels}
