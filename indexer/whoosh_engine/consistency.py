"""Whether the arrays of a segment fit together; `gongkai verify` has the time to look at all of them.

Checksums tell that a file is as it was written; this tells that it was written as it should be, and
that nothing in it points beyond its end.
"""

from collections.abc import Sequence

import numpy as np

from indexer.query import TermField
from indexer.whoosh_engine.arrays import Array, ArrayFile, DamagedFileError
from indexer.whoosh_engine.columns import BY_PUBLICATION, DOCUMENT_FIELDS, UNION, YEAR
from indexer.whoosh_engine.manifest import SegmentEntry
from indexer.whoosh_engine.postings import BLOCK, BLOCK_BITS, DENSE_SHARE, RARE, blocks_of
from indexer.whoosh_engine.segment import FIELDS
from indexer.whoosh_engine.snapshot import DELETED
from indexer.whoosh_engine.storage import Storage


def check_segment(storage: Storage, entry: SegmentEntry) -> None:
    """Check a segment that a manifest names; raises `DamagedFileError` with what does not fit."""
    try:
        _Checked(ArrayFile(storage, entry.file), entry.documents).check()
        if entry.deletions is not None:
            _check_deletions(ArrayFile(storage, entry.deletions), entry)
    except (LookupError, ValueError, TypeError) as error:  # what is not even an array of its kind
        raise DamagedFileError(f"{entry.file.name}：内容不一致（{error}）") from error


def _check_deletions(file: ArrayFile, entry: SegmentEntry) -> None:
    rows = file[DELETED]
    _demand(file, DELETED, len(rows) == entry.deleted, _ascends(rows), _below(rows, entry.documents))


