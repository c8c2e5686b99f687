"""The archive: every response as it came, and what was pushed, in WARC files (ISO 28500).

A new file is begun at each process start, because appending after a record that a crash cut short
would lose what follows it, and whenever one has grown large. Each record is a gzip member of its own:
`ArchivePlace` names the file, where the member begins and how long it is. A body that the archive holds
already for the same address is not written again: a `revisit` record says which one it was.
"""

import errno
import fcntl
import os
import secrets
import shutil
from collections import OrderedDict
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path
from typing import BinaryIO

from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

from catalog.durability import sync_folder
from catalog.records import ArchivePlace
from crawlers.archive_reading import ArchiveReader
from crawlers.errors import ArchiveError
from crawlers.limits import Limits
from crawlers.response import Response
from crawlers.servers import USER_AGENT
from crawlers.warc import FOLDER, PUSHED_TYPE, UNDONE, Origin, digest_of, refers_to

# Where a body is shorter, saying that it is the same takes as much room as itself.
_WORTH_A_REVISIT = 512
# Bodies that are remembered: some 15 MB; those of older pages are found through their captures.
_REMEMBERED = 50_000


class DiskFullError(OSError):
    """Too little room is left on the disk; nothing of the group was written."""

    def __init__(self, folder: Path, free: int, floor: int) -> None:
        super().__init__(
            f"{folder} 所在磁盘只剩 {free / 1024**2:,.0f} MB，低于下限 {floor / 1024**2:,.0f} MB，抓取已停止"
        )
        self.errno = errno.ENOSPC

    def __str__(self) -> str:
        return str(self.args[0])


class _Head(StatusAndHeaders):  # type: ignore[misc]  # warcio has no types
    """The head of a response byte for byte; warcio would percent-encode what is not ASCII."""

    def compute_headers_buffer(self, header_filter: object = None) -> None:  # noqa: ARG002 (its signature)
        self.headers_buff = self.to_bytes(encoding="latin-1")


class Archive:
    """Writes responses to new files; the first is made with the first response."""

    def __init__(self, data_dir: Path, limits: Limits | None = None) -> None:
        self._folder = data_dir / FOLDER
        self._limits = limits or Limits()
        self._reader = ArchiveReader(data_dir)
        self._file: BinaryIO | None = None
        self._name = ""
        self._known: OrderedDict[tuple[str, str], Origin] = OrderedDict()

    def write(
        self,
        responses: Sequence[Response],
        earlier: Callable[[Response], ArchivePlace | None] = lambda _response: None,
    ) -> list[ArchivePlace]:
        """Append responses and return where they lie; they are safe when this returns.

        `earlier` tells where an older response of the same address lies. Raises `DiskFullError` before
        the disk is full.
        """
        if not responses:
            return []
        self._check_room()
        if self._file is not None and self._file.tell() >= self._limits.archive_file_bytes:
            self.close()
        file = self._file or self._begin()
        places = [self._append(file, response, earlier(response)) for response in responses]
        file.flush()
        os.fsync(file.fileno())
        return places

    def close(self) -> None:
        """Close the file."""
        if self._file is not None:
            self._file.close()
            self._file = None

    def _check_room(self) -> None:
        there = self._folder if self._folder.exists() else self._folder.parent
        free = shutil.disk_usage(there).free
        if free < self._limits.disk_floor:
            raise DiskFullError(there, free, self._limits.disk_floor)

    def _begin(self) -> BinaryIO:
        self._folder.mkdir(parents=True, exist_ok=True)
        started = datetime.now(UTC).strftime("%Y%m%dT%H%M%SZ")
        self._name = f"gongkai-{started}-{secrets.token_hex(4)}.warc.gz"
        file = (self._folder / self._name).open("xb")
        fcntl.flock(file, fcntl.LOCK_EX)  # a purge rewrites only files that nobody writes to
        writer = WARCWriter(file, gzip=True)
        writer.write_record(writer.create_warcinfo_record(self._name, {"software": USER_AGENT}))
        sync_folder(self._folder)
        sync_folder(self._folder.parent)  # the folder itself may be new
        self._file = file
        return file

    def _append(self, file: BinaryIO, response: Response, earlier: ArchivePlace | None) -> ArchivePlace:
        if response.pushed:
            return self._append_pushed(file, response)
        offset = file.tell()
        writer = WARCWriter(file, gzip=True)
        digest = digest_of(response.raw_body)
        origin = self._origin(response, digest, earlier)
        headers = {"WARC-Date": response.fetched_at.strftime("%Y-%m-%dT%H:%M:%SZ")}
        if response.truncated:
            headers["WARC-Truncated"] = "length"
        if origin is not None:
            headers |= refers_to(origin, not_modified=response.status == 304)
        record = writer.create_warc_record(
            response.url,
            "response" if origin is None else "revisit",
            payload=BytesIO(response.raw_body if origin is None else b""),
            length=len(response.raw_body) if origin is None else 0,
            http_headers=_Head(
                f"{response.status} {response.reason}".strip(), _headers(response), response.http_version
            ),
            warc_headers_dict=headers,
        )
        writer.write_record(record)
        place = ArchivePlace(self._name, offset, file.tell() - offset)
        if origin is None:
            record_id = record.rec_headers.get_header("WARC-Record-ID")
            self._remember(Origin(record_id, response.url, headers["WARC-Date"], self._name, offset, digest))
        return place

    def _append_pushed(self, file: BinaryIO, response: Response) -> ArchivePlace:
        """Append what was pushed: a `resource` record, which had no HTTP exchange (ISO 28500, 6.4)."""
        offset = file.tell()
        writer = WARCWriter(file, gzip=True)
        record = writer.create_warc_record(
            response.url,
            "resource",
            payload=BytesIO(response.raw_body),
            length=len(response.raw_body),
            warc_content_type=PUSHED_TYPE,
            warc_headers_dict={"WARC-Date": response.fetched_at.strftime("%Y-%m-%dT%H:%M:%SZ")},
        )
        writer.write_record(record)
        return ArchivePlace(self._name, offset, file.tell() - offset)

    def _origin(self, response: Response, digest: str, earlier: ArchivePlace | None) -> Origin | None:
        """Return the record that holds this body already."""
        if response.status == 304:
            return None if earlier is None else self._looked_up(earlier)
        if len(response.raw_body) < _WORTH_A_REVISIT or response.truncated:
            return None
        known = self._known.get((response.url, digest))
        if known is None and earlier is not None:
            found = self._looked_up(earlier)
            known = found if found and (found.url, found.digest) == (response.url, digest) else None
        return known

    def _looked_up(self, place: ArchivePlace) -> Origin | None:
        try:
            return self._reader.origin(place)
        except ArchiveError:
            return None  # a file that was lost costs room, no more

    def _remember(self, origin: Origin) -> None:
        self._known[origin.url, origin.digest] = origin
        while len(self._known) > _REMEMBERED:
            self._known.popitem(last=False)


def _headers(response: Response) -> list[tuple[str, str]]:
    return [(UNDONE.get(name.title(), name), value) for name, value in response.headers]
