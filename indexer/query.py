"""A query in logical terms: what an engine evaluates, and nothing about how.

Every text in it is folded. `shared/design.md`, "What a match is", defines the terms; in short:

* a document *holds* a word of three or more characters if its folded text contains it, one of one
  or two if it stands there as a token;
* it matches if one `Reading` takes it, or it contains one of `verbatim`, or (if `keys_match`) it
  bears one of `keys`.
"""

from dataclasses import dataclass
from enum import StrEnum

from indexer.requests import Scope


class TermField(StrEnum):
    """Where terms stand: the whole document or its titles."""

    WORDS = "words"
    BIGRAMS = "bigrams"
    TITLE_WORDS = "title_words"
    TITLE_BIGRAMS = "title_bigrams"


WORD_FIELD = {Scope.ALL: TermField.WORDS, Scope.TITLE: TermField.TITLE_WORDS}
BIGRAM_FIELD = {Scope.ALL: TermField.BIGRAMS, Scope.TITLE: TermField.TITLE_BIGRAMS}


class KeyKind(StrEnum):
    """What a document can be named by, exactly."""

    TITLE = "title"
    DOC_NUMBER = "doc_number"
    INDEX_NUMBER = "index_number"


@dataclass(frozen=True, slots=True, order=True)
class Key:
    """An exact key: a folded title, the canonical key of a 文号, or an 索引号."""

    kind: KeyKind
    value: str


@dataclass(frozen=True, slots=True)
class RankTerm:
    """A term that adds to the score, with its weight."""

    field: TermField
    term: str
    weight: float


@dataclass(frozen=True, slots=True)
class Reading:
    """One way to read the text: words to hold, phrases to contain, parts that must not be held.

    With `min_score` set, words are not asked for one by one: a document matches from this share of
    the best score in the whole live collection.
    """

    words: tuple[str, ...]
    phrases: tuple[str, ...]
    excluded: tuple[str, ...]
    rank: tuple[RankTerm, ...]
    min_score: float | None


@dataclass(frozen=True, slots=True)
class Query:
    """A whole query; without readings, texts and keys it means every document."""

    scope: Scope = Scope.ALL
    readings: tuple[Reading, ...] = ()
    verbatim: tuple[str, ...] = ()
    keys: tuple[Key, ...] = ()
    keys_match: bool = False

    @property
    def everything(self) -> bool:
        """Whether every document matches."""
        return not (self.readings or self.verbatim or self.keys)