class _Checked:
    """The file of a segment of `size` documents."""

    def __init__(self, file: ArrayFile, size: int) -> None:
        self._file = file
        self._size = size

    def check(self) -> None:
        """Check everything."""
        file, size = self._file, self._size
        _demand(file, "documents", file.about.get("kind") == "segment", file.about.get("documents") == size)
        for field in FIELDS:
            self._check_terms(field)
            self._check_postings(field)
        for term_field in TermField:
            _demand(file, f"{term_field}.lengths", len(file[f"{term_field}.lengths"]) == size)
        self._check_ends("texts.ends", size, len(file["texts.frames"]))
        self._check_documents()
        self._check_codes()

    def _check_ends(self, name: str, owners: int, total: int) -> None:
        """Check where each owner's part of `total` values ends."""
        ends = self._file[name]
        last = int(ends[-1]) if len(ends) else 0
        _demand(self._file, name, len(ends) == owners, _never_falls(ends), last == total)

    def _check_terms(self, field: str) -> None:
        keys, tails = self._file[f"{field}.keys"], self._file[f"{field}.tails"]
        short = not len(self._file[f"{field}.ends"])
        _demand(self._file, f"{field}.keys", _ascends(keys) if short else _never_falls(keys))
        if short:
            _demand(self._file, f"{field}.tails", not len(tails))
        else:
            self._check_ends(f"{field}.ends", len(keys), len(tails))

    def _check_postings(self, field: str) -> None:
        """Check that lists of each form stand end to end and hold rows of the segment only."""
        file = self._file
        holding = file[f"{field}.holding"].astype(np.int64)
        starts = file[f"{field}.starts"]
        rare = holding < RARE
        dense = ~rare & (holding * DENSE_SHARE > self._size)
        common = ~rare & ~dense
        _demand(
            file,
            f"{field}.starts",
            len(holding) == len(starts) == len(file[f"{field}.keys"]),
            _end_to_end(starts[rare], holding[rare], len(file[f"{field}.rare"])),
            _end_to_end(starts[common], holding[common], len(file[f"{field}.lows"])),
            np.array_equal(starts[dense], np.arange(int(dense.sum()))),
        )
        _demand(file, f"{field}.rare", _below(file[f"{field}.rare"], self._size))
        self._check_counts(f"{field}.rare", len(file[f"{field}.rare"]))
        self._check_counts(f"{field}.common", len(file[f"{field}.lows"]))
        self._check_counts(f"{field}.dense", int(dense.sum()) * self._size)
        self._check_common(field, np.flatnonzero(common), starts[common], holding[common])
        self._check_dense(field, holding[dense])

    def _check_common(self, field: str, terms: Array, starts: Array, holding: Array) -> None:
        """Check the blocks of the common lists, and the last row of each."""
        file, blocks = self._file, blocks_of(self._size)
        ends = file[f"{field}.block_ends"].astype(np.int64)
        _demand(
            file,
            f"{field}.block_ends",
            np.array_equal(file[f"{field}.common_terms"], terms),
            len(ends) == len(terms) * blocks,
        )
        by_term = ends.reshape(-1, blocks)
        in_last = by_term[:, -1] > (by_term[:, -2] if blocks > 1 else 0)
        last = file[f"{field}.lows"][(starts.astype(np.int64) + holding - 1)[in_last]]
        _demand(
            file,
            f"{field}.block_ends",
            np.array_equal(by_term[:, -1], holding),
            bool((np.diff(by_term, prepend=0, axis=1) >= 0).all()),
            bool((np.diff(by_term, prepend=0, axis=1) <= BLOCK).all()),
            _below(last, self._size - ((blocks - 1) << BLOCK_BITS)),
        )

    def _check_dense(self, field: str, holding: Array) -> None:
        counts = self._file[f"{field}.dense.counts"]
        for number, held in enumerate(holding.tolist()):
            part = counts[number * self._size : (number + 1) * self._size]
            _demand(self._file, f"{field}.dense", np.count_nonzero(part) == held)

    def _check_counts(self, name: str, postings: int) -> None:
        places, values = self._file[f"{name}.large_at"], self._file[f"{name}.large"]
        small = self._file[f"{name}.counts"]
        _demand(
            self._file,
            f"{name}.counts",
            len(small) == postings,
            len(places) == len(values),
            _ascends(places),
            _below(places, postings),
        )

    def _check_documents(self) -> None:
        file, size = self._file, self._size
        ids, by_id = file["columns.ids"], file["columns.by_id"]
        every = len(ids) == size and np.array_equal(np.sort(by_id), np.arange(size))
        _demand(file, "columns.by_id", every, every and _ascends(ids[by_id]))
        for name in ("issued", "in_force", "newest"):
            _demand(file, f"columns.{name}", len(file[f"columns.{name}"]) == size)
        values = self._check_lists("columns.published", size)
        _demand(file, "columns.published", len(values) == len(file["columns.publication_ids"]))

    def _check_codes(self) -> None:
        publications = len(self._file["columns.publication_ids"])
        labels: dict[str, Sequence[str]] = self._file.about["labels"]
        owners = dict.fromkeys(DOCUMENT_FIELDS, self._size)
        owners |= dict.fromkeys((*BY_PUBLICATION, YEAR), publications)
        owners |= dict.fromkeys((f"{name}{UNION}" for name in (*BY_PUBLICATION, YEAR)), self._size)
        for field, size in owners.items():
            name, numbers = f"columns.{field}", self._file[f"columns.{field}.numbers"]
            sets = len(self._file[f"{name}.sets.ends"]) or len(self._file[f"{name}.sets.values"])
            values = self._check_lists(f"{name}.sets", sets)
            _demand(self._file, f"{name}.numbers", len(numbers) == size, _below(numbers, sets))
            _demand(self._file, f"{name}.sets", _below(values, len(labels[field])))

    def _check_lists(self, name: str, owners: int) -> Array:
        """Check a list for each owner; return the values."""
        values = self._file[f"{name}.values"]
        if len(self._file[f"{name}.ends"]):
            self._check_ends(f"{name}.ends", owners, len(values))
        else:
            _demand(self._file, name, len(values) == owners)
        return values


def _demand(file: ArrayFile, what: str, *facts: bool) -> None:
    if not all(facts):
        raise DamagedFileError(f"{file.name}：{what} 内容不一致")


def _ascends(values: Array) -> bool:
    return bool((values[1:] > values[:-1]).all())


def _never_falls(values: Array) -> bool:
    return bool((values[1:] >= values[:-1]).all())


def _below(values: Array, bound: int) -> bool:
    return not len(values) or int(values.max()) < bound


def _end_to_end(starts: Array, lengths: Array, total: int) -> bool:
    """Tell whether pieces of these lengths stand behind each other and fill `total`."""
    ends = np.cumsum(lengths)
    return np.array_equal(starts, ends - lengths) and (int(ends[-1]) if len(ends) else 0) == total
