"""What people type: short queries, titles, passages and questions, drawn with a fixed seed.

Short queries, titles and passages come from the documents that are searched. Questions are made from
the subjects of the made-up city; those of the test collections beside the project join them if they are
there.
"""

import json
from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path
from random import Random

from catalog.folding import fold
from demo.subjects import subjects
from indexer.analysis import is_stop_word, words

Text = tuple[str, str]
"""A title and a body."""

COLLECTIONS = Path("../shared/data/eval")
SHORTEST, LONGEST = 2, 6
"""Characters of a short query."""

ASKED = 1_200
"""Texts for one process that is asked one after the other; memory is measured after a thousand at least."""

_WARMING = 100
_SEED = 11
_YEARS = range(2008, 2013)
_MATTER_FORMS = (
    "{}归哪个部门管？",
    "{}的投诉电话是多少",
    "请问{}有什么政策？",
    "{year}年{}工作是怎么安排的？",
)
_TERM_FORMS = ("{people}办理{}需要什么条件？", "{}怎么办理", "{year}年{}的标准是多少？", "为什么没有{}？")
_PASSAGE = (15, 60)
"""Characters of a passage, which may begin and end within a sentence: so people paste."""


def draw_questions(texts: Sequence[Text], count: int) -> list[str]:
    """Return that many texts (fewer if there is not enough to draw from), the same for the same documents.

    None is there twice. Four in ten are short, three are questions, the rest are titles and passages.
    """
    rng = Random(_SEED)  # noqa: S311
    kinds: tuple[Callable[[Random, Text], str], ...] = (_short, _title, _passage, _question)
    found: dict[str, None] = {}
    for _ in range(4 * count):
        (draw,) = rng.choices(kinds, (0.4, 0.15, 0.15, 0.3))
        text = draw(rng, rng.choice(texts))
        if fold(text):
            found.setdefault(text)
        if len(found) == count:
            break
    return list(found)


def parted(questions: list[str]) -> dict[str, list[str]]:
    """Return the texts to warm up with and those to time."""
    return {"warming": questions[:_WARMING], "timed": questions[_WARMING:]}


def _short(rng: Random, text: Text) -> str:
    """Return a word of the document, or two that stand together."""
    title, body = text
    there = words(title if rng.random() < 0.5 else f"{title}{body[:500]}")
    place = rng.randrange(len(there)) if there else 0
    for taken in ("".join(there[place : place + rng.randint(1, 2)]), "".join(there[place : place + 1])):
        if SHORTEST <= len(taken) <= LONGEST and not is_stop_word(taken):
            return taken
    return ""


def _title(_rng: Random, text: Text) -> str:
    return text[0]


def _passage(rng: Random, text: Text) -> str:
    paragraph = rng.choice(text[1].splitlines() or [""])
    length = rng.randint(*_PASSAGE)
    start = rng.randint(0, max(0, len(paragraph) - length))
    return paragraph[start : start + length] if len(paragraph) >= _PASSAGE[0] else ""


def _question(rng: Random, _text: Text) -> str:
    return rng.choice(_stock())


@cache
def _stock() -> tuple[str, ...]:
    found = dict.fromkeys(_of_collections())
    for subject in subjects():
        for year in _YEARS:
            told = {"people": subject.people, "year": year}
            found.update((form.format(subject.matter, **told), None) for form in _MATTER_FORMS)
            for term in subject.terms:
                found.update((form.format(term, **told), None) for form in _TERM_FORMS)
    return tuple(found)


def _of_collections() -> list[str]:
    """Return the questions of the test collections, in the order of their files; none if they are absent."""
    found: list[str] = []
    for path in sorted(COLLECTIONS.glob("*/queries.jsonl")):
        with path.open(encoding="utf-8") as lines:
            found += [json.loads(line)["text"] for line in lines]
    return found
