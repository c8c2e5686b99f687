"""Subsites and their columns: found by root URL and path, made where they are new."""

from sqlalchemy import ColumnElement, Connection, RowMapping, or_, select

from catalog import authority, schema, twins
from catalog.errors import RecordError
from catalog.folding import fold
from catalog.ids import mint
from catalog.records import Field
from catalog.resolving import store_term
from catalog.store import log_changes, now
from catalog.vocabulary import vocabulary

_publication, _joined = schema.publication, schema.publication_column


def ensure_subsite(
    connection: Connection,
    *,
    root_url: str,
    name: str,
    organization: str | None = None,
    family: str | None = None,
    is_named: bool = True,
) -> str:
    """Return the id of the subsite with this root URL; make it or bring its name up to date.

    One whose root was a twin of this address until now (http, and https today) is the same subsite. A family
    that is not named but was recognised on some page stands only where none is known: a subsite may show
    several, and which one most of it is read with `read_with` says.
    """
    table = schema.subsite
    codes = authority.codes_of(connection, organization) if organization else ()
    values = {
        "name": name,
        "family": family,
        "organization_code": codes[0] if codes else None,
        "root_url": root_url,
    }
    known = _subsite_at(connection, root_url)
    if known is not None and known["family"] is not None and not is_named:
        values["family"] = known["family"]
    if known is None:
        subsite_id = mint()
        connection.execute(table.insert().values(id=subsite_id, created_at=now(), **values))
        return subsite_id
    if any(known[key] != value for key, value in values.items()):
        connection.execute(table.update().where(table.c.id == known["id"]).values(**values))
        if known["organization_code"] != values["organization_code"]:
            _log_of(connection, _publication.c.subsite_id == known["id"])
    return str(known["id"])


def _subsite_at(connection: Connection, root_url: str) -> RowMapping | None:
    table = schema.subsite
    for sought in ((root_url,), twins.twins_of(root_url)):
        rows = select(table).where(table.c.root_url.in_(sought)).order_by(table.c.id)
        found = connection.execute(rows).mappings().first() if sought else None
        if found is not None:
            return found
    return None


def read_with(connection: Connection, root_url: str, family: str) -> None:
    """Note the family that most pages of a subsite are read with."""
    table = schema.subsite
    which = (table.c.root_url == root_url) & or_(table.c.family.is_(None), table.c.family != family)
    connection.execute(table.update().where(which).values(family=family))


def ensure_column(connection: Connection, subsite_id: str, *, path: str, name: str) -> str:
    """Return the id of the column (栏目) at this path of a subsite; make it or bring its name up to date.

    Its content class (组配分类) is read from its name; a name that is no class is one of its own.
    """
    table = schema.site_column
    known = connection.execute(
        select(table).where(table.c.subsite_id == subsite_id, table.c.path == path)
    ).first()
    if known is not None and known.name == name:
        return str(known.id)
    terms = vocabulary("column").resolve(name)
    if not terms:
        raise RecordError(f"栏目名称 {name!r} 为空，应为页面上印出的栏目名称。")
    values = {"name": name, "content_class": store_term(connection, Field.COLUMN, terms[0])}
    if known is None:
        column_id = mint()
        row = {"id": column_id, "subsite_id": subsite_id, "path": path, **values}
        connection.execute(table.insert(), row)
        return column_id
    connection.execute(table.update().where(table.c.id == known.id).values(**values))
    if known.content_class != values["content_class"]:
        met_there = select(_joined.c.publication_id).where(_joined.c.column_id == known.id)
        _log_of(connection, _publication.c.id.in_(met_there))
    return str(known.id)


def column_named(connection: Connection, subsite_id: str, name: str) -> str | None:
    """Return the id of the column of a subsite that bears a name; of several the one met first."""
    table, wanted = schema.site_column, fold(name)
    rows = connection.execute(select(table).where(table.c.subsite_id == subsite_id).order_by(table.c.id))
    return next((str(row.id) for row in rows if fold(row.name) == wanted), None)


def _log_of(connection: Connection, which: ColumnElement[bool]) -> None:
    """Log a change of every document that has such a publication."""
    documents = connection.execute(select(_publication.c.document_id).where(which).distinct()).scalars()
    log_changes(connection, documents.all(), "recorded")
