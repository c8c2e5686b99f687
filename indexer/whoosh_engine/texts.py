"""The folded titles and texts of a segment's documents, in which verbatim text is verified.

Each document is one zstd frame; all share a dictionary trained on a sample, without which texts of
a few hundred characters would hardly shrink. Reading one takes some microseconds.
"""

from collections.abc import Iterable, Sequence

import numpy as np
import zstandard

from indexer.whoosh_engine.arrays import Array, ArrayFile, ArrayWriter, narrow

TITLES_END = b"\f"
"""Parts the titles from the texts; folding leaves neither \\f nor \\n in a text."""

DICTIONARY_BYTES = 1 << 16
SAMPLE_BYTES = 100 * DICTIONARY_BYTES
FEWEST_SAMPLES = 256
"""Documents from which a dictionary is worth its room."""

LEVEL = 3


def join(titles: Iterable[str], texts: Iterable[str]) -> bytes:
    """Return the form in which a document's folded titles and texts are kept."""
    return "\n".join(titles).encode() + TITLES_END + "\n".join(texts).encode()


def parts(document: bytes) -> tuple[list[str], list[str]]:
    """Return titles and texts of what `join` made, those left out in which nothing is visible."""
    titles, texts = document.decode().split("\f", 1)
    return [*filter(None, titles.split("\n"))], [*filter(None, texts.split("\n"))]


class Texts:
    """The texts of a segment, mapped."""

    def __init__(self, file: ArrayFile) -> None:
        self._ends = file["texts.ends"]
        self._frames = memoryview(file["texts.frames"].data)
        self._dictionary = file["texts.dictionary"]
        self._reader: zstandard.ZstdDecompressor | None = None

    def __getitem__(self, row: int) -> bytes:
        """Return the titles and texts of a document as `join` made them."""
        if self._reader is None:
            self._reader = zstandard.ZstdDecompressor(dict_data=_dictionary(self._dictionary.tobytes()))
        start = int(self._ends[row - 1]) if row else 0
        return self._reader.decompress(self._frames[start : int(self._ends[row])])

    def titles(self, row: int) -> bytes:
        """Return the titles of a document, a line each."""
        return self[row].split(TITLES_END, 1)[0]


class TextsWriter:
    """Writes texts, document after document."""

    def __init__(self, writer: ArrayWriter, sample: Sequence[bytes]) -> None:
        """`sample` are some of the documents that will come, for the dictionary."""
        self._writer = writer
        dictionary = _train(sample)
        self._compressor = zstandard.ZstdCompressor(
            level=LEVEL, dict_data=_dictionary(dictionary), write_checksum=False
        )
        writer.add("texts.dictionary", np.frombuffer(dictionary, dtype=np.uint8))
        self._frames = writer.stream("texts.frames", np.uint8)
        self._lengths: list[int] = []

    def append(self, document: bytes) -> None:
        """Add the next document."""
        frame = self._compressor.compress(document)
        self._frames.append(np.frombuffer(frame, dtype=np.uint8))
        self._lengths.append(len(frame))

    def finish(self) -> None:
        """Write where each document ends."""
        ends: Array = np.cumsum(np.array(self._lengths, dtype=np.int64))
        self._writer.add("texts.ends", narrow(ends))


def _train(sample: Sequence[bytes]) -> bytes:
    """Return a dictionary, or nothing where there is too little to learn from."""
    if len(sample) < FEWEST_SAMPLES:
        return b""
    try:
        return zstandard.train_dictionary(DICTIONARY_BYTES, list(sample)).as_bytes()
    except zstandard.ZstdError:  # all documents are the same, or all are empty
        return b""


def _dictionary(content: bytes) -> zstandard.ZstdCompressionDict | None:
    return zstandard.ZstdCompressionDict(content) if content else None
