"""Index numbers (索引号): one per publication, in a form that every place made up for itself.

The national rule of 2009 is `organisation/year-serial` with the 9-character organisation code;
Anhui adds the month, and since 2015 the 18-character credit code stands in front, whose
characters 9 to 17 are the old code. Domain notes, section 3.1. An index number is no key: subsites
reuse, reset and mistype it.
"""

import re
from dataclasses import dataclass

from catalog.folding import fold
from catalog.missing import is_missing

_DASHES = str.maketrans(dict.fromkeys("‐‑‒–—―−", "-") | dict.fromkeys("∕⁄\\", "/"))

_PERIOD = r"(?P<period>(?:19|20)\d\d(?:0[1-9]|1[0-2])?)"
_DAY = r"(?:19|20)\d\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])"
_FORMS = tuple(
    re.compile(pattern, re.ASCII | re.IGNORECASE)
    for pattern in (
        # 000014349/2017-00110, 667938726/201802-00052, 113417030032499282/202011-00140
        rf"(?P<unit>[0-9a-z]{{18}}|[0-9a-z]{{8}}-?[0-9x])/{_PERIOD}-(?P<serial>\d{{1,8}})",
        # Shanghai's filing numbers: SY, organisation, one digit for the source, year, serial
        r"sy(?P<unit>[0-9a-z]{8}[0-9x])\d(?P<period>(?:19|20)\d\d)(?P<serial>\d{5})",
        # Qiqihar: 20191202-189769
        rf"(?P<period>{_DAY})-(?P<serial>\d{{1,10}})",
        # 2026-02-00018, which looks like a date
        r"(?P<period>(?:19|20)\d\d-(?:0[1-9]|1[0-2]))-(?P<serial>\d{5})",
        # Ningbo: area-unit-class-group-day-serial
        rf"(?P<unit>[0-9a-z]{{1,12}}-[0-9a-z]{{1,12}})-[0-9a-z]{{1,12}}-[0-9a-z]{{1,12}}-(?P<period>{_DAY})"
        r"-(?P<serial>\d{1,10})",
        # Gansu and Lianyungang: unit-class-year-serial
        r"(?P<unit>[0-9a-z]{3,12})-[0-9a-z]{1,12}-(?P<period>(?:19|20)\d\d)-(?P<serial>\d{1,10})",
    )
)


@dataclass(frozen=True, slots=True)
class IndexNumber:
    """An index number as printed and its parts.

    `organization_code` is the 9-character organisation code where the form has one, else the code
    that the place gave the unit; `period` is digits only (YYYY, YYYYMM or YYYYMMDD); `serial` keeps
    its zeros. All three are None for a form that we do not know.
    """

    raw: str
    organization_code: str | None
    period: str | None
    serial: str | None


def parse(text: str) -> IndexNumber | None:
    """Return the index number that a value is, or None for a value that states nothing."""
    folded = key(text)
    if folded is None:
        return None
    raw = text.strip()
    for form in _FORMS:
        if match := form.fullmatch(folded):
            parts = match.groupdict()
            unit = parts.get("unit")
            period = match["period"].replace("-", "")
            return IndexNumber(raw, _unit_code(unit) if unit else None, period, match["serial"])
    return IndexNumber(raw, None, None, None)


def key(text: str) -> str | None:
    """Return the folded number for exact comparison, without white space; None for what has no digit."""
    if is_missing(text):
        return None
    folded = fold(text).translate(_DASHES)
    return folded if any(char.isdigit() for char in folded) else None


def organization_code(credit_code: str) -> str | None:
    """Return the old 9-character organisation code inside an 18-character credit code, or None."""
    folded = fold(credit_code).upper()
    if re.fullmatch(r"[0-9A-Z]{18}", folded, re.ASCII) is None:
        return None
    return folded[8:17]


def _unit_code(unit: str) -> str:
    bare = unit.replace("-", "") if re.fullmatch(r"[0-9a-z]{8}-[0-9x]", unit) else unit
    return organization_code(bare) or bare.upper()
