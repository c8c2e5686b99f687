"""The manifest of a generation: what wrote it, which change of the catalogue it has read, its files.

It is the truth about a folder: a file it does not name is nobody's, and each one it names is known by
size and checksum. It is replaced atomically, so a commit is there whole or not at all.
"""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any

from catalog.vocabulary import VOCABULARIES
from indexer.dictionary import ANALYSIS_VERSION, Dictionary, shipped
from indexer.errors import IndexFormatError, IndexVersionError
from indexer.whoosh_engine.arrays import Stamp
from indexer.whoosh_engine.storage import Storage

NAME = "manifest.json"
FORMAT = 3
"""Goes up whenever older folders cannot be read any more."""


@dataclass(frozen=True, slots=True)
class SegmentEntry:
    """A segment of the index: its file, how many documents it was written with, who was deleted since."""

    file: Stamp
    documents: int
    deletions: Stamp | None = None
    deleted: int = 0

    @property
    def live(self) -> int:
        """How many of its documents are still there."""
        return self.documents - self.deleted


@dataclass(frozen=True, slots=True)
class Statistics:
    """What scores are reckoned with, frozen with the base so that they do not wander between commits.

    `documents` were in the base when it was made, `averages` are the average lengths of its fields;
    how many hold a term is told by the base itself.
    """

    documents: int = 0
    averages: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Manifest:
    """`seq` is the change up to which the folder holds everything; the first segment is the base.

    `trees` names the vocabularies' trees it was built with. Documents are indexed under the ancestors
    of their codes, so under other trees the folder is to be rebuilt; until then it still answers.
    `dictionary` is what its texts were cut by, and what questions to it must be cut by.
    `next_file` numbers the files, so that no name comes twice.
    """

    seq: int
    format: int = FORMAT
    analysis: int = ANALYSIS_VERSION
    trees: str = ""
    dictionary: Dictionary = field(default_factory=shipped)
    statistics: Statistics = Statistics()
    segments: tuple[SegmentEntry, ...] = ()
    next_file: int = 1

    @property
    def documents(self) -> int:
        """How many documents are there."""
        return sum(entry.live for entry in self.segments)

    def files(self) -> list[Stamp]:
        """Return the files it names."""
        stamps = [entry.file for entry in self.segments]
        return stamps + [entry.deletions for entry in self.segments if entry.deletions]


@cache
def trees_digest() -> str:
    """Return a name for what all vocabularies say about which code stands under which."""
    edges = sorted(
        (name, term.code, term.parent or "") for name, each in VOCABULARIES.items() for term in each.terms
    )
    return sha256(json.dumps(edges).encode()).hexdigest()[:16]


def write_manifest(storage: Storage, manifest: Manifest) -> None:
    """Put the manifest in place, durably; the files it names must be durable before."""
    content = json.dumps(asdict(manifest), ensure_ascii=False)
    storage.replace(NAME, json.dumps({"manifest": content, "sha256": _digest(content)}).encode() + b"\n")


def read_manifest(folder: Path) -> Manifest:
    """Return a folder's manifest.

    Raises `IndexFormatError` if it is damaged, `IndexVersionError` if it is of another version.
    """
    path = folder / NAME
    try:
        stated = json.loads(path.read_bytes())
        if "sha256" not in stated:  # as it was before format 3
            raise _other_version(path, stated["format"], stated["analysis"])
        if _digest(stated["manifest"]) != stated["sha256"]:
            raise IndexFormatError(path, "已损坏（校验和不符）")
        values = json.loads(stated["manifest"])
        if (values["format"], values["analysis"]) != (FORMAT, ANALYSIS_VERSION):
            raise _other_version(path, values["format"], values["analysis"])
        manifest = _manifest(values)
    except (OSError, ValueError, TypeError, KeyError, AttributeError) as error:
        raise IndexFormatError(path, f"无法读取（{error}）") from error
    if not manifest.dictionary.comparable(shipped()):
        raise IndexVersionError(path, f"是用另一版分词（{manifest.dictionary.base}）建立的")
    return manifest


def _digest(content: str) -> str:
    return sha256(content.encode()).hexdigest()


def _other_version(path: Path, stated_format: object, analysis: object) -> IndexVersionError:
    stated = f"格式 {stated_format}、分词 {analysis}"
    return IndexVersionError(path, f"版本是{stated}，本程序需要格式 {FORMAT}、分词 {ANALYSIS_VERSION}")


def _manifest(values: dict[str, Any]) -> Manifest:
    values["dictionary"] = Dictionary(tuple(values["dictionary"]["words"]), values["dictionary"]["base"])
    values["statistics"] = Statistics(**values["statistics"])
    values["segments"] = tuple(_entry(entry) for entry in values["segments"])
    return Manifest(**values)


def _entry(values: dict[str, Any]) -> SegmentEntry:
    values["file"] = Stamp(**values["file"])
    values["deletions"] = Stamp(**values["deletions"]) if values["deletions"] else None
    return SegmentEntry(**values)
