"""A collection as every engine gets it: terms, facet values and texts, cut once and kept on disk.

Only the standard library is needed here: a peer may run in another Python.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

FACETS = ("topic", "genre", "organization", "audience")

END = "\u2400"
"""Stands for the line feed that closes the last bigram of a text: terms here hold no white space."""


@dataclass(frozen=True)
class Prepared:
    """A folder with documents, words, bigrams, facets, queries, questions and facts, a file each.

    Line n of each file is document n. A line of terms holds each term as often as the document does,
    parted by spaces.
    """

    folder: Path

    @cached_property
    def facts(self) -> dict[str, Any]:
        """What was counted and timed in preparing: see `preparing`."""
        return json.loads((self.folder / "facts.json").read_text("utf-8"))

    @property
    def count(self) -> int:
        """How many documents there are."""
        return self.facts["documents"]

    def words(self) -> Iterator[str]:
        """Yield the words of each document."""
        return self._lines("words.txt")

    def bigrams(self) -> Iterator[str]:
        """Yield the bigrams of each document."""
        return self._lines("bigrams.txt")

    def facets(self) -> Iterator[dict[str, list[str]]]:
        """Yield the facet values of each document, ancestors included."""
        return map(json.loads, self._lines("facets.jsonl"))

    @property
    def documents(self) -> Path:
        """The file of the documents: id, title, body and facets as an object in each line."""
        return self.folder / "documents.jsonl"

    def texts(self) -> Iterator[str]:
        """Yield title and text of each document."""
        for line in self._lines("documents.jsonl"):
            record = json.loads(line)
            yield f"{record['title']}\n{record['body']}"

    @property
    def queries(self) -> Path:
        """The file of the queries to warm up with and those to time: words of a conjunction, none twice."""
        return self.folder / "queries.json"

    @property
    def questions(self) -> Path:
        """The file of the texts to warm up with and those to time, as people type them, none twice."""
        return self.folder / "questions.json"

    def _lines(self, name: str) -> Iterator[str]:
        with (self.folder / name).open(encoding="utf-8") as lines:
            for line in lines:
                yield line.rstrip("\n")
