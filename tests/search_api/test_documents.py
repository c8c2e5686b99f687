"""`GET /api/v1/documents/{id}`."""

import asyncio
import json
from pathlib import Path

import pytest
from pydantic import TypeAdapter

from catalog.importing import import_file
from catalog.store import Catalog
from indexer.indexing import bring_up
from search_api.app import create_app
from search_api.documents import DocumentAnswer
from search_api.service import Service


def id_of(ask, q: str) -> str:
    return ask("/api/v1/search", params={"q": q, "size": 1}).json()["results"][0]["id"]


def test_everything_that_is_known_of_a_document_is_told(ask, records) -> None:
    document = ask(f"/api/v1/documents/{id_of(ask, '用水价格')}").json()
    TypeAdapter(DocumentAnswer).validate_python(document, strict=True)
    assert document["title"] == records[0]["title"]
    assert document["texts"] == [records[0]["body"]]
    assert [each["label"] for each in document["topic"]] == ["物价"]
    assert document["genre"][0]["label"] == "通知"
    assert document["validity"]["label"] == "有效"
    own, *others = document["publications"]
    assert own["url"] == records[0]["url"]
    assert own["index_number"] == records[0]["index_number"]
    assert own["captured_at"].endswith("+00:00")
    assert {"field": "keywords", "raw": "水价 阶梯计价", "provenance": "import"} in own["witnesses"]
    assert own["blocks"][0] == {"kind": "paragraph", "rows": [["各区人民政府，市直各部门："]]}
    assert [each["organization"][0]["label"] for each in others] == ["云川市人民政府办公室", "河东区人民政府"]


@pytest.mark.parametrize(
    "document_id",
    ["01k9zq3v8m5w2r7x4t6y1b0c9d", "1", "%00", "%FF%FE", "x" * 5000, "' OR 1=1 --", "..%2Fsearch"],
)
def test_an_unknown_id_is_a_clear_problem(ask, document_id: str) -> None:
    response = ask(f"/api/v1/documents/{document_id}")
    assert response.status_code == 404
    assert response.headers["content-type"] == "application/problem+json"
    assert response.json()["code"] in ("document-not-found", "not-found")
    page = ask(f"/documents/{document_id}")
    assert (page.status_code, page.headers["content-type"]) == (404, "text/html; charset=utf-8")


def test_no_parameter_means_anything_here(ask) -> None:
    response = ask(f"/api/v1/documents/{id_of(ask, '用水价格')}?fields=title")
    assert (response.status_code, response.json()["parameter"]) == (422, "fields")


def test_a_merged_document_sends_on_to_its_successor(tmp_path: Path, asker) -> None:
    data, file = tmp_path / "data", tmp_path / "records.jsonl"
    text = "经市政府研究，决定在全市范围内开展一次自来水管网的普查和改造。" * 10
    service = Service(data)
    ids = set()
    for second in ("另外一份内容不同的文件。", text):
        rows = [
            {"id": str(number), "title": "关于改造自来水管网的决定", "body": body}
            for number, body in enumerate((text, second))
        ]
        file.write_text("\n".join(json.dumps(row, ensure_ascii=False) for row in rows), "utf-8")
        with Catalog.open(data) as catalog:
            list(import_file(catalog, file))
        asyncio.run(bring_up(data))
        service.open()
        asyncio.run(service.refresh())
        ask = asker(create_app(service))
        results = ask("/api/v1/search", params={"q": "自来水管网"}).json()["results"]
        ids |= {result["id"] for result in results}
    assert len(results) == 1
    survivor = results[0]["id"]
    (merged,) = ids - {survivor}
    for folder in ("/api/v1/documents/", "/documents/"):
        response = ask(folder + merged)
        assert (response.status_code, response.headers["location"]) == (308, folder + survivor)
    asyncio.run(service.close())
