"""Two catalogues are equal if they say the same; ids, times and numbers of change do not count."""

import random
import zlib
from datetime import date

import pytest
from sqlalchemy import select

from catalog import recording, removal, schema
from catalog.comparing import differences, snapshot
from catalog.findings import FindingKind, report
from catalog.records import AttachmentRecord, Field, PageRecord, Provenance, Witness, paragraphs
from catalog.store import Catalog, now
from catalog.suppression import suppress

LONG = "市政府同意教育局提出的开学安排，现予印发，请认真执行，确保平稳。" * 7
PAGES = [
    ("http://a.example/1", "关于开学安排的通知", LONG),
    ("http://a.example/2", "关于开学安排的通知", LONG),
    ("http://a.example/3", "放假安排", "寒假另行通知。"),
]


def write(folder, pages):
    with Catalog.open(folder) as catalog, catalog.write() as tx:
        subsite = recording.ensure_subsite(tx, root_url="http://a.example/", name="站", organization="云岭市")
        column = recording.ensure_column(tx, subsite, path="/zc", name="政策法规")
        for url, title, body in pages:
            page = PageRecord(
                alias=url,
                subsite_id=subsite,
                captured_at=now(),
                url=url,
                column_ids=(column,),
                blocks=paragraphs(body),
                witnesses=(Witness(Field.TITLE, title, Provenance.PRINTED),),
                attachments=(AttachmentRecord(f"{url}.pdf", "附件.pdf", "甲"),),
            )
            recording.record(tx, page)


def compared(one, other):
    snapshots = []
    for folder in (one, other):
        with Catalog.open(folder, read_only=True) as catalog, catalog.read() as connection:
            snapshots.append(snapshot(connection))
    return differences(*snapshots)


@pytest.fixture
def two(tmp_path):
    write(tmp_path / "one", PAGES)
    write(tmp_path / "other", random.Random(7).sample(PAGES, len(PAGES)))
    return tmp_path / "one", tmp_path / "other"


def test_what_documents_say_of_each_other_is_compared(two):
    forwarding = "现将《关于开学安排的通知》（云政发〔2012〕3号）转发给你们，请认真贯彻执行。"
    for folder in two:
        write(folder, [("http://a.example/4", "关于转发《关于开学安排的通知》的通知", forwarding)])
    assert compared(*two) == []
    with Catalog.open(two[1]) as catalog, catalog.write() as tx:
        assert tx.execute(schema.relation.delete()).rowcount
    assert compared(*two)[0].startswith("关系 http://a.example/4：只在前一个目录库中")


def test_the_same_pages_in_another_order_and_again_are_equal(two):
    assert compared(*two) == []
    write(two[1], PAGES)
    assert compared(*two) == []


def change(name):
    def recorded(tx):
        publication = tx.execute(select(schema.publication)).first()
        match name:
            case "raw":
                tx.execute(schema.witness.update().values(raw="改"))
            case "value":
                tx.execute(schema.witness.update().values(value=None))
            case "text":
                text = {"hash": "x", "blocks": zlib.compress(b"[]"), "characters": 0}
                tx.execute(schema.text.insert().values(**text))
                tx.execute(schema.capture.update().values(text_hash="x"))
            case "file":
                tx.execute(schema.capture_attachment.update().values(problem="读不出"))
            case "column":
                tx.execute(schema.publication_column.delete())
            case "grouping":
                tx.execute(schema.publication.update().values(document_id=publication.document_id))
            case "subsite":
                tx.execute(schema.subsite.update().values(name="另一站"))
            case "alias":
                row = {"alias": "http://a.example/old", "publication_id": publication.id}
                tx.execute(schema.publication_alias.insert().values(**row))
            case "absence":
                removal.note_absent(tx, "http://a.example/3", 404, date(2012, 10, 15))
            case "finding":
                report(tx, FindingKind.HACKED, "http://a.example/", "疑似被篡改。")
            case "suppression":
                suppress(tx, publication.id, why="试", who="测试员")
            case "relation":
                row = {"publication_id": publication.id, "position": 0, "kind": "cites"}
                tx.execute(schema.relation.insert().values(**row, sentence="根据甲", explicit=False))
            case "term":
                tx.execute(schema.own_term.insert().values(field="topic", code="x-1", label="甲"))
            case "organization":
                tx.execute(schema.organization.update().values(name="乙市"))

    return recorded


@pytest.mark.parametrize(
    "name",
    [
        "raw",
        "value",
        "text",
        "file",
        "column",
        "grouping",
        "subsite",
        "alias",
        "absence",
        "finding",
        "suppression",
        "relation",
        "term",
        "organization",
    ],
)
def test_whatever_else_differs_is_told_in_a_readable_line(two, name):
    with Catalog.open(two[1]) as catalog, catalog.write() as tx:
        change(name)(tx)
    lines = compared(*two)
    assert lines
    assert all("：" in line and not line.isascii() for line in lines)


def test_a_page_that_is_only_in_one_of_them_is_named(two):
    write(two[1], [("http://a.example/4", "新通知", "内容")])
    assert any("http://a.example/4" in line and "后一个" in line for line in compared(*two))
    assert any("http://a.example/4" in line and "前一个" in line for line in compared(*reversed(two)))


def test_what_a_page_said_before_counts(two):
    url, title, body = PAGES[2]
    write(two[1], [(url, title, f"{body}改了。"), (url, title, body)])
    assert any("第 2 份" in line for line in compared(*two))
