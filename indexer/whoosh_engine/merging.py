"""Several segments become one, without their deleted documents and without cutting a text again.

Documents stand in the new segment in the order of the old ones, so that within a term rows only
need to be placed, not sorted. Terms are taken in stretches of so many postings that the arrays in
between stay within some hundred megabytes, whatever the size of the whole.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from indexer.query import TermField
from indexer.whoosh_engine.arrays import Array, ArrayWriter, Stamp, narrow
from indexer.whoosh_engine.columns import BY_PUBLICATION, DOCUMENT_FIELDS, Codes, Columns, expand
from indexer.whoosh_engine.inverting import about_segment
from indexer.whoosh_engine.postings import NO_ROWS, PostingsWriter
from indexer.whoosh_engine.segment import FIELDS, Segment
from indexer.whoosh_engine.storage import Storage
from indexer.whoosh_engine.terms import Terms, union
from indexer.whoosh_engine.texts import TextsWriter, train

STRETCH = 4_000_000
"""Postings that are merged at once, some sixty bytes each."""


@dataclass(frozen=True, slots=True)
class Source:
    """A segment to be merged and which of its rows are to be kept."""

    segment: Segment
    live: Array

    @property
    def kept(self) -> int:
        """How many rows are kept."""
        return int(self.live.sum())


def merge(sources: Sequence[Source], storage: Storage, name: str, *, base: bool = True) -> Stamp:
    """Write one segment of all kept rows; its file is durable, its name is not yet.

    The texts of a `base` get a dictionary trained on them; others take over that of the largest source.
    """
    size = sum(source.kept for source in sources)
    rows = _new_rows(sources)
    writer = ArrayWriter()
    for field in FIELDS:
        _merge_field(sources, rows, writer, field, size)
    for term_field in TermField:
        lengths = [source.segment.lengths[term_field][source.live] for source in sources]
        writer.add(f"{term_field}.lengths", narrow(_joined(lengths)))
    texts = TextsWriter(writer, train(_texts(sources), size) if base else _dictionary(sources))
    for text in _texts(sources):
        texts.append(text)
    texts.finish()
    labels = _merged_columns(sources).write(writer)
    return writer.write(storage, name, about_segment(size, labels))


def _dictionary(sources: Sequence[Source]) -> bytes:
    largest = max(sources, key=lambda source: source.segment.size)
    return largest.segment.texts.dictionary.tobytes()


def _new_rows(sources: Sequence[Source]) -> list[Array]:
    """Return for each source the new row of each of its rows; -1 for those that are not kept."""
    found, base = [], 0
    for source in sources:
        found.append(np.where(source.live, np.cumsum(source.live) - 1 + base, -1))
        base += source.kept
    return found


def _texts(sources: Sequence[Source]) -> Iterator[bytes]:
    for source in sources:
        for row in np.flatnonzero(source.live).tolist():
            yield source.segment.texts[row]


def _merge_field(
    sources: Sequence[Source], rows: Sequence[Array], writer: ArrayWriter, field: str, size: int
) -> None:
    lists = [source.segment.fields[field] for source in sources]
    terms, numbers = union([each.terms for each in lists])
    load = np.zeros(len(terms), dtype=np.int64)
    for each, own in zip(lists, numbers, strict=True):
        load[own] += each.postings.holding
    postings = PostingsWriter(writer, field, size)
    held: list[Array] = [NO_ROWS]
    for first, last in _stretches(load):
        holding, merged_rows, counts = _merge_stretch(sources, rows, field, numbers, (first, last))
        postings.append(holding[holding > 0], merged_rows, counts)
        held.append(np.flatnonzero(holding) + first)
    postings.finish()
    _without_unheld(terms, np.concatenate(held)).write(writer, field)


def _stretches(load: Array) -> Iterator[tuple[int, int]]:
    """Cut the terms into stretches of about STRETCH postings."""
    ends = np.cumsum(load)
    first = 0
    while first < len(load):
        before = int(ends[first - 1]) if first else 0
        last = max(first + 1, int(ends.searchsorted(before + STRETCH, "right")))
        yield first, last
        first = last


def _merge_stretch(
    sources: Sequence[Source],
    rows: Sequence[Array],
    field: str,
    numbers: Sequence[Array],
    stretch: tuple[int, int],
) -> tuple[Array, Array, Array]:
    """Return how many rows hold each term of a stretch, and rows and counts in the order of terms."""
    first, last = stretch
    pieces = []
    holding = np.zeros(last - first, dtype=np.int64)
    for source, new_rows, own in zip(sources, rows, numbers, strict=True):
        low, high = own.searchsorted([first, last]).tolist()
        for flat in source.segment.fields[field].postings.flat(low, high):
            new = new_rows[flat.rows]
            kept = new >= 0
            terms = own[flat.terms] - first
            if kept.all():
                pieces.append((terms, new, flat.counts))
            else:
                pieces.append((terms[kept], new[kept], flat.counts[kept]))
            holding += np.bincount(pieces[-1][0], minlength=last - first)
    total = int(holding.sum())
    merged_rows = np.empty(total, dtype=np.int64)
    counts = np.empty(total, dtype=np.uint32)
    free = np.cumsum(holding) - holding
    for terms, new, piece_counts in pieces:
        # Within a piece each term's postings stand together: they go where the term's next free place is.
        lengths = np.bincount(terms, minlength=last - first)
        present = np.flatnonzero(lengths)
        places = expand(free[present], free[present] + lengths[present])
        merged_rows[places] = new
        counts[places] = piece_counts
        free += lengths
    return holding, merged_rows, counts


def _without_unheld(terms: Terms, held: Array) -> Terms:
    """Leave out terms that no kept row holds."""
    if len(held) == len(terms):
        return terms
    if terms.short:
        return Terms.of_keys(terms.keys[held])
    listed = list(terms)
    return Terms.of([listed[number] for number in held.tolist()])


def _merged_columns(sources: Sequence[Source]) -> Columns:
    columns = [source.segment.columns for source in sources]
    kept = [np.flatnonzero(source.live) for source in sources]
    spans = [each.published.spans(rows) for each, rows in zip(columns, kept, strict=True)]
    publications = [expand(*span) for span in spans]

    def documents(name: str) -> Array:
        return _joined([getattr(each, name)[rows] for each, rows in zip(columns, kept, strict=True)])

    return Columns.assemble(
        ids=documents("ids"),
        issued=documents("issued"),
        in_force=documents("in_force"),
        codes={name: _merged_codes([each.codes[name] for each in columns], kept) for name in DOCUMENT_FIELDS},
        publication_ids=_joined(
            [each.publication_ids[places] for each, places in zip(columns, publications, strict=True)]
        ),
        published=_joined(
            [each.published.values[places] for each, places in zip(columns, publications, strict=True)]
        ),
        counts=_joined([ends - starts for starts, ends in spans]),
        publication_codes={
            name: _merged_codes([each.publication_codes[name] for each in columns], publications)
            for name in BY_PUBLICATION
        },
    )


def _merged_codes(parts: Sequence[Codes], owners: Sequence[Array]) -> Codes:
    """Join fields of codes whose labels and sets differ."""
    sets: dict[tuple[str, ...], int] = {}
    numbers = []
    for part, kept in zip(parts, owners, strict=True):
        own = [sets.setdefault(tuple(sorted(each)), len(sets)) for each in part.named_sets()]
        numbers.append(np.array(own, dtype=np.int64)[part.numbers[kept]])
    return Codes.of_sets(list(sets), _joined(numbers))


def _joined(parts: Sequence[Array]) -> Array:
    return np.concatenate(parts) if parts else NO_ROWS
