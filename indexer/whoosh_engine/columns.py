"""What is filtered, counted and sorted, as arrays over the rows of a segment.

A field of codes is kept as labels, the sets of labels that occur (offsets and values), and for each
row the number of its set. MISSING is a label too, so every row has at least one, and what is not
stated is filtered and counted like any code. Fields of publications are kept by publication and,
each code once, by document, for the many questions that no filter of publications narrows.

Dates are day numbers (`date.toordinal`), 0 where there is none.
"""

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property

import numpy as np

from indexer.documents import IndexDocument, IndexPublication
from indexer.requests import FILTER_FIELDS, MISSING, PUBLICATION_FIELDS
from indexer.whoosh_engine.arrays import Array, ArrayFile, ArrayWriter, narrow

YEAR = "year"
"""The year of publication, kept like a field of publications: it is counted but for its own range."""

DOCUMENT_FIELDS = tuple(name for name in FILTER_FIELDS if name not in PUBLICATION_FIELDS)
BY_PUBLICATION = tuple(name for name in FILTER_FIELDS if name in PUBLICATION_FIELDS)
UNION = ".union"
_ARRAYS = ("ids", "by_id", "issued", "in_force", "newest", "publication_ids")


def expand(starts: Array, ends: Array) -> Array:
    """Return the numbers from each start up to its end, end to end."""
    lengths = ends - starts
    before = np.cumsum(lengths) - lengths
    return np.repeat(starts - before, lengths) + np.arange(int(lengths.sum()))


@dataclass(frozen=True, slots=True)
class Lists:
    """A list of numbers for each owner: `values[ends[i-1]:ends[i]]` are owner i's.

    `ends` is empty where every owner has exactly one.
    """

    ends: Array
    values: Array

    @classmethod
    def of(cls, lengths: Array, values: Array) -> "Lists":
        """Make it of the lengths of the lists and all values."""
        if (lengths == 1).all():
            return cls(np.empty(0, dtype=np.uint8), narrow(values))
        return cls(narrow(np.cumsum(lengths)), narrow(values))

    @classmethod
    def open(cls, file: ArrayFile, name: str) -> "Lists":
        """Map what `write` put into a file."""
        return cls(file[f"{name}.ends"], file[f"{name}.values"])

    def write(self, writer: ArrayWriter, name: str) -> None:
        """Put the lists into a file under a name."""
        writer.add(f"{name}.ends", self.ends)
        writer.add(f"{name}.values", self.values)

    def __len__(self) -> int:
        return len(self.ends) or len(self.values)

    def spans(self, owners: Array) -> tuple[Array, Array]:
        """Return where the values of some owners start and end."""
        if not len(self.ends):
            return owners, owners + 1
        starts = np.where(owners > 0, self.ends[owners - 1], 0).astype(np.int64)
        return starts, self.ends[owners].astype(np.int64)

    def of_owners(self, owners: Array) -> tuple[Array, Array | None]:
        """Return the values of some owners end to end, and how many each has (None: one)."""
        if not len(self.ends):
            return self.values[owners], None
        starts, ends = self.spans(owners)
        return self.values[expand(starts, ends)], ends - starts

    def lengths(self) -> Array:
        """Return how many values each owner has."""
        if not len(self.ends):
            return np.ones(len(self.values), dtype=np.int64)
        return np.diff(self.ends.astype(np.int64), prepend=0)


