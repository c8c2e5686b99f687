"""Texts, stored once: blocks as compressed JSON under the hash of that JSON."""

import json
import zlib
from collections.abc import Iterable
from hashlib import sha256

from sqlalchemy import Connection, bindparam, select

from catalog import schema
from catalog.folding import clean, visible_length
from catalog.records import Block, flat_text

_KNOWN = select(schema.text.c.hash).where(schema.text.c.hash == bindparam("sought"))
_STORE = schema.text.insert()


def cleaned(blocks: Iterable[Block]) -> tuple[Block, ...]:
    """Return the blocks with every cell cleaned, without blocks that hold nothing."""
    kept = []
    for block in blocks:
        rows = tuple(tuple(clean(cell).strip() for cell in row) for row in block.rows)
        if any(cell for row in rows for cell in row):
            kept.append(Block(block.kind, rows))
    return tuple(kept)


def encode(blocks: Iterable[Block]) -> bytes:
    """Return the blocks as the JSON whose hash names the text."""
    value = [block.to_json() for block in blocks]
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()


def decode(stored: bytes) -> tuple[Block, ...]:
    """Return the blocks of a stored text."""
    return tuple(Block.from_json(value) for value in json.loads(zlib.decompress(stored)))


def name_of(blocks: Iterable[Block]) -> str:
    """Return the hash under which a text is stored."""
    return sha256(encode(blocks)).hexdigest()


def store_text(connection: Connection, blocks: tuple[Block, ...], characters: int | None = None) -> str:
    """Store the text unless it is there already; return its hash. `characters` are the visible ones."""
    encoded = encode(blocks)
    name = sha256(encoded).hexdigest()
    if connection.execute(_KNOWN, {"sought": name}).first() is None:
        row = {
            "hash": name,
            "blocks": zlib.compress(encoded, level=6),
            "characters": visible_length(flat_text(blocks)) if characters is None else characters,
        }
        connection.execute(_STORE, row)
    return name
