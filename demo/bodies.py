"""The public bodies of the made-up city: who they are, what they were called, how they number."""

import datetime
from dataclasses import dataclass
from functools import cache
from typing import Any

from demo.data import load

ORGANIZATIONS_FILE = "organizations.json"
_REGION = "349900"  # no real region of GB/T 2260


@dataclass(frozen=True, slots=True)
class Body:
    """A public body. `code` is its place in the tree: four digits per level, parent = drop the last four."""

    key: str
    code: str
    kind: str  # city, department, district, town or utility
    name: str
    short_name: str
    organization_number: str  # the nine characters of 组织机构代码
    number_codes: tuple[str, ...]  # what its 文号 begin with, the usual one first
    former_names: tuple[tuple[int, str], ...]  # (last year, name), oldest first
    since: int  # first and last year
    until: int
    successor: str | None  # the code of the body that took its tasks over

    def name_on(self, day: datetime.date) -> str:
        """Return the name the body had on that day."""
        return next((name for until, name in self.former_names if day.year <= until), self.name)

    def short_name_on(self, day: datetime.date) -> str:
        """Return the short name of that day: 市民政局 for 泓州市民政局."""
        name = self.name_on(day)
        return self.short_name if name == self.name else name.replace("泓州市", "市", 1)

    def exists_on(self, day: datetime.date) -> bool:
        """Tell whether the body existed on that day."""
        return self.since <= day.year <= self.until

    @property
    def credit_code(self) -> str:
        """The eighteen characters of 统一社会信用代码; characters 9 to 17 are the older number."""
        return f"11{_REGION}{self.organization_number}{int(self.code) % 10}"


@cache
def bodies() -> dict[str, Body]:
    """Return all bodies by key, the city's government first."""
    organizations = {entry["code"]: entry for entry in load(ORGANIZATIONS_FILE)}
    return {
        key: _body(key, facts, organizations[facts["code"]]) for key, facts in load("bodies.json").items()
    }


def _body(key: str, facts: dict[str, Any], entry: dict[str, Any]) -> Body:
    return Body(
        key=key,
        code=facts["code"],
        kind=facts["kind"],
        name=entry["name"],
        short_name=entry["short_names"][0],
        organization_number=facts["organization_number"],
        number_codes=tuple(facts["number_codes"]),
        former_names=tuple((former["until"], former["name"]) for former in entry["former_names"]),
        since=entry["since"] or datetime.MINYEAR,
        until=entry["until"] or datetime.MAXYEAR,
        successor=entry["successor"],
    )
