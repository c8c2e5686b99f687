"""Taking responses out of the archive for good: a file is written anew without them, under a new name.

The old file stays until the catalogue points into the new one, so that at any instant every place in the
catalogue can be read; `catalog.purging` keeps that order. A response goes if it lies in a given place or
was asked for under a given address: pages that had not changed lie in the archive without a capture.
"""

import fcntl
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, NamedTuple
from urllib.parse import unquote, urlsplit

from warcio.archiveiterator import ArchiveIterator
from warcio.exceptions import ArchiveLoadFailed

from catalog.durability import sync_folder
from catalog.errors import CatalogError

FOLDER = "archive"
SUFFIX = ".warc.gz"
CHUNK = 1 << 20


class ArchiveBusyError(CatalogError):
    """A crawl is writing to the file."""

    def __init__(self, file: str) -> None:
        super().__init__(f"归档文件 {file} 正由抓取进程写入，请先停止 gongkai crawl，再彻底删除。")


@dataclass(frozen=True, slots=True)
class Doomed:
    """What is to go: places (file, offset), and addresses as `plain` gives them."""

    places: frozenset[tuple[str, int]]
    addresses: frozenset[str]

    def holds(self, file: str, member: "Member") -> bool:
        """Tell whether a record is to go."""
        return (file, member.offset) in self.places or plain(member.url) in self.addresses


class Member(NamedTuple):
    """A record of a file: where it lies and the address it answers ("" for the file's own record)."""

    offset: int
    length: int
    url: str


def plain(url: str) -> str:
    """Return an address without what its twins differ in: scheme, www, escapes, a fragment, a last slash."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return url
    host = parts.netloc.lower().removeprefix("www.")
    query = f"?{parts.query}" if parts.query else ""
    return unquote(f"{host}{parts.path.rstrip('/')}{query}")


def affected(data_dir: Path, doomed: Doomed) -> list[str]:
    """Return the names of the archive's files that hold what is to go."""
    if not doomed.places and not doomed.addresses:
        return []
    names = sorted(path.name for path in (data_dir / FOLDER).glob(f"*{SUFFIX}"))
    return [name for name in names if _holds_any(data_dir / FOLDER / name, doomed)]


def new_name(file: str) -> str:
    """Return a name of its own for what is left of a file."""
    return f"{file.removesuffix(SUFFIX)[:100]}-{secrets.token_hex(4)}{SUFFIX}"


def scrub(data_dir: Path, file: str, into: str, doomed: Doomed) -> dict[int, tuple[int, int]]:
    """Write what is left of a file into a new one, safe when this returns.

    Returns, for the offset of each record that is left, its new offset and length. What a crash left at
    the end of a file, half a record, is not taken over.
    """
    folder = data_dir / FOLDER
    moved: dict[int, tuple[int, int]] = {}
    with (folder / file).open("rb") as source, (folder / into).open("xb") as target:
        for member in list(_members(folder / file)):
            if not doomed.holds(file, member):
                moved[member.offset] = (target.tell(), member.length)
                _copy(source, target, member)
        target.flush()
        os.fsync(target.fileno())
    sync_folder(folder)
    return moved


def remove(data_dir: Path, file: str) -> None:
    """Remove a file of the archive, if it is there, so that it does not come back."""
    folder = data_dir / FOLDER
    (folder / file).unlink(missing_ok=True)
    if folder.is_dir():
        sync_folder(folder)


@contextmanager
def held(data_dir: Path, file: str) -> Iterator[None]:
    """Hold a file that no crawl writes to; raises `ArchiveBusyError`."""
    with (data_dir / FOLDER / file).open("rb") as opened:
        try:
            fcntl.flock(opened, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise ArchiveBusyError(file) from error
        yield


def _holds_any(path: Path, doomed: Doomed) -> bool:
    return any(doomed.holds(path.name, member) for member in _members(path))


def _members(path: Path) -> Iterator[Member]:
    """Give the records of a file up to its end, or to where a crash tore it."""
    with path.open("rb") as file:
        records = ArchiveIterator(file)
        try:
            for record in records:
                url = record.rec_headers.get_header("WARC-Target-URI") or ""
                yield Member(records.get_record_offset(), records.get_record_length(), url)
        except (ArchiveLoadFailed, EOFError, OSError, ValueError):
            return


def _copy(source: BinaryIO, target: BinaryIO, member: Member) -> None:
    source.seek(member.offset)
    left = member.length
    while left > 0 and (chunk := source.read(min(CHUNK, left))):
        target.write(chunk)
        left -= len(chunk)
