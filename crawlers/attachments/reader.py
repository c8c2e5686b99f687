"""The reader of files: what the crawler asks."""

import asyncio
import weakref
from dataclasses import replace

from crawlers.attachments.reading import FileKind, FileProblem, FileReading
from crawlers.attachments.worker import Worker

TIMEOUT = 40.0
"""Seconds for one file's text; the largest yearbooks seen take some ten."""

OCR_SECONDS = 120.0
"""Seconds for recognising one file: some twenty scanned pages on one core."""

WORKERS = 2
"""So many files are read at once; recognition takes at most one, so that texts are never held up by it."""


class FileReader:
    """Reads files in processes of their own, which end with it."""

    def __init__(self, *, timeout: float = TIMEOUT, ocr_seconds: float = OCR_SECONDS) -> None:
        self._timeout = timeout
        self._ocr_seconds = ocr_seconds
        self._all = [Worker() for _ in range(WORKERS)]
        self._idle = list(self._all)
        self._free = asyncio.Semaphore(WORKERS)
        self._recognising = asyncio.Semaphore(1)
        self._end = weakref.finalize(self, _stop_all, self._all)

    async def read(self, body: bytes) -> FileReading:
        """Read a file of whatever kind; never raises on its account."""
        if not body:
            return FileReading(FileKind.UNKNOWN, problem=FileProblem.EMPTY)
        reading = await self._ask(body, self._timeout, 0.0)
        if not reading.scanned or not self._ocr_seconds:
            return reading
        async with self._recognising:
            # Longer than recognition itself: it ends by itself and hands over what it has.
            timeout = self._ocr_seconds + self._timeout
            recognised = await self._ask(body, timeout, self._ocr_seconds)
        return replace(recognised, kind=reading.kind)

    def close(self) -> None:
        """End the processes."""
        self._end()

    async def _ask(self, body: bytes, timeout: float, recognition: float) -> FileReading:
        async with self._free:
            worker = self._idle.pop()
            try:
                return await asyncio.to_thread(worker.read, body, timeout=timeout, recognition=recognition)
            except asyncio.CancelledError:
                worker.close()
                self._all.remove(worker)
                worker = Worker()
                self._all.append(worker)
                raise
            finally:
                self._idle.append(worker)


def _stop_all(workers: list[Worker]) -> None:
    for worker in workers:
        worker.close()
