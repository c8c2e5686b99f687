"""Whether a document is in force: what its pages state, and what later documents say of it."""

from collections.abc import Iterable
from typing import NamedTuple

from catalog.records import RelationKind
from catalog.relating import Claim

REPEALED, AMENDED = "LV03", "LV04"
_SAYING = {RelationKind.REPEALS: REPEALED, RelationKind.AMENDS: AMENDED}
_OVERRULED = {
    REPEALED: frozenset({None, "LV01", AMENDED, "LV05", "LV06"}),
    AMENDED: frozenset({None, "LV01", "LV06"}),
}
"""Which stated values a later document overrules: a page keeps saying 有效 after its document has ended."""


class Force(NamedTuple):
    """A code of the vocabulary of validity (None: nobody says), whether it is derived, and what is possible.

    `derived` is only ever true where number and wording of another document leave no doubt; everything
    softer is `possible` and must be shown as 可能.
    """

    code: str | None
    derived: bool = False
    possible: str | None = None


def in_force(stated: str | None, claims: Iterable[Claim]) -> Force:
    """Weigh what the pages state against what others say."""
    said = [(claim.explicit, _SAYING[claim.kind]) for claim in claims if claim.kind in _SAYING]
    for code in (REPEALED, AMENDED):
        if (True, code) in said and stated in _OVERRULED[code]:
            return Force(code, derived=True)
    possible = (code for code in (REPEALED, AMENDED) if (False, code) in said and stated in _OVERRULED[code])
    return Force(stated, possible=next(possible, None))
