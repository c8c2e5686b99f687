"""Reading the archive back: a response by its place, or by its address near a place.

Revisit records are followed to the body they name. What is lost or damaged raises `ArchiveError`, which names
the file; the last record of a file may be torn (a crash came while it was written) and is then not there.
"""

from bisect import bisect_left
from collections import OrderedDict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from catalog.records import ArchivePlace
from crawlers.errors import ArchiveError, FetchError
from crawlers.limits import Limits
from crawlers.receiving import without_coding
from crawlers.response import Response
from crawlers.warc import (
    FOLDER,
    PUSHED_TYPE,
    UNDONE,
    Origin,
    Record,
    digest_of,
    members,
    origin_of,
    parse,
    unpack,
)

# Files whose records are known by heart: some 40 MB for each file of a gigabyte.
_INDEXED = 2
_REDONE = {kept: name for name, kept in UNDONE.items()}


@dataclass(slots=True)
class FileIndex:
    """Where the records of a file lie: by address (in order) and by id."""

    by_url: dict[str, list[tuple[int, int]]] = field(default_factory=dict)
    by_id: dict[str, tuple[int, int]] = field(default_factory=dict)


class ArchiveReader:
    """Reads the archive of a data folder."""

    def __init__(self, data_dir: Path, limits: Limits | None = None) -> None:
        self._folder = data_dir / FOLDER
        self._limits = limits or Limits()
        self._indexes: OrderedDict[str, FileIndex] = OrderedDict()

    def read(self, place: ArchivePlace) -> Response:
        """Return the response at a place, or what was pushed, whose digest is checked."""
        record = self._record(place)
        if record.headers.get("warc-type") == "resource":
            return _pushed(record, place)
        if record.headers.get("warc-type") != "revisit":
            return self._response(record, record, place)
        try:
            origin = origin_of(record)
        except (KeyError, ValueError) as error:
            raise ArchiveError(place.file, f"{place.offset} 处的 revisit 记录未注明原记录") from error
        return self._response(record, self._original(origin), place)

    def origin(self, place: ArchivePlace) -> Origin:
        """Return how a revisit would name the body of the record at a place."""
        record = self._record(place)
        said = record.headers
        try:
            if said["warc-type"] == "revisit":
                return origin_of(record)
            return Origin(
                said["warc-record-id"],
                said["warc-target-uri"],
                said["warc-date"],
                place.file,
                place.offset,
                said["warc-payload-digest"],
            )
        except (KeyError, ValueError) as error:
            raise ArchiveError(place.file, f"{place.offset} 处的记录不完整") from error

    def near(self, place: ArchivePlace, url: str) -> ArchivePlace | None:
        """Return the record of an address that lies next behind a place in its file, or last before it.

        What belongs to a page is archived right behind it.
        """
        found = self._index(place.file).by_url.get(url, [])
        position = bisect_left(found, (place.offset, 0))
        if not found:
            return None
        offset, length = found[position] if position < len(found) else found[-1]
        return ArchivePlace(place.file, offset, length)

    def damages(self, file: str) -> Iterator[ArchiveError]:
        """Check every record of a file; yields what is wrong."""
        for member in members(self._path(file)):
            record = parse(member.unpacked) if member.unpacked else None
            if record is None:
                yield ArchiveError(file, f"{member.offset} 处的记录不完整，其后的内容无法读取")
            elif not _is_intact(record):
                yield ArchiveError(file, f"{member.offset} 处的记录与校验值不符")

    def files(self) -> list[str]:
        """Return the names of the archive's files, the oldest first."""
        return sorted(path.name for path in self._folder.glob("*.warc.gz"))

    def _path(self, file: str) -> Path:
        path = self._folder / file
        if Path(file).name != file or not path.is_file():
            raise ArchiveError(file, "文件不存在")
        return path

    def _record(self, place: ArchivePlace) -> Record:
        with self._path(place.file).open("rb") as file:
            file.seek(place.offset)
            unpacked = unpack(file.read(place.length))
        record = parse(unpacked) if unpacked else None
        if record is None:
            raise ArchiveError(place.file, f"{place.offset} 处没有完整的记录")
        return record

    def _original(self, origin: Origin) -> Record:
        """Return the record that holds a revisit's body, wherever it has been moved to."""
        names = [
            file for file in dict.fromkeys((origin.file, *self.files())) if (self._folder / file).is_file()
        ]
        if origin.file in names:
            hinted = next(members(self._folder / origin.file, origin.offset), None)
            record = parse(hinted.unpacked) if hinted and hinted.unpacked else None
            if record is not None and record.headers.get("warc-record-id") == origin.record_id:
                return record
        for file in names:
            found = self._index(file).by_id.get(origin.record_id)
            if found is not None:
                return self._record(ArchivePlace(file, *found))
        raise ArchiveError(origin.file, f"找不到 {origin.date} 的 {origin.url} 的原记录")

    def _index(self, file: str) -> FileIndex:
        if file in self._indexes:
            self._indexes.move_to_end(file)
            return self._indexes[file]
        index = FileIndex()
        for member in members(self._path(file)):
            record = parse(member.unpacked) if member.unpacked else None
            if record is not None and "warc-target-uri" in record.headers:
                span = (member.offset, member.length)
                # What was pushed about an address is not what its server answers.
                if record.headers.get("warc-type") != "resource":
                    index.by_url.setdefault(record.headers["warc-target-uri"], []).append(span)
                index.by_id[record.headers.get("warc-record-id", "")] = span
        self._indexes[file] = index
        while len(self._indexes) > _INDEXED:
            self._indexes.popitem(last=False)
        return index

    def _response(self, record: Record, original: Record, place: ArchivePlace) -> Response:
        """Put together head and body; of a page that was not modified the old head tells how to read it."""
        head, _, _ = record.block.partition(b"\r\n\r\n")
        if b" 304" in head[:16] and record is not original:
            head, _, _ = original.block.partition(b"\r\n\r\n")
        if not _is_intact(original):
            raise ArchiveError(place.file, f"{place.offset} 处的记录与校验值不符")
        raw = original.block.partition(b"\r\n\r\n")[2]
        version, status, reason, headers = _parsed(head, place)
        truncated = "warc-truncated" in record.headers
        url = record.headers.get("warc-target-uri", "")
        coding = next((value for name, value in headers if name.lower() == "content-encoding"), "")
        limit = self._limits.body_bytes
        try:
            body = without_coding(raw, coding, limit, url, limit if truncated else None)
        except FetchError as error:
            raise ArchiveError(place.file, f"{place.offset} 处的内容无法解压（{error.detail}）") from error
        moment = _moment(record.headers.get("warc-date", ""), place)
        return Response(url, status, reason, version, headers, raw, body, moment, truncated)


