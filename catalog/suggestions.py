"""Suggestions to staff: two documents that may be one. Accepting merges them; refusing is remembered."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import Connection, select

from catalog import schema
from catalog.decisions import Decision, merge
from catalog.errors import CatalogError
from catalog.grouping import surviving
from catalog.store import now

_suggestion = schema.suggestion


class SuggestionError(CatalogError):
    """The suggestion is not there, or no longer open."""


class State(StrEnum):
    """What became of a suggestion."""

    OPEN = "open"
    ACCEPTED = "accepted"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A suggestion as stored; `similarity` is the part of their text that the documents share, 0 to 1."""

    id: str
    first_document_id: str
    second_document_id: str
    reason: str
    similarity: float
    made_at: datetime
    state: State
    decided_at: datetime | None
    decided_by: str | None


def suggestions(connection: Connection, state: State = State.OPEN) -> Iterator[Suggestion]:
    """Give the suggestions in a state, the most alike first; open ones only while there are two documents."""
    query = select(_suggestion).where(_suggestion.c.state == state)
    order = _suggestion.c.similarity.desc(), _suggestion.c.id
    for row in connection.execute(query.order_by(*order)).mappings().all():
        suggestion = Suggestion(**{**row, "state": State(row["state"])})
        if state is not State.OPEN or _are_two(connection, suggestion):
            yield suggestion


def accept(tx: Connection, suggestion_id: str, *, who: str) -> Decision:
    """Merge the two documents; raises as `catalog.decisions.merge`.

    The decision names the suggestion and does not repeat its reason, which may quote the text.
    """
    suggestion = _open(tx, suggestion_id)
    pair = suggestion.first_document_id, suggestion.second_document_id
    decision = merge(tx, *pair, why=f"接受建议 {suggestion_id}", who=who)
    _decide(tx, suggestion_id, State.ACCEPTED, who)
    return decision


def refuse(tx: Connection, suggestion_id: str, *, who: str) -> None:
    """Leave the two documents as they are; the pair is not suggested again."""
    _open(tx, suggestion_id)
    _decide(tx, suggestion_id, State.REFUSED, who)


def _are_two(connection: Connection, suggestion: Suggestion) -> bool:
    first = surviving(connection, suggestion.first_document_id)
    return first != surviving(connection, suggestion.second_document_id)


def _open(tx: Connection, suggestion_id: str) -> Suggestion:
    row = tx.execute(select(_suggestion).where(_suggestion.c.id == suggestion_id)).mappings().first()
    if row is None:
        raise SuggestionError(f"没有编号为 {suggestion_id!r} 的建议。编号见 gongkai suggestions list。")
    suggestion = Suggestion(**{**row, "state": State(row["state"])})
    if suggestion.state is not State.OPEN:
        raise SuggestionError(f"建议 {suggestion_id} 已由 {suggestion.decided_by} 处理过。")
    return suggestion


def _decide(tx: Connection, suggestion_id: str, state: State, who: str) -> None:
    decided = {"state": state, "decided_at": now(), "decided_by": who}
    tx.execute(_suggestion.update().where(_suggestion.c.id == suggestion_id).values(**decided))
