"""Documents written as segments and opened as one snapshot, without an engine around them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import BinaryIO

import numpy as np

from indexer.documents import AnalysedDocument
from indexer.query import TermField
from indexer.whoosh_engine.arrays import ArrayWriter
from indexer.whoosh_engine.inverting import Inverter
from indexer.whoosh_engine.manifest import Manifest, SegmentEntry, Statistics
from indexer.whoosh_engine.merging import Source, merge
from indexer.whoosh_engine.segment import KEYS, Segment, key_term
from indexer.whoosh_engine.snapshot import DELETED, Snapshot
from indexer.whoosh_engine.storage import Storage
from indexer.whoosh_engine.whoosh_schema import ID

_names = count()


class UnsyncedStorage(Storage):
    """Files that need not outlive the test."""

    def sync(self, file: BinaryIO) -> None:
        file.flush()


@dataclass
class Indexed:
    """Documents, those that are deleted, in segments; and the snapshot of them."""

    parts: list[list[AnalysedDocument]]
    deleted: frozenset[str]
    snapshot: Snapshot

    @property
    def live(self) -> list[AnalysedDocument]:
        return [each for part in self.parts for each in part if each.document.id not in self.deleted]

    def terms(self, field: str) -> list[str]:
        return sorted({term for part in self.parts for each in part for term in terms_of(each, field)})


def terms_of(analysed: AnalysedDocument, field: str) -> dict[str, int]:
    if field == ID:
        return {analysed.document.id: 1}
    if field == KEYS:
        return {key_term(key).decode(): 1 for key in analysed.document.keys}
    return dict(analysed.terms[TermField(field)])


def inverted(storage: Storage, documents: Iterable[AnalysedDocument]) -> Segment:
    """Write documents as one segment and open it."""
    inverter = Inverter()
    for each in documents:
        inverter.add(each)
    return Segment(storage, inverter.write(storage, f"{next(_names)}.inverted"))


def write(parts: Sequence[Sequence[AnalysedDocument]], deleted: Iterable[str], folder: Path) -> Snapshot:
    """Write each part as a segment, the base by merging two, and open them as one snapshot."""
    storage, gone, entries = UnsyncedStorage(folder), set(deleted), []
    for number, part in enumerate(parts):
        segment = _merged(storage, part) if number == 0 else inverted(storage, part)
        rows = [row for row in range(segment.size) if segment.columns.name(row) in gone]
        deletions = None
        if rows:
            writer = ArrayWriter()
            writer.add(DELETED, np.array(rows, dtype=np.uint32))
            deletions = writer.write(storage, f"{next(_names)}.deleted", {})
        entries.append(SegmentEntry(segment.stamp, segment.size, deletions, len(rows)))
    return Snapshot(storage, Manifest(seq=1, statistics=statistics(parts[0]), segments=tuple(entries)))


def _merged(storage: Storage, documents: Sequence[AnalysedDocument]) -> Segment:
    middle = len(documents) // 2
    halves = [inverted(storage, part) for part in (documents[:middle], documents[middle:])]
    sources = [Source(half, np.ones(half.size, dtype=bool)) for half in halves]
    return Segment(storage, merge(sources, storage, f"{next(_names)}.merged"))


def statistics(base: Sequence[AnalysedDocument]) -> Statistics:
    averages = {
        field.value: sum(each.lengths[field] for each in base) / len(base) if base else 0.0
        for field in TermField
    }
    return Statistics(len(base), averages)
