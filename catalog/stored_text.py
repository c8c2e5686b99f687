"""A text as the store holds it, decoded only where it is looked at: texts may be a book long."""

import json
import zlib
from dataclasses import dataclass
from functools import cached_property

from catalog import texts
from catalog.records import Block


@dataclass(frozen=True)
class StoredText:
    """A stored text; `stored` is what `catalog.texts` wrote."""

    stored: bytes

    @cached_property
    def blocks(self) -> tuple[Block, ...]:
        """The blocks of the text."""
        return texts.decode(self.stored)

    @cached_property
    def text(self) -> str:
        """The plain text, as `catalog.records.flat_text` gives it of the blocks.

        These are not made for it: that took three times as long.
        """
        blocks = json.loads(zlib.decompress(self.stored))
        # A block without rows is an empty line.
        lines = [row[0] if len(row) == 1 else "\t".join(row) for _, rows in blocks for row in rows or [[]]]
        return "\n".join(lines)
