"""`GET /api/v1/search`."""

import asyncio
import json
from pathlib import Path

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import TypeAdapter
from sqlalchemy import select

from catalog.importing import import_file
from catalog.removal import note_withdrawn
from catalog.schema import publication, publication_alias
from catalog.store import Catalog
from catalog.suppression import suppress, unsuppress
from indexer.indexing import bring_up
from indexer.requests import FILTER_FIELDS, Facet
from search_api.answers import Answer
from search_api.app import create_app
from search_api.grammar import PARAMETERS
from search_api.problems import MEDIA_TYPE
from search_api.service import Service

SEARCH = "/api/v1/search"
EVERY_FACET = ",".join(Facet)


def found(ask, **params) -> dict:
    response = ask(SEARCH, params=params)
    assert response.status_code == 200, response.text
    return response.json()


def test_the_answer_has_the_promised_shape(ask) -> None:
    answer = found(ask, q="用水价格", facets=EVERY_FACET)
    TypeAdapter(Answer).validate_python(answer, strict=True)
    assert list(answer) == list(Answer.__annotations__)
    assert answer["query"] == {"q": "用水价格", "match": "smart", "interpretations": []}
    assert answer["total_relation"] == "eq"
    (result,) = answer["results"]
    assert result["title"] == "关于调整市区居民生活用水价格的通知"
    assert "<mark>用水价格</mark>" in result["title_html"]
    assert "<mark>" in result["snippet_html"]
    assert result["doc_number"] == "云发改价〔2012〕36号"
    assert result["issuer"]["label"] == "云川市发展和改革委员会"
    assert [each["label"] for each in result["organization"]] == [
        "云川市发展和改革委员会",
        "云川市人民政府办公室",
        "河东区人民政府",
    ]
    assert result["issued_on"] == "2012-08-15"
    assert result["validity"] == "LV01"
    assert (answer["total"], answer["total_publications"], result["publications"]) == (1, 3, 3)


def test_a_filter_shows_the_publication_that_passed_it(ask) -> None:
    answer = found(ask, q="用水价格", facets="organization")
    codes = {bucket["label"]: bucket["value"] for bucket in answer["facets"]["organization"]["buckets"]}
    narrowed = found(ask, q="用水价格", organization=codes["河东区人民政府"])
    (result,) = narrowed["results"]
    assert [each["label"] for each in result["organization"]] == ["河东区人民政府"]
    assert result["published_on"] == "2012-08-25"
    assert result["url"] == "http://127.20.0.11:8100/art/2012/8/25/art_2_5.html"
    assert (narrowed["total_publications"], result["publications"]) == (1, 3)


def test_without_facets_none_is_counted(ask) -> None:
    assert found(ask)["facets"] == {}


def test_facet_counts_lead_to_as_many_documents(ask) -> None:
    answer = found(ask, facets=EVERY_FACET)
    for facet, counts in answer["facets"].items():
        for bucket in counts["buckets"]:
            assert found(ask, **{facet: bucket["value"], "size": 1})["total"] == bucket["count"]
        assert found(ask, **{facet: "_missing", "size": 1})["total"] == counts["missing"]


def test_buckets_stand_by_count_with_labels_and_parents(ask) -> None:
    buckets = found(ask, facets="topic")["facets"]["topic"]["buckets"]
    counts = [bucket["count"] for bucket in buckets]
    assert counts == sorted(counts, reverse=True)
    by_value = {bucket["value"]: bucket for bucket in buckets}
    for bucket in buckets:
        assert bucket["label"] != bucket["value"]
        assert bucket["parent"] is None or by_value[bucket["parent"]]["count"] >= bucket["count"]


def test_a_selected_value_is_listed_even_if_it_counts_nothing(ask) -> None:
    answer = found(ask, q="用水价格", topic="T21", facets="topic")
    assert answer["total"] == 0
    assert [bucket for bucket in answer["facets"]["topic"]["buckets"] if bucket["selected"]] == [
        {"value": "T21", "label": "国防", "count": 0, "selected": True, "parent": None}
    ]


@pytest.mark.parametrize("field", FILTER_FIELDS)
def test_an_unknown_code_matches_nothing(ask, field: str) -> None:
    assert found(ask, **{field: "no-such-code"})["total"] == 0
    assert found(ask, **{field + ".not": "no-such-code"})["total"] == found(ask)["total"]


