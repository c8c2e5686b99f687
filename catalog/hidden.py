"""Which documents and publications staff have taken out of every answer."""

from typing import Any

from sqlalchemy import CompoundSelect, select, union_all

from catalog import schema


def suppressed() -> CompoundSelect[Any]:
    """Return the selection of the ids of all documents and publications that are suppressed now.

    A document into which a suppressed one was merged is suppressed too. None of the ids is null, so
    that other statements can say `not_in`.
    """
    table, document = schema.suppression, schema.document
    active = table.c.lifted_at.is_(None)
    inherited = (
        select(document.c.merged_into)
        .join(table, table.c.target_id == document.c.id)
        .where(active, document.c.merged_into.is_not(None))
    )
    return union_all(select(table.c.target_id).where(active), inherited)
