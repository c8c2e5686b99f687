"""The authority table: which body a name means, today or then.

Names come from an organisations file (official, short and former names with their years) and from
what pages and imports state. A stated name that nobody knows becomes a body of its own.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence

from sqlalchemy import Connection, bindparam, case, delete, select

from catalog import schema
from catalog.folding import clean, fold
from catalog.organizations import OrganizationEntry, organization_code_of, split_names
from catalog.records import ORGANIZATION_FIELDS
from catalog.store import log_changes

BATCH = 200
"""Codes in one statement; SQLite takes a bounded number of parameters."""

_RANK = {"official": 0, "short": 1, "former": 2}

_body, _name, _witness = schema.organization, schema.organization_name, schema.witness
_BEARERS = select(_name.c.code, _name.c.kind).where(_name.c.folded == bindparam("sought"))
_STATES_BODY = _witness.c.field.in_([field.value for field in ORGANIZATION_FIELDS])


def load_organizations(connection: Connection, entries: Iterable[OrganizationEntry]) -> None:
    """Bring the bodies of an organisations file into the table; loading it again changes nothing.

    A body that was made from a stated name becomes the file's body of that name. Every document of a
    body that changed its place in the tree or its code is logged as changed: filters on an ancestor
    reach it through what the index holds.
    """
    entries = tuple(entries)
    before = _lineages(connection)
    for entry in entries:
        _store_body(connection, entry)
    for entry in entries:
        names = [(entry.name, "official")]
        names += [(name, "short") for name in entry.short_names]
        names += [(former.name, "former") for former in entry.former_names]
        for name, kind in names:
            _store_name(connection, entry.code, name, kind)
    known_now = _known_now(connection)
    after = _lineages(connection)
    moved = {code for code, lineage in before.items() if after[code] != lineage}
    changed = _documents_naming(connection, moved | known_now.keys())
    _replace(connection, known_now)
    log_changes(connection, changed, "recorded")


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
    return _best_bearer(connection.execute(_BEARERS, {"sought": fold(name)}))


def _best_bearer(bearers: Iterable[Sequence[str]]) -> str | None:
    """Return the one code of the best kind among (code, kind) pairs, None if there is none or several."""
    codes: dict[int, set[str]] = {}
    for code, kind in bearers:
        codes.setdefault(_RANK[kind], set()).add(code)
    best = codes[min(codes)] if codes else set()
    return next(iter(best)) if len(best) == 1 else None


def _lineages(connection: Connection) -> dict[str, tuple[str, ...]]:
    """Return each code with those above it, the nearest first."""
    parents = {row.code: row.parent for row in connection.execute(select(_body.c.code, _body.c.parent))}
    found: dict[str, tuple[str, ...]] = {}
    for code in parents:
        lineage = [code]
        while (parent := parents.get(lineage[-1])) is not None and parent not in lineage:
            lineage.append(parent)
        found[code] = tuple(lineage)
    return found


def _known_now(connection: Connection) -> dict[str, str]:
    """Return the stated bodies whose name a file's body bears, each with that body's code."""
    stated = set(connection.execute(select(_body.c.code).where(_body.c.origin == "stated")).scalars())
    bearers: dict[str, list[tuple[str, str]]] = {}
    for code, folded, kind in connection.execute(select(_name.c.code, _name.c.folded, _name.c.kind)):
        bearers.setdefault(folded, []).append((code, kind))
    found: dict[str, str] = {}
    for pairs in bearers.values():
        listed = _best_bearer((code, kind) for code, kind in pairs if code not in stated)
        if listed is not None:
            found |= {code: listed for code, _ in pairs if code in stated}
    return found


def _documents_naming(connection: Connection, codes: Collection[str]) -> list[str]:
    """Return the documents whose publications are shown with one of these bodies."""
    publication, subsite = schema.publication, schema.subsite
    found: set[str] = set()
    for some in _batches(codes):
        naming = (
            select(publication.c.document_id)
            .join(_witness, _witness.c.capture_id == publication.c.capture_id)
            .where(_STATES_BODY, _witness.c.value.in_(some))
        )
        theirs = (
            select(publication.c.document_id)
            .join(subsite, subsite.c.id == publication.c.subsite_id)
            .where(subsite.c.organization_code.in_(some))
        )
        found.update(connection.execute(naming.union(theirs)).scalars())
    return sorted(found)


def _replace(connection: Connection, codes: Mapping[str, str]) -> None:
    """Put the new code of each body in place of the old one, which goes. What was stated stays."""
    subsite = schema.subsite
    for some in _batches(codes):
        new = {old: codes[old] for old in some}
        connection.execute(
            _witness.update()
            .where(_STATES_BODY, _witness.c.value.in_(some))
            .values(value=case(new, value=_witness.c.value))
        )
        connection.execute(
            subsite.update()
            .where(subsite.c.organization_code.in_(some))
            .values(organization_code=case(new, value=subsite.c.organization_code))
        )
        connection.execute(delete(_name).where(_name.c.code.in_(some)))
        connection.execute(delete(_body).where(_body.c.code.in_(some)))


def _batches(codes: Collection[str]) -> list[list[str]]:
    ordered = sorted(codes)
    return [ordered[start : start + BATCH] for start in range(0, len(ordered), BATCH)]


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
