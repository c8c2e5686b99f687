"""What speaks for two publications being appearances of one document.

Two publications agree only by two safe rules (`shared/design.md`, "The records"):

* `same_text`: the bodies are identical (folded), have at least 200 visible characters, and the
  titles agree;
* `same_number`: the *printed* 文号 and the title agree.

Titles agree when they are equal after folding or one holds the other.

What staff decided counts before that: publications that they tied are one document whatever they say,
and one that they split out agrees with no other.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from hashlib import sha256
from itertools import combinations

from catalog.folding import fold
from catalog.records import Field, Provenance, Witness

SAFE_TEXT_LENGTH = 200
"""Visible characters from which an identical body is evidence; the shorter ones are templates."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """What a publication offers for finding its document. All values are folded.

    `ties` are the decisions of staff that tie it to others, `apart` whether staff split it out.
    """

    title: str
    text: str | None
    doc_numbers: frozenset[str]
    ties: frozenset[str] = frozenset()
    apart: bool = False

    def rows(self) -> Iterator[tuple[str, str]]:
        """Give the (kind, value) pairs as they are stored."""
        yield "title", self.title
        yield from self._offered()

    def shared(self) -> Iterator[tuple[str, str]]:
        """Give the (kind, value) pairs one of which agreeing publications share."""
        return iter(()) if self.apart else self._offered()

    def _offered(self) -> Iterator[tuple[str, str]]:
        if self.text is not None:
            yield "text", self.text
        for number in sorted(self.doc_numbers):
            yield "doc_number", number

    @classmethod
    def of_rows(cls, rows: Iterable[tuple[str, str]]) -> "Evidence":
        """Read what `rows` gave."""
        found: dict[str, list[str]] = defaultdict(list)
        for kind, value in rows:
            found[kind].append(value)
        return cls(found["title"][0], next(iter(found["text"]), None), frozenset(found["doc_number"]))


def evidence_of(title: str, folded_text: str, stated: list[tuple[Witness, str | None]]) -> Evidence:
    """Put together the evidence of a publication from its title, its folded text and its witnesses."""
    numbers = {
        value
        for witness, value in stated
        if value and witness.field is Field.DOC_NUMBER and witness.provenance is Provenance.PRINTED
    }
    long_enough = len(folded_text) >= SAFE_TEXT_LENGTH
    digest = sha256(folded_text.encode()).hexdigest() if long_enough else None
    return Evidence(fold(title), digest, frozenset(numbers))


def titles_agree(one: str, other: str) -> bool:
    """Tell whether two folded titles are equal or one holds the other."""
    return bool(one) and bool(other) and (one in other or other in one)


def connected(members: Mapping[str, Evidence]) -> list[set[str]]:
    """Part publications so that those which agree, directly or through others, are together."""
    together = {name: {name} for name in members}
    tied: dict[str, str] = {}
    for name, evidence in members.items():
        for decision in evidence.ties:
            _unite(together, name, tied.setdefault(decision, name))
    sharing: dict[tuple[str, str], dict[str, str]] = defaultdict(dict)
    for name, evidence in members.items():
        for pair in evidence.shared():
            # The first to share a value under a title stands for all who do.
            _unite(together, name, sharing[pair].setdefault(evidence.title, name))
    for by_title in sharing.values():
        for (title, name), (other_title, other) in combinations(by_title.items(), 2):
            if titles_agree(title, other_title):
                _unite(together, name, other)
    return list({id(part): part for part in together.values()}.values())


def _unite(together: dict[str, set[str]], one: str, other: str) -> None:
    small, large = sorted((together[one], together[other]), key=len)
    if small is not large:
        large |= small
        together.update(dict.fromkeys(small, large))
