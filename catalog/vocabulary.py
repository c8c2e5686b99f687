"""The controlled vocabularies of the classifications, and what printed values mean in them.

Each lies in `data/vocabularies/*.json` with its terms, its aliases and the ways its values are
joined on pages. Codes are the project's own and stable.
"""

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

from catalog.folding import clean, fold
from catalog.missing import is_missing

_FILES = {
    "topic": "topic",
    "genre": "genre",
    "audience": "audience",
    "life_cycle": "life_cycle",
    "format": "format",
    "column": "content_class",
    "validity": "validity",
}
_UNHEARD = str.maketrans("", "", "、,·・")  # signs inside names that pages leave out or exchange


@dataclass(frozen=True, slots=True)
class Term:
    """One term: its code, its label, the code one level up, and other names for it."""

    code: str
    label: str
    parent: str | None = None
    aliases: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Entry:
    """A name's bearer: a term of the tree, or one of another scheme that maps into it."""

    term: Term
    maps_to: tuple[str, ...]


def unlisted_code(label: str) -> str:
    """Return the code of a label that no list has: `x-` and 12 hex digits of its folded text's SHA-256."""
    return "x-" + hashlib.sha256(fold(label).encode("utf-8", "surrogatepass")).hexdigest()[:12]


class Vocabulary:
    """The terms of one field."""

    def __init__(self, data: Mapping[str, Any]) -> None:
        """Take a vocabulary file's content; its shape is described in `data/vocabularies/README.md`."""
        self.terms = tuple(_term(entry) for entry in data["terms"])
        self._by_code = {term.code: term for term in self.terms}
        self._value_separators: str = data["value_separators"]
        self._path_separators: str = data["path_separators"]
        self._ignored = frozenset(map(_skeleton, data.get("ignored", ())))
        mapped = [_Entry(_term(entry), tuple(entry["maps_to"])) for entry in data.get("mapped_terms", ())]
        self._entries: dict[str, list[_Entry]] = {}
        for entry in [*(_Entry(term, (term.code,)) for term in self.terms), *mapped]:
            for name in dict.fromkeys(map(_skeleton, (entry.term.label, *entry.term.aliases))):
                self._entries.setdefault(name, []).append(entry)

    def label(self, code: str) -> str | None:
        """Return the label of a code of this vocabulary, else None."""
        term = self._by_code.get(code)
        return term.label if term else None

    def parent(self, code: str) -> str | None:
        """Return the code one level up, None at the root or for a code of another list."""
        term = self._by_code.get(code)
        return term.parent if term else None

    def lineage(self, code: str) -> tuple[str, ...]:
        """Return the code itself, then its ancestors up to the root."""
        codes = [code]
        while (parent := self.parent(codes[-1])) is not None:
            codes.append(parent)
        return tuple(codes)

    def resolve(self, raw: str) -> tuple[Term, ...]:
        """Return the terms that a printed value stands for, in its order.

        A value may hold several (；); a path (综合政务\\政务公开) means its deepest known level. What is
        on no list becomes a term with a code of its own. A value that says there is none gives ().
        """
        found: dict[str, Term] = {}
        for value in self._values(clean(raw)):
            for term in self._resolve_one(value):
                found.setdefault(term.code, term)
        return tuple(found.values())

    def _values(self, raw: str) -> Iterator[str]:
        if self._find(raw) or is_missing(raw):
            yield raw
        else:
            yield from _split(raw, self._value_separators)

    def _resolve_one(self, value: str) -> tuple[Term, ...]:
        if is_missing(value) or _skeleton(value) in self._ignored or not _skeleton(value):
            return ()
        if known := self._find(value):
            return known
        steps = _split(value, self._path_separators)
        if len(steps) > 1 and (known := self._deepest(steps)):
            return known
        listed = [self._find(name) for name in value.split("、")]
        if "、" in value and all(listed):  # 公民、企业: only where every part is a known name
            return tuple(term for terms in listed for term in terms)
        return (Term(unlisted_code(value), value.strip()),)

    def _deepest(self, steps: list[str]) -> tuple[Term, ...]:
        """Return the deepest step that is known under the step before it, or else by itself."""
        for depth in range(len(steps) - 1, -1, -1):
            above = {entry.term.code for step in steps[:depth] for entry in self._named(step)}
            for entry in self._named(steps[depth]):
                if entry.term.parent in above:
                    return self._mapped(entry)
            if (depth == 0 or not self._is_vague(steps[depth])) and (known := self._find(steps[depth])):
                return known
        return ()

    def _find(self, value: str) -> tuple[Term, ...]:
        """Return what a single name means: the highest level that bears it, our own tree first."""
        entries = self._named(value)
        if self._is_vague(value):
            entries = [entry for entry in entries if entry.term.parent is None]
        return self._mapped(entries[0]) if entries else ()

    def _named(self, name: str) -> list[_Entry]:
        return self._entries.get(_skeleton(name), [])

    def _is_vague(self, name: str) -> bool:
        """Tell whether several terms bear a name (其他), which then says nothing without its parent."""
        return sum(entry.term.code in self._by_code for entry in self._named(name)) > 1

    def _mapped(self, entry: _Entry) -> tuple[Term, ...]:
        return tuple(self._by_code[code] for code in entry.maps_to)


class _Vocabularies(Mapping[str, Vocabulary]):
    """The vocabularies by field name, each read when first asked for."""

    def __getitem__(self, field: str) -> Vocabulary:
        if field not in _FILES:
            raise KeyError(field)
        return vocabulary(field)

    def __iter__(self) -> Iterator[str]:
        return iter(_FILES)

    def __len__(self) -> int:
        return len(_FILES)


VOCABULARIES: Mapping[str, Vocabulary] = _Vocabularies()


@cache
def vocabulary(field: str) -> Vocabulary:
    """Return the vocabulary of a field: topic, genre, audience, life_cycle, format, column or validity.

    Raises KeyError for any other.
    """
    return Vocabulary(read_vocabulary_file(_FILES[field]))


def read_vocabulary_file(name: str) -> dict[str, Any]:
    """Return the content of one data file, for those who need more than terms."""
    raw = resources.files("catalog").joinpath(f"data/vocabularies/{name}.json").read_text("utf-8")
    content: dict[str, Any] = json.loads(raw)
    return content


def _term(entry: Mapping[str, Any]) -> Term:
    return Term(entry["code"], entry["label"], entry.get("parent"), tuple(entry.get("aliases", ())))


def _skeleton(name: str) -> str:
    """Return a name for comparison: folded, without the signs that pages leave out."""
    return fold(name).translate(_UNHEARD)


def _split(value: str, separators: str) -> list[str]:
    for separator in separators:
        value = value.replace(separator, "\n")
    return [piece for part in value.split("\n") if (piece := part.strip())]
