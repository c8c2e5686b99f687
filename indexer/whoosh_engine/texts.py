"""The folded titles and texts of a segment's documents, in which verbatim text is verified.

Each document is one zstd frame; all share a dictionary trained on a sample, without which texts of
a few hundred characters would hardly shrink. Reading one takes some microseconds.
"""

import itertools
from collections.abc import Callable, Iterable
from functools import cached_property

import numpy as np
import zstandard

from indexer.whoosh_engine.arrays import Array, ArrayFile, ArrayWriter, narrow

TITLES_END = b"\f"
"""Parts the titles from the texts; folding leaves neither \\f nor \\n in a text."""

DICTIONARY_BYTES = 1 << 16
SAMPLE_BYTES = 100 * DICTIONARY_BYTES
SAMPLES = 4096
FEWEST = 1000
"""Documents from which a dictionary is worth its room and the time it takes to train."""

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
        self.dictionary = file["texts.dictionary"]
        self._ends = file["texts.ends"]
        self._frames = memoryview(file["texts.frames"].data)

    def __getitem__(self, row: int) -> bytes:
        """Return the titles and texts of a document as `join` made them."""
        start = int(self._ends[row - 1]) if row else 0
        return self._decompress(self._frames[start : int(self._ends[row])])

    @cached_property
    def _decompress(self) -> Callable[[memoryview], bytes]:
        return zstandard.ZstdDecompressor(dict_data=_dictionary(self.dictionary.tobytes())).decompress

    def containing(self, text: str, rows: Array, *, titles_only: bool = False) -> Array:
        """Tell which of some rows contain a text, in their titles or anywhere."""
        needle, decompress, frames = text.encode(), self._decompress, self._frames
        starts = np.where(rows > 0, self._ends[rows - 1], 0).tolist()
        documents = (
            decompress(frames[start:end])
            for start, end in zip(starts, self._ends[rows].tolist(), strict=True)
        )
        if titles_only:
            documents = (document.split(TITLES_END, 1)[0] for document in documents)
        return np.fromiter((needle in document for document in documents), bool, len(rows))


class TextsWriter:
    """Writes texts, document after document."""

    def __init__(self, writer: ArrayWriter, dictionary: bytes) -> None:
        """`dictionary` is what `train` made, or nothing."""
        self._writer = writer
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


def train(documents: Iterable[bytes], size: int) -> bytes:
    """Return a dictionary for a collection of so many documents; nothing where there is little to learn from.

    It is trained on texts from all over the collection, which takes a fraction of a second.
    """
    if size < FEWEST:
        return b""
    sample: list[bytes | bytearray | memoryview] = []
    taken = 0
    for document in itertools.islice(documents, 0, None, max(1, size // SAMPLES)):
        sample.append(document[: SAMPLE_BYTES // 64])
        taken += len(sample[-1])
        if taken > SAMPLE_BYTES:
            break
    try:
        return zstandard.train_dictionary(DICTIONARY_BYTES, sample).as_bytes()
    except zstandard.ZstdError:  # all documents are empty
        return b""


def _dictionary(content: bytes) -> zstandard.ZstdCompressionDict | None:
    return zstandard.ZstdCompressionDict(content) if content else None
