"""The kinds of documents: which genre, who writes them, how often, and how they are laid out."""

from dataclasses import dataclass
from functools import cache
from itertools import accumulate
from random import Random
from typing import Any

from demo.bodies import Body, bodies
from demo.data import load
from demo.subjects import Subject, subjects_of


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of document; `outline` is the list of its parts (see `composing`)."""

    name: str
    genre: str
    weight: int
    who: tuple[str, ...]  # kinds of bodies, or keys of bodies
    column: str
    titles: tuple[str, ...]
    outline: tuple[str, ...]
    inner: str | None = None  # the genre of what it encloses
    rule: tuple[str, ...] = ()  # titles of what it encloses
    numbered: bool = False
    yearly: bool = False  # numbered 2012年第5号 instead of 〔2012〕5号
    order: bool = False  # numbered 令第5号 through all years
    joint: bool = False
    subjects: tuple[str, ...] = ()  # only subjects of these audiences, life cycles and content classes
    pins: tuple[str, ...] = ()  # names that stay the same throughout
    suffix: str = ""  # stands behind the number's code: 罚, 许


@cache
def kinds() -> tuple[Kind, ...]:
    """Return all kinds."""
    return tuple(_kind(name, facts) for name, facts in load("kinds.json").items() if not name.startswith("_"))


def _kind(name: str, facts: dict[str, Any]) -> Kind:
    values: dict[str, Any] = {}
    for key, value in facts.items():
        values[key] = tuple(value) if isinstance(value, list) else value
    return Kind(name, **values)


@cache
def _cumulative_weights() -> tuple[int, ...]:
    return tuple(accumulate(kind.weight for kind in kinds()))


def choose_kind(rng: Random) -> Kind:
    """Return a kind, the usual ones more often."""
    return rng.choices(kinds(), cum_weights=_cumulative_weights())[0]


@cache
def writers(kind: Kind) -> tuple[Body, ...]:
    """Return the bodies that write this kind, those that have a subject for it."""
    return tuple(
        body
        for body in bodies().values()
        if (body.key in kind.who or body.kind in kind.who) and kind_subjects(kind, body.key)
    )


@cache
def kind_subjects(kind: Kind, body: str) -> tuple[Subject, ...]:
    """Return what the body with this key may write about in this kind of document."""
    allowed = subjects_of(body)
    if not kind.subjects:
        return allowed
    return tuple(
        subject
        for subject in allowed
        if subject.column in kind.subjects
        or subject.audience.startswith(kind.subjects)
        or (subject.life_cycle or "").startswith(kind.subjects)
    )
