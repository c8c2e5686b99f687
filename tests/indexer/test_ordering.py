"""Tiers, pages and cursors."""

import base64
from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from large_index import read_documents
from made_up import collections, filters, queries

from indexer import ordering
from indexer.cursors import Cursor, decode_cursor
from indexer.documents import IndexDocument, IndexPublication
from indexer.engine import Batch, EngineRequest, Place
from indexer.query import Key, KeyKind
from indexer.requests import (
    BadCursorError,
    DateRange,
    Facet,
    Filters,
    Hit,
    Match,
    Scope,
    SearchRequest,
    Sort,
)
from indexer.search import search
from indexer.understanding import understand


def document(name, title, *, body="", number=None, issued_on=None, in_force=True):
    keys = {Key(KeyKind.TITLE, title)}
    if number:
        keys.add(Key(KeyKind.DOC_NUMBER, number))
    return IndexDocument(
        name,
        (title,),
        (body,),
        frozenset(keys),
        (IndexPublication(f"{name}-1"),),
        issued_on=issued_on,
        in_force=in_force,
    )


def ask(filled, run, collection, **request):
    async def go():
        engine = await filled("whoosh", collection)
        answer = await search(engine, SearchRequest(**request))
        await engine.close()
        return [hit.document_id for hit in answer.hits]

    return run(go())


def test_exact_titles_come_first_the_newest_valid_one_before_all(filled, run):
    collection = [
        document("a", "开学通知", issued_on=date(2014, 1, 1), in_force=False),
        document("b", "开学通知", issued_on=date(2012, 1, 1)),
        document("c", "开学通知", issued_on=date(2013, 1, 1)),
        document("d", "关于转发开学通知的函", body="开学通知 " * 50),
    ]
    assert ask(filled, run, collection, q="开学通知") == ["c", "b", "a", "d"]


def test_an_exact_number_comes_before_documents_that_cite_it(filled, run):
    collection = [
        document("a", "关于某事", body="根据云政办〔2012〕45号 " * 20),
        document("b", "另一件事", body="与此无关", number="云政办〔2012〕45号"),
    ]
    assert ask(filled, run, collection, q="云政办[2012]45号") == ["b", "a"]


async def pages_of(engine, request: SearchRequest, size: int) -> list[Hit]:
    """Return the whole answer; pages by offset and by cursor must give the same."""
    whole = await search(engine, replace(request, limit=100))
    names = [hit.document_id for hit in whole.hits]
    assert whole.total == len(names) == len(set(names))
    assert whole.next_cursor is None
    paged: list[Hit] = []
    for offset in range(0, len(names) + size, size):
        paged += (await search(engine, replace(request, offset=offset, limit=size))).hits
    assert paged == list(whole.hits)
    followed: list[Hit] = []
    cursor = None
    while True:
        part = await search(engine, replace(request, limit=size, cursor=cursor))
        assert (part.total, part.total_publications, part.facets) == (
            *(whole.total, whole.total_publications, whole.facets),
        )
        followed += part.hits
        cursor = part.next_cursor
        if cursor is None:
            break
    assert followed == list(whole.hits)
    return followed


@settings(max_examples=40)
@given(
    collection=collections(),
    text=queries,
    match=st.sampled_from(Match),
    sort=st.sampled_from(Sort),
    wanted=filters,
    size=st.integers(1, 4),
)
def test_pages_and_cursors_give_the_whole_answer_in_one_order(
    filled, run, collection, text, match, sort, wanted, size
):
    async def go():
        engine = await filled("whoosh", collection)
        await pages_of(engine, SearchRequest(text, match=match, sort=sort, filters=wanted), size)
        await engine.close()

    run(go())


SMALL_HEAD = 7


@pytest.fixture
def small_head(monkeypatch):
    """A head that some dozen documents fill."""
    *exact, head, tail = ordering.RELEVANCE_TIERS
    tiers = (*exact, replace(head, most=SMALL_HEAD), replace(tail, skipped=SMALL_HEAD))
    monkeypatch.setattr(ordering, "HEAD", SMALL_HEAD)
    monkeypatch.setattr(ordering, "RELEVANCE_TIERS", tiers)


many_found = st.builds(
    SearchRequest,
    q=st.sampled_from(
        (
            "人民政府",
            "民政",
            "人民",
            "云岭市 通知",
            "关于印发 民政 人民 云岭市 政府信息公开",
            "云政办〔2012〕45号",
        )
    ),
    scope=st.sampled_from(Scope),
    match=st.sampled_from(Match),
    filters=st.just(Filters()) | filters,
    facets=st.just(tuple(Facet)),
)


