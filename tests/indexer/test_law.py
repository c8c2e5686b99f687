"""The law of this project.

Any quoted text of 2 to 200 visible characters, and any unquoted one of 4 or more, copied from a
title, a body or an attachment, finds its document; a full title brings the documents that bear it
before all others, the newest valid one first.
"""

import json
import random
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from made_up import collections, documents

from catalog.folding import clean, fold, visible_length
from indexer.documents import IndexDocument, IndexPublication, analyse
from indexer.engine import Batch
from indexer.query import Key, KeyKind
from indexer.requests import Match, SearchRequest
from indexer.search import search


async def found(engine, text: str, match: Match = Match.SMART) -> list[str]:
    answer = await search(engine, SearchRequest(text, match=match, limit=100_000))
    assert answer.total == len(answer.hits)
    return [hit.document_id for hit in answer.hits]


def bearers(collection, title: str) -> list[str]:
    """Return the documents that bear a title: those in force first, then the newest, then by id."""
    bearing = [each for each in collection if fold(title) in map(fold, each.titles)]

    def place(each: IndexDocument):
        published = max(
            (entry.published_on for entry in each.publications if entry.published_on), default=None
        )
        newest = each.issued_on or published
        return not each.in_force, -newest.toordinal() if newest else 0, each.id

    return [each.id for each in sorted(bearing, key=place)]


@settings(max_examples=60)
@given(data=st.data(), collection=collections().filter(bool))
def test_any_copied_text_finds_its_document(filled, run, data, collection):
    async def go():
        engine = await filled("whoosh", collection)
        for _ in range(4):
            each = data.draw(st.sampled_from(collection))
            source = data.draw(st.sampled_from(each.titles + each.texts))
            start = data.draw(st.integers(0, len(source)))
            copied = source[start : data.draw(st.integers(start, len(source)))]
            if 2 <= visible_length(copied) <= 200:
                assert each.id in await found(engine, f'"{copied}"')
                assert each.id in await found(engine, copied, Match.EXACT)
            if visible_length(copied) >= 4:
                assert each.id in await found(engine, copied)
        await engine.close()

    run(go())


@settings(max_examples=40)
@given(data=st.data(), collection=collections().filter(bool))
def test_it_holds_after_updates_and_titles_come_before_all_others(filled, run, data, collection):
    changed = data.draw(documents(collection[0].id))
    now = [changed, *collection[1:]]

    async def go():
        engine = await filled("whoosh", collection)
        await engine.apply(Batch([analyse(changed)]), 2)
        await engine.checkpoint()
        for each in now:
            for title in each.titles:
                wanted = bearers(now, title)
                assert (await found(engine, title))[: len(wanted)] == wanted
                assert (await found(engine, f'"{title}"'))[: len(wanted)] == wanted
        await engine.close()

    run(go())


@pytest.mark.parametrize(
    "typed",
    [
        "轉發行政處罰公開辦法",
        "政府信息公開條例",
        "信息公開",
        "關於印發",
    ],
)
def test_a_query_in_traditional_script_finds_simplified_text(filled, run, typed):
    title = "关于印发云岭市政府信息公开条例实施办法并转发行政处罚公开办法的通知"
    document = IndexDocument("a", (title,), (), frozenset(), (IndexPublication("a-1"),))
    assert run(_ask(filled, [document], typed)) == ["a"]


def test_what_looks_like_an_operator_may_have_been_copied(filled, run):
    texts = ('会议室-"云岭厅" -二楼 "203', "价格 -10 元；2012 -2015年度")
    document = IndexDocument("a", ("通知",), texts, frozenset(), (IndexPublication("a-1"),))
    for text in texts:
        assert run(_ask(filled, [document], text)) == ["a"]


async def _ask(filled, collection, text):
    engine = await filled("whoosh", collection)
    names = await found(engine, text)
    await engine.close()
    return names


@pytest.mark.long
def test_the_law_holds_on_real_texts(filled, run, shared_data: Path):
    rng = random.Random(20121015)
    collection = [each for path in sorted((shared_data / "corpus").glob("*.jsonl")) for each in _read(path)]
    sample = rng.sample(collection, 400)

    async def go():
        engine = await filled("whoosh", collection)
        for each in sample:
            source = rng.choice(each.titles + each.texts)
            length = rng.randint(4, 200)
            start = rng.randint(0, max(0, len(source) - length))
            copied = source[start : start + length]
            if 4 <= visible_length(copied) <= 200:
                assert each.id in await found(engine, copied), copied
                assert each.id in await found(engine, f'"{copied}"'), copied
            for title in each.titles:
                wanted = bearers(collection, title)
                assert (await found(engine, title))[: len(wanted)] == wanted, title
        await engine.close()

    run(go())


def _read(path: Path) -> list[IndexDocument]:
    found = []
    for line in path.read_text("utf-8").splitlines():
        record = json.loads(line)
        title, body = clean(record["title"]), clean(record.get("body") or "")
        document = IndexDocument(
            id=f"{path.stem}-{record['id']}",
            titles=(title,),
            texts=(body,) if fold(body) else (),
            keys=frozenset({Key(KeyKind.TITLE, fold(title))}),
            publications=(IndexPublication(record["id"]),),
        )
        found.append(document)
    return found
