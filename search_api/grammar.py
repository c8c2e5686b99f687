"""The one grammar of the query string, shared by the API and the pages.

`parse` is strict and raises the first `ProblemError`; `parse_leniently` leaves out what it cannot use
and says so; `format_query` writes the canonical query string of a request.
"""

import re
from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import date
from enum import StrEnum
from functools import lru_cache
from typing import TypeVar
from urllib.parse import quote_plus, unquote_to_bytes

from catalog.folding import clean
from indexer.requests import FILTER_FIELDS, DateRange, Facet, Filters, Match, Scope, SearchRequest, Sort
from search_api.problems import ProblemError, shorten

MAX_QUERY = 1000
"""Characters of `q`."""
MAX_CODE = 200
MAX_CURSOR = 2000
MAX_PARAMETERS = 200
MAX_SIZE = 100
MAX_DEPTH = 10_000
"""The last result that can be reached by page number."""
_DEFAULT = SearchRequest()
DEFAULT_SIZE = _DEFAULT.limit

NOT = ".not"
FILTER_PARAMETERS = (*FILTER_FIELDS, *(name + NOT for name in FILTER_FIELDS))
DATE_PARAMETERS = ("published_from", "published_to", "issued_from", "issued_to")
CHOICES: dict[str, type[StrEnum]] = {"scope": Scope, "match": Match, "sort": Sort}
SINGLE_PARAMETERS = ("q", *DATE_PARAMETERS, *CHOICES, "page", "size", "cursor", "facets")
PARAMETERS = frozenset((*FILTER_PARAMETERS, *SINGLE_PARAMETERS))
_API_ONLY = frozenset({"cursor", "facets"})

_BROKEN_ESCAPE = re.compile(rb"%(?![0-9A-Fa-f]{2})")
_DATE = re.compile(r"(\d{4})-(\d{2})-(\d{2})", re.ASCII)
_NUMBER = re.compile(r"\d{1,9}", re.ASCII)

Choice = TypeVar("Choice", bound=StrEnum)
Report = Callable[[ProblemError], None]


def parse(raw: bytes) -> SearchRequest:
    """Return the request that a raw query string (bytes after the `?`) asks for.

    Raises `ProblemError` (422) naming the first parameter that is unknown, repeated or malformed.
    """
    return _Reader(_pairs(raw), _raise).request()


def parse_leniently(raw: bytes) -> tuple[SearchRequest, tuple[str, ...]]:
    """Return the request and, in Chinese, what could not be used of the query string.

    Unknown parameters (messengers append their own) and empty ones (forms send them) say nothing;
    nor do `cursor` and `facets`, which mean nothing to a page.
    """
    pairs = []
    for part in re.split(b"[&]", raw)[:MAX_PARAMETERS]:
        name, _, value = part.partition(b"=")
        pair = _unquote_leniently(name), clean(_unquote_leniently(value))
        if pair[0] in PARAMETERS - _API_ONLY and (pair[1] or pair[0] == "q"):
            pairs.append(pair)
    problems: list[ProblemError] = []
    request = _Reader(pairs, problems.append).request()
    return request, tuple(dict.fromkeys(problem.detail for problem in problems))


def refuse_all(raw: bytes) -> None:
    """Raise `ProblemError` (422) for any parameter: said where a query string means nothing."""
    for name, _ in _pairs(raw):
        raise _unknown(name)


def format_query(request: SearchRequest) -> str:
    """Return the canonical query string: defaults left out, codes sorted; '' asks for everything."""
    return "&".join(f"{_quoted(name)}={_quoted(value)}" for name, value in parameters_of(request))


# A page of results writes the same few names and codes into some three hundred addresses.
_quoted = lru_cache(4096)(quote_plus)


