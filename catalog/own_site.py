"""What a site calls itself where it states its sources: 本站, 本网 and their like."""

import json
from functools import cache
from importlib import resources

from sqlalchemy import Connection, select

from catalog import schema
from catalog.folding import fold


def is_own_site(raw: str) -> bool:
    """Tell whether a stated source (信息来源) is but the site on which it stands."""
    return fold(raw) in _names()


def site_name(connection: Connection, subsite_id: str) -> str:
    """Return the name under which the sites file lists a subsite."""
    table = schema.subsite
    return str(connection.execute(select(table.c.name).where(table.c.id == subsite_id)).scalar_one())


@cache
def _names() -> frozenset[str]:
    raw = resources.files("catalog").joinpath("data/own_site_names.json").read_text("utf-8")
    return frozenset(fold(name) for name in json.loads(raw))
