"""Made-up names: streets, villages, schools, companies, people. A few are common, most are rare.

Names never run out: a draw is a rank, and a rank is a name. With ranks drawn by the law of Zipf and
Mandelbrot the number of different names grows with that of names written as it does in real
collections (Heaps' law), without anything to be remembered.
"""

from collections.abc import Callable, Sequence
from functools import cache
from random import Random
from typing import Any, TypeVar

from demo.codes import code_makers
from demo.data import load

T = TypeVar("T")
NameMaker = Callable[[Random], str]

_COMMON = 120
"""How many ranks share the head of the distribution; below one name is everywhere."""

_TAIL = 0.6
"""Exponent of the tail: n draws bring about n ** (1 / (1 + _TAIL)) different ranks."""

_STRIDE = 1_000_003
"""A prime that is no factor of any stock's size: neighbouring ranks get unlike names."""


def pick(rng: Random, choices: Sequence[T]) -> T:
    """Return one of the choices, all alike."""
    return choices[int(rng.random() * len(choices))]


def pick_skewed(rng: Random, choices: Sequence[T]) -> T:
    """Return one of the choices, the first ones far more often (roughly Zipf's law)."""
    return choices[int(len(choices) ** rng.random()) - 1]


def draw_rank(rng: Random) -> int:
    """Return a rank from 0 up, without end; low ones are frequent, high ones come once."""
    return int(_COMMON * ((1.0 - rng.random()) ** (-1.0 / _TAIL) - 1.0))


def scattered(rank: int, size: int) -> int:
    """Return the place of a rank in a stock of that size; all places are used before one comes again."""
    return rank * _STRIDE % size


@cache
def name_makers() -> dict[str, NameMaker]:
    """Return the makers of names by the slot they fill."""
    stock: dict[str, Any] = load("places.json")
    first: str = stock["first_chars"]
    second: str = stock["second_chars"]
    surnames, given = stock["surnames"], stock["given_chars"]
    cores: str = stock["core_chars"]
    pairs: list[str] = _shuffled([a + b for a in first for b in second if a != b])

    def core(rng: Random) -> str:
        rank = draw_rank(rng)
        if rank < len(pairs) // 4:
            return pairs[rank]
        number = scattered(rank, len(cores) ** 2 * len(second))
        number, last = divmod(number, len(second))
        high, low = divmod(number, len(cores))
        # The usual end of a name is a hill or a pool, but not always.
        return cores[high] + (cores[low] if rank % 3 else cores[low] + second[last])

    def place(endings: list[str]) -> NameMaker:
        return lambda rng: core(rng) + pick(rng, endings)

    def company(rng: Random) -> str:
        trade = pick_skewed(rng, stock["company_trades"])
        return f"泓州{core(rng)}{trade}{pick(rng, stock['company_endings'])}"

    def project(rng: Random) -> str:
        return f"{core(rng)}{pick(rng, stock['project_kinds'])}项目"

    def person(rng: Random) -> str:
        rank = draw_rank(rng)
        high, low = divmod(scattered(rank, len(given) ** 2), len(given))
        return f"{pick_skewed(rng, surnames)}{given[high]}{given[low] if rank % 10 < 7 else ''}"

    def phone(rng: Random) -> str:
        # 0599x is no city's code, so nobody is rung up.
        return f"05990-{scattered(draw_rank(rng), 9_000_000) + 1_000_000}"

    return {
        **code_makers(),
        "street": place(stock["street_endings"]),
        "village": place(stock["village_endings"]),
        "estate": place(stock["estate_endings"]),
        "school": place(stock["school_endings"]),
        "hospital": place(stock["hospital_endings"]),
        "company": company,
        "project": project,
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
