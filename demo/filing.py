"""Under what a document is filed: several topics, genres, audiences and columns that go together.

What a subsite's page prints is the first of each; whoever collects records (see `export`) states them all.
"""

from collections import Counter
from dataclasses import dataclass
from functools import cache
from random import Random

from demo.documents import Document
from demo.names import pick_skewed
from demo.subjects import subjects, subjects_of

_NEIGHBOUR = 0.3
"""How often a text is also filed under a second topic of the body that wrote it."""

_USUAL = 0.35
"""How often a second audience, or a third, is stated; always one that is usual for the topic."""

_EXTRA_COLUMN = 0.4
_RULES, _OWN_DOCUMENTS = "C02", "C03"
"""政策法规 is the parent column of 本级文件 and shows what stands there."""


@dataclass(frozen=True, slots=True)
class Filing:
    """Codes by which a document is found, the main one first; `publishers` are names of the day."""

    topics: tuple[str, ...]
    genres: tuple[str, ...]
    audiences: tuple[str, ...]
    columns: tuple[str, ...]
    publishers: tuple[str, ...]


def file_under(document: Document, rng: Random) -> Filing:
    """File a document: joint issuers bring their topics, topics their audiences."""
    topics = _distinct(document.topic, *_joined_topics(document, rng))
    return Filing(
        topics=topics,
        genres=_distinct(document.genre, document.inner_genre),
        audiences=_distinct(document.audience, *_usual_audiences(topics, rng)),
        columns=_distinct(document.column, *_further_columns(document, rng)),
        publishers=document.issuer_names[: 1 + int(rng.random() * len(document.issuer_names))],
    )


def _joined_topics(document: Document, rng: Random) -> list[str]:
    found = [pick_skewed(rng, _topics_of(issuer.key)) for issuer in document.issuers[1:]]
    if rng.random() < _NEIGHBOUR:
        found.append(pick_skewed(rng, _neighbours(document.issuers[0].key, document.audience)))
    return found


def _usual_audiences(topics: tuple[str, ...], rng: Random) -> list[str]:
    found = [pick_skewed(rng, usual_audiences(topic)) for topic in topics[1:]]
    while rng.random() < _USUAL and len(found) < len(topics) + 2:
        found.append(pick_skewed(rng, usual_audiences(topics[0])))
    return found


def _further_columns(document: Document, rng: Random) -> list[str | None]:
    found: list[str | None] = [_RULES] if document.column == _OWN_DOCUMENTS else []
    if rng.random() < _EXTRA_COLUMN:
        found.append(document.extra_column)
    return found


@cache
def _topics_of(body: str) -> tuple[str, ...]:
    return _distinct(*(subject.topic for subject in subjects_of(body)))


@cache
def _neighbours(body: str, audience: str) -> tuple[str, ...]:
    """Return the topics of a body, those for the same audience if there are any."""
    same = _distinct(*(subject.topic for subject in subjects_of(body) if subject.audience == audience))
    return same or _topics_of(body)


@cache
def usual_audiences(topic: str) -> tuple[str, ...]:
    """Return the audiences of the topics that share a first level with this one, the commonest first."""
    counts = Counter(subject.audience for subject in subjects() if subject.topic[:3] == topic[:3])
    return tuple(audience for audience, _ in counts.most_common())


def _distinct(*codes: str | None) -> tuple[str, ...]:
    return tuple(dict.fromkeys(code for code in codes if code))