class Codes:
    """A field of codes over rows of documents or publications.

    Few different sets of codes occur, so each owner has the number of its set, and what is asked of
    codes is worked out for the sets first.
    """

    def __init__(self, labels: Sequence[str], sets: Lists, numbers: Array) -> None:
        """`labels[0]` is MISSING; `numbers` tells for each owner which of the sets it bears."""
        self.labels = labels
        self.sets = sets
        self.numbers = numbers

    @classmethod
    def of(cls, rows: Iterable[Iterable[str]]) -> "Codes":
        """Make it of the codes of each owner."""
        sets: dict[tuple[str, ...], int] = {}
        numbers = [sets.setdefault(tuple(sorted(row)) or (MISSING,), len(sets)) for row in rows]
        return cls.of_sets(list(sets), np.array(numbers, dtype=np.int64))

    @classmethod
    def of_sets(cls, sets: Sequence[tuple[str, ...]], numbers: Array) -> "Codes":
        """Make it of distinct sets of codes and the number of each owner's."""
        places = {MISSING: 0}
        for each in sets:
            for code in each:
                places.setdefault(code, len(places))
        lengths = np.array([len(each) for each in sets], dtype=np.int64)
        values = np.array([places[code] for each in sets for code in each], dtype=np.int64)
        return cls(list(places), Lists.of(lengths, values), narrow(numbers))

    @classmethod
    def open(cls, file: ArrayFile, name: str, labels: Sequence[str]) -> "Codes":
        """Map what `write` put into a file."""
        return cls(labels, Lists.open(file, f"{name}.sets"), file[f"{name}.numbers"])

    def write(self, writer: ArrayWriter, name: str) -> None:
        """Put it into a file under a name, but for the labels."""
        self.sets.write(writer, f"{name}.sets")
        writer.add(f"{name}.numbers", self.numbers)

    def named_sets(self) -> list[tuple[str, ...]]:
        """Return the sets with their labels."""
        ends = np.cumsum(self.sets.lengths()).tolist()
        values = [self.labels[number] for number in self.sets.values.tolist()]
        return [tuple(values[start:end]) for start, end in zip([0, *ends], ends, strict=False)]

    @cached_property
    def _places(self) -> dict[str, int]:
        return {label: number for number, label in enumerate(self.labels)}

    def bearing(self, owners: Array, wanted: Iterable[str]) -> Array:
        """Tell which of some owners bear one of some codes."""
        labels = np.zeros(len(self.labels), dtype=bool)
        labels[[self._places[code] for code in wanted if code in self._places]] = True
        lengths = self.sets.lengths()
        sets = np.logical_or.reduceat(labels[self.sets.values], np.cumsum(lengths) - lengths)
        result: Array = sets[self.numbers[owners]]
        return result

    def tally(self, owners: Array) -> Array:
        """Count for each label how many of some distinct owners bear it."""
        sets = np.bincount(self.numbers[owners], minlength=len(self.sets))
        weights = np.repeat(sets, self.sets.lengths())
        counts: Array = np.bincount(self.sets.values, weights, len(self.labels)).astype(np.int64)
        return counts

    def pairs(self, owners: Array, of: Array) -> Array:
        """Return distinct `of * labels + label` for each owner and each label it bears."""
        values, lengths = self.sets.of_owners(self.numbers[owners].astype(np.int64))
        owners = of if lengths is None else np.repeat(of, lengths)
        return np.unique(owners * len(self.labels) + values)


def _ordinals(days: Iterable[date | None]) -> Array:
    return np.array([day.toordinal() if day else 0 for day in days], dtype=np.int32)


def _names(names: Sequence[str]) -> Array:
    encoded = [name.encode() for name in names]
    return np.array(encoded, dtype=f"S{max(map(len, encoded), default=1) or 1}")


