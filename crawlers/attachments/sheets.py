"""Text of spreadsheets (xls, et, xlsx, xlsb, ods): a line per row, cells parted by a tab."""

import datetime
import io
from typing import Any

from python_calamine import CalamineError, CalamineWorkbook, PasswordError, SheetVisibleEnum

from crawlers.attachments.members import Members
from crawlers.attachments.reading import MAX_CHARACTERS, FileProblem, UnreadableError


def workbook_text(body: bytes) -> str:
    """Return the text of all sheets that are shown, each under its name."""
    if body.startswith(b"PK"):
        Members(body).check()
    try:
        workbook = CalamineWorkbook.from_filelike(io.BytesIO(body))
        shown = [s.name for s in workbook.sheets_metadata if s.visible == SheetVisibleEnum.Visible]
        return "\n".join(_shown(workbook, shown))
    except PasswordError as error:
        raise UnreadableError(FileProblem.ENCRYPTED) from error
    except (CalamineError, ValueError, OSError) as error:
        raise UnreadableError(FileProblem.BROKEN) from error


def _shown(workbook: Any, names: list[str]) -> list[str]:
    sheets: dict[str, list[str]] = {}
    characters = 0
    for name in names:
        rows = [line for row in workbook.get_sheet_by_name(name).iter_rows() if (line := _line(row))]
        if rows:
            sheets[name] = rows
        characters += sum(map(len, rows))
        if characters > MAX_CHARACTERS:
            break
    named = len(sheets) > 1
    return [line for name, rows in sheets.items() for line in ([name, *rows] if named else rows)]


def _line(row: list[Any]) -> str:
    return "\t".join(text for cell in row if (text := _cell(cell)))


def _cell(value: Any) -> str:
    if isinstance(value, float):
        # 0.1 + 0.2 is shown as 0.3: a sheet shows at most 15 digits.
        return f"{value:.15g}" if abs(value) < 1e15 else str(value)
    if isinstance(value, datetime.datetime) and value.time() == datetime.time():
        return value.date().isoformat()
    if isinstance(value, bool):
        return ""
    return " ".join(str(value).split())
