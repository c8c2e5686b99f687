"""What is filtered, counted and sorted, as arrays over the documents and publications of an index."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from indexer.query import TermField
from indexer.requests import PUBLICATION_FIELDS, SUBSITE, Facet

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Mask = NDArray[np.bool_]

DOCUMENT_FIELDS = tuple(facet.value for facet in Facet if facet.value not in PUBLICATION_FIELDS)


class Values:
    """A multi-valued field: pairs of an owner (a row of documents or publications) and a code."""

    def __init__(self, rows: Sequence[Iterable[str]]) -> None:
        numbers: dict[str, int] = {}
        owners: list[int] = []
        codes: list[int] = []
        for owner, values in enumerate(rows):
            for value in values:
                owners.append(owner)
                codes.append(numbers.setdefault(value, len(numbers)))
        self.labels = list(numbers)
        self.owners: Ints = np.array(owners, dtype=np.int64)
        self.codes: Ints = np.array(codes, dtype=np.int64)
        self._numbers = numbers
        self._rows = len(rows)
        self.stated: Mask = np.zeros(self._rows, dtype=bool)
        self.stated[self.owners] = True

    def bearing(self, values: Iterable[str]) -> Mask:
        """Tell which owners bear one of the values."""
        wanted = np.zeros(len(self.labels), dtype=bool)
        for value in values:
            if (number := self._numbers.get(value)) is not None:
                wanted[number] = True
        found = np.zeros(self._rows, dtype=bool)
        found[self.owners[wanted[self.codes]]] = True
        return found


@dataclass(frozen=True, slots=True)
class Facts:
    """All documents of an opened index, by row number, and all publications.

    Dates are day numbers (`date.toordinal`), 0 where there is none. `publication_owner` is the
    document row of each publication and never falls.
    """

    ids: list[str]
    id_rank: Ints
    lengths: dict[TermField, Floats]
    issued: Ints
    in_force: Mask
    values: dict[str, Values]
    publication_ids: list[str]
    publication_owner: Ints
    published: Ints
    publication_values: dict[str, Values]

    def documents_of(self, publications: Mask) -> Mask:
        """Tell which documents own one of the publications."""
        found = np.zeros(len(self.ids), dtype=bool)
        found[self.publication_owner[publications]] = True
        return found

    def publications_of(self, row: int) -> slice:
        """Return where the publications of a document stand."""
        owner = self.publication_owner
        return slice(int(np.searchsorted(owner, row, "left")), int(np.searchsorted(owner, row, "right")))


def collect(ids: list[str], stored: Sequence[dict[str, Any]]) -> Facts:
    """Return the arrays of documents given their ids and decoded facts (`schema.facts`)."""
    publications = [
        (row, publication) for row, fact in enumerate(stored) for publication in fact["publications"]
    ]
    rank = np.empty(len(ids), dtype=np.int64)
    rank[np.argsort(np.array(ids, dtype=object), kind="stable")] = np.arange(len(ids))
    return Facts(
        ids=ids,
        id_rank=rank,
        lengths={
            name: np.array([fact["lengths"][name.value] for fact in stored], dtype=np.float64)
            for name in TermField
        },
        issued=np.array([fact["issued"] for fact in stored], dtype=np.int64),
        in_force=np.array([fact["in_force"] for fact in stored], dtype=bool),
        values={name: Values([fact["values"].get(name, ()) for fact in stored]) for name in DOCUMENT_FIELDS},
        publication_ids=[publication["id"] for _, publication in publications],
        publication_owner=np.array([row for row, _ in publications], dtype=np.int64),
        published=np.array([publication["published"] for _, publication in publications], dtype=np.int64),
        publication_values={
            name: Values([publication["values"].get(name, ()) for _, publication in publications])
            for name in sorted({*PUBLICATION_FIELDS, SUBSITE})
        },
    )


def decode(stored: bytes) -> dict[str, Any]:
    """Return the facts of one document as `schema.facts` wrote them."""
    value: dict[str, Any] = json.loads(stored)
    return value
