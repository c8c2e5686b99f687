"""The manifest of a generation: what wrote it and which change of the catalogue it has read."""

import json
from dataclasses import asdict, dataclass
from functools import cache
from hashlib import sha256
from pathlib import Path

from catalog.durability import write_atomically
from catalog.vocabulary import VOCABULARIES
from indexer.analysis import ANALYSIS_VERSION
from indexer.errors import IndexFormatError

NAME = "manifest.json"
FORMAT = 2
"""Goes up whenever older folders cannot be read any more."""


@dataclass(frozen=True, slots=True)
class Manifest:
    """`seq` is the change up to which the folder holds everything.

    `trees` names the vocabularies' trees it was built with. Documents are indexed under the ancestors
    of their codes, so under other trees the folder is to be rebuilt; until then it still answers.
    """

    seq: int
    format: int = FORMAT
    analysis: int = ANALYSIS_VERSION
    trees: str = ""


@cache
def trees_digest() -> str:
    """Return a name for what all vocabularies say about which code stands under which."""
    edges = sorted(
        (name, term.code, term.parent or "") for name, each in VOCABULARIES.items() for term in each.terms
    )
    return sha256(json.dumps(edges).encode()).hexdigest()[:16]


def write_manifest(folder: Path, manifest: Manifest) -> None:
    """Put the manifest in place, durably."""
    write_atomically(folder / NAME, (json.dumps(asdict(manifest)) + "\n").encode())


def read_manifest(folder: Path) -> Manifest:
    """Return a folder's manifest; raises `IndexFormatError` if it is damaged or of another version."""
    path = folder / NAME
    try:
        manifest = Manifest(**json.loads(path.read_bytes()))
    except (OSError, ValueError, TypeError) as error:
        raise IndexFormatError(path, f"无法读取（{error}）") from error
    if (manifest.format, manifest.analysis) != (FORMAT, ANALYSIS_VERSION):
        stated = f"格式 {manifest.format}、分词 {manifest.analysis}"
        raise IndexFormatError(path, f"版本是{stated}，本程序需要格式 {FORMAT}、分词 {ANALYSIS_VERSION}")
    return manifest
