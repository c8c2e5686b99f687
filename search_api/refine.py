"""How a search can be narrowed or widened: the links around the results of a page.

Every link is the address of another search in the one grammar; nothing here needs a script.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

from catalog.records import Field
from indexer.requests import (
    FILTER_FIELDS,
    MISSING,
    DateRange,
    Facet,
    Filters,
    Match,
    Scope,
    SearchRequest,
    Sort,
)
from search_api import wording
from search_api.answers import Bucket, FacetAnswer
from search_api.grammar import MAX_DEPTH, at_page, format_query, page_of, parameters_of
from search_api.labels import Labels

SHOWN_FIRST = 8
"""So many values of a facet stand open; the rest waits behind 'more'."""
PAGES_AROUND = 2


@dataclass(frozen=True, slots=True)
class Choice:
    """One value of a facet: a link that selects or drops it and one that excludes it."""

    label: str
    count: int
    selected: bool
    url: str
    exclude_url: str | None
    children: tuple["Choice", ...] = ()


@dataclass(frozen=True, slots=True)
class Panel:
    """A facet as a list of links; `missing` is its 未标明 link."""

    name: str
    label: str
    first: tuple[Choice, ...]
    more: tuple[Choice, ...]
    missing: Choice | None
    active: bool
    truncated: bool


@dataclass(frozen=True, slots=True)
class Chip:
    """An active filter that one link takes away."""

    label: str
    value: str
    excluded: bool
    url: str


@dataclass(frozen=True, slots=True)
class Switch:
    """One of several settings of which one is in force."""

    label: str
    url: str
    current: bool


@dataclass(frozen=True, slots=True)
class PageLink:
    """A link of the pager; no number stands for a gap."""

    number: int | None
    url: str = ""
    current: bool = False


@dataclass(frozen=True, slots=True)
class Pager:
    """Where one is and how to go on. `cut` says that more exists than page numbers reach."""

    links: tuple[PageLink, ...]
    previous: str | None
    following: str | None
    cut: bool


def search_url(request: SearchRequest) -> str:
    """Return the address of the results page for a request."""
    query = format_query(_bare(request))
    return f"/search?{query}" if query else "/search"


def hidden_fields(request: SearchRequest, *without: str) -> list[tuple[str, str]]:
    """Return what a form must carry along of a request, save its own fields and the page."""
    left_out = {*without, "page", "facets", "cursor"}
    return [(name, value) for name, value in parameters_of(request) if name not in left_out]


def panels(request: SearchRequest, facets: Mapping[str, FacetAnswer], labels: Labels) -> list[Panel]:
    """Return the facets that have anything to choose from, in the order of pages."""
    found = []
    request = _bare(request)
    for facet in Facet:
        if facet.value in facets:
            panel = _panel(request, facet.value, facets[facet.value], labels)
            if panel.first or (panel.missing and panel.active):
                found.append(panel)
    return found


def browse(facet: str, answer: FacetAnswer, limit: int) -> list[Choice]:
    """Return the top values of a facet for the home page; a lone root gives way to its children."""
    choices = _tree(SearchRequest(), facet, answer["buckets"])
    if len(choices) == 1 and choices[0].children:
        choices = choices[0].children
    return list(choices[:limit])


def chips(request: SearchRequest, labels: Labels) -> list[Chip]:
    """Return the active filters, those that exclude last."""
    found = [
        Chip(
            wording.FACET[field],
            labels.label(field, code),
            excluded,
            search_url(toggle(request, field, code, excluded)),
        )
        for excluded, fields in ((False, request.filters.only), (True, request.filters.without))
        for field in FILTER_FIELDS
        for code in sorted(fields.get(field, ()))
    ]
    spans = (
        (Field.PUBLISHED_ON, request.filters.published, replace(request.filters, published=DateRange())),
        (Field.ISSUED_ON, request.filters.issued, replace(request.filters, issued=DateRange())),
    )
    found += [
        Chip(wording.FIELD[field], _span_text(span), False, search_url(_restart(request, filters)))
        for field, span, filters in spans
        if span
    ]
    return found


def toggle(request: SearchRequest, field: str, code: str, excluded: bool = False) -> SearchRequest:
    """Return the request with a value of a filter put in or taken out; it begins at page 1 again.

    A value is either wanted or excluded, never both.
    """
    only, without = dict(request.filters.only), dict(request.filters.without)
    target, other = (without, only) if excluded else (only, without)
    values = target.get(field, frozenset())
    target[field] = values - {code} if code in values else values | {code}
    other[field] = other.get(field, frozenset()) - {code}
    filters = replace(request.filters, only=_filled(only), without=_filled(without))
    return _restart(request, filters)


def sort_switches(request: SearchRequest) -> list[Switch]:
    """Return the orders; relevance has no meaning without words."""
    return [
        Switch(wording.SORT[sort], _changed(request, sort=sort), sort is request.sort)
        for sort in Sort
        if request.q or sort is not Sort.RELEVANCE
    ]


def scope_switches(request: SearchRequest) -> list[Switch]:
    """Return where the words may be looked for."""
    return [
        Switch(wording.SCOPE[scope], _changed(request, scope=scope), scope is request.scope)
        for scope in Scope
    ]


def match_switches(request: SearchRequest) -> list[Switch]:
    """Return how the words may be read."""
    return [
        Switch(wording.MATCH[match], _changed(request, match=match), match is request.match)
        for match in Match
    ]


def pager(request: SearchRequest, total: int) -> Pager | None:
    """Return the links to other pages; None where all results are on one."""
    page, size = page_of(request), request.limit
    last = min(-(-total // size), MAX_DEPTH // size)
    if last <= 1 and page == 1:
        return None
    near = range(page - PAGES_AROUND, page + PAGES_AROUND + 1)
    numbers = sorted({number for number in (1, last, *near) if 1 <= number <= last})
    links: list[PageLink] = []
    for number in numbers:
        if links and links[-1].number is not None and number > links[-1].number + 1:
            links.append(PageLink(None))
        links.append(PageLink(number, search_url(at_page(request, number)), number == page))
    return Pager(
        tuple(links),
        search_url(at_page(request, min(page - 1, last))) if page > 1 and last else None,
        search_url(at_page(request, page + 1)) if page < last else None,
        total > MAX_DEPTH,
    )


def cleared(request: SearchRequest) -> str:
    """Return the address of the same words without any filter."""
    return search_url(_restart(request, Filters()))


def _bare(request: SearchRequest) -> SearchRequest:
    """Return the request without what is no part of a page's address."""
    return replace(request, facets=(), cursor=None) if request.facets or request.cursor else request


