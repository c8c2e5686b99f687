"""The table of all families, and which of them made a page."""

import pkgutil
from collections.abc import Iterator
from importlib import import_module

from crawlers.families.declared import declared_families
from crawlers.families.family import Family, WebPage

GENERIC = "generic"
"""The name of the family that reads whatever no other recognises."""


def _found() -> Iterator[Family]:
    """Yield the families of this package's modules, in the order of the modules' names, then the declared."""
    package = __name__.rpartition(".")[0]
    for entry in pkgutil.iter_modules(import_module(package).__path__):
        if not entry.ispkg and f"{package}.{entry.name}" != __name__:
            family = getattr(import_module(f"{package}.{entry.name}"), "FAMILY", None)
            if family is not None:
                yield family
    yield from declared_families()


FAMILIES: dict[str, Family] = {family.name: family for family in _found()}


def recognise(page: WebPage) -> Family:
    """Return the first family that recognises a page, else the generic one."""
    others = (family for name, family in FAMILIES.items() if name != GENERIC)
    return next((family for family in others if family.recognises(page)), FAMILIES[GENERIC])
