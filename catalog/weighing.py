"""Which of several statements counts: what the most trusted witnesses say."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from catalog.folding import fold
from catalog.records import TRUST, Field, Provenance, Witness

_TRUST = {provenance.value: rank for provenance, rank in TRUST.items()}


class Statement(NamedTuple):
    """A stored statement of a fact; `value` is None where it could not be read."""

    field: str
    raw: str
    provenance: str
    value: str | None

    def witness(self) -> Witness:
        """Return the statement as it was stated."""
        return Witness(Field(self.field), self.raw, Provenance(self.provenance))


Valued = Mapping[str, Sequence[tuple[int, str, str]]]
"""Statements that could be read, by field: rank of trust (0 is the highest), value, as printed."""


def valued(statements: Iterable[Statement]) -> Valued:
    """Return the statements that could be read, in their order."""
    found: dict[str, list[tuple[int, str, str]]] = defaultdict(list)
    for field, raw, provenance, value in statements:
        if value is not None:
            found[field].append((_TRUST[provenance], value, raw))
    return found


def best(sources: Iterable[Valued], field: Field) -> tuple[str, ...]:
    """Return the values of a field that the most trusted witnesses of all sources state."""
    return distinct([value for _, value, _ in _most_trusted(sources, field)])


def best_raw(source: Valued, field: Field) -> tuple[str, ...]:
    """Return the statements of a field as printed, from its most trusted witnesses."""
    return distinct([raw for _, _, raw in _most_trusted((source,), field)])


def distinct(values: Sequence[str]) -> tuple[str, ...]:
    """Return the values once each, those that differ only in folding as one."""
    if len(values) < 2:
        return tuple(values)
    found: dict[str, str] = {}
    for value in values:
        found.setdefault(fold(value), value)
    return tuple(found.values())


def _most_trusted(sources: Iterable[Valued], field: Field) -> list[tuple[int, str, str]]:
    stated = [statement for source in sources for statement in source.get(field, ())]
    if len(stated) < 2:
        return stated
    most = min(trust for trust, _, _ in stated)
    return [statement for statement in stated if statement[0] == most]
