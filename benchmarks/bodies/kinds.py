"""The kinds that the reader finds beside those that a person gave (`docs/page-kinds.md`)."""

import json
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from crawlers.reading import read_page

LABELS = Path(__file__).parents[2] / "docs" / "page-kinds.md"
_ROW = re.compile(r"^\| `(?P<page>[^`]+)` \| (?P<kind>\w+) \|", re.MULTILINE)


def labels() -> dict[str, str]:
    """Return the label of each saved page, by its path below the folder of saved pages."""
    return {row["page"]: row["kind"] for row in _ROW.finditer(LABELS.read_text("utf-8"))}


def print_kinds(folder: Path) -> int:
    """Print one JSON line per page and the confusion of kinds; return how many pages disagree."""
    confusion: Counter[str] = Counter()
    wrong = 0
    for page, labelled, found in _compared(folder):
        wrong += labelled != found
        confusion[f"{labelled} > {found}"] += 1
        print(json.dumps({"page": page, "labelled": labelled, "found": found}, ensure_ascii=False))
    total = confusion.total()
    print(
        json.dumps(
            {"pages": total, "right": total - wrong, "labelled > found": dict(sorted(confusion.items()))}
        )
    )
    return wrong


def _compared(folder: Path) -> Iterator[tuple[str, str, str]]:
    for page, labelled in labels().items():
        yield page, labelled, read_page((folder / page).read_bytes()).page_kind.value