@pytest.mark.parametrize("sort", ["relevance", "-published", "published", "-issued"])
def test_pages_and_cursors_bring_every_document_once(ask, sort: str) -> None:
    total = found(ask, sort=sort)["total"]
    by_page = [
        result["id"]
        for page in range(1, total // 7 + 2)
        for result in found(ask, sort=sort, size=7, page=page)["results"]
    ]
    by_cursor, cursor = [], {}
    while True:
        answer = found(ask, sort=sort, size=7, **cursor)
        by_cursor += [result["id"] for result in answer["results"]]
        if answer["next_cursor"] is None:
            break
        cursor = {"cursor": answer["next_cursor"]}
    assert by_page == by_cursor
    assert len(set(by_page)) == len(by_page) == total


def test_undated_documents_stand_last(ask) -> None:
    assert found(ask, sort="published", size=100)["results"][-1]["title"] == "没有日期的公告"


@pytest.mark.parametrize(
    ("query", "code", "parameter"),
    [
        (b"colour=red", "unknown-parameter", "colour"),
        (b"published_from=2012-02-30", "bad-date", "published_from"),
        (b"page=0", "bad-page", "page"),
        (b"size=10000", "bad-size", "size"),
        (b"q=" + b"%E6%B0%B4" * 5000, "query-too-long", "q"),
        (b"q=%00", "bad-character", "q"),
        (b"q=\xff\xfe", "bad-encoding", "q"),
        (b"cursor=not-one-of-ours", "bad-cursor", "cursor"),
    ],
)
def test_wrong_input_is_a_clear_problem(ask_raw, query: bytes, code: str, parameter: str) -> None:
    status, headers, body = ask_raw(SEARCH, query)
    problem = httpx.Response(status, content=body).json()
    assert (status, headers["content-type"]) == (422, MEDIA_TYPE)
    assert problem["type"] == f"/problems/{code}"
    assert (problem["status"], problem["code"], problem["parameter"]) == (422, code, parameter)
    assert len(body) < 1000


def test_a_cursor_of_another_order_is_refused(ask) -> None:
    cursor = found(ask, sort="-published", size=5)["next_cursor"]
    response = ask(SEARCH, params={"cursor": cursor, "sort": "published"})
    assert (response.status_code, response.json()["code"]) == (422, "bad-cursor")


raw_queries = st.one_of(
    st.binary(max_size=120).map(lambda raw: b"q=" + raw),
    st.lists(
        st.tuples(st.sampled_from(sorted(PARAMETERS)), st.binary(max_size=20) | st.just(b"1")), max_size=5
    ).map(lambda pairs: b"&".join(name.encode() + b"=" + value for name, value in pairs)),
    st.text("\"'-〔[(号ab水价 +*?:^~\\/&|!{}", max_size=40)
    .map(lambda text: httpx.QueryParams(q=text))
    .map(lambda params: str(params).encode()),
)


@given(raw_queries)
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@pytest.mark.parametrize("path", [SEARCH, "/search", "/"])
def test_no_query_string_breaks_the_service(ask_raw, path: str, query: bytes) -> None:
    status, headers, _ = ask_raw(path, query)
    assert status < 500
    assert path != SEARCH or status == 200 or headers["content-type"] == MEDIA_TYPE


def test_what_its_source_took_down_answers_410_with_the_reason(own_data: Path, asker) -> None:
    service = Service(own_data)
    service.open()
    ask = asker(create_app(service))
    (result,) = found(ask, q="用水价格")["results"]
    with Catalog.open(own_data) as catalog, catalog.write() as connection:
        aliases = select(publication_alias.c.alias).join(
            publication, publication.c.id == publication_alias.c.publication_id
        )
        for alias in connection.execute(aliases.where(publication.c.document_id == result["id"])).scalars():
            note_withdrawn(connection, alias, "该信息已撤下")
    answer = ask(f"/api/v1/documents/{result['id']}")
    assert (answer.status_code, answer.json()["code"]) == (410, "document-gone")
    assert "该信息已撤下" in answer.json()["detail"]
    asyncio.run(bring_up(own_data))
    asyncio.run(service.refresh())
    assert found(ask, q="用水价格")["results"] == []


def test_what_was_suppressed_a_moment_ago_is_not_shown(own_data: Path, asker) -> None:
    service = Service(own_data)
    service.open()
    ask = asker(create_app(service))
    (result,) = found(ask, q="用水价格")["results"]
    with Catalog.open(own_data) as catalog:
        with catalog.write() as connection:
            suppress(connection, result["id"], why="测试", who="test")
        assert found(ask, q="用水价格")["results"] == []
        assert ask(f"/api/v1/documents/{result['id']}").json()["code"] == "document-gone"
        assert ask(f"/documents/{result['id']}").status_code == 410
        asyncio.run(service.refresh())
        hidden = found(ask, q="用水价格", facets="topic")
        assert (hidden["total"], hidden["facets"]["topic"]["buckets"]) == (0, [])
        with catalog.write() as connection:
            unsuppress(connection, result["id"], why="测试", who="test")
    asyncio.run(bring_up(own_data))
    asyncio.run(service.refresh())
    assert found(ask, q="用水价格")["total"] == 1
    asyncio.run(service.close())


def test_new_documents_are_seen_after_a_refresh(own_data: Path, asker, tmp_path: Path) -> None:
    service = Service(own_data)
    service.open()
    ask = asker(create_app(service))
    record = {"id": "1", "title": "关于设立荷花池公园的公告", "body": "已经开放。", "org": "云川市园林局"}
    news = tmp_path / "news.jsonl"
    news.write_text(json.dumps(record), "utf-8")
    with Catalog.open(own_data) as catalog:
        list(import_file(catalog, news))
    for anew in (False, True):
        asyncio.run(bring_up(own_data, anew=anew))
        asyncio.run(service.refresh())
        (result,) = found(ask, q="荷花池公园", facets="organization")["results"]
        assert result["organization"][0]["label"] == "云川市园林局"
        assert ask("/readyz").json()["lag"] == 0
    asyncio.run(service.close())