@dataclass(frozen=True)
class Columns:
    """The columns of a segment. Rows are documents; publications stand in their documents' order.

    `published` lists for each document the dates of its publications, and so tells their places too;
    `newest` is its latest one. `publication_codes` is by publication, `union_codes` the same by document.
    """

    ids: Array
    by_id: Array
    issued: Array
    in_force: Array
    newest: Array
    codes: Mapping[str, Codes]
    publication_ids: Array
    published: Lists
    publication_codes: Mapping[str, Codes]
    union_codes: Mapping[str, Codes]

    @property
    def size(self) -> int:
        """The number of rows."""
        return len(self.ids)

    def find(self, document_id: str) -> int:
        """Return the row of a document; -1 if it is not there."""
        name = document_id.encode()
        place = bisect_left(self.by_id, name, key=self.ids.__getitem__)
        if place == self.size or self.ids[self.by_id[place]] != name:
            return -1
        return int(self.by_id[place])

    @cached_property
    def rank(self) -> Array:
        """The place of each row in the order of ids."""
        rank = np.empty(self.size, dtype=np.uint32)
        rank[self.by_id] = np.arange(self.size, dtype=np.uint32)
        return rank

    def name(self, row: int) -> str:
        """Return the id of the document of a row."""
        return bytes(self.ids[row]).decode()

    def write(self, writer: ArrayWriter) -> dict[str, list[str]]:
        """Put the columns into a file; return the labels of its fields, which go into its header."""
        for name in _ARRAYS:
            writer.add(f"columns.{name}", getattr(self, name))
        self.published.write(writer, "columns.published")
        labels = {}
        for name, codes in self._all_codes():
            codes.write(writer, f"columns.{name}")
            labels[name] = list(codes.labels)
        return labels

    def _all_codes(self) -> Iterator[tuple[str, Codes]]:
        yield from self.codes.items()
        yield from self.publication_codes.items()
        yield from ((f"{name}{UNION}", codes) for name, codes in self.union_codes.items())

    @classmethod
    def open(cls, file: ArrayFile, labels: Mapping[str, Sequence[str]]) -> "Columns":
        """Map the columns of a file, given what `write` returned."""

        def codes(name: str, suffix: str = "") -> Codes:
            return Codes.open(file, f"columns.{name}{suffix}", labels[f"{name}{suffix}"])

        return cls(
            **{name: file[f"columns.{name}"] for name in _ARRAYS},
            published=Lists.open(file, "columns.published"),
            codes={name: codes(name) for name in DOCUMENT_FIELDS},
            publication_codes={name: codes(name) for name in (*BY_PUBLICATION, YEAR)},
            union_codes={name: codes(name, UNION) for name in (*BY_PUBLICATION, YEAR)},
        )

    @classmethod
    def of(cls, documents: Sequence[IndexDocument]) -> "Columns":
        """Make the columns of some documents, in their order."""
        publications = [publication for document in documents for publication in document.publications]
        counts = np.array([len(document.publications) for document in documents], dtype=np.int64)
        return cls.assemble(
            ids=_names([document.id for document in documents]),
            issued=_ordinals(document.issued_on for document in documents),
            in_force=np.array([document.in_force for document in documents], dtype=bool),
            codes={name: _of_documents(documents, name) for name in DOCUMENT_FIELDS},
            publication_ids=_names([publication.id for publication in publications]),
            published=_ordinals(publication.published_on for publication in publications),
            counts=counts,
            publication_codes={name: _of_publications(publications, name) for name in BY_PUBLICATION},
        )

    @classmethod
    def assemble(
        cls,
        *,
        ids: Array,
        issued: Array,
        in_force: Array,
        codes: Mapping[str, Codes],
        publication_ids: Array,
        published: Array,
        counts: Array,
        publication_codes: Mapping[str, Codes],
    ) -> "Columns":
        """Put columns together and work out those that follow from others.

        `counts` tells how many publications each document has.
        """
        owners = np.repeat(np.arange(len(ids)), counts)
        publication_codes = {**publication_codes, YEAR: _years(published)}
        newest = np.zeros(len(ids), dtype=np.int32)
        np.maximum.at(newest, owners, published)
        return cls(
            ids=ids,
            by_id=narrow(np.argsort(ids, kind="stable")),
            issued=issued,
            in_force=in_force,
            newest=newest,
            codes=codes,
            publication_ids=publication_ids,
            published=Lists.of(counts, published),
            publication_codes=publication_codes,
            union_codes={name: _union(each, owners, len(ids)) for name, each in publication_codes.items()},
        )


def _of_documents(documents: Sequence[IndexDocument], name: str) -> Codes:
    return Codes.of(document.values.get(name, ()) for document in documents)


def _of_publications(publications: Sequence[IndexPublication], name: str) -> Codes:
    return Codes.of(publication.values.get(name, ()) for publication in publications)


def _years(published: Array) -> Codes:
    days, numbers = np.unique(published, return_inverse=True)
    names = [str(date.fromordinal(day).year) if day else MISSING for day in days.tolist()]
    years = list(dict.fromkeys(names))
    places = np.array([years.index(name) for name in names], dtype=np.int64)
    return Codes.of_sets([(year,) for year in years], places[numbers])


def _union(codes: Codes, owners: Array, documents: int) -> Codes:
    """Return the codes of publications by document, each once."""
    if len(owners) == documents:  # one publication each
        return codes
    pairs = codes.pairs(np.arange(len(owners)), owners)
    lengths = np.bincount(pairs // len(codes.labels), minlength=documents)
    labels = [codes.labels[number] for number in (pairs % len(codes.labels)).tolist()]
    ends = np.cumsum(lengths).tolist()
    return Codes.of(labels[start:end] for start, end in zip([0, *ends], ends, strict=False))