@settings(max_examples=40)
@given(seed=st.integers(0, 1 << 32), count=st.integers(15, 50), request=many_found, size=st.integers(1, 9))
def test_the_head_is_reread_in_place_between_the_exact_tiers_and_the_tail(
    filled, run, small_head, seed, count, request, size
):
    async def go():
        engine = await filled("whoosh", read_documents(seed, range(count)))
        names = [hit.document_id for hit in await pages_of(engine, request, size)]
        query = understand(request.q, scope=request.scope, match=request.match).query
        asked = EngineRequest(query, request.filters, limit=100, facets=request.facets)
        rest = await engine.search(replace(asked, not_bearing=ordering.TITLE | ordering.NUMBER))
        scored = [hit.document_id for hit in rest.hits]
        exact = len(names) - len(scored)
        head = names[exact : exact + SMALL_HEAD]
        assert sorted(head) == sorted(scored[:SMALL_HEAD])
        assert names[exact + SMALL_HEAD :] == scored[SMALL_HEAD:]
        untouched, answer = await engine.search(asked), await search(engine, request)
        assert (answer.total, answer.facets) == (untouched.total, untouched.facets)
        assert answer.total_publications == untouched.total_publications
        await engine.close()

    run(go())


@settings(max_examples=20)
@given(seed=st.integers(0, 1 << 32), request=many_found)
def test_within_titles_nothing_depends_on_what_the_texts_say(filled, run, small_head, seed, request):
    asked = replace(request, scope=Scope.TITLE, limit=100)
    collection = list(read_documents(seed, range(40)))

    async def go():
        whole = await filled("whoosh", collection)
        bare = await filled("whoosh", [replace(each, texts=()) for each in collection])
        assert (await search(whole, asked)).hits == (await search(bare, asked)).hits
        await whole.close()
        await bare.close()

    run(go())


def alike() -> list[IndexDocument]:
    """Documents that stand in the order of their ids: the head is d0 to d6, the tail the rest."""
    return [document(f"d{number}", f"第{number}号", body="公积金") for number in range(10)]


def test_a_cursor_whose_document_moved_within_the_head_goes_on_behind_it(filled, run, small_head):
    async def go():
        engine = await filled("whoosh", alike())
        first = await search(engine, SearchRequest("公积金", limit=3))
        assert [hit.document_id for hit in first.hits] == ["d0", "d1", "d2"]
        rest = SearchRequest("公积金", limit=100, cursor=first.next_cursor)
        await engine.apply(Batch(dropped=["d0"]), 2)
        await engine.checkpoint()
        found = [hit.document_id for hit in (await search(engine, rest)).hits]
        assert found == [f"d{number}" for number in range(3, 10)]
        await engine.close()

    run(go())


@pytest.mark.parametrize("limit", [1, 3, 7])
def test_a_cursor_whose_document_left_the_head_goes_on_at_its_place(filled, run, small_head, limit):
    async def go():
        engine = await filled("whoosh", alike())
        first = await search(engine, SearchRequest("公积金", limit=limit))
        last = first.hits[-1].document_id
        rest = SearchRequest("公积金", limit=100, cursor=first.next_cursor)
        found = [hit.document_id for hit in (await search(engine, rest, frozenset({last}))).hits]
        assert found == [f"d{number}" for number in range(limit, 10)]
        await engine.close()

    run(go())


@given(st.integers(0, 2), st.floats(allow_nan=False, allow_infinity=False), st.text())
def test_a_cursor_is_read_as_it_was_written(tier, value, name):
    cursor = Cursor("asked", tier, Place(value, name))
    assert decode_cursor(cursor.encode(), "asked", 3) == cursor


@given(st.text() | st.binary().map(lambda raw: raw.hex()))
def test_any_other_text_is_refused_as_a_cursor(text):
    with pytest.raises(BadCursorError):
        decode_cursor(text, "asked", 3)


def test_a_cursor_with_a_number_beyond_all_numbers_is_refused():
    text = f'["relevance", 0, {"9" * 400}, "a"]'
    with pytest.raises(BadCursorError):
        decode_cursor(base64.urlsafe_b64encode(text.encode()).decode(), "asked", 3)


@pytest.mark.parametrize(
    "other",
    [
        SearchRequest("开学", sort=Sort.PUBLISHED),
        SearchRequest("开学通知"),
        SearchRequest("开学", scope=Scope.TITLE),
        SearchRequest("开学", match=Match.EXACT),
        SearchRequest("开学", filters=Filters(only={"topic": frozenset({"A"})})),
        SearchRequest("开学", filters=Filters(without={"topic": frozenset({"A"})})),
        SearchRequest("开学", filters=Filters(published=DateRange(date(2012, 1, 1)))),
    ],
)
def test_a_cursor_goes_on_with_no_other_search(filled, run, other):
    async def go():
        engine = await filled("whoosh", [document("a", "开学一"), document("b", "开学二")])
        asked = SearchRequest("开学", limit=1, facets=(Facet.TOPIC,))
        cursor = (await search(engine, asked)).next_cursor
        again = replace(asked, cursor=cursor, limit=5, facets=())
        assert len((await search(engine, again)).hits) == 1
        with pytest.raises(BadCursorError):
            await search(engine, replace(other, cursor=cursor))
        await engine.close()

    run(go())
