"""Made-up names: streets, villages, schools, companies, people. A few are common, most are rare."""

from collections.abc import Callable, Sequence
from functools import cache
from random import Random
from typing import Any, TypeVar

from demo.data import load

T = TypeVar("T")
NameMaker = Callable[[Random], str]


def pick(rng: Random, choices: Sequence[T]) -> T:
    """Return one of the choices, all alike."""
    return choices[int(rng.random() * len(choices))]


def pick_skewed(rng: Random, choices: Sequence[T]) -> T:
    """Return one of the choices, the first ones far more often (roughly Zipf's law)."""
    return choices[int(len(choices) ** rng.random()) - 1]


@cache
def name_makers() -> dict[str, NameMaker]:
    """Return the makers of names by the slot they fill."""
    stock: dict[str, Any] = load("places.json")
    first, second = stock["first_chars"], stock["second_chars"]
    surnames, given = stock["surnames"], stock["given_chars"]
    pairs = _shuffled([a + b for a in first for b in second if a != b])

    def place(endings: list[str]) -> NameMaker:
        return lambda rng: pick_skewed(rng, pairs) + pick(rng, endings)

    def company(rng: Random) -> str:
        trade = pick_skewed(rng, stock["company_trades"])
        return f"泓州{pick_skewed(rng, pairs)}{trade}{pick(rng, stock['company_endings'])}"

    def person(rng: Random) -> str:
        last = pick(rng, given) if rng.random() < 0.7 else ""
        return f"{pick_skewed(rng, surnames)}{pick(rng, given)}{last}"

    def phone(rng: Random) -> str:
        # 0599x is no city's code, so nobody is rung up.
        return f"05990-{int(rng.random() * 9_000_000) + 1_000_000}"

    return {
        "street": place(stock["street_endings"]),
        "village": place(stock["village_endings"]),
        "estate": place(stock["estate_endings"]),
        "school": place(stock["school_endings"]),
        "hospital": place(stock["hospital_endings"]),
        "company": company,
        "person": person,
        "phone": phone,
        "river": lambda rng: pick(rng, stock["rivers"]),
        "hall": lambda rng: pick(rng, stock["halls"]),
    }


@cache
def place_stock(name: str) -> tuple[str, ...]:
    """Return a list of fixed names: districts or towns."""
    return tuple(load("places.json")[name])


def _shuffled(names: list[str]) -> list[str]:
    Random(0).shuffle(names)  # noqa: S311 (the order is part of the demo's stock, the same for every seed)
    return names
