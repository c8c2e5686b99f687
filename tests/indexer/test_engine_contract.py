"""What every engine promises; the oracle passes the same tests as the engines that serve."""

from dataclasses import replace
from datetime import date

import pytest
from asked import requests
from hypothesis import given, settings
from hypothesis import strategies as st
from made_up import collections, documents

from indexer.documents import IndexDocument, IndexPublication, analyse
from indexer.engine import Batch, EngineRequest, Order, Place
from indexer.query import Key, KeyKind, Query, TermField
from indexer.requests import MISSING, DateRange, Filters
from indexer.understanding import understand

ENGINES = ("oracle", "whoosh")


def document(name: str, title: str = "标题", body: str = "", **more: object) -> IndexDocument:
    return IndexDocument(
        id=name,
        titles=(title,),
        texts=(body,),
        keys=frozenset({Key(KeyKind.TITLE, title)}),
        publications=(IndexPublication(f"{name}-1"),),
        **more,
    )


def asked(text: str, **more: object) -> EngineRequest:
    return EngineRequest(understand(text).query, **more)


async def found(engine, request: EngineRequest) -> list[str]:
    return [hit.document_id for hit in (await engine.search(request)).hits]


def check(filled, run, collection, asked_for) -> None:
    async def compare():
        oracle, engine = await filled("oracle", collection), await filled("whoosh", collection)
        for request in asked_for:
            assert await engine.search(request) == await oracle.search(request)
        await engine.close()

    run(compare())


@settings(max_examples=80)
@given(collection=collections(), asked_for=st.lists(requests, min_size=1, max_size=8))
def test_sets_totals_counts_scores_and_order_equal_the_oracle(filled, run, collection, asked_for):
    check(filled, run, collection, asked_for)


@pytest.mark.long
@pytest.mark.timeout(3600)
@settings(max_examples=2_500)
@given(collection=collections(), asked_for=st.lists(requests, min_size=1, max_size=8))
def test_sets_totals_counts_scores_and_order_equal_the_oracle_at_length(filled, run, collection, asked_for):
    check(filled, run, collection, asked_for)


@settings(max_examples=25)
@given(data=st.data(), collection=collections())
def test_updates_and_removals_equal_the_oracles_commit_by_commit(filled, run, data, collection):
    names = [each.id for each in collection]
    commits = [
        Batch(
            [
                analyse(data.draw(documents(name)))
                for name in data.draw(st.lists(st.sampled_from([*names, "new"]), max_size=4, unique=True))
            ],
            data.draw(st.lists(st.sampled_from([*names, "unknown"]), max_size=3, unique=True)),
        )
        for _ in range(data.draw(st.integers(1, 3)))
    ]
    request = data.draw(requests)

    async def compare():
        engine, oracle = await filled("whoosh", collection), await filled("oracle", collection)
        for seq, batch in enumerate(commits, start=2):
            for each in (engine, oracle):
                await each.apply(batch, seq)
                await each.checkpoint()
            assert engine.seq == seq
            assert await engine.search(request) == await oracle.search(request)
        await engine.close()

    run(compare())


@settings(max_examples=40)
@given(collection=collections(), request=requests)
def test_a_facets_count_is_the_total_that_choosing_the_value_gives(filled, run, collection, request):
    async def compare():
        engine = await filled("oracle", collection)
        answer = await engine.search(request)
        for facet, counted in answer.facets.items():
            for value, number in {**counted.counts, MISSING: counted.missing}.items():
                only = {**request.filters.only, facet.value: frozenset({value})}
                chosen = replace(request, filters=replace(request.filters, only=only))
                assert (await engine.search(chosen)).total == number

    run(compare())


@pytest.mark.parametrize("kind", ENGINES)
def test_nothing_applied_is_visible_before_the_checkpoint(new_engine, run, kind):
    async def go():
        engine = new_engine(kind)
        await engine.apply(Batch([analyse(document("a", "云岭市公积金"))]), 7)
        assert engine.seq == 0
        assert await found(engine, asked("公积金")) == []
        await engine.checkpoint()
        assert engine.seq == 7
        assert await found(engine, asked("公积金")) == ["a"]
        await engine.close()

    run(go())


@pytest.mark.parametrize("kind", ENGINES)
def test_of_two_applications_before_a_checkpoint_the_last_one_counts(new_engine, run, kind):
    async def go():
        engine = new_engine(kind)
        await engine.apply(Batch([analyse(document("a", "云岭市公积金")), analyse(document("b"))]), 1)
        await engine.apply(Batch([analyse(document("a", "云岭市低保"))], ["b"]), 2)
        assert (await engine.search(EngineRequest(Query()))).total == 0
        await engine.checkpoint()
        assert (await engine.search(EngineRequest(Query()))).total == 1
        assert await found(engine, asked("低保")) == ["a"]
        assert await found(engine, asked("公积金")) == []
        await engine.apply(Batch([analyse(document("a", "云岭市医保"))]), 3)
        await engine.checkpoint()
        assert (await engine.search(EngineRequest(Query()))).total == 1
        await engine.close()

    run(go())


