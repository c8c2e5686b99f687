"""What a peer answers: enough to check that all found the same."""

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Answer:
    """The exact total, how many documents of the first ten came, and the counts of every facet value."""

    total: int
    hits: int
    facets: dict[str, dict[str, int]] | None = None


def digest(answer: Answer) -> list[Any]:
    """Return what must be equal for all engines: the total, then per facet how many values and their sum."""
    found: list[Any] = [answer.total]
    for name in sorted(answer.facets or ()):
        counts = answer.facets[name].values()
        found.append([name, sum(1 for count in counts if count), sum(counts)])
    return found
