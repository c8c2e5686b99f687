"""Postings as Whoosh walks them: one row after the other."""

import struct
from collections.abc import Iterator
from typing import Any

from typing_extensions import override
from whoosh.matching.mcore import ListMatcher, NullMatcher, ReadTooFar
from whoosh.reading import TermInfo

from indexer.whoosh_engine.arrays import Array

_FREQUENCY = struct.Struct("!I")  # as Whoosh's format of frequencies packs them


class ArrayMatcher(ListMatcher):  # type: ignore[misc]  # Whoosh is untyped
    """The postings of a term as arrays. Whoosh cannot leave out blocks of them, so it counts exactly."""

    def __init__(
        self, term: tuple[str, bytes], rows: Array, counts: Array, info: TermInfo, format_: Any, scorer: Any
    ) -> None:
        super().__init__(rows, format=format_, scorer=scorer, term=term, terminfo=info)
        self._counts = counts

    @override
    def copy(self) -> "ArrayMatcher":
        twin = ArrayMatcher(self._term, self._ids, self._counts, self._terminfo, self._format, self._scorer)
        twin._i = self._i
        return twin

    @override
    def id(self) -> int:
        row: int = self._ids.item(self._i)
        return row

    @override
    def all_ids(self) -> Iterator[int]:
        return iter(self._ids.tolist())

    @override
    def skip_to(self, id: int) -> None:
        if not self.is_active():
            raise ReadTooFar
        if id > self.id():
            self._i += int(self._ids[self._i :].searchsorted(id))

    @override
    def supports_block_quality(self) -> bool:
        return False  # there is nothing to gain with one block

    @override
    def replace(self, minquality: float = 0) -> Any:
        return self if self.is_active() else NullMatcher()

    @override
    def weight(self) -> float:
        return float(self._counts[self._i])

    @override
    def value(self) -> bytes:
        return _FREQUENCY.pack(self._counts[self._i]) if self.supports("frequency") else b""

    @override
    def all_items(self) -> Iterator[tuple[int, bytes]]:
        while self.is_active():
            yield self.id(), self.value()
            self.next()