@pytest.mark.parametrize("kind", ENGINES)
def test_many_small_commits_leave_what_one_would(new_engine, run, kind):
    async def go():
        engine = new_engine(kind)
        for seq in range(1, 41):  # enough for a merge of segments
            names = [f"d{(seq * step) % 50:02}" for step in (1, 3, 7)]
            await engine.apply(
                Batch([analyse(document(name, f"第{seq}号公告", "公积金")) for name in names]), seq
            )
            await engine.checkpoint()
        held = {f"d{(seq * step) % 50:02}" for seq in range(1, 41) for step in (1, 3, 7)}
        assert set(await found(engine, asked("公积金", limit=99))) == held
        assert engine.seq == 40
        await engine.close()

    run(go())


@pytest.mark.parametrize("kind", ENGINES)
def test_no_more_terms_are_given_than_asked_for(filled, run, kind):
    async def go():
        engine = await filled(kind, [document("a", "公积金贷款公告")])
        assert await engine.terms(TermField.WORDS, "", 0) == []
        assert len(await engine.terms(TermField.WORDS, "", 2)) == 2
        await engine.close()

    run(go())


@pytest.mark.parametrize("kind", ENGINES)
def test_a_two_character_word_is_held_as_a_token_and_not_inside_another(filled, run, kind):
    async def go():
        engine = await filled(kind, [document("a", "云岭市人民政府公告"), document("b", "云岭市民政局公告")])
        assert await found(engine, asked("民政")) == ["b"]
        assert await found(engine, asked("政府")) == ["a"]
        await engine.close()

    run(go())


@pytest.mark.parametrize("kind", ENGINES)
def test_a_filter_speaks_of_one_publication_and_not_of_two(filled, run, kind):
    twice = replace(
        document("a"),
        publications=(
            IndexPublication("a-1", date(2015, 1, 1), {"organization": frozenset({"A"})}),
            IndexPublication("a-2", date(2012, 1, 1), {"organization": frozenset({"B"})}),
        ),
    )

    async def go():
        engine = await filled(kind, [twice])
        for code, year, total in (("A", 2015, 1), ("A", 2012, 0), ("B", 2012, 1), ("B", 2015, 0)):
            wanted = Filters(
                only={"organization": frozenset({code})},
                published=DateRange(date(year, 1, 1), date(year, 12, 31)),
            )
            answer = await engine.search(EngineRequest(Query(), wanted))
            assert answer.total == answer.total_publications == total
        without = Filters(without={"organization": frozenset({"B"})})
        assert (await engine.search(EngineRequest(Query(), without))).total == 0
        await engine.close()

    run(go())


@pytest.mark.parametrize("kind", ENGINES)
@pytest.mark.parametrize("order", Order)
def test_paging_by_place_gives_every_document_once(filled, run, kind, order):
    collection = [
        document(
            f"d{number}",
            "公积金" * (number % 3 + 1),
            issued_on=None if number % 4 == 0 else date(2012, 1, number % 5 + 1),
            in_force=number % 2 == 0,
        )
        for number in range(11)
    ]

    async def go():
        engine = await filled(kind, collection)
        whole = await found(engine, asked("公积金", order=order, limit=100))
        assert sorted(whole) == sorted(each.id for each in collection)
        paged, after = [], None
        while True:
            answer = await engine.search(asked("公积金", order=order, limit=3, after=after))
            assert answer.total == 11
            if not answer.hits:
                break
            paged += [hit.document_id for hit in answer.hits]
            after = Place(answer.hits[-1].value, answer.hits[-1].document_id)
        assert paged == whole
        await engine.close()

    run(go())


@pytest.mark.parametrize("kind", ENGINES)
def test_undated_documents_stand_last_in_both_directions(filled, run, kind):
    dated = [
        replace(document(name), publications=(IndexPublication(f"{name}-1", day),))
        for name, day in (("a", date(2012, 5, 1)), ("b", None), ("c", date(2013, 5, 1)))
    ]

    async def go():
        engine = await filled(kind, dated)
        assert await found(engine, EngineRequest(Query(), order=Order.PUBLISHED)) == ["a", "c", "b"]
        assert await found(engine, EngineRequest(Query(), order=Order.PUBLISHED_DESC)) == ["c", "a", "b"]
        await engine.close()

    run(go())


@pytest.mark.parametrize("kind", ENGINES)
def test_terms_are_told_with_the_number_of_documents_that_hold_them(filled, run, kind):
    async def go():
        engine = await filled(kind, [document("a", "公积金贷款"), document("b", "公积金")])
        await engine.apply(Batch(dropped=["b"]), 2)
        await engine.checkpoint()
        terms = await engine.terms(TermField.WORDS, "公积金", 5)
        assert ("公积金", 1) in terms
        assert terms == sorted(terms)
        assert len(await engine.terms(TermField.BIGRAMS, "", 2)) == 2
        await engine.close()

    run(go())
