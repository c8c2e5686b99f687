"""A hit inside a file says so: in the answer, in the list and on the page of its document."""

import asyncio
from datetime import UTC, datetime

import pytest

from catalog import recording
from catalog.records import (
    AttachmentRecord,
    Field,
    PageRecord,
    Provenance,
    TextProvenance,
    Witness,
    paragraphs,
)
from catalog.store import Catalog
from indexer.indexing import bring_up
from search_api.app import create_app
from search_api.service import Service

URL = "http://www.shili.example/art/1.html"
FILES = (
    AttachmentRecord("http://a.example/1.xls", "收费表", "水稻灌溉每亩十二元", "xls", TextProvenance.TEXT),
    AttachmentRecord("http://a.example/2.pdf", "扫描件", "小麦喷灌每亩九元", "pdf", TextProvenance.OCR, 88.0),
    AttachmentRecord("http://a.example/3.rar", "资料", kind="rar", problem="暂不能读取此格式的文字"),
)


@pytest.fixture(scope="module")
def ask_files(tmp_path_factory, asker):
    data = tmp_path_factory.mktemp("files")
    with Catalog.open(data) as catalog, catalog.write() as tx:
        subsite = recording.ensure_subsite(tx, root_url="http://www.shili.example/", name="示例")
        page = PageRecord(
            alias=URL,
            subsite_id=subsite,
            captured_at=datetime(2013, 5, 4, tzinfo=UTC),
            url=URL,
            blocks=paragraphs("现将农田用水标准予以公布，见附件。"),
            witnesses=(Witness(Field.TITLE, "关于公布农田用水标准的通知", Provenance.PRINTED),),
            attachments=FILES,
        )
        recording.record(tx, page)
    asyncio.run(bring_up(data))
    service = Service(data)
    service.open()
    yield asker(create_app(service))
    asyncio.run(service.close())


@pytest.mark.parametrize(
    ("query", "name", "provenance"),
    [("水稻灌溉", "收费表", "text"), ("小麦喷灌", "扫描件", "ocr")],
)
def test_a_hit_inside_a_file_names_the_file(ask_files, query, name, provenance):
    (result,) = ask_files("/api/v1/search", params={"q": query}).json()["results"]
    assert (result["snippet_file"]["name"], result["snippet_file"]["provenance"]) == (name, provenance)
    shown = ask_files("/search", params={"q": query}).text
    assert f"附件《{name}》" in shown
    assert ("识别文字" in shown) == (provenance == "ocr")


def test_a_hit_in_the_page_names_no_file(ask_files):
    (result,) = ask_files("/api/v1/search", params={"q": "予以公布"}).json()["results"]
    assert result["snippet_file"] is None
    assert "附件《" not in ask_files("/search", params={"q": "予以公布"}).text


def test_a_document_tells_of_each_file_what_it_is_and_why_it_has_no_text(ask_files):
    (result,) = ask_files("/api/v1/search", params={"q": "予以公布"}).json()["results"]
    found = ask_files(f"/api/v1/documents/{result['id']}").json()["publications"][0]["attachments"]
    assert [(file["kind"], file["provenance"], file["confidence"]) for file in found] == [
        ("xls", "text", None),
        ("pdf", "ocr", 88.0),
        ("rar", None, None),
    ]
    page = ask_files(f"/documents/{result['id']}").text
    assert "暂不能读取此格式的文字" in page
    assert "由图片识别" in page


def test_each_file_on_a_documents_page_is_a_region_of_its_own_name(ask_files):
    (result,) = ask_files("/api/v1/search", params={"q": "予以公布"}).json()["results"]
    page = ask_files(f"/documents/{result['id']}").text
    assert 'aria-label="附件文字：收费表"' in page
    assert 'aria-label="附件文字：扫描件"' in page
