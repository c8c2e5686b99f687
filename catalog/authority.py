"""The authority table: which body a name means, today or then.

Names come from an organisations file (official, short and former names with their years) and from
what pages and imports state. A stated name that nobody knows becomes a body of its own.
"""

from collections.abc import Iterable

from sqlalchemy import Connection, delete, select

from catalog import schema
from catalog.folding import clean, fold
from catalog.organizations import OrganizationEntry, organization_code_of, split_names

_RANK = {"official": 0, "short": 1, "former": 2}


def load_organizations(connection: Connection, entries: Iterable[OrganizationEntry]) -> None:
    """Bring the bodies of an organisations file into the table; loading it again changes nothing."""
    entries = tuple(entries)
    for entry in entries:
        _store_body(connection, entry)
    for entry in entries:
        names = [(entry.name, "official")]
        names += [(name, "short") for name in entry.short_names]
        names += [(former.name, "former") for former in entry.former_names]
        for name, kind in names:
            _store_name(connection, entry.code, name, kind)


def codes_of(connection: Connection, raw: str) -> tuple[str, ...]:
    """Return the codes of the bodies that a value names, in the order named; unknown ones are made.

    The whole value is tried first, since some names hold a comma or a space.
    """
    whole = find_code(connection, raw)
    if whole is not None:
        return (whole,)
    codes = dict.fromkeys(_code_or_new(connection, name) for name in split_names(raw))
    return tuple(code for code in codes if code)


def find_code(connection: Connection, name: str) -> str | None:
    """Return the body that bears a name: official before short before former; None if none or several do."""
    table = schema.organization_name
    rows = connection.execute(select(table.c.code, table.c.kind).where(table.c.folded == fold(name))).all()
    if not rows:
        return None
    best = min(_RANK[kind] for _, kind in rows)
    codes = {code for code, kind in rows if _RANK[kind] == best}
    return codes.pop() if len(codes) == 1 else None


def _code_or_new(connection: Connection, name: str) -> str | None:
    name = clean(name).strip()
    if not fold(name):
        return None
    code = find_code(connection, name)
    if code is None:
        code = organization_code_of(name)
        table = schema.organization
        if connection.execute(select(table.c.code).where(table.c.code == code)).first() is None:
            connection.execute(table.insert().values(code=code, name=name, origin="stated"))
        _store_name(connection, code, name, "official")
    return code


def _store_body(connection: Connection, entry: OrganizationEntry) -> None:
    table = schema.organization
    values = {
        "name": entry.name,
        "parent": entry.parent,
        "since": entry.since,
        "until": entry.until,
        "successor": entry.successor,
        "origin": "file",
    }
    known = connection.execute(select(table.c.code).where(table.c.code == entry.code)).first()
    if known is None:
        connection.execute(table.insert().values(code=entry.code, **values))
        return
    connection.execute(table.update().where(table.c.code == entry.code).values(**values))
    names = schema.organization_name
    connection.execute(delete(names).where(names.c.code == entry.code))


def _store_name(connection: Connection, code: str, name: str, kind: str) -> None:
    table = schema.organization_name
    folded = fold(name)
    known = connection.execute(
        select(table.c.code).where(table.c.folded == folded, table.c.code == code)
    ).first()
    if known is None:
        connection.execute(table.insert().values(folded=folded, code=code, kind=kind))