def _pushed(record: Record, place: ArchivePlace) -> Response:
    if not _is_intact(record):
        raise ArchiveError(place.file, f"{place.offset} 处的记录与校验值不符")
    url, moment = (
        record.headers.get("warc-target-uri", ""),
        _moment(record.headers.get("warc-date", ""), place),
    )
    headers = (("Content-Type", PUSHED_TYPE),)
    return Response(url, 200, "", "", headers, record.block, record.block, moment, pushed=True)


def _is_intact(record: Record) -> bool:
    """Check a record's body against its digest; what has no body of its own has nothing to check."""
    said, kind = record.headers.get("warc-payload-digest"), record.headers.get("warc-type")
    if said is None or kind not in ("response", "resource"):
        return True
    return said == digest_of(record.block if kind == "resource" else record.block.partition(b"\r\n\r\n")[2])


def _parsed(head: bytes, place: ArchivePlace) -> tuple[str, int, str, tuple[tuple[str, str], ...]]:
    """Read the head of an HTTP response as it came: version, status, reason, headers."""
    first, *lines = head.decode("latin-1").split("\r\n")
    version, _, rest = first.partition(" ")
    status, _, reason = rest.partition(" ")
    if not status.isascii() or not status.isdigit():
        raise ArchiveError(place.file, f"{place.offset} 处不是 HTTP 响应")
    pairs = (line.partition(":") for line in lines if line)
    headers = tuple((_REDONE.get(name, name), value.strip()) for name, _, value in pairs)
    return version, int(status), reason, headers


def _moment(said: str, place: ArchivePlace) -> datetime:
    try:
        return datetime.fromisoformat(said).replace(tzinfo=None)
    except ValueError as error:
        raise ArchiveError(place.file, f"{place.offset} 处的日期 {said[:40]!r} 有误") from error
