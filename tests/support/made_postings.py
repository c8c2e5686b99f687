"""Posting lists at random: of every form in which a segment keeps them, rows and frequencies alike.

Hypothesis draws sizes and a seed; numpy makes the many rows, which would take Hypothesis minutes.
"""

from collections.abc import Sequence
from itertools import count
from pathlib import Path

import numpy as np
from hypothesis import strategies as st
from written import UnsyncedStorage

from indexer.whoosh_engine.arrays import Array, ArrayFile, ArrayWriter
from indexer.whoosh_engine.postings import BLOCK, RARE, PostingsWriter

List = dict[int, int]
"""The frequency of a term by the rows that hold it, ascending."""

sizes = st.sampled_from(
    (50, RARE - 1, RARE, 3 * RARE, 3 * RARE + 1, 1_000, BLOCK - 1, BLOCK, BLOCK + 1, 2 * BLOCK, 200_000)
) | st.integers(50, 20_000)
"""How many rows a segment has: below, at and behind the ends of blocks."""

LARGE = (254, 255, 256, 65_535, 65_536, 1_000_000)


def holding(chance: np.random.Generator, size: int) -> int:
    """Return how many rows are to hold a term: few, some hundred, about a third, nearly all."""
    third = size // 3
    most = chance.choice((1, RARE - 1, RARE, RARE + 1, 1_000, third - 1, third, third + 1, third * 2, size))
    return int(np.clip(chance.choice((most, chance.integers(1, max(2, most)))), 1, size))


def postings_of(chance: np.random.Generator, size: int, held: int) -> List:
    """Return the list of a term that so many rows hold, all over the segment or close together."""
    if chance.random() < 0.3:
        first = int(chance.integers(0, size - held + 1))
        rows = np.arange(first, first + held)
    else:
        rows = np.sort(chance.choice(size, held, replace=False))
    counts = chance.integers(1, 4, held)
    large = chance.random(held) < chance.choice((0.0, 3 / held, 0.02))
    counts[large] = chance.choice(LARGE, int(large.sum()))
    return dict(zip(rows.tolist(), counts.tolist(), strict=True))


def random_lists(chance: np.random.Generator, size: int) -> list[List]:
    """Return the lists of up to a dozen terms."""
    return [postings_of(chance, size, holding(chance, size)) for _ in range(chance.integers(1, 12))]


def write_lists(
    writer: ArrayWriter, name: str, size: int, lists: Sequence[List], cuts: Sequence[int]
) -> None:
    """Put lists into a file, in pieces that end at the cuts."""
    postings = PostingsWriter(writer, name, size)
    for start, end in zip([0, *cuts], [*cuts, len(lists)], strict=True):
        part = lists[start:end]
        rows = np.array([row for each in part for row in each], dtype=np.int64)
        counts = np.array([count for each in part for count in each.values()], dtype=np.uint32)
        postings.append(np.array([len(each) for each in part], dtype=np.int64), rows, counts)
    postings.finish()


def frequencies(of: List, size: int) -> Array:
    """Return the frequency of every row."""
    found = np.zeros(size, dtype=np.int64)
    found[list(of)] = list(of.values())
    return found


class Files:
    """Writes files into a folder and maps them."""

    def __init__(self, folder: Path) -> None:
        self._storage = UnsyncedStorage(folder)
        self._names = count()

    def __call__(self, writer: ArrayWriter) -> ArrayFile:
        return ArrayFile(self._storage, writer.write(self._storage, str(next(self._names)), {}))
