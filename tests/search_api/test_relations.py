"""What documents say of each other, as citizens and programs see it."""

import asyncio
from contextlib import contextmanager
from datetime import datetime

import pytest
from pydantic import TypeAdapter

from catalog import recording
from catalog.records import Field, PageRecord, Provenance, Witness, paragraphs
from catalog.store import Catalog
from catalog.suppression import suppress
from indexer.indexing import bring_up
from search_api.app import create_app
from search_api.documents import DocumentAnswer
from search_api.service import Service

OLD, SPOKEN_OF, NEW = "云川市渡口管理办法", "云川市浮桥管理办法", "云川市渡口和浮桥管理规定"
SENTENCE = f"《{OLD}》（云政〔2003〕7号）、《{SPOKEN_OF}》同时废止。"


def _catalogued(data):
    with Catalog.open(data) as catalog, catalog.write() as tx:
        subsite = recording.ensure_subsite(tx, root_url="http://a.example/", name="云川市人民政府")
        for place, (number, title, body) in enumerate(
            (
                ("云政〔2003〕7号", OLD, "渡口由所在地乡镇人民政府管理。"),
                ("云政〔2004〕8号", SPOKEN_OF, "浮桥由建设单位管理。"),
                ("云政〔2020〕1号", NEW, SENTENCE),
            )
        ):
            recording.record(
                tx,
                PageRecord(
                    alias=f"http://a.example/{place}",
                    subsite_id=subsite,
                    captured_at=datetime(2020, 6, 1),
                    url=f"http://a.example/{place}",
                    blocks=paragraphs(body),
                    witnesses=(
                        Witness(Field.TITLE, title, Provenance.PRINTED),
                        Witness(Field.DOC_NUMBER, number, Provenance.PRINTED),
                        Witness(Field.SOURCE, "本站", Provenance.META),
                    ),
                ),
            )


@contextmanager
def _served(data, asker):
    asyncio.run(bring_up(data))
    service = Service(data)
    service.open()
    yield asker(create_app(service))
    asyncio.run(service.close())


@pytest.fixture(scope="module")
def ask(tmp_path_factory, asker):
    data = tmp_path_factory.mktemp("relations")
    _catalogued(data)
    with _served(data, asker) as asking:
        yield asking


def _result(ask, title):
    answer = ask("/api/v1/search", params={"q": title, "facets": "validity"}).json()
    return next(result for result in answer["results"] if result["title"] == title)


def test_a_search_says_what_is_repealed_and_what_only_may_be(ask) -> None:
    old, spoken_of = _result(ask, OLD), _result(ask, SPOKEN_OF)
    assert (old["validity"], old["validity_derived"], old["validity_possible"]) == ("LV03", True, None)
    assert (spoken_of["validity"], spoken_of["validity_possible"]) == (None, "LV03")
    page = ask("/search", params={"q": SPOKEN_OF}).text
    assert "可能已废止" in page


def test_both_ends_of_a_relation_lead_to_each_other_with_the_sentence(ask) -> None:
    old = ask(f"/api/v1/documents/{_result(ask, OLD)['id']}").json()
    TypeAdapter(DocumentAnswer).validate_python(old, strict=True)
    (incoming,) = old["relations"]
    assert (incoming["kind"], incoming["incoming"], incoming["explicit"]) == ("repeals", True, True)
    assert (incoming["document"]["title"], incoming["sentence"]) == (NEW, SENTENCE)
    new = ask(f"/api/v1/documents/{incoming['document']['id']}").json()
    assert [(each["label"], each["document"]["title"]) for each in new["relations"]] == [
        ("废止", OLD),
        ("废止", SPOKEN_OF),
    ]


def test_the_page_of_a_document_tells_its_relations_in_words(ask) -> None:
    old = ask(f"/documents/{_result(ask, OLD)['id']}").text
    assert "被以下文件废止" in old
    assert "本文件已废止" in old
    assert '<span class="said">据后发文件</span>' in old
    spoken_of = ask(f"/documents/{_result(ask, SPOKEN_OF)['id']}").text
    assert "可能被以下文件废止" in spoken_of
    assert "本文件已废止" not in spoken_of


def test_the_facet_counts_what_is_certain_only(ask) -> None:
    answer = ask("/api/v1/search", params={"facets": "validity"}).json()
    assert {b["value"]: b["count"] for b in answer["facets"]["validity"]["buckets"]} == {"LV03": 1}


def test_a_source_that_is_the_site_itself_is_shown_by_its_name_and_told_as_stated(ask) -> None:
    found = _result(ask, OLD)["id"]
    witnesses = ask(f"/api/v1/documents/{found}").json()["publications"][0]["witnesses"]
    assert {"field": "source", "raw": "本站", "provenance": "meta"} in witnesses
    sheet = ask(f"/documents/{found}").text
    shown = sheet[sheet.index("来源") :]
    assert "云川市人民政府" in shown[:300]
    assert "本站" not in shown[:300]


def test_what_a_suppressed_document_repealed_counts_as_repealed_no_more(tmp_path, asker) -> None:
    def repealed(ask):
        facets = ask("/api/v1/search", params={"q": OLD, "facets": "validity"}).json()["facets"]
        return {one["label"]: one["count"] for one in facets["validity"]["buckets"]}.get("废止", 0)

    _catalogued(tmp_path)
    with _served(tmp_path, asker) as ask:
        assert repealed(ask) == 1
        new = _result(ask, NEW)["id"]
    with Catalog.open(tmp_path) as catalog, catalog.write() as tx:
        suppress(tx, new, why="含个人信息", who="测试员")
    with _served(tmp_path, asker) as ask:
        assert repealed(ask) == 0