def parameters_of(request: SearchRequest) -> list[tuple[str, str]]:
    """Return the names and values that express a request, in the order of the grammar."""
    pairs = [("q", request.q)] if request.q else []
    filters = request.filters
    for suffix, fields in (("", filters.only), (NOT, filters.without)):
        for name in FILTER_FIELDS if fields else ():
            pairs += [(name + suffix, code) for code in sorted(fields.get(name, ()))]
    for name, span in (("published", filters.published), ("issued", filters.issued)):
        pairs += [
            (name + end, day.isoformat()) for end, day in (("_from", span.first), ("_to", span.last)) if day
        ]
    pairs += [
        (name, str(chosen))
        for name in CHOICES
        if (chosen := getattr(request, name)) is not getattr(_DEFAULT, name)
    ]
    if request.cursor is not None:
        pairs.append(("cursor", request.cursor))
    elif request.offset:
        pairs.append(("page", str(page_of(request))))
    if request.limit != DEFAULT_SIZE:
        pairs.append(("size", str(request.limit)))
    if request.facets:
        pairs.append(("facets", ",".join(request.facets)))
    return pairs


def page_of(request: SearchRequest) -> int:
    """Return the page number of a request, counted from 1."""
    return request.offset // request.limit + 1


def at_page(request: SearchRequest, page: int) -> SearchRequest:
    """Return the same request for another page."""
    return replace(request, offset=(page - 1) * request.limit, cursor=None)


def _unknown(name: str) -> ProblemError:
    shown = shorten(name) or "（空）"
    return ProblemError("unknown-parameter", f"没有名为 {shown} 的参数。", parameter=shown)


def _raise(problem: ProblemError) -> None:
    raise problem


def _pairs(raw: bytes) -> list[tuple[str, str]]:
    parts = [part for part in raw.split(b"&") if part]
    if len(parts) > MAX_PARAMETERS:
        raise ProblemError("too-many-values", f"共有 {len(parts)} 个参数，最多 {MAX_PARAMETERS} 个。")
    pairs = []
    for part in parts:
        raw_name, _, raw_value = part.partition(b"=")
        name = _unquote(raw_name, None)
        value = _unquote(raw_value, name)
        if "\0" in name or "\0" in value:
            shown = shorten(name.replace("\0", "")) or "（空）"
            where = "参数名" if "\0" in name else f"参数 {shown} "
            raise ProblemError("bad-character", f"{where}中含有空字符（NUL）。", parameter=shown)
        pairs.append((name, value))
    return pairs


def _unquote(raw: bytes, parameter: str | None) -> str:
    try:
        if _BROKEN_ESCAPE.search(raw):
            raise ValueError
        return unquote_to_bytes(raw.replace(b"+", b" ")).decode("utf-8")
    except ValueError:
        where = "参数名" if parameter is None else f"参数 {parameter} "
        raise ProblemError(
            "bad-encoding",
            f"{where}的百分号编码不完整，或者不是 UTF-8 文字。",
            parameter=parameter,
            value=raw.decode("ascii", "replace"),
        ) from None


def _unquote_leniently(raw: bytes) -> str:
    return unquote_to_bytes(raw.replace(b"+", b" ")).decode("utf-8", "replace")


