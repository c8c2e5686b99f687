"""The child process that reads one PDF: bytes on stdin, its text on stdout, pages parted by a form feed.

Run by `crawlers.pdf_text` as a program of its own: a PDF made to crash, to loop or to fill the
memory takes only this process with it. It imports nothing of the project.
"""

import resource
import sys

import pypdfium2

MEMORY_BYTES = 1 << 30
CPU_SECONDS = 30
MAX_PAGES = 2000
# Some three yearbooks; what lies beyond is cut off.
MAX_CHARACTERS = 5_000_000


def main() -> None:
    """Read stdin, write stdout; a PDF that cannot be read ends this process with status 1."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS))
    try:
        document = pypdfium2.PdfDocument(sys.stdin.buffer.read())
    except pypdfium2.PdfiumError as error:
        sys.exit(str(error))
    written = 0
    for number in range(min(len(document), MAX_PAGES)):
        text = document[number].get_textpage().get_text_bounded()[: MAX_CHARACTERS - written]
        written += len(text)
        sys.stdout.buffer.write(text.encode("utf-8", "replace") + b"\f")
        if written >= MAX_CHARACTERS:
            break


if __name__ == "__main__":
    main()
