"""Doors: one request at a time to a server, also where several crawls lead to it.

A lease (`crawlers.leases`) gives a server's pages to one process. But redirects and files lead to servers
that another process has, so whoever asks a server goes through its door besides: a small file, locked
while a request is under way, that says until when the server is to be left in peace.
"""

import asyncio
import fcntl
import os
import struct
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from hashlib import sha256
from pathlib import Path

from crawlers.politeness import rest

FOLDER = "doors"
LOOK_SECONDS = 0.02
# A clock that was set back must not close a door for good: no pause is longer (`sites.MAX_DELAY`).
LONGEST_PAUSE = 3600.0

_MOMENT = struct.Struct("<d")


class Door:
    """The door of one server in a data folder."""

    def __init__(self, data_dir: Path, server: str) -> None:
        # A name from the network is no file name.
        self._file = data_dir / FOLDER / f"{sha256(server.encode()).hexdigest()[:20]}.door"

    @asynccontextmanager
    async def passed(self, stop: asyncio.Event) -> AsyncIterator["Passage"]:
        """Wait until the server may be asked, and keep all processes out meanwhile.

        Raises `StoppedError` if the crawl is to end before that.
        """
        descriptor = self._open()
        try:
            while not _locked(descriptor):
                await rest(LOOK_SECONDS, stop)
            raw = os.pread(descriptor, _MOMENT.size, 0)
            opens_at = _MOMENT.unpack(raw)[0] if len(raw) == _MOMENT.size else 0.0
            await rest(min(opens_at - time.time(), LONGEST_PAUSE), stop)
            passage = Passage()
            try:
                yield passage
            finally:
                os.pwrite(descriptor, _MOMENT.pack(time.time() + passage.pause), 0)
        finally:
            os.close(descriptor)

    def _open(self) -> int:
        try:
            return os.open(self._file, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
        except FileNotFoundError:
            self._file.parent.mkdir(parents=True, exist_ok=True)
            return os.open(self._file, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)


class Passage:
    """A turn at a server; `pause` is how long it is to be left in peace afterwards, in seconds."""

    def __init__(self) -> None:
        self.pause = 0.0


def _locked(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
