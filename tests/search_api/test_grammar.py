"""The grammar of the query string."""

import contextlib
import string
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

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
from search_api.grammar import MAX_DEPTH, format_query, parse, parse_leniently
from search_api.problems import ProblemError

words = st.text(st.characters(exclude_characters="\0", exclude_categories=("Cs",)), max_size=60)
codes = st.one_of(
    st.just(MISSING), st.text(string.ascii_letters + string.digits + "-./& =+%、中", min_size=1, max_size=20)
)
fields = st.dictionaries(
    st.sampled_from(FILTER_FIELDS), st.frozensets(codes, min_size=1, max_size=3), max_size=4
)
days = st.one_of(st.none(), st.dates(date(1949, 10, 1), date(2100, 1, 1)))
spans = st.tuples(days, days).map(
    lambda pair: DateRange(*(sorted(pair) if all(pair) else pair))  # type: ignore[type-var]
)


@st.composite
def requests(draw: st.DrawFn) -> SearchRequest:
    limit = draw(st.integers(1, 100))
    cursor = draw(st.none() | st.text(string.ascii_letters + "-_=", min_size=1, max_size=40))
    page = 1 if cursor else draw(st.integers(1, MAX_DEPTH // limit))
    return SearchRequest(
        q=draw(words),
        scope=draw(st.sampled_from(Scope)),
        match=draw(st.sampled_from(Match)),
        filters=Filters(draw(fields), draw(fields), draw(spans), draw(spans)),
        sort=draw(st.sampled_from(Sort)),
        offset=(page - 1) * limit,
        limit=limit,
        cursor=cursor,
        facets=tuple(draw(st.lists(st.sampled_from(Facet), unique=True))),
    )


@given(requests())
def test_a_request_survives_its_query_string(request: SearchRequest) -> None:
    query = format_query(request)
    assert parse(query.encode("ascii")) == request
    assert format_query(parse(query.encode("ascii"))) == query


def test_nothing_asks_for_everything() -> None:
    assert parse(b"") == SearchRequest()
    assert format_query(SearchRequest()) == ""


def test_every_parameter_means_what_the_grammar_says() -> None:
    asked = parse(
        b"q=%E6%B0%B4+%E4%BB%B7&topic=T02&topic=T03&organization.not=a%2Fb&genre=_missing&subsite=s1"
        b"&published_from=2012-01-01&published_to=2012-12-31&issued_to=2013-02-28"
        b"&scope=title&match=exact&sort=-issued&page=3&size=20&facets=topic,issuer,topic"
    )
    assert asked == SearchRequest(
        q="水 价",
        scope=Scope.TITLE,
        match=Match.EXACT,
        filters=Filters(
            only={
                "topic": frozenset({"T02", "T03"}),
                "genre": frozenset({MISSING}),
                "subsite": frozenset({"s1"}),
            },
            without={"organization": frozenset({"a/b"})},
            published=DateRange(date(2012, 1, 1), date(2012, 12, 31)),
            issued=DateRange(None, date(2013, 2, 28)),
        ),
        sort=Sort.ISSUED_DESC,
        offset=40,
        limit=20,
        facets=(Facet.TOPIC, Facet.ISSUER),
    )


WRONG = [
    ("utm_source=x", "unknown-parameter", "utm_source"),
    ("=x", "unknown-parameter", "（空）"),
    ("published.not=2012-01-01", "unknown-parameter", "published.not"),
    ("q=a&q=b", "repeated-parameter", "q"),
    ("page=1&page=2", "repeated-parameter", "page"),
    ("topic=", "empty-value", "topic"),
    ("published_from=", "empty-value", "published_from"),
    ("published_from=2012-02-30", "bad-date", "published_from"),
    ("published_to=2012-7-1", "bad-date", "published_to"),
    ("issued_from=20120701", "bad-date", "issued_from"),
    ("issued_from=0000-01-01", "bad-date", "issued_from"),
    ("issued_to=%D9%A2%D9%A0%D9%A1%D9%A2-01-01", "bad-date", "issued_to"),
    ("published_from=2013-01-01&published_to=2012-01-01", "date-order", "published_from"),
    ("scope=body", "bad-choice", "scope"),
    ("match=fuzzy", "bad-choice", "match"),
    ("sort=date", "bad-choice", "sort"),
    ("page=0", "bad-page", "page"),
    ("page=-1", "bad-page", "page"),
    ("page=1.5", "bad-page", "page"),
    ("page=" + "9" * 5000, "bad-page", "page"),
    ("size=0", "bad-size", "size"),
    ("size=101", "bad-size", "size"),
    ("size=10000", "bad-size", "size"),
    ("page=101&size=100", "too-deep", "page"),
    ("q=" + "a" * 1001, "query-too-long", "q"),
    ("q=a%00b", "bad-character", "q"),
    ("q=%FF", "bad-encoding", "q"),
    ("q=%ED%A0%80", "bad-encoding", "q"),
    ("q=%E4%BB", "bad-encoding", "q"),
    ("q=100%", "bad-encoding", "q"),
    ("q=%zz", "bad-encoding", "q"),
    ("facets=year", "unknown-facet", "facets"),
    ("facets=topic,", "unknown-facet", "facets"),
    ("facets=subsite", "unknown-facet", "facets"),
    ("cursor=abc&page=2", "cursor-with-page", "cursor"),
    ("cursor=" + "a" * 2001, "bad-cursor", "cursor"),
    ("topic=" + "a" * 201, "value-too-long", "topic"),
    ("&".join(["topic=a"] * 201), "too-many-values", None),
]


@pytest.mark.parametrize(("query", "code", "parameter"), WRONG, ids=[query[:30] for query, *_ in WRONG])
def test_what_is_wrong_is_named(query: str, code: str, parameter: str | None) -> None:
    with pytest.raises(ProblemError) as caught:
        parse(query.encode())
    assert (caught.value.code, caught.value.parameter) == (code, parameter)
    assert caught.value.value is None or len(caught.value.value) <= 61


@pytest.mark.parametrize("query", [query for query, *_ in WRONG])
def test_pages_make_the_best_of_it(query: str) -> None:
    request, notes = parse_leniently(query.encode())
    assert parse(format_query(request).encode()) == request
    assert all(notes)


def test_pages_say_nothing_of_what_messengers_and_forms_append() -> None:
    query = b"q=%E6%B0%B4&from=singlemessage&isappinstalled=0&published_from=&published_to="
    assert parse_leniently(query) == (SearchRequest(q="水"), ())


def test_pages_tell_what_they_left_out() -> None:
    request, notes = parse_leniently(b"q=a&published_from=2012-13-01&page=0")
    assert request == SearchRequest(q="a")
    assert len(notes) == 2


@given(st.binary(max_size=200))
def test_any_bytes_are_a_request_or_a_problem(raw: bytes) -> None:
    request, _ = parse_leniently(raw)
    assert parse(format_query(request).encode()) == request
    with contextlib.suppress(ProblemError):
        assert isinstance(parse(raw), SearchRequest)
