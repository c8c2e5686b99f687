"""The cells of a metadata table: which hold labels, and where the value of a label stands."""

from itertools import islice

from crawlers.reading.labels import LabelTable
from crawlers.reading.tree import Element

_CELLS = ("td", "th")
# No metadata block is longer.
_MOST_ROWS = 16
_LEAST_LABELS = 3
_MOST_LABELS = 30
_LABEL_LENGTH = 40


def next_element(element: Element) -> Element | None:
    """Return the next sibling element that can hold text."""
    sibling = element.getnext()
    while sibling is not None and (
        not isinstance(sibling.tag, str) or sibling.tag in ("script", "style", "br", "hr")
    ):
        sibling = sibling.getnext()
    return sibling


def is_cell(element: Element) -> bool:
    """Tell whether an element is a cell of a table or of a list of terms."""
    return element.tag in ("td", "th", "dt", "dd")


def has_control(element: Element) -> bool:
    """Tell whether there is anything to fill in."""
    controls = element.iter("input", "select", "textarea")
    return any((control.get("type") or "").lower() != "hidden" for control in controls)


def is_header(cell: Element, table: LabelTable) -> bool:
    """Tell whether a cell without a colon heads a column: labels of a row stand at even places only."""
    row = _row_of(cell)
    if len(row) > _MOST_LABELS:
        return True
    while row and (row[0].get("rowspan") or "1") != "1":
        row.pop(0)
    places = [n for n, c in enumerate(row) if c is cell or _is_label(c, table)]
    return any(place % 2 for place in places) or (0 not in places and _heads_plain_rows(row, table))


def is_blank_column(cell: Element, table: LabelTable) -> bool:
    """Tell whether behind each label of this column stands an empty cell: it only parts label and value.

    One empty cell behind one label is its value: there is none.
    """
    value = next_element(cell)
    row = _row_of(cell) if cell.tag in _CELLS and value is not None and not _text(value) else []
    if not 0 < len(row) <= _MOST_LABELS:
        return False
    place = row.index(cell)
    blanks = 0
    rows = _rows_beside(cell)
    if not any(row[place : place + 1] == [cell] for row in rows):
        return False  # further down than any metadata block reaches
    for row in rows:
        if len(row) > place + 2 and _is_label(row[place], table):
            if _text(row[place + 1]):
                return False
            blanks += 1
    return blanks >= 2


def value_below(cell: Element, table: LabelTable) -> Element | None:
    """Return the cell below a label, where a row of nothing but labels stands over one row of values.

    More rows of values, or a link among them, make it a list of items.
    """
    if cell.tag not in _CELLS:
        return None
    row = _row_of(cell)
    if not _LEAST_LABELS <= len(row) <= _MOST_LABELS or not all(_is_label(c, table) for c in row):
        return None
    rows = _rows_beside(cell)
    number = next((n for n, cells in enumerate(rows) if cells and cells[0] is row[0]), len(rows))
    below = rows[number + 1] if number + 1 < len(rows) else []
    if len(below) != len(row) or any(
        _is_label(c, table) or next(c.iter("a"), None) is not None for c in below
    ):
        return None
    behind = rows[number + 2] if number + 2 < len(rows) else []
    if behind and not all(_is_label(c, table) for c in behind):
        return None
    return below[row.index(cell)]


def _row_of(cell: Element) -> list[Element]:
    return _cells(cell.getparent())


def _cells(row: Element) -> list[Element]:
    """Return the cells of a row; of a row too wide to be a block's, one more than a block has."""
    return list(islice((c for c in row if c.tag in _CELLS), _MOST_LABELS + 1))


def _rows_beside(cell: Element) -> list[list[Element]]:
    """Return the cells of the first rows of the table's part (tbody) that holds the cell."""
    rows = cell.getparent().getparent()
    if rows is None:
        return []
    return [_cells(row) for row in islice(rows.iterchildren("tr"), _MOST_ROWS)]


def _text(cell: Element) -> str:
    return "".join(cell.itertext()).strip()


def _is_label(cell: Element, table: LabelTable) -> bool:
    return table.meaning("".join(cell.itertext())[:_LABEL_LENGTH]) is not None


def _heads_plain_rows(row: list[Element], table: LabelTable) -> bool:
    """Tell whether the row below has as many cells and no label: 序号, 项目, 责任单位, 期限 over data."""
    below = row[0].getparent().getnext()
    if below is None or below.tag != "tr":
        return False
    cells = [cell for cell in below if cell.tag in _CELLS]
    return len(cells) == len(row) and not any(_is_label(cell, table) for cell in cells)
