"""Numbers that stand once or twice in all documents: certificates, cases, parcels, amounts of money."""

from collections.abc import Callable
from random import Random

_REGION = 349900
"""No real region of GB/T 2260, so that no number is anybody's."""

_SIGNS = "0123456789ABCDEFGHJKLMNPQRTUWXY"
"""What a 统一社会信用代码 is made of (GB 32100)."""


def code_makers() -> dict[str, Callable[[Random], str]]:
    """Return the makers of numbers by the slot they fill."""
    return {
        "credit_code": _credit_code,
        "masked_id": _masked_id,
        "permit": lambda rng: f"JY1{_REGION}{_digits(rng, 7)}",
        "certificate": lambda rng: f"{_REGION}{_digits(rng, 6)}",
        "parcel": lambda rng: f"HZ{2008 + int(rng.random() * 17)}-{_digits(rng, 4)}",
        "plate": lambda rng: f"泓H·{_signs(rng, 5)}",
        "room": _room,
        "money": _money,
    }


def _credit_code(rng: Random) -> str:
    return f"91{_REGION}MA{_signs(rng, 8)}"


def _masked_id(rng: Random) -> str:
    """Return the number of an identity card as a list prints it: 349900********123X."""
    return f"{_REGION}********{_digits(rng, 3)}{_SIGNS[int(rng.random() * 10)]}"


def _room(rng: Random) -> str:
    floor, door = 1 + int(rng.random() * 33), 1 + int(rng.random() * 6)
    return f"{1 + int(rng.random() * 48)}幢{floor}{door:02}室"


def _money(rng: Random) -> str:
    """Return an amount in yuan with its cents; small ones are as frequent as ten times larger ones."""
    return f"{10 ** (2 + rng.random() * 5):.2f}"


def _digits(rng: Random, count: int) -> str:
    return f"{int(rng.random() * 10**count):0{count}}"


def _signs(rng: Random, count: int) -> str:
    return "".join(_SIGNS[int(rng.random() * len(_SIGNS))] for _ in range(count))
