"""The child process that reads files: one after another, each within limits of its own.

Run by `crawlers.attachments.worker` as a program: a file made to crash, to loop or to fill the memory
takes only this process with it. On stdin comes for each file a header (`HEADER`: seconds for recognition,
0 for none; length) and its bytes; on stdout goes a length and a `FileReading` as JSON.
"""

import resource
import sys

from crawlers.attachments import parsing
from crawlers.attachments.framing import HEADER, LENGTH
from crawlers.attachments.reading import FileKind, FileProblem, FileReading

MEMORY_BYTES = 1 << 30
CPU_SECONDS = 30


def main() -> None:
    """Read files until stdin ends."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    source, target = sys.stdin.buffer, sys.stdout.buffer
    # Whatever a library prints must not be taken for an answer.
    sys.stdout = sys.stderr
    while header := source.read(HEADER.size):
        seconds, length = HEADER.unpack(header)
        body = source.read(length)
        _allow_cpu(CPU_SECONDS + int(seconds))
        answer = _read(body, seconds).to_json()
        target.write(LENGTH.pack(len(answer)) + answer)
        target.flush()


def _allow_cpu(seconds: int) -> None:
    used = resource.getrusage(resource.RUSAGE_SELF)
    limit = int(used.ru_utime + used.ru_stime) + seconds + 1
    resource.setrlimit(resource.RLIMIT_CPU, (limit, resource.RLIM_INFINITY))


def _read(body: bytes, seconds: float) -> FileReading:
    try:
        return parsing.recognise(body, seconds) if seconds else parsing.parse(body)
    except MemoryError:
        return FileReading(FileKind.UNKNOWN, problem=FileProblem.OUT_OF_MEMORY)
    except Exception:  # noqa: BLE001 - whatever a file does to its reader concerns that file alone
        return FileReading(FileKind.UNKNOWN, problem=FileProblem.BROKEN)


if __name__ == "__main__":
    main()
