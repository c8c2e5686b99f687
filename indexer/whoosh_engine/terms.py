"""The terms of a field, sorted, to be looked up in a mapped file.

A term's first eight bytes stand as one big-endian number (shorter terms are padded with zero bytes;
no term holds one), so a binary search over numbers leaves few terms to tell apart: pairs of
characters none at all, since two characters never take more than eight bytes.
"""

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence

import numpy as np

from indexer.whoosh_engine.arrays import Array, ArrayFile, ArrayWriter, narrow

HEAD = 8


def heads(terms: Iterable[bytes]) -> Array:
    """Return the first eight bytes of each term as numbers in the terms' order."""
    joined = b"".join(term[:HEAD].ljust(HEAD, b"\0") for term in terms)
    return np.frombuffer(joined, dtype=">u8").astype("<u8")


class Terms(Sequence[bytes]):
    """Sorted distinct terms; the place of a term is its number."""

    def __init__(self, keys: Array, ends: Array, tails: Array) -> None:
        """`tails` is what is longer than eight bytes, `ends` where each term's ends (empty if none is)."""
        self._keys = keys
        self._ends = ends
        self._tails = tails

    @classmethod
    def of(cls, terms: Sequence[bytes]) -> "Terms":
        """Make it of terms that are sorted and distinct."""
        if all(len(term) <= HEAD for term in terms):
            return cls.of_keys(heads(terms))
        lengths = np.fromiter((max(len(term) - HEAD, 0) for term in terms), np.int64, len(terms))
        tails = np.frombuffer(b"".join(term[HEAD:] for term in terms), dtype=np.uint8)
        return cls(heads(terms), narrow(np.cumsum(lengths)), tails)

    @classmethod
    def of_keys(cls, keys: Array) -> "Terms":
        """Make it of the sorted heads of terms of at most eight bytes."""
        return cls(keys, np.empty(0, dtype=np.uint8), np.empty(0, dtype=np.uint8))

    @classmethod
    def open(cls, file: ArrayFile, name: str) -> "Terms":
        """Map the terms that `write` put into a file."""
        return cls(file[f"{name}.keys"], file[f"{name}.ends"], file[f"{name}.tails"])

    def write(self, writer: ArrayWriter, name: str) -> None:
        """Put the terms into a file under a name."""
        writer.add(f"{name}.keys", self._keys)
        writer.add(f"{name}.ends", self._ends)
        writer.add(f"{name}.tails", self._tails)

    @property
    def short(self) -> bool:
        """Whether no term is longer than eight bytes."""
        return not len(self._ends)

    @property
    def keys(self) -> Array:
        """The heads of all terms."""
        return self._keys

    def __len__(self) -> int:
        return len(self._keys)

    def __getitem__(self, number: int) -> bytes:  # type: ignore[override]  # no slices are needed
        head = int(self._keys[number]).to_bytes(HEAD, "big")
        return head.rstrip(b"\0") + self._tail(number)

    def _tail(self, number: int) -> bytes:
        if self.short:
            return b""
        start = int(self._ends[number - 1]) if number else 0
        return bytes(self._tails[start : int(self._ends[number])])

    def __iter__(self) -> Iterator[bytes]:
        whole = self._keys.astype(">u8").tobytes()
        parts = (whole[place : place + HEAD].rstrip(b"\0") for place in range(0, len(whole), HEAD))
        if self.short:
            yield from parts
            return
        tails, start = self._tails.tobytes(), 0
        for head, end in zip(parts, self._ends.tolist(), strict=True):
            yield head + tails[start:end]
            start = end

    def find(self, term: bytes) -> int:
        """Return the number of a term; -1 if it is not there."""
        number = self.place(term)
        return number if number < len(self) and self[number] == term else -1

    def place(self, term: bytes) -> int:
        """Return how many terms are smaller than a text."""
        key = np.uint64(int.from_bytes(term[:HEAD].ljust(HEAD, b"\0"), "big"))
        first = int(self._keys.searchsorted(key, "left"))
        if len(term) < HEAD or self.short:
            return first + (len(term) > HEAD and first < len(self) and self._keys[first] == key)
        last = int(self._keys.searchsorted(key, "right"))
        return bisect_left(range(len(self)), term[HEAD:], first, last, key=self._tail)

    def beginning(self, prefix: bytes) -> range:
        """Return the numbers of the terms that begin with a text."""
        return range(self.place(prefix), self.place(_behind(prefix)) if prefix.strip(b"\xff") else len(self))


def _behind(prefix: bytes) -> bytes:
    """Return the smallest text behind all that begin with a prefix."""
    kept = prefix.rstrip(b"\xff")
    return kept[:-1] + bytes([kept[-1] + 1])


def union(parts: Sequence[Terms]) -> tuple[Terms, list[Array]]:
    """Return all terms of several fields' parts, and for each part the new numbers of its terms."""
    if all(part.short for part in parts):
        keys = np.unique(np.concatenate([part.keys for part in parts]) if parts else np.empty(0, "<u8"))
        return Terms.of_keys(keys), [keys.searchsorted(part.keys) for part in parts]
    listed = [list(part) for part in parts]
    terms = sorted(set().union(*listed))
    numbers = {term: number for number, term in enumerate(terms)}
    maps = [np.fromiter(map(numbers.__getitem__, part), np.int64, len(part)) for part in listed]
    return Terms.of(terms), maps
