"""The archive: every response as it came, in WARC files (ISO 28500).

A new file is begun at each process start, because appending after a record that a crash cut short
would lose what follows it. Each record is a gzip member of its own: `ArchivePlace` names the file,
where the member begins and how long it is.
"""

import os
import secrets
from collections.abc import Sequence
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path
from typing import BinaryIO

from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

from catalog.durability import sync_folder
from catalog.records import ArchivePlace
from crawlers.response import Response
from crawlers.servers import USER_AGENT

FOLDER = "archive"
# The bytes are kept as they came, but httpx has undone the chunks: the header must not promise them.
_UNDONE = {"transfer-encoding": "X-Archive-Orig-Transfer-Encoding"}


class Archive:
    """Writes responses to one new file, which is made with the first of them."""

    def __init__(self, data_dir: Path) -> None:
        self._folder = data_dir / FOLDER
        self._file: BinaryIO | None = None
        self._name = ""

    def write(self, responses: Sequence[Response]) -> list[ArchivePlace]:
        """Append responses and return where they lie; they are safe when this returns."""
        if not responses:
            return []
        file = self._file or self._begin()
        places = [self._append(file, response) for response in responses]
        file.flush()
        os.fsync(file.fileno())
        return places

    def close(self) -> None:
        """Close the file."""
        if self._file is not None:
            self._file.close()
            self._file = None

    def _begin(self) -> BinaryIO:
        self._folder.mkdir(parents=True, exist_ok=True)
        started = datetime.now(UTC).strftime("%Y%m%dT%H%M%SZ")
        self._name = f"gongkai-{started}-{secrets.token_hex(4)}.warc.gz"
        file = (self._folder / self._name).open("xb")
        writer = WARCWriter(file, gzip=True)
        writer.write_record(writer.create_warcinfo_record(self._name, {"software": USER_AGENT}))
        sync_folder(self._folder)
        sync_folder(self._folder.parent)  # the folder itself may be new
        self._file = file
        return file

    def _append(self, file: BinaryIO, response: Response) -> ArchivePlace:
        offset = file.tell()
        writer = WARCWriter(file, gzip=True)
        record = writer.create_warc_record(
            response.url,
            "response",
            payload=BytesIO(response.raw_body),
            length=len(response.raw_body),
            http_headers=StatusAndHeaders(
                f"{response.status} {response.reason}".strip(), _headers(response), response.http_version
            ),
            warc_headers_dict={"WARC-Date": response.fetched_at.strftime("%Y-%m-%dT%H:%M:%SZ")},
        )
        writer.write_record(record)
        return ArchivePlace(self._name, offset, file.tell() - offset)


def _headers(response: Response) -> list[tuple[str, str]]:
    return [(_UNDONE.get(name.lower(), name), value) for name, value in response.headers]
