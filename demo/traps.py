"""The table of what is wrong in the city on purpose, and where each of it stands."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cache

import pypdfium2

from catalog import doc_numbers
from demo.city import DEFAULT_PORT, City, Publication
from demo.data import load
from demo.pages import attachment
from demo.planting import NUMERAL_DATE


@dataclass(frozen=True, slots=True)
class Trap:
    """One trap: its Chinese name, on what part of a site it stands, and what a crawl must make of it."""

    key: str
    kind: str  # site, row, page or found: see data/traps.json
    name: str
    where: str
    must: str


@cache
def traps() -> tuple[Trap, ...]:
    """Return all traps, in the order of the table."""
    return tuple(Trap(**entry) for entry in load("traps.json")["traps"])


def places(city: City, port: int = DEFAULT_PORT) -> dict[str, tuple[str, ...]]:
    """Return the addresses at which each trap stands: of publications, of columns, or of whole subsites."""
    return {trap.key: tuple(dict.fromkeys(_places(trap, city, port))) for trap in traps()}


def _places(trap: Trap, city: City, port: int) -> Iterable[str]:
    if trap.kind == "found":
        return _FINDERS[trap.key](city, port)
    if trap.kind == "page":
        found = (entry for entry in city.publications if trap.key in entry.traps | entry.document.traps)
        return (entry.url(port) for entry in found)
    return (subsite.root(port) for subsite in city.subsites if trap.key in subsite.traps)


def _publications(tells: Callable[[Publication], object]) -> Callable[[City, int], Iterator[str]]:
    return lambda city, port: (entry.url(port) for entry in city.publications if tells(entry))


def _families(*names: str) -> Callable[[City, int], Iterator[str]]:
    return lambda city, port: (subsite.root(port) for subsite in city.subsites if subsite.family in names)


def _beyond_end(way: str) -> Callable[[City, int], Iterator[str]]:
    return lambda city, port: (subsite.root(port) for subsite in city.subsites if subsite.beyond_end == way)


def _three_places(city: City, port: int) -> Iterator[str]:
    count = Counter(entry.document.key for entry in city.publications)
    return (entry.url(port) for entry in city.publications if count[entry.document.key] >= 3)


def _forwarding_pairs(city: City, port: int) -> Iterator[str]:
    pairs = {document.number for document in city.documents if document.forwards is not None}
    pairs |= {document.forwards for document in city.documents if document.forwards is not None}
    return (entry.url(port) for entry in city.publications if entry.document.number in pairs)


def _abolished_pairs(city: City, port: int) -> Iterator[str]:
    pairs = {document.number for document in city.documents if document.abolishes}
    pairs |= {number for document in city.documents for number in document.abolishes}
    return (entry.url(port) for entry in city.publications if entry.document.number in pairs)


def _empty_columns(city: City, port: int) -> Iterator[str]:
    for subsite in city.subsites:
        root = subsite.root(port).rstrip("/")
        yield from (root + column.path for column in subsite.columns.values() if not column.publications)


def _cut_titles(city: City, port: int) -> Iterator[str]:
    cutting = {"hefei_xp", "lonsun", "anhui_openness", "trs_wcm"}
    for subsite in city.subsites:
        if "short_titles" in subsite.traps or subsite.family in cutting:
            yield subsite.root(port)


def _has_numeral_date(entry: Publication) -> bool:
    return any(NUMERAL_DATE.match(block.text) for block in entry.document.blocks)


def _has_other_brackets(entry: Publication) -> bool:
    said = entry.printed.get("doc_number", "")
    return "〔" not in said and doc_numbers.key(said) is not None and entry.document.doc_number != said


def _has_blank_facet(entry: Publication) -> bool:
    return any(entry.printed.get(facet) == "" for facet in ("topic", "genre", "audience", "life_cycle"))


def _has_long_pdf(entry: Publication) -> bool:
    if "pdf_only" not in entry.traps:
        return False
    answer = attachment(entry.subsite, entry.attachments[-1][1])
    with pypdfium2.PdfDocument(answer.body if answer else b"") as pdf:
        return len(pdf) > 1


_FINDERS: dict[str, Callable[[City, int], Iterator[str]]] = {
    "framesets": _families("hefei_xp"),
    "framed_list": _families("anhui_openness"),
    "json_list": _families("ucap", "gkmlpt"),
    "side_box": _families("trs_wcm"),
    "blank_facets": _publications(_has_blank_facet),
    "numeral_dates": _publications(_has_numeral_date),
    "bracket_kinds": _publications(_has_other_brackets),
    "three_places": _three_places,
    "forwarding_pair": _forwarding_pairs,
    "joint": _publications(lambda entry: len(entry.document.issuers) > 1),
    "abolished_pair": _abolished_pairs,
    "trial_rule": _publications(lambda entry: entry.document.validity == "LV06"),
    "pdf_pages": _publications(_has_long_pdf),
    "list_repeats": _beyond_end("repeat"),
    "list_stub": _beyond_end("stub"),
    "cut_titles": _cut_titles,
    "parent_column": _publications(lambda entry: {"C02", "C03"} <= {c.content_class for c in entry.columns}),
    "empty_column": _empty_columns,
}