class _Reader:
    """Reads the values of one query string; what is wrong goes to `report`, which may raise."""

    def __init__(self, pairs: Iterable[tuple[str, str]], report: Report) -> None:
        self.report = report
        self.values: dict[str, list[str]] = {}
        for name, value in pairs:
            self.values.setdefault(name, []).append(value)

    def request(self) -> SearchRequest:
        self.check_names()
        limit = self.number("size", "bad-size", MAX_SIZE) or DEFAULT_SIZE
        page = self.number("page", "bad-page", None) or 1
        cursor = self.cursor()
        if page * limit > MAX_DEPTH:
            detail = f"第 {page} 页（每页 {limit} 条）超过了前 {MAX_DEPTH} 条的范围。"
            self.wrong("too-deep", "page", str(page), detail)
            page = 1
        return SearchRequest(
            q=self.query(),
            scope=self.choice("scope", Scope.ALL),
            match=self.choice("match", Match.SMART),
            filters=Filters(
                only=self.codes(""),
                without=self.codes(NOT),
                published=self.span("published"),
                issued=self.span("issued"),
            ),
            sort=self.choice("sort", Sort.RELEVANCE),
            offset=0 if cursor else (page - 1) * limit,
            limit=limit,
            cursor=cursor,
            facets=self.facets(),
        )

    def wrong(self, code: str, parameter: str, value: str | None = None, detail: str | None = None) -> None:
        self.report(ProblemError(code, detail, parameter=parameter, value=value))

    def first(self, name: str) -> str | None:
        return self.values.get(name, [None])[0]

    def check_names(self) -> None:
        for name, values in self.values.items():
            shown = shorten(name)
            if name not in PARAMETERS:
                self.report(_unknown(name))
            if name in SINGLE_PARAMETERS and len(values) > 1:
                self.wrong("repeated-parameter", name, detail=f"参数 {name} 出现了 {len(values)} 次。")
            if name != "q" and "" in values:
                self.wrong("empty-value", shown, detail=f"参数 {shown} 没有值。")

    def query(self) -> str:
        q = self.first("q") or ""
        if len(q) > MAX_QUERY:
            self.wrong("query-too-long", "q", q, f"查询词有 {len(q)} 个字，最多 {MAX_QUERY} 个字。")
        return q[:MAX_QUERY]

    def cursor(self) -> str | None:
        cursor = self.first("cursor")
        if cursor is None:
            return None
        if len(cursor) > MAX_CURSOR:
            self.wrong("bad-cursor", "cursor", cursor)
            return None
        if "page" in self.values:
            self.wrong("cursor-with-page", "cursor", cursor)
        return cursor

    def number(self, name: str, code: str, most: int | None) -> int | None:
        value = self.first(name)
        if value is None:
            return None
        if _NUMBER.fullmatch(value) and int(value) >= 1 and (most is None or int(value) <= most):
            return int(value)
        self.wrong(code, name, value)
        return None

    def choice(self, name: str, default: Choice) -> Choice:
        value = self.first(name)
        if value is None:
            return default
        try:
            return type(default)(value)
        except ValueError:
            allowed = "、".join(type(default))
            self.wrong("bad-choice", name, value, f"参数 {name} 只接受：{allowed}。")
            return default

    def codes(self, suffix: str) -> dict[str, frozenset[str]]:
        found = {}
        for field in FILTER_FIELDS:
            name = field + suffix
            codes = self.values.get(name, [])
            for code in codes:
                if len(code) > MAX_CODE:
                    self.wrong("value-too-long", name, code, f"参数 {name} 的值过长。")
            if kept := frozenset(code for code in codes if 0 < len(code) <= MAX_CODE):
                found[field] = kept
        return found

    def span(self, field: str) -> DateRange:
        first, last = self.day(field + "_from"), self.day(field + "_to")
        if first and last and first > last:
            detail = f"起始日期 {first} 晚于截止日期 {last}。"
            self.wrong("date-order", field + "_from", first.isoformat(), detail)
            return DateRange()
        return DateRange(first, last)

    def day(self, name: str) -> date | None:
        value = self.first(name)
        if value is None:
            return None
        try:
            if match := _DATE.fullmatch(value):
                return date(*map(int, match.groups()))
        except ValueError:
            pass  # a day that is in no calendar
        self.wrong("bad-date", name, value, f"参数 {name} 的日期有误，应写成 2012-07-01 的样子。")
        return None

    def facets(self) -> tuple[Facet, ...]:
        wanted = []
        names = self.first("facets")
        for name in names.split(",") if names else ():
            try:
                wanted.append(Facet(name))
            except ValueError:
                allowed = "、".join(Facet)
                self.wrong("unknown-facet", "facets", name, f"没有这种分类；可选：{allowed}。")
        return tuple(dict.fromkeys(wanted))
