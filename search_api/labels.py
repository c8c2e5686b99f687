"""What codes are called: the catalogue's terms in the form in which answers carry them."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

from catalog.terms import Terms
from indexer.requests import MISSING, SUBSITE
from search_api import wording

if TYPE_CHECKING:
    from search_api.answers import Code


class Labels:
    """Labels and parents of codes. A code that nobody knows is shown as it is."""

    def __init__(self, terms: Terms, subsites: dict[str, str]) -> None:
        self._terms = terms
        self._subsites = subsites

    def label(self, facet: str, code: str) -> str:
        """Return what a person reads for a value of a facet or of `subsite`."""
        if code == MISSING:
            return wording.MISSING
        if facet == SUBSITE:
            return self._subsites.get(code, code)
        return self._terms.label(facet, code)

    def parent(self, facet: str, code: str) -> str | None:
        """Return the code one level up, if any."""
        return self._terms.parent(facet, code)

    def path(self, facet: str, code: str) -> tuple[str, ...]:
        """Return the code, then what stands above it; '未标明' is no code and has no path."""
        return () if code == MISSING else self._terms.lineage(facet, code)

    def code(self, facet: str, code: str) -> "Code":
        """Return one code with its label."""
        return {"code": code, "label": self.label(facet, code)}

    def codes(self, facet: str, codes: Iterable[str]) -> "list[Code]":
        """Return codes with their labels."""
        return [self.code(facet, code) for code in codes]
