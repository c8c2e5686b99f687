"""From what somebody typed to a `Query`: operators, words, the forms to try.

"exact phrase", -word; anything else is text, and no input is a syntax error. The text as typed is
always tried verbatim too, since what looks like an operator may have been copied from a title.
"""

import itertools
import re
from collections import Counter
from collections.abc import Container, Iterable, Iterator
from dataclasses import dataclass

from catalog import doc_numbers, index_numbers
from catalog.folding import fold
from indexer import analysis, bigrams
from indexer.dictionary import Dictionary, shipped
from indexer.query import BIGRAM_FIELD, WORD_FIELD, Key, KeyKind, Query, RankTerm, Reading
from indexer.ranking import ranking
from indexer.requests import Interpretation, Match, Scope
from indexer.traditional import simplified

VERBATIM_LENGTH = 4
"""Visible characters from which a text is also looked for as it stands."""

_QUOTES = {'"': '"', "“": "”", "＂": "＂", "「": "」"}
# A quote opens behind white space and closes before it, so that 关于“放管服”改革 stays one text.
_PHRASE = re.compile(
    r'(?<!\S)(?P<minus>[-－]?)(?:"(?P<a>.+?)"|“(?P<b>.+?)”|＂(?P<c>.+?)＂|「(?P<d>.+?)」)(?!\S)', re.DOTALL
)
_EXCLUDED = re.compile(r"(?<!\S)[-－](?P<word>[^\s-]\S*)")


@dataclass(frozen=True, slots=True)
class Understood:
    """A query, what to highlight (folded), and how it was read other than as typed."""

    query: Query
    marks: tuple[str, ...]
    interpretations: tuple[Interpretation, ...]


@dataclass(frozen=True, slots=True)
class _Parts:
    """A text split at its operators."""

    text: str
    phrases: tuple[str, ...]
    excluded: tuple[str, ...]


def understand(
    text: str,
    *,
    scope: Scope = Scope.ALL,
    match: Match = Match.SMART,
    dictionary: Dictionary | None = None,
) -> Understood:
    """Read a query; the empty one means every document.

    `dictionary` is the one that the index was cut with; without it, that of this release.
    """
    dictionary = dictionary or shipped()
    if not fold(text):
        return Understood(Query(scope), (), ())
    converted = simplified(text)
    forms = (text, *converted)
    keys = _keys(forms, scope)
    if match is Match.EXACT:
        verbatim = _distinct(part for form in forms for part in (fold(form), _inside_quotes(form)))
        query = Query(scope, verbatim=verbatim, keys=keys)
        marks = verbatim
    else:
        readings = tuple(
            reading for form in forms if (reading := _reading(form, scope, dictionary)) is not None
        )
        verbatim = _verbatim(forms, asked=bool(readings))
        query = Query(scope, readings, verbatim, keys, keys_match=True)
        held = [part for reading in readings for part in (*reading.phrases, *reading.words)]
        marks = _distinct([*verbatim, *held])
    interpretations = tuple(Interpretation("traditional", form) for form in converted)
    return Understood(query, marks, interpretations)


def _reading(text: str, scope: Scope, dictionary: Dictionary) -> Reading | None:
    """Return the reading of one form; None if it holds nothing but signs."""
    parts = _split(text)
    counts = Counter(analysis.words(parts.text, dictionary))
    asked = [word for word in counts if not analysis.is_stop_word(word)] or list(counts)
    if not asked and not parts.phrases:
        return None
    numbers = ranking()
    # A question names what it asks about in its own words; the answer seldom holds them all.
    loose = len(asked) > numbers.all_words_up_to or any(map(analysis.is_question_word, counts))
    return Reading(
        words=tuple(asked),
        phrases=parts.phrases,
        excluded=parts.excluded,
        rank=_rank_terms(parts, scope, dictionary),
        min_score=numbers.min_score if loose else None,
    )


