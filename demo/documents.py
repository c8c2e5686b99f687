"""What the demo city's bodies write."""

import datetime
from dataclasses import dataclass, field

from catalog.records import Block, flat_text
from demo.bodies import Body


@dataclass(slots=True)
class Document:
    """One document of the city. Codes are vocabulary codes; None means that nobody stated it.

    `number` is its place in the order of writing; `forwards` and `abolishes` name other documents
    by theirs. `doc_number` is the canonical 文号 with 〔〕.
    """

    number: int
    kind: str
    title: str
    genre: str
    inner_genre: str | None
    issuers: tuple[Body, ...]
    issuer_names: tuple[str, ...]
    issued_on: datetime.date
    doc_number: str | None
    topic: str
    audience: str
    life_cycle: str | None
    column: str
    extra_column: str | None
    matter: str
    validity: str | None
    keywords: tuple[str, ...]
    blocks: list[Block]
    attachments: tuple[str, ...] = ()
    forwards: int | None = None
    abolishes: tuple[int, ...] = ()
    traps: set[str] = field(default_factory=set)

    @property
    def key(self) -> str:
        """The document's name in lists of what was planted."""
        return f"d{self.number:06d}"

    @property
    def body(self) -> str:
        """The text without markup, a line per block."""
        return flat_text(self.blocks)
