"""The members of a zip file, within limits: what it declares is never believed.

A zip bomb declares little and holds much, a quine holds itself; so what is counted is what comes out.
"""

import io
import zipfile
import zlib
from collections.abc import Iterator

from crawlers.attachments.reading import FileProblem, UnreadableError

MAX_MEMBERS = 5000
MAX_MEMBER_BYTES = 64 * 1024 * 1024
MAX_TOTAL_BYTES = 192 * 1024 * 1024
_PIECE = 1 << 20
_UTF8_NAME = 0x800
_ENCRYPTED = 0x1
_BROKEN = (zipfile.BadZipFile, zlib.error, OSError, EOFError, ValueError, NotImplementedError, RuntimeError)


class Budget:
    """How many more bytes and members may come out of a file and all that is nested in it."""

    def __init__(self, total: int = MAX_TOTAL_BYTES, members: int = MAX_MEMBERS) -> None:
        self._bytes = total
        self._members = members

    def take_bytes(self, count: int) -> None:
        """Count bytes; raises `UnreadableError` when there are too many."""
        self._bytes -= count
        if self._bytes < 0:
            raise UnreadableError(FileProblem.TOO_COMPLEX)

    def take_members(self, count: int) -> None:
        """Count members; raises `UnreadableError` when there are too many."""
        self._members -= count
        if self._members < 0:
            raise UnreadableError(FileProblem.TOO_COMPLEX)


class Members:
    """A zip file's members by name. Raises `UnreadableError` for whatever is wrong with it."""

    def __init__(self, body: bytes, budget: Budget | None = None) -> None:
        self._budget = budget or Budget()
        try:
            self._zip = zipfile.ZipFile(io.BytesIO(body))
        except _BROKEN as error:
            raise UnreadableError(FileProblem.BROKEN) from error
        infos = self._zip.infolist()
        self._budget.take_members(len(infos))
        self._infos = {_name(info): info for info in infos if not info.is_dir()}

    def __contains__(self, name: str) -> bool:
        return name in self._infos

    def __iter__(self) -> Iterator[str]:
        return iter(self._infos)

    def read(self, name: str) -> bytes:
        """Return a member's bytes."""
        info = self._infos.get(name)
        if info is None:
            raise UnreadableError(FileProblem.BROKEN)
        if info.flag_bits & _ENCRYPTED:
            raise UnreadableError(FileProblem.ENCRYPTED)
        pieces, size = [], 0
        try:
            with self._zip.open(info) as member:
                while piece := member.read(_PIECE):
                    size += len(piece)
                    self._budget.take_bytes(len(piece))
                    if size > MAX_MEMBER_BYTES:
                        raise UnreadableError(FileProblem.TOO_COMPLEX)
                    pieces.append(piece)
        except _BROKEN as error:
            raise UnreadableError(FileProblem.BROKEN) from error
        return b"".join(pieces)

    def check(self) -> None:
        """Unpack everything once, for a library that unpacks without a limit of its own."""
        for name in self._infos:
            self.read(name)


def _name(info: zipfile.ZipInfo) -> str:
    """Return a member's name; Chinese Windows writes GBK without saying so, which zipfile reads as cp437."""
    name = info.filename.replace("\\", "/")
    if info.flag_bits & _UTF8_NAME:
        return name
    try:
        raw = name.encode("cp437")
    except UnicodeEncodeError:
        return name
    for charset in ("utf-8", "gb18030"):
        try:
            return raw.decode(charset)
        except UnicodeDecodeError:
            continue
    return name
