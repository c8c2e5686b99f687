"""A small phrase grammar: symbols stand for several sentences, sentences have slots.

A slot is `{symbol}` (a value of the document's context, a made-up name or another phrase),
`{n:5-20}` (a whole number; `{n:100-900*50}` in steps of 50) or `{f:1-9}` (a number with one decimal).
"""

import re
from collections.abc import Callable
from functools import cache
from random import Random

from demo.data import load
from demo.names import name_makers, pick

Sentence = Callable[["Pen"], str]
_SLOT = re.compile(r"\{([a-z_0-9]+)(?::(\d+)-(\d+)(?:\*(\d+))?)?\}")


class Pen:
    """Writes sentences about one thing: `context` holds the words that stay the same.

    `turns` holds words that take turns (the terms and measures of a subject), so that a text
    does not say one thing twice in a row.
    """

    def __init__(self, rng: Random, context: dict[str, str], turns: dict[str, list[str]]) -> None:
        self.rng = rng
        self.context = context
        self._turns = turns
        self._next = dict.fromkeys(turns, 0)
        self._unsaid: dict[str, list[int]] = {}
        for words in turns.values():
            rng.shuffle(words)

    def say(self, symbol: str) -> str:
        """Return a value, a name or a phrase for the symbol."""
        if (value := self.context.get(symbol)) is not None:
            return value
        if symbol in self._turns:
            return self._take(symbol)
        if (maker := name_makers().get(symbol)) is not None:
            return maker(self.rng)
        return pick(self.rng, sentences(symbol))(self)

    def write(self, template: str) -> str:
        """Return the template with its slots filled."""
        return compile_template(template)(self)

    def several(self, symbol: str, count: int) -> list[str]:
        """Return that many different sentences of the symbol, those not said before first, in their order."""
        choices = sentences(symbol)
        unsaid = self._unsaid.setdefault(symbol, [])
        if len(unsaid) < min(count, len(choices)):
            unsaid[:] = range(len(choices))
            self.rng.shuffle(unsaid)
        chosen = sorted(unsaid.pop() for _ in range(min(count, len(choices))))
        return [choices[number](self) for number in chosen]

    def all_of(self, symbol: str) -> list[str]:
        """Return every sentence of the symbol, in its order."""
        return [sentence(self) for sentence in sentences(symbol)]

    def between(self, low: int, high: int) -> int:
        """Return a whole number from low to high."""
        return low + int(self.rng.random() * (high - low + 1))

    def _take(self, symbol: str) -> str:
        words = self._turns[symbol]
        self._next[symbol] += 1
        return words[self._next[symbol] % len(words)]


@cache
def sentences(symbol: str) -> tuple[Sentence, ...]:
    """Return the compiled sentences of a symbol; KeyError if there is no such symbol."""
    return tuple(compile_template(template) for template in phrase_stock()[symbol])


@cache
def phrase_stock() -> dict[str, list[str]]:
    """Return the templates by symbol."""
    stock: dict[str, list[str]] = load("phrases.json")
    return stock


@cache
def compile_template(template: str) -> Sentence:
    """Return a function that fills the template's slots."""
    pieces = _SLOT.split(template)
    layout = "".join(
        piece.replace("%", "%%") if place % 5 == 0 else "%s" if place % 5 == 1 else ""
        for place, piece in enumerate(pieces)
    )
    slots = [_slot(*pieces[place : place + 4]) for place in range(1, len(pieces), 5)]
    if not slots:
        return lambda _pen: template
    # 户口迁移和居住证管理 + 管理办法
    return lambda pen: (layout % tuple([slot(pen) for slot in slots])).replace("管理管理", "管理")


def _slot(symbol: str, low: str | None, high: str | None, step: str | None) -> Sentence:
    if low is None or high is None:
        return lambda pen: pen.say(symbol)
    first, last, size = int(low), int(high), int(step or 1)
    if symbol == "n":
        return lambda pen: str(first + size * int(pen.rng.random() * ((last - first) // size + 1)))
    return lambda pen: f"{first + pen.rng.random() * (last - first):.1f}"
