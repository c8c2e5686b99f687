"""Lines into blocks: headings, paragraphs, lists and tables, as a person sees them.

A table is data if it holds no other table and has two rows and two columns; all others only lay the
page out and dissolve into their lines.
"""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass

from catalog.records import Block, BlockKind
from crawlers.reading.lines import Line, Outline
from crawlers.reading.tree import Element

_HEADINGS = frozenset({"h1", "h2", "h3", "h4", "h5", "h6"})
_HEADING_LIMIT = 60
# A cell with more paragraphs than this is layout even in a table of two columns.
_CELL_LINES = 40


@dataclass(frozen=True, slots=True)
class _Home:
    """The list or table a line belongs to, with its entry or row and its cell."""

    owner: Element
    row: Element
    cell: Element


def to_blocks(page: Outline, numbers: Iterable[int], within: Element | None) -> tuple[Block, ...]:
    """Return the lines with these numbers as blocks; `within` is the element that bounds lists and tables."""
    return tuple(_Builder(page, within).build(list(numbers)))


class _Builder:
    def __init__(self, page: Outline, within: Element | None) -> None:
        self._page = page
        self._within = within
        self._homes: dict[Element, _Home | None] = {}
        self._is_data: dict[Element, bool] = {}

    def build(self, numbers: list[int]) -> Iterator[Block]:
        place = 0
        while place < len(numbers):
            line = self._page.lines[numbers[place]]
            home = self._home(line.element)
            if home is None:
                yield _single(line)
                place += 1
                continue
            end = place + 1
            while end < len(numbers) and self._shares_owner(numbers[end], home):
                end += 1
            yield self._joined(home.owner, numbers[place:end])
            place = end

    def _shares_owner(self, number: int, home: _Home) -> bool:
        other = self._home(self._page.lines[number].element)
        return other is not None and other.owner is home.owner

    def _joined(self, owner: Element, numbers: Collection[int]) -> Block:
        rows: dict[Element, dict[Element, list[str]]] = {}
        for number in numbers:
            home = self._home(self._page.lines[number].element)
            assert home is not None  # noqa: S101 - _shares_owner looked it up
            rows.setdefault(home.row, {}).setdefault(home.cell, []).append(self._page.lines[number].text)
        if owner.tag != "table":
            return Block(
                BlockKind.LIST,
                tuple((" ".join(t for c in cells.values() for t in c),) for cells in rows.values()),
            )
        return Block(BlockKind.TABLE, tuple(_row(row, cells) for row, cells in rows.items()))

    def _home(self, element: Element) -> _Home | None:
        if element not in self._homes:
            self._homes[element] = self._find_home(element)
        return self._homes[element]

    def _find_home(self, element: Element) -> _Home | None:
        """Climb to the outermost list or the data table around a line; a table wins over a list in it."""
        found: _Home | None = None
        entry = cell = row = None
        while element is not None and element is not self._within:
            tag = element.tag
            if tag in ("td", "th"):
                cell = element
            elif tag == "tr":
                row = element
            elif tag == "caption":
                return None
            elif tag == "table":
                if cell is not None and row is not None and self._is_data_table(element):
                    found = _Home(element, row, cell)
                cell = row = None
            elif tag == "li":
                entry = element
            elif tag in ("ul", "ol") and entry is not None and cell is None:
                found = _Home(element, entry, entry)
                entry = None
            element = element.getparent()
        return found

    def _is_data_table(self, table: Element) -> bool:
        if table not in self._is_data:
            self._is_data[table] = self._looks_like_data(table)
        return self._is_data[table]

    def _looks_like_data(self, table: Element) -> bool:
        rows, widest = 0, 0
        for element in table.iter("table", "tr", "td", "th"):
            if element is table:
                continue
            if element.tag == "table":
                return False
            if element.tag == "tr":
                cells = [cell for cell in element if cell.tag in ("td", "th")]
                rows += any(self._page.within(cell) for cell in cells)
                widest = max(widest, len(cells))
            elif len(self._page.within(element)) > _CELL_LINES:
                return False
        return rows >= 2 and widest >= 2


def _row(row: Element, said: dict[Element, list[str]]) -> tuple[str, ...]:
    # Empty cells keep their place, so that columns stay columns.
    return tuple(" ".join(said.get(cell, ())) for cell in row if cell.tag in ("td", "th"))


def _single(line: Line) -> Block:
    text = line.text
    is_heading = line.element.tag in _HEADINGS or (
        line.is_bold and not text.endswith(("。", "；", "，", ";", ","))
    )
    kind = BlockKind.HEADING if is_heading and len(text) <= _HEADING_LIMIT else BlockKind.PARAGRAPH
    return Block.of(kind, text)
