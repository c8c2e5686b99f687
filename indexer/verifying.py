"""Whether the index on disk is what was written: every byte of it, generation by generation.

Reading trusts sizes and headers, which is enough after a crash; what a failing disk, a bad copy or a
careless hand does to the bytes in between is found here. It can run while another process indexes.
"""

import json
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from catalog.ids import is_id
from indexer.errors import IndexFormatError, IndexMissingError, IndexVersionError
from indexer.generations import POINTER, Generations
from indexer.whoosh_engine.arrays import DamagedFileError, digest_of
from indexer.whoosh_engine.consistency import check_segment
from indexer.whoosh_engine.manifest import NAME as MANIFEST
from indexer.whoosh_engine.manifest import Manifest, read_manifest
from indexer.whoosh_engine.storage import Storage

ATTEMPTS = 5
"""Times that a generation is looked at if commits of another process keep replacing its files."""


class Condition(StrEnum):
    """What a generation is good for."""

    INTACT = "intact"
    DAMAGED = "damaged"
    OTHER_VERSION = "other_version"
    """Written by another version of the program."""
    UNFINISHED = "unfinished"
    """Begun and never promoted; the next indexing run sweeps it."""


@dataclass(frozen=True, slots=True)
class Damage:
    """A file that is not what it should be, and why; in Chinese."""

    file: str
    why: str


@dataclass(frozen=True, slots=True)
class Verified:
    """What was found out about a generation. `orphans` are files that belong to nothing: no damage."""

    folder: Path
    live: bool
    condition: Condition
    seq: int | None = None
    documents: int | None = None
    damages: tuple[Damage, ...] = ()
    orphans: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Verification:
    """All generations, oldest first; `pointer` tells what is wrong with the pointer to the live one."""

    generations: tuple[Verified, ...]
    pointer: Damage | None = None

    @property
    def usable(self) -> bool:
        """Whether the live generation is intact, so that there is nothing to fall back from."""
        live = [each for each in self.generations if each.live]
        return self.pointer is None and all(each.condition is Condition.INTACT for each in live)

    @property
    def intact(self) -> bool:
        """Whether nothing at all is damaged."""
        return self.usable and all(each.condition is not Condition.DAMAGED for each in self.generations)

    @property
    def fallback(self) -> Verified | None:
        """The newest intact generation before the live one; of all, if there is no live one."""
        live = [each.folder.name for each in self.generations if each.live]
        earlier = [
            each
            for each in self.generations
            if each.condition is Condition.INTACT and (not live or each.folder.name < live[0])
        ]
        return earlier[-1] if earlier else None


def verify(generations: Generations) -> Verification:
    """Look at every byte of every generation; raises `IndexMissingError` if there is none."""
    live = generations.live()
    folders = generations.every()
    if not folders and not (generations.folder / POINTER).exists():
        raise IndexMissingError(generations.folder)
    found = tuple(_verified(folder, live=folder == live) for folder in folders)
    return Verification(found, _pointer_damage(generations))


def fall_back(generations: Generations) -> Path:
    """Make the newest intact earlier generation the live one, and return it.

    The next indexing run brings it up to the catalogue. Returns the live generation if that is intact.
    Raises `IndexFormatError` if there is nothing to fall back to, `IndexMissingError`, `IndexLockedError`.
    """
    if not generations.every():
        raise IndexMissingError(generations.folder)
    with generations.writing():
        verification = verify(generations)
        if verification.usable:
            return generations.require_live()
        if verification.fallback is None:
            raise IndexFormatError(generations.folder, "没有可以退回的完好版本")
        generations.point_to(verification.fallback.folder)
        return verification.fallback.folder


def _pointer_damage(generations: Generations) -> Damage | None:
    try:
        name = (generations.folder / POINTER).read_text("ascii")
    except FileNotFoundError:
        return Damage(POINTER, "缺少文件")
    except UnicodeDecodeError:
        return Damage(POINTER, "内容已损坏")
    if not (name.endswith("\n") and is_id(name[:-1])):
        return Damage(POINTER, "内容已损坏")
    if not (generations.folder / name[:-1]).is_dir():
        return Damage(POINTER, f"所指的 {name[:-1]} 不存在")
    return None


def _verified(folder: Path, *, live: bool) -> Verified:
    """Look at a generation, again if it was replaced meanwhile."""
    storage = Storage(folder)
    for _ in range(ATTEMPTS):
        before = _manifest_bytes(storage)
        found = _look(storage, live=live)
        if not found.damages or _manifest_bytes(storage) == before:
            break
    return found


def _manifest_bytes(storage: Storage) -> bytes | None:
    try:
        return storage.read(MANIFEST)
    except OSError:
        return None


def _look(storage: Storage, *, live: bool) -> Verified:
    folder = storage.folder
    if not live and MANIFEST not in storage.names():
        return Verified(folder, live, Condition.UNFINISHED, orphans=tuple(storage.names()))
    try:
        manifest = read_manifest(folder)
    except IndexVersionError as error:
        return Verified(folder, live, Condition.OTHER_VERSION, damages=(Damage(MANIFEST, error.what),))
    except IndexFormatError as error:
        return Verified(folder, live, Condition.DAMAGED, damages=(Damage(MANIFEST, error.what),))
    damages = [*_manifest_damages(storage), *_file_damages(storage, manifest)]
    sound = Condition.INTACT if live or manifest.seq else Condition.UNFINISHED
    named = {MANIFEST, *(stamp.name for stamp in manifest.files())}
    return Verified(
        folder,
        live,
        Condition.DAMAGED if damages else sound,
        manifest.seq,
        manifest.documents,
        tuple(damages),
        tuple(name for name in storage.names() if name not in named),
    )


def _manifest_damages(storage: Storage) -> list[Damage]:
    """Find what reading forgives: white space and letters that JSON lets stand in other forms."""
    content = storage.read(MANIFEST)
    if json.dumps(json.loads(content)).encode() + b"\n" == content:
        return []
    return [Damage(MANIFEST, "内容被改动过")]


def _file_damages(storage: Storage, manifest: Manifest) -> list[Damage]:
    damages = []
    for stamp in manifest.files():
        try:
            now = digest_of(storage, stamp.name)
        except FileNotFoundError:
            damages.append(Damage(stamp.name, "缺少文件"))
            continue
        except OSError as error:
            damages.append(Damage(stamp.name, f"无法读取（{error.strerror}）"))
            continue
        if now.bytes != stamp.bytes:
            damages.append(Damage(stamp.name, f"应为 {stamp.bytes} 字节，实为 {now.bytes} 字节"))
        elif now != stamp:
            damages.append(Damage(stamp.name, "内容与校验和不符"))
    return damages or _inconsistencies(storage, manifest)


def _inconsistencies(storage: Storage, manifest: Manifest) -> list[Damage]:
    damages = []
    for entry in manifest.segments:
        try:
            check_segment(storage, entry)
        except DamagedFileError as error:
            name, _, why = str(error).partition("：")
            damages.append(Damage(name, why))
    return damages
