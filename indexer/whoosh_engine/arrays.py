"""Files of arrays: named numpy arrays behind one header, written once and then only mapped.

    magic (8 bytes), length of the header (uint32), header (JSON), then the arrays, each at a
    multiple of 64 bytes behind the first such place after the header, all numbers little-endian

The header tells the file's size, so a torn file is known before anything of it is read; whether
every byte is right is told by the checksum in the manifest.
"""

import json
import re
import struct
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from tempfile import SpooledTemporaryFile
from typing import Any, BinaryIO, NamedTuple

import numpy as np
from numpy.typing import DTypeLike, NDArray

from indexer.whoosh_engine.storage import Storage

MAGIC = b"GKARRAYS"
ALIGNMENT = 64
SPOOL_BYTES = 1 << 22
"""Bytes of one array that wait in memory before they go to a temporary file."""
_PREFIX = struct.Struct("<8sI")
_DTYPE = re.compile(r"[<|][biufS][1-9][0-9]{0,4}")  # "<u4", "|S26": never objects
_COPY_BYTES = 1 << 20

Array = NDArray[Any]


class DamagedFileError(Exception):
    """A file is not what its header, its name or its manifest says."""


@dataclass(frozen=True, slots=True)
class Stamp:
    """What the manifest remembers of a file: name, size in bytes, SHA-256 of its content."""

    name: str
    bytes: int
    sha256: str


class Stream:
    """An array that is written piece by piece."""

    def __init__(self, dtype: DTypeLike) -> None:
        self.dtype = np.dtype(dtype).newbyteorder("<")
        self.length = 0
        self.spool = SpooledTemporaryFile(SPOOL_BYTES)  # noqa: SIM115 (closed by the writer)

    def append(self, values: Array) -> None:
        """Add values behind those that are there."""
        piece = np.ascontiguousarray(values, dtype=self.dtype)
        self.spool.write(piece.data if piece.size else b"")
        self.length += len(piece)


class ArrayWriter:
    """Collects arrays and writes them as one durable file."""

    def __init__(self) -> None:
        self._streams: dict[str, Stream] = {}

    def add(self, name: str, values: Array) -> None:
        """Add a whole one-dimensional array."""
        self.stream(name, values.dtype).append(values)

    def stream(self, name: str, dtype: DTypeLike) -> Stream:
        """Begin an array to which pieces will be appended."""
        if name in self._streams:
            raise ValueError(f"{name} is written twice")
        found = self._streams[name] = Stream(dtype)
        return found

    def write(self, storage: Storage, name: str, about: Mapping[str, Any]) -> Stamp:
        """Write the file under a new name and sync it; `about` goes into the header."""
        places, offset = {}, 0
        for key, stream in self._streams.items():
            places[key] = [stream.dtype.str, stream.length, offset]
            offset = _aligned(offset + stream.length * stream.dtype.itemsize)
        header = json.dumps({"about": about, "arrays": places, "data": offset}).encode()
        try:
            with storage.create(name) as raw:
                file = _Hashing(raw)
                file.write(_PREFIX.pack(MAGIC, len(header)) + header)
                file.pad()
                for stream in self._streams.values():
                    stream.spool.seek(0)
                    while piece := stream.spool.read(_COPY_BYTES):
                        file.write(piece)
                    file.pad()
                storage.sync(raw)
        finally:
            for stream in self._streams.values():
                stream.spool.close()
        return Stamp(name, file.size, file.digest.hexdigest())


class _Hashing:
    """A file that is hashed while it is written."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self.digest = sha256()
        self.size = 0

    def write(self, piece: bytes) -> None:
        self._file.write(piece)
        self.digest.update(piece)
        self.size += len(piece)

    def pad(self) -> None:
        self.write(bytes(_aligned(self.size) - self.size))


class _Place(NamedTuple):
    """Where an array lies behind the header, in bytes, and what it is made of."""

    dtype: np.dtype[Any]
    length: int
    offset: int


def _places(stated: Mapping[str, Sequence[Any]]) -> tuple[dict[str, _Place], int]:
    """Return the places that a header states, and where the last array ends.

    Raises `ValueError` if they do not stand end to end, as they are written.
    """
    places, end = {}, 0
    for name, (dtype, length, offset) in stated.items():
        right = type(length) is type(offset) is int and length >= 0 and offset == end
        if not (right and _DTYPE.fullmatch(dtype)):
            raise ValueError(f"{name} {dtype} {length} {offset}")
        place = places[name] = _Place(np.dtype(dtype), length, offset)
        end = _aligned(offset + length * place.dtype.itemsize)
    return places, end


class ArrayFile:
    """A mapped file of arrays. Opening reads the header only; an array's pages come when it is used."""

    def __init__(self, storage: Storage, stamp: Stamp) -> None:
        """Open a file; raises `DamagedFileError` if it is not there, torn, or of another kind."""
        self.name = stamp.name
        try:
            self._map = storage.map(stamp.name)
        except (OSError, ValueError) as error:
            raise DamagedFileError(f"{stamp.name}：{error}") from error
        if len(self._map) != stamp.bytes:
            raise DamagedFileError(f"{stamp.name}：应为 {stamp.bytes} 字节，实为 {len(self._map)} 字节")
        self.about, self._places = self._header()

    def _header(self) -> tuple[dict[str, Any], dict[str, _Place]]:
        """Return what the header says; every array it names lies within the file."""
        try:
            magic, length = _PREFIX.unpack_from(self._map)
            header = json.loads(self._map[_PREFIX.size : _PREFIX.size + length])
            self._start = _aligned(_PREFIX.size + length)
            about = dict(header["about"])
            places, end = _places(header["arrays"])
            right = magic == MAGIC and end == header["data"] == len(self._map) - self._start
        except (struct.error, ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
            raise DamagedFileError(f"{self.name}：文件头无法读取（{error}）") from error
        if not right:
            raise DamagedFileError(f"{self.name}：文件头与长度不符")
        return about, places

    def __contains__(self, name: str) -> bool:
        return name in self._places

    def __getitem__(self, name: str) -> Array:
        """Return an array as a view of the file; raises `DamagedFileError` if there is none."""
        if name not in self._places:
            raise DamagedFileError(f"{self.name}：缺少 {name}")
        place = self._places[name]
        return np.frombuffer(self._map, place.dtype, place.length, self._start + place.offset)


def digest_of(storage: Storage, name: str) -> Stamp:
    """Return the stamp of a file as it is now; raises `OSError`."""
    digest, size = sha256(), 0
    with (storage.folder / name).open("rb") as file:
        while piece := file.read(_COPY_BYTES):
            digest.update(piece)
            size += len(piece)
    return Stamp(name, size, digest.hexdigest())


def _aligned(offset: int) -> int:
    return -(-offset // ALIGNMENT) * ALIGNMENT


def narrow(values: Array) -> Array:
    """Return non-negative integers in the smallest unsigned type that holds them."""
    most = int(values.max(initial=0))
    return values.astype(np.min_scalar_type(most), copy=False)
