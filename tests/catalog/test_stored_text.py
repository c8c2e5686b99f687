"""Stored texts read without their blocks."""

import zlib

from hypothesis import example, given
from hypothesis import strategies as st

from catalog import texts
from catalog.records import Block, BlockKind, flat_text
from catalog.stored_text import StoredText

cells = st.text(st.sampled_from('水价\n\t"\\[],nu0') | st.characters(exclude_categories=["Cs"]), max_size=12)
rows = st.lists(st.lists(cells, max_size=3).map(tuple), max_size=3).map(tuple)
blocks = st.lists(st.builds(Block, st.sampled_from(BlockKind), rows), max_size=5).map(tuple)


@given(blocks)
@example(())
@example((Block.of(BlockKind.PARAGRAPH, '"],["'), Block.of(BlockKind.PARAGRAPH, '\\"]]],["table",[["')))
@example((Block(BlockKind.TABLE, (("甲", '","'), ("\\", ""), ("", '"'))), Block.of(BlockKind.HEADING, "\\")))
def test_the_plain_text_is_that_of_the_blocks(blocks: tuple[Block, ...]) -> None:
    stored = StoredText(zlib.compress(texts.encode(blocks)))
    assert stored.blocks == blocks
    assert stored.text == flat_text(blocks)
