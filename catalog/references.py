"""References: where a sentence names another document, by its 《title》, its 文号, or both."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from catalog import doc_numbers
from catalog.doc_numbers import DocNumber
from catalog.folding import fold

LONGEST_TITLE = 200
_NEAR = 3
"""Characters that may stand between a title and its number: 》（泓政〔2012〕45号）."""
_BETWEEN = re.compile(r"[\s(,、]*|文件?|号?文件?[\s(]*")
_ISSUES = ("印发", "发布", "公布")
_NOTICE = re.compile(r"的?(?:通知|公告|通告|决定|命令|令)\s*\(\s*")
"""关于印发《甲办法》的通知（泓政〔2012〕45号）: the number is that of the notice that issues it."""


@dataclass(frozen=True, slots=True)
class Reference:
    """A document named in a sentence: its title and number as far as they are given, and where.

    `start` and `end` are places in the sentence as it was normalised for finding.
    """

    title: str | None
    number: DocNumber | None
    start: int
    end: int

    @property
    def folded_title(self) -> str | None:
        """The title in the form in which titles are compared."""
        return None if self.title is None else fold(self.title)

    @property
    def key(self) -> str | None:
        """The number in the form in which numbers are compared."""
        return None if self.number is None else self.number.key


def find_references(sentence: str) -> list[Reference]:
    """Return the documents that a normalised sentence (`doc_numbers.normalised`) names, in its order."""
    titles = list(_titles(sentence))
    numbers = [
        found
        for found in doc_numbers.located(sentence)
        if not any(title.start < found.start < title.end for title in titles)
    ]
    references: list[Reference] = []
    taken: set[int] = set()
    for title in titles:
        number = next((n for n in numbers if n.start not in taken and _belong(sentence, title, n)), None)
        if number is None:
            references.append(title)
            continue
        taken.add(number.start)
        span = min(title.start, number.start), max(title.end, number.end)
        references.append(Reference(title.title, number.number, *span))
    references += [
        Reference(None, found.number, found.start, found.end) for found in numbers if found.start not in taken
    ]
    return sorted(references, key=lambda reference: reference.start)


def _belong(sentence: str, title: Reference, number: doc_numbers.Located) -> bool:
    """Tell whether a number stands right behind or before a title."""
    is_issued = sentence[: title.start].endswith(_ISSUES)
    if is_issued and title.end <= number.start and _NOTICE.fullmatch(sentence[title.end : number.start]):
        return True
    (_, first_end), (second_start, _) = sorted([(title.start, title.end), (number.start, number.end)])
    between = sentence[first_end:second_start]
    return len(between) <= _NEAR and _BETWEEN.fullmatch(between) is not None


def _titles(sentence: str) -> Iterator[Reference]:
    """Yield what stands in 《》, the outermost where one stands in another."""
    depth, start = 0, 0
    for place, char in enumerate(sentence):
        if char == "《":
            if depth == 0:
                start = place
            depth += 1
        elif char == "》" and depth:
            depth -= 1
            if depth == 0 and 1 < place - start <= LONGEST_TITLE:
                yield Reference(sentence[start + 1 : place].strip(), None, start, place + 1)
