"""What we write into WARC records and read from them (ISO 28500; revisits as in its version 1.1).

A file is a row of gzip members, one for each record. The last one may have been cut short by a crash.
"""

import zlib
from base64 import b32encode
from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha1
from io import BytesIO
from pathlib import Path
from typing import BinaryIO

from warcio.archiveiterator import ArchiveIterator
from warcio.exceptions import ArchiveLoadFailed

FOLDER = "archive"
# The bytes are kept as they came, but httpx has undone the chunks: the header must not promise them.
UNDONE = {"Transfer-Encoding": "X-Archive-Orig-Transfer-Encoding"}

PUSHED_TYPE = "application/json"
"""The type of a `resource` record: what was pushed, in the form of `catalog.pushed`."""

MAX_RECORD = 64 * 1024 * 1024
"""Bytes of an unpacked record: three times the largest body that is ever received."""

_SAME_PAYLOAD = "http://netpreserve.org/warc/1.0/revisit/identical-payload-digest"
_NOT_MODIFIED = "http://netpreserve.org/warc/1.0/revisit/server-not-modified"
_PIECE = 1 << 16


@dataclass(frozen=True, slots=True)
class Origin:
    """A record that holds a body, as a revisit names it. `offset` is a hint: a purge may move records."""

    record_id: str
    url: str
    date: str
    file: str
    offset: int
    digest: str


@dataclass(frozen=True, slots=True)
class Record:
    """A record: its WARC headers (names in lower case) and what stands behind them."""

    headers: dict[str, str]
    block: bytes


def digest_of(body: bytes) -> str:
    """Return the digest of a payload as WARC files write it."""
    return "sha1:" + b32encode(sha1(body, usedforsecurity=False).digest()).decode()


def refers_to(origin: Origin, *, not_modified: bool) -> dict[str, str]:
    """Return the headers with which a revisit names the record that holds its body."""
    return {
        "WARC-Profile": _NOT_MODIFIED if not_modified else _SAME_PAYLOAD,
        "WARC-Refers-To": origin.record_id,
        "WARC-Refers-To-Target-URI": origin.url,
        "WARC-Refers-To-Date": origin.date,
        "WARC-Refers-To-Filename": origin.file,
        "WARC-Refers-To-File-Offset": str(origin.offset),
        "WARC-Payload-Digest": origin.digest,
    }


def origin_of(record: Record) -> Origin:
    """Return the record that a revisit names; raises `KeyError` or `ValueError` where it does not."""
    said = record.headers
    return Origin(
        said["warc-refers-to"],
        said["warc-refers-to-target-uri"],
        said["warc-refers-to-date"],
        said["warc-refers-to-filename"],
        int(said["warc-refers-to-file-offset"]),
        said["warc-payload-digest"],
    )


def parse(unpacked: bytes) -> Record | None:
    """Read one unpacked record; None if it is none."""
    try:
        found = next(iter(ArchiveIterator(BytesIO(unpacked), no_record_parse=True)), None)
        if found is None:
            return None
        headers = {name.lower(): value for name, value in found.rec_headers.headers}
        return Record(headers, found.raw_stream.read())
    except (ArchiveLoadFailed, ValueError, EOFError, zlib.error):
        return None


def unpack(member: bytes) -> bytes | None:
    """Unpack one gzip member; None if it is broken, cut short or too large."""
    inflater = zlib.decompressobj(zlib.MAX_WBITS | 16)
    try:
        found = inflater.decompress(member, MAX_RECORD)
    except zlib.error:
        return None
    return found if inflater.eof else None


@dataclass(frozen=True, slots=True)
class Member:
    """A gzip member of a file: where it lies and what it holds; None where it is broken or too large."""

    offset: int
    length: int
    unpacked: bytes | None


def members(path: Path, start: int = 0) -> Iterator[Member]:
    """Yield the members of a file from an offset on; behind one that is broken nothing can be told apart."""
    with path.open("rb") as file:
        file.seek(start)
        offset, rest = start, b""
        while True:
            length, unpacked, rest = _next_member(file, rest)
            if length == 0:
                return
            yield Member(offset, length, unpacked)
            if unpacked is None:
                return
            offset += length


def _next_member(file: BinaryIO, rest: bytes) -> tuple[int, bytes | None, bytes]:
    """Return length and content of the next member, and what was read behind it."""
    inflater = zlib.decompressobj(zlib.MAX_WBITS | 16)
    found, length = bytearray(), 0
    while not inflater.eof:
        piece = rest or file.read(_PIECE)
        rest = b""
        if not piece:
            return length, None, b""
        try:
            found += inflater.decompress(piece, MAX_RECORD + 1 - len(found))
        except zlib.error:
            return length + len(piece), None, b""
        length += len(piece) - len(inflater.unused_data)
        if len(found) > MAX_RECORD:
            return length, None, b""
    return length, bytes(found), inflater.unused_data
