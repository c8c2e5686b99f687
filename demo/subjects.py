"""What the city's documents are about, over the whole topic list of the State Council."""

from dataclasses import dataclass
from functools import cache

from demo.bodies import bodies
from demo.data import load


@dataclass(frozen=True, slots=True)
class Subject:
    """A matter that a body deals with. Codes are vocabulary codes; `body` is a body's key."""

    topic: str
    body: str
    matter: str  # a noun phrase to which 工作 can be added
    aim: str  # what it is for, a verb phrase
    people: str  # whom it concerns
    audience: str
    life_cycle: str | None
    column: str | None  # a further content class
    terms: tuple[str, ...]  # nouns of the matter
    measures: tuple[str, ...]  # what is done, verb phrases


@cache
def subjects() -> tuple[Subject, ...]:
    """Return all subjects."""
    return tuple(
        Subject(**{**entry, "terms": tuple(entry["terms"]), "measures": tuple(entry["measures"])})
        for entry in load("subjects.json")
    )


@cache
def subjects_of(body: str) -> tuple[Subject, ...]:
    """Return the subjects of the body with this key and of those it succeeded; governments deal with all."""
    code = bodies()[body].code
    keys = {body, *(key for key, other in bodies().items() if other.successor == code)}
    return tuple(subject for subject in subjects() if subject.body in keys) or subjects()


@cache
def labels(vocabulary: str) -> dict[str, str]:
    """Return the printed labels of a vocabulary by code: topic, genre, audience, life_cycle, …"""
    table: dict[str, str] = load("labels.json")[vocabulary]
    return table
