"""Building a base in bulk: documents are read, cut and inverted in several processes, then merged.

Each process turns one task after the other into segments, and spills one whenever so many postings
wait that its memory budget is reached; merging works within a budget of its own (`merging`). What is
written in between is not synced: a build that a crash interrupts is begun anew.
"""

import itertools
import multiprocessing
import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from indexer.dictionary import Dictionary
from indexer.documents import AnalysedDocument, IndexDocument, analyse_all
from indexer.token_cache import TokenCache
from indexer.whoosh_engine.arrays import Stamp
from indexer.whoosh_engine.commits import Committer, NewSegment
from indexer.whoosh_engine.inverting import SPILL_POSTINGS, Inverter
from indexer.whoosh_engine.storage import Storage

AT_ONCE = 200
"""Documents that are cut at once."""

Task = Callable[[], Iterable[IndexDocument]]
"""Yields some documents; goes to another process, so it must be picklable (a `functools.partial`)."""

Progress = Callable[[int], None]


@dataclass(frozen=True, slots=True)
class Bulk:
    """How to build: where to, by which dictionary, with which file of cut texts (none: without)."""

    folder: Path
    dictionary: Dictionary
    cache: Path | None = None


def build(bulk: Bulk, tasks: Sequence[Task], seq: int, progress: Progress, processes: int = 0) -> int:
    """Fill an empty generation with the documents of all tasks, in their order; return how many.

    `processes` 0 means one for each processor; 1 works in this process. Raises what a task raises,
    and `BrokenProcessPool` if a process is killed; the generation is then to be thrown away.
    """
    committer = Committer(Storage(bulk.folder))
    names = [committer.new_number() for _ in tasks]
    new: list[NewSegment] = []
    documents = 0
    for parts in _run(bulk, tasks, names, processes or len(os.sched_getaffinity(0))):
        for stamp, count in parts:
            new.append(NewSegment(stamp))
            documents += count
            progress(count)
    committer.commit(seq, new, ())
    return documents


def _run(
    bulk: Bulk, tasks: Sequence[Task], names: Sequence[str], processes: int
) -> Iterator[list[tuple[Stamp, int]]]:
    if processes == 1 or len(tasks) == 1:
        yield from map(partial(invert, bulk), tasks, names)
        return
    context = multiprocessing.get_context("spawn")  # no locks or connections are inherited
    with ProcessPoolExecutor(processes, mp_context=context) as pool:
        yield from pool.map(partial(invert, bulk), tasks, names)


def invert(bulk: Bulk, task: Task, name: str) -> list[tuple[Stamp, int]]:
    """Write the documents of a task as segments; return each with its number of documents."""
    storage = Storage(bulk.folder)
    parts: list[tuple[Stamp, int]] = []
    inverter = Inverter()

    def spill() -> None:
        parts.append((inverter.write(storage, f"{name}-{len(parts)}.segment"), len(inverter)))

    for analysed in _analysed(bulk, task()):
        inverter.add(analysed)
        if inverter.postings >= SPILL_POSTINGS:
            spill()
            inverter = Inverter()
    if len(inverter):
        spill()
    return parts


def _analysed(bulk: Bulk, documents: Iterable[IndexDocument]) -> Iterator[AnalysedDocument]:
    with ExitStack() as stack:
        cache = stack.enter_context(TokenCache(bulk.cache)) if bulk.cache else None
        waiting = iter(documents)
        while batch := list(itertools.islice(waiting, AT_ONCE)):
            yield from analyse_all(batch, bulk.dictionary, cache)
