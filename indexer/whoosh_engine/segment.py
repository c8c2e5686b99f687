"""A segment: some documents with their terms, columns and texts, in one file that never changes.

Which of its documents have been deleted since is told elsewhere (`state`). The fields are those of
`TermField`, and KEYS, whose terms are digests of exact keys.
"""

from collections import OrderedDict
from collections.abc import Callable
from hashlib import sha256
from typing import Any

import numpy as np

from indexer.query import Key, TermField
from indexer.whoosh_engine.arrays import Array, ArrayFile, DamagedFileError, Stamp
from indexer.whoosh_engine.columns import Columns
from indexer.whoosh_engine.postings import NO_COUNTS, NO_ROWS, Postings
from indexer.whoosh_engine.storage import Storage
from indexer.whoosh_engine.terms import Terms
from indexer.whoosh_engine.texts import Texts

KEYS = "keys"
FIELDS = (*(field.value for field in TermField), KEYS)

REMEMBERED = 4096
"""Terms whose numbers a field remembers: one query looks the same ones up several times."""

KNOWN_ROWS = 4_000_000
"""Rows that are remembered of texts that had to be read for: four bytes each."""

_DIGEST_LETTERS = 24


def key_term(key: Key) -> bytes:
    """Return the term of an exact key; a digest, since titles can be long."""
    digest = sha256(f"{key.kind}:{key.value}".encode()).hexdigest()
    return digest[:_DIGEST_LETTERS].encode()


class TermList:
    """A field of a segment: its terms and their posting lists."""

    def __init__(self, terms: Terms, postings: Postings) -> None:
        self.terms = terms
        self.postings = postings
        self._found: dict[bytes, int] = {}

    def find(self, term: bytes) -> int:
        """Return the number of a term, -1 if it is not there; the latest ones are remembered."""
        number = self._found.get(term)
        if number is None:
            if len(self._found) >= REMEMBERED:
                self._found.clear()
            number = self._found[term] = self.terms.find(term)
        return number

    def read(self, term: bytes) -> tuple[Array, Array]:
        """Return the rows that hold a term and how often each does."""
        number = self.find(term)
        return self.postings.read(number) if number >= 0 else (NO_ROWS, NO_COUNTS)

    def holding(self, term: bytes) -> int:
        """Return how many rows hold a term, deleted ones among them."""
        number = self.find(term)
        return int(self.postings.holding[number]) if number >= 0 else 0


class KnownRows:
    """Which rows contain a text, where finding out meant reading thousands of texts.

    A name that the dictionary does not know may stand in half of all documents, without a list of its
    own, and be part of every other question. The latest such texts are remembered.
    """

    def __init__(self) -> None:
        self._rows: OrderedDict[tuple[str, bool], Array] = OrderedDict()
        self._total = 0

    def get(self, text: str, titles_only: bool, find: Callable[[], Array]) -> Array:
        """Return the rows that contain a text, ascending; `find` is asked where they are not known."""
        key = text, titles_only
        if key in self._rows:
            self._rows.move_to_end(key)
            return self._rows[key]
        found = self._rows[key] = find().astype(np.uint32)
        self._total += len(found)
        while self._total > KNOWN_ROWS and len(self._rows) > 1:
            _, oldest = self._rows.popitem(last=False)
            self._total -= len(oldest)
        return found


class Segment:
    """An opened segment. Raises `DamagedFileError` if its file is not what it should be."""

    def __init__(self, storage: Storage, stamp: Stamp) -> None:
        self.stamp = stamp
        file = ArrayFile(storage, stamp)
        about: dict[str, Any] = file.about
        if about.get("kind") != "segment":
            raise DamagedFileError(f"{stamp.name}：不是索引段")
        try:
            self.size = int(about["documents"])
            self.columns = Columns.open(file, about["labels"])
        except (KeyError, TypeError, ValueError) as error:
            raise DamagedFileError(f"{stamp.name}：文件头缺少 {error}") from error
        self.texts = Texts(file)
        self.known = KnownRows()
        self.fields = {
            name: TermList(Terms.open(file, name), Postings(file, name, self.size)) for name in FIELDS
        }
        self.lengths: dict[TermField, Array] = {field: file[f"{field}.lengths"] for field in TermField}

    @property
    def name(self) -> str:
        """The segment's file name."""
        return self.stamp.name
