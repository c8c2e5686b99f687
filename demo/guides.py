"""Answers to what citizens ask: guides to public services, and questions about new rules."""

from functools import cache
from typing import Any

from demo.data import load


@cache
def guides() -> tuple[dict[str, Any], ...]:
    """Return the guides: title, matter, question and lists of conditions, materials and steps."""
    return tuple(load("guides.json"))


@cache
def questions_and_answers() -> tuple[tuple[str, str], ...]:
    """Return questions about a new rule with templates of their answers."""
    return tuple((question, answer) for question, answer in load("interpretation_qa.json"))