def _rank_terms(parts: _Parts, scope: Scope, dictionary: Dictionary) -> tuple[RankTerm, ...]:
    """Return what ranks: each word that is no stop word, and each pair; pairs with stop words weigh less."""
    numbers = ranking()
    texts = [
        [(word, analysis.is_stop_word(word)) for word in analysis.words(text, dictionary)]
        for text in (parts.text, *parts.phrases)
    ]
    asked = dict.fromkeys(word for words in texts for word, stops in words if not stops)
    words = asked or dict.fromkeys(word for words in texts for word, _ in words)
    pairs: dict[str, float] = {}
    for text, words_of in zip((parts.text, *parts.phrases), texts, strict=True):
        light = {word for word, stops in words_of if stops and asked}
        for pair, weight in _weighed_pairs(fold(text), [word for word, _ in words_of], light):
            pairs[pair] = max(pairs.get(pair, 0.0), weight)
    return (
        *(RankTerm(WORD_FIELD[scope], word, numbers.words) for word in words),
        *(RankTerm(BIGRAM_FIELD[scope], pair, numbers.bigrams * weight) for pair, weight in pairs.items()),
    )


def _weighed_pairs(folded: str, words: Iterable[str], light: Container[str]) -> Iterator[tuple[str, float]]:
    """Yield the pairs that rank with the mean weight of their characters; those of light words weigh less."""
    weights, place = [1.0] * len(folded), 0
    for word in words:
        at = folded.find(word, place)
        if at < 0:  # never of a text that was cut as it is folded
            continue
        place = at + len(word)
        if word in light:
            weights[at:place] = [ranking().stop_words] * len(word)
    for at, pair in enumerate(map("".join, itertools.pairwise(folded))):
        if bigrams.ranks(pair):
            yield pair, (weights[at] + weights[at + 1]) / 2


def _split(text: str) -> _Parts:
    """Take the operators out of a text; if nothing positive is left, all of it is text."""
    phrases: list[str] = []
    excluded: list[str] = []

    def take_phrase(found: re.Match[str]) -> str:
        inside = fold(next(group for group in found.group("a", "b", "c", "d") if group is not None))
        if not inside:
            return found.group()
        (excluded if found["minus"] else phrases).append(inside)
        return " "

    def take_word(found: re.Match[str]) -> str:
        word = fold(found["word"])
        if not analysis.has_words(word):
            return found.group()
        excluded.append(word)
        return " "

    rest = _EXCLUDED.sub(take_word, _PHRASE.sub(take_phrase, text))
    if not phrases and not fold(rest):
        return _Parts(text, (), ())
    return _Parts(rest, tuple(dict.fromkeys(phrases)), tuple(dict.fromkeys(excluded)))


def _verbatim(forms: tuple[str, ...], *, asked: bool) -> tuple[str, ...]:
    """Return the texts to look for as they stand: each form, and what a form quotes as a whole."""
    wanted = []
    for form in forms:
        folded = fold(form)
        if not asked or len(folded) >= VERBATIM_LENGTH:
            wanted.append(folded)
        wanted.append(_inside_quotes(form))
    return _distinct(wanted)


def _inside_quotes(text: str) -> str:
    """Return the folded inside of a text that is quoted as a whole, else ''."""
    text = text.strip()
    if len(text) > 2 and _QUOTES.get(text[0]) == text[-1]:
        return fold(text[1:-1])
    return ""


def _keys(forms: tuple[str, ...], scope: Scope) -> tuple[Key, ...]:
    keys: list[Key] = []
    for form in forms:
        keys += [Key(KeyKind.TITLE, title) for title in (fold(form), _inside_quotes(form))]
        if scope is Scope.ALL:
            number = doc_numbers.parse_query(form)
            # 2012年45号 names no body: the words find it, but it is nobody's exact number.
            keys.append(Key(KeyKind.DOC_NUMBER, number.key if number and number.code else ""))
            keys.append(Key(KeyKind.INDEX_NUMBER, index_numbers.key(form) or ""))
    return tuple(dict.fromkeys(key for key in keys if key.value))


def _distinct(texts: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(text for text in texts if text))
