"""Tiers, pages and cursors."""

import base64
from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from made_up import collections, filters, queries

from indexer.cursors import Cursor, decode_cursor
from indexer.documents import IndexDocument, IndexPublication
from indexer.engine import Place
from indexer.query import Key, KeyKind
from indexer.requests import BadCursorError, DateRange, Facet, Filters, Match, Scope, SearchRequest, Sort
from indexer.search import search


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

        async def page(**more):
            return await search(engine, SearchRequest(text, match=match, sort=sort, filters=wanted, **more))

        whole = await page(limit=100)
        names = [hit.document_id for hit in whole.hits]
        assert whole.total == len(names) == len(set(names))
        assert whole.next_cursor is None
        paged = []
        for offset in range(0, len(names) + size, size):
            paged += [hit.document_id for hit in (await page(offset=offset, limit=size)).hits]
        assert paged == names
        followed, cursor = [], None
        while True:
            part = await page(limit=size, cursor=cursor)
            assert part.total == whole.total
            followed += [hit.document_id for hit in part.hits]
            cursor = part.next_cursor
            if cursor is None:
                break
        assert followed == names
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
