"""What a family module of the demo says of its CMS: where things stand and what is answered there.

A family is one module of this package, named as in `crawlers.families`, that ends with
`FAMILY = DemoFamily(…)`, its templates and its rows in `data/sites.json`. Nothing else names it.
"""

import datetime
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING

from demo.bodies import Body

if TYPE_CHECKING:  # these modules ask the families themselves
    from demo.city import Column, Publication, Subsite
    from demo.pages import Answer


def organization_index(publisher: Body, day: datetime.date) -> str:
    """Return what index numbers of a month begin with: 667938726/201802- (domain.md 3.1, key HF-GBK)."""
    return f"{publisher.organization_number}/{day:%Y%m}-"


def credit_code_index(publisher: Body, day: datetime.date) -> str:
    """Return the same with the credit code, as in Anhui now (domain.md 3.1, key XUANCHENG)."""
    return f"{publisher.credit_code}/{day:%Y%m}-"


def attach_path(publication: "Publication", name: str) -> str:
    """Return the path of a file of a publication; `name` is 1.pdf and so on."""
    return f"/attach/{publication.article}/{name}"


@dataclass(frozen=True, slots=True)
class DemoFamily:
    """One CMS family, as its module describes it.

    `answer` returns what a site answers at a path (None: it has no such path) with the arguments of query
    and form; `not_found` its page for unknown paths. Paths include the query where there is one. `unstated`
    are the facts that its pages never print.
    """

    column_path: Callable[["Column"], str]
    publication_path: Callable[["Publication"], str]
    answer: Callable[["Subsite", str, Mapping[str, str]], "Answer | None"]
    not_found: Callable[["Subsite"], "Answer"]
    unstated: frozenset[str] = frozenset()
    charset: str = "utf-8"
    index_start: Callable[[Body, datetime.date], str] = organization_index
    attachment_path: Callable[["Publication", str], str] = attach_path


@cache
def family_of(name: str) -> DemoFamily:
    """Return the family of this name, that of the module `demo.<name>`."""
    found: DemoFamily = import_module(f"demo.{name}").FAMILY
    return found