def _changed(request: SearchRequest, **settings: StrEnum) -> str:
    changes: dict[str, Any] = dict(settings)
    return search_url(at_page(replace(request, **changes), 1))


def _restart(request: SearchRequest, filters: Filters) -> SearchRequest:
    return replace(request, filters=filters, offset=0, cursor=None)


def _filled(fields: Mapping[str, frozenset[str]]) -> dict[str, frozenset[str]]:
    return {field: codes for field, codes in fields.items() if codes}


def _panel(request: SearchRequest, field: str, answer: FacetAnswer, labels: Labels) -> Panel:
    choices = _tree(request, field, answer["buckets"])
    missing = None
    selected = MISSING in request.filters.only.get(field, ())
    if answer["missing"] or selected:
        missing = _choice(
            request,
            field,
            {
                "value": MISSING,
                "label": labels.label(field, MISSING),
                "count": answer["missing"],
                "selected": selected,
                "parent": None,
            },
        )
    return Panel(
        name=field,
        label=wording.FACET[field],
        first=choices[:SHOWN_FIRST],
        more=choices[SHOWN_FIRST:],
        missing=missing,
        active=bool(request.filters.only.get(field) or request.filters.without.get(field)),
        truncated=answer["truncated"],
    )


def _tree(request: SearchRequest, field: str, buckets: Iterable[Bucket]) -> tuple[Choice, ...]:
    """Return the buckets as a tree, in the order given; excluded values are chips and not listed.

    Children stand where they help: under and above a selected value, under a lone root.
    """
    excluded = request.filters.without.get(field, frozenset())
    shown = {bucket["value"]: bucket for bucket in buckets if bucket["value"] not in excluded}
    below: dict[str | None, list[Bucket]] = {}
    for bucket in shown.values():
        parent = bucket["parent"] if bucket["parent"] in shown else None
        below.setdefault(parent, []).append(bucket)
    roots = below.get(None, [])
    opened: set[str] = {roots[0]["value"]} if len(roots) == 1 else set()
    for bucket in shown.values():
        code: str | None = bucket["value"] if bucket["selected"] else None
        while code in shown and code not in opened:
            opened.add(code)
            code = shown[code]["parent"]

    def grow(parent: str | None, above: frozenset[str]) -> tuple[Choice, ...]:
        return tuple(
            _choice(request, field, bucket, above, grow(bucket["value"], above | {bucket["value"]}))
            for bucket in below.get(parent, ())
            if parent is None or parent in opened
        )

    return grow(None, frozenset())


def _choice(
    request: SearchRequest,
    field: str,
    bucket: Bucket,
    above: frozenset[str] = frozenset(),
    children: tuple[Choice, ...] = (),
) -> Choice:
    code = bucket["value"]
    narrowed = request
    if above and field in request.filters.only:
        # Within a facet values widen each other, so a child narrows only if what is above it lets go.
        only = {**request.filters.only, field: request.filters.only[field] - above}
        narrowed = replace(request, filters=replace(request.filters, only=_filled(only)))
    return Choice(
        label=bucket["label"],
        count=bucket["count"],
        selected=bucket["selected"],
        url=search_url(toggle(narrowed, field, code)),
        exclude_url=None if bucket["selected"] else search_url(toggle(request, field, code, True)),
        children=children,
    )


def _span_text(span: DateRange) -> str:
    if span.first and span.last:
        return f"{span.first} 至 {span.last}"
    return f"{span.first} 起" if span.first else f"至 {span.last}"
