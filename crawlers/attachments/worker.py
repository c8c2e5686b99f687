"""A process that reads files, as its parent sees it: started, bounded, killed, replaced."""

import os
import signal
import subprocess
import sys
import threading
from pathlib import Path
from typing import IO

import crawlers
from crawlers.attachments.framing import HEADER, LENGTH
from crawlers.attachments.reading import MAX_CHARACTERS, FileKind, FileProblem, FileReading

FILES_PER_PROCESS = 200
"""After so many files a process is replaced: what libraries leak stays small."""

# JSON writes a character in up to twelve bytes.
_MAX_ANSWER = 12 * MAX_CHARACTERS + 10_000
_COMMAND = ("-P", "-s", "-m", "crawlers.attachments.child")
# How often a file is tried again whose process somebody else has killed (an operator, the kernel).
_TRIES = 3
_END_SECONDS = 2.0


class Worker:
    """Reads one file at a time. Not for several threads at once, except `close`."""

    def __init__(self, command: tuple[str, ...] = _COMMAND) -> None:
        self._command = command
        self._process: subprocess.Popen[bytes] | None = None
        self._files = 0
        self._closed = False

    @property
    def pid(self) -> int | None:
        """The process, if one is running."""
        return self._process.pid if self._process else None

    def read(self, body: bytes, *, timeout: float, recognition: float = 0.0) -> FileReading:
        """Read a file within so many seconds, of which `recognition` may go into recognising its text.

        Never raises: a process that crashes, hangs or answers nonsense is a problem of the file. One that
        somebody else killed each time (`KILLED`) says nothing of the file.
        """
        for _ in range(_TRIES):
            if self._closed:
                break
            reading = self._tried(body, timeout, recognition)
            if reading is not None:
                return reading
        return FileReading(FileKind.UNKNOWN, problem=FileProblem.KILLED)

    def close(self) -> None:
        """End the process, for good; a file that is being read is given up."""
        self._closed = True
        self._stop()

    def _stop(self) -> None:
        process, self._process = self._process, None
        if process is None:
            return
        _kill(process)
        process.wait()
        for stream in (process.stdin, process.stdout):
            if stream is not None:
                _close(stream)

    def _tried(self, body: bytes, timeout: float, recognition: float) -> FileReading | None:
        """Return the reading; None if the process was killed by somebody else."""
        process = self._running()
        expired = threading.Event()

        def expire() -> None:
            expired.set()
            _kill(process)

        clock = threading.Timer(timeout, expire)
        clock.daemon = True
        clock.start()
        try:
            return _asked(process, body, recognition)
        except (OSError, EOFError):
            # It is gone, or as good as: say how it ended.
            _wait(process)
            self._stop()
        except ValueError:
            self._stop()
            return FileReading(FileKind.UNKNOWN, problem=FileProblem.CRASHED)
        finally:
            clock.cancel()
        if expired.is_set() or process.returncode == -signal.SIGXCPU:
            return FileReading(FileKind.UNKNOWN, problem=FileProblem.TOO_SLOW)
        if process.returncode == -signal.SIGKILL:
            return None
        return FileReading(FileKind.UNKNOWN, problem=FileProblem.CRASHED)

    def _running(self) -> subprocess.Popen[bytes]:
        if self._files >= FILES_PER_PROCESS:
            self._stop()
        if self._process is None:
            self._process, self._files = _started(self._command), 0
            if self._closed:
                _kill(self._process)
        self._files += 1
        return self._process


def _started(command: tuple[str, ...]) -> subprocess.Popen[bytes]:
    # -P and -s: the child finds this project and nothing that happens to lie in the working folder.
    root = str(Path(crawlers.__file__).resolve().parents[1])
    kept = {key: os.environ[key] for key in ("PATH", "LANG", "TESSDATA_PREFIX") if key in os.environ}
    return subprocess.Popen(  # noqa: S603 - our own interpreter and module
        [sys.executable, *command],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env={**kept, "PYTHONPATH": root, "OMP_THREAD_LIMIT": "1", "OPENBLAS_NUM_THREADS": "1"},
        # A group of its own, so that tesseract is killed with it and Ctrl-C reaches only the crawl.
        start_new_session=True,
    )


def _asked(process: subprocess.Popen[bytes], body: bytes, recognition: float) -> FileReading:
    source, target = process.stdout, process.stdin
    if source is None or target is None:
        raise EOFError
    target.write(HEADER.pack(recognition, len(body)))
    target.write(body)
    target.flush()
    (length,) = LENGTH.unpack(_exactly(source, LENGTH.size))
    if length > _MAX_ANSWER:
        raise ValueError(length)
    return FileReading.from_json(_exactly(source, length))


def _exactly(source: IO[bytes], length: int) -> bytes:
    data = source.read(length)
    if len(data) < length:
        raise EOFError
    return data


def _wait(process: subprocess.Popen[bytes]) -> None:
    """Wait for the end of a process that has closed its pipes."""
    try:
        process.wait(_END_SECONDS)
    except subprocess.TimeoutExpired:
        _kill(process)
        process.wait()


def _kill(process: subprocess.Popen[bytes]) -> None:
    if process.poll() is None:
        try:
            os.killpg(process.pid, signal.SIGKILL)
        except ProcessLookupError:
            process.kill()


def _close(stream: IO[bytes]) -> None:
    try:
        stream.close()
    except OSError:
        # What was written to a process that is gone cannot be flushed.
        return
