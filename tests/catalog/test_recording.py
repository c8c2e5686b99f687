"""Recording pages and reading documents back."""

from datetime import date

import pytest
from sqlalchemy import func, select

from catalog import recording, schema
from catalog.content import content_hash
from catalog.errors import RecordError
from catalog.reading import changed_documents, find_document, load_documents
from catalog.recording import Change
from catalog.records import (
    AttachmentRecord,
    Block,
    BlockKind,
    Field,
    PageKind,
    PageRecord,
    Provenance,
    TextProvenance,
    Witness,
)
from catalog.store import last_seq, now
from catalog.terms import load_terms

BODY = "各区人民政府，市直各单位：现将有关事项通知如下。" * 12


def view(catalog, document_id):
    with catalog.read() as connection:
        return find_document(connection, document_id)


def rows(catalog, table):
    with catalog.read() as connection:
        return connection.execute(select(func.count()).select_from(table)).scalar_one()


def test_what_was_recorded_is_read_back(catalog, record):
    done = record(
        "http://a.example/1",
        "关于开学的通知",
        "第一段。\n第二段。",
        columns=("政策法规",),
        attachments=(AttachmentRecord("http://a.example/1.pdf", "校历.pdf", "九月一日开学"),),
        doc_number="云教〔2012〕7号",
        issued_on="二○一二年八月一日",
        published_on="2012-08-03",
        topic="科技、教育\\教育",
        publisher="云岭市教育局",
    )
    document = view(catalog, done.document_id)
    assert document.title == "关于开学的通知"
    assert document.texts == ("第一段。\n第二段。", "九月一日开学")
    assert document.doc_number == "云教〔2012〕7号"
    assert (document.issued_on, document.published_on) == (date(2012, 8, 1), date(2012, 8, 3))
    with catalog.read() as connection:
        terms = load_terms(connection)
    assert [terms.label("topic", code) for code in document.topics] == ["教育"]
    assert [terms.label("column", code) for code in document.publications[0].columns] == ["政策法规"]
    assert [terms.label("organization", code) for code in document.publications[0].organizations] == [
        "云岭市教育局"
    ]


def test_recording_the_same_again_changes_nothing(catalog, record):
    page = ("http://a.example/1", "关于开学的通知", BODY)
    first = record(*page, doc_number="云教〔2012〕7号")
    with catalog.read() as connection:
        seq = last_seq(connection)
    again = record(*page, doc_number="云教〔2012〕7号")
    assert (first.change, again.change) == (Change.NEW, Change.UNCHANGED)
    assert first.publication_id == again.publication_id
    with catalog.read() as connection:
        assert last_seq(connection) == seq
    assert rows(catalog, schema.capture) == 1


def test_changed_content_is_a_new_capture_of_the_same_publication(catalog, record):
    first = record("http://a.example/1", "关于开学的通知", "九月一日开学。")
    again = record("http://a.example/1", "关于开学的通知", "九月三日开学。")
    assert again.change is Change.CHANGED
    assert again.publication_id == first.publication_id
    assert again.document_id == first.document_id
    assert rows(catalog, schema.capture) == 2
    assert view(catalog, first.document_id).texts == ("九月三日开学。",)


def test_an_empty_capture_does_not_take_the_place_of_a_text(catalog, record):
    first = record("http://a.example/1", "关于开学的通知", "九月一日开学。")
    record("http://a.example/1", "关于开学的通知", "")
    assert view(catalog, first.document_id).texts == ("九月一日开学。",)
    assert rows(catalog, schema.capture) == 2


def test_a_capture_that_shows_nothing_new_is_no_change_of_what_is_searchable(catalog, record):
    record("http://a.example/1", "关于开学的通知", "九月一日开学。")
    with catalog.read() as connection:
        before = last_seq(connection)
    record("http://a.example/1", "关于开学的通知", "")
    with catalog.read() as connection:
        assert last_seq(connection) == before


def test_a_file_that_could_not_be_read_again_does_not_take_its_text_away(catalog, record):
    def files(text):
        return (AttachmentRecord("http://a.example/1.pdf", "校历.pdf", text),)

    first = record("http://a.example/1", "校历", attachments=files("九月一日开学"))
    record("http://a.example/1", "校历", attachments=files(None))
    assert view(catalog, first.document_id).texts == ("九月一日开学",)
    record("http://a.example/1", "校历", attachments=files("九月三日开学"))
    assert view(catalog, first.document_id).texts == ("九月三日开学",)


def test_a_publication_gathers_the_columns_in_which_it_is_met(catalog, record):
    first = record("http://a.example/1", "关于开学的通知", BODY, columns=("政策法规",))
    again = record("http://a.example/1", "关于开学的通知", BODY, columns=("人事信息",))
    assert again.change is Change.CHANGED
    assert len(view(catalog, first.document_id).publications[0].columns) == 2


def test_every_witness_is_kept_and_the_most_trusted_decides(catalog, record):
    with catalog.write() as connection:
        subsite = recording.ensure_subsite(connection, root_url="http://b.example/", name="站")
        done = recording.record(
            connection,
            PageRecord(
                alias="http://b.example/1",
                subsite_id=subsite,
                captured_at=now(),
                witnesses=(
                    Witness(Field.TITLE, "关于开学的…", Provenance.LIST),
                    Witness(Field.TITLE, "关于开学的通知", Provenance.PRINTED),
                    Witness(Field.PUBLISHED_ON, "2012-08-09", Provenance.META),
                    Witness(Field.PUBLISHED_ON, "2012-08-03", Provenance.PRINTED),
                ),
            ),
        )
    document = view(catalog, done.document_id)
    assert document.title == "关于开学的通知"
    assert document.published_on == date(2012, 8, 3)
    assert len(document.publications[0].witnesses) == 4


def test_a_label_that_is_no_known_term_keeps_its_label_under_its_own_code(catalog, record):
    done = record("http://a.example/1", "关于开学的通知", topic="校园足球")
    (code,) = view(catalog, done.document_id).topics
    with catalog.read() as connection:
        assert load_terms(connection).label("topic", code) == "校园足球"


def test_joint_issuers_are_bodies_each(catalog, record):
    done = record("http://a.example/1", "关于开学的通知", issuer="云岭市教育局、云岭市财政局")
    assert len(view(catalog, done.document_id).issuers) == 2


def test_a_value_that_cannot_be_read_is_kept_and_decides_nothing(catalog, record):
    done = record("http://a.example/1", "关于开学的通知", published_on="年八月二十八日")
    document = view(catalog, done.document_id)
    assert document.published_on is None
    assert (
        Witness(Field.PUBLISHED_ON, "年八月二十八日", Provenance.PRINTED)
        in document.publications[0].witnesses
    )


def test_a_day_that_lies_ahead_is_kept_and_is_no_date_of_publication(catalog, record):
    done = record(
        "http://a.example/1", "关于开学的通知", published_on="2031-03-02", effective_on="2031-03-02"
    )
    document = view(catalog, done.document_id)
    assert document.published_on is None
    stated = {(each.field, each.raw) for each in document.publications[0].witnesses}
    assert (Field.PUBLISHED_ON, "2031-03-02") in stated


def test_tables_and_headings_stay_what_they_are(catalog):
    table = Block(BlockKind.TABLE, (("项目", "金额"), ("学费", "0")))
    with catalog.write() as connection:
        subsite = recording.ensure_subsite(connection, root_url="http://b.example/", name="站")
        done = recording.record(
            connection,
            PageRecord(
                alias="http://b.example/1",
                subsite_id=subsite,
                captured_at=now(),
                blocks=(Block.of(BlockKind.HEADING, "收费"), table),
                witnesses=(Witness(Field.TITLE, "收费公示", Provenance.PRINTED),),
            ),
        )
    document = view(catalog, done.document_id)
    assert document.publications[0].blocks[1] == table
    assert document.texts == ("收费\n项目\t金额\n学费\t0",)


def test_what_cannot_be_stored_is_cleaned_and_not_lost(catalog, record):
    done = record("http://a.example/1", "关于\x00开学\ud800的通知", "正\x00文\ud800。")
    assert view(catalog, done.document_id).title == "关于开学的通知"
    assert view(catalog, done.document_id).texts == ("正文。",)


@pytest.mark.parametrize(
    ("kind", "title", "said"), [(PageKind.SHELL, "标题", "shell"), (PageKind.DOCUMENT, " \u3000", "标题")]
)
def test_a_page_that_is_no_document_or_has_no_title_is_refused(catalog, kind, title, said):
    with catalog.write() as connection:
        subsite = recording.ensure_subsite(connection, root_url="http://b.example/", name="站")
        with pytest.raises(RecordError, match=said):
            recording.record(
                connection,
                PageRecord(
                    alias="http://b.example/1",
                    subsite_id=subsite,
                    captured_at=now(),
                    page_kind=kind,
                    witnesses=(Witness(Field.TITLE, title, Provenance.PRINTED),),
                ),
            )


def test_the_log_tells_which_documents_changed_since_a_number(catalog, record):
    record("http://a.example/1", "甲")
    with catalog.read() as connection:
        seq = last_seq(connection)
    second = record("http://a.example/2", "乙")
    with catalog.read() as connection:
        assert changed_documents(connection, seq) == [second.document_id]


def test_many_documents_are_read_in_batches(catalog, record):
    ids = [record(f"http://a.example/{number}", f"第{number}号公告").document_id for number in range(30)]
    with catalog.read() as connection:
        views = load_documents(connection, ids * 40)
    assert views.keys() == set(ids)


FILE = "http://a.example/1.pdf"
HASH_OF_THE_FIRST_VERSION = "5f23d17494de1ecb3703ec18bb85d0890aac1446d9a5afae9fba5e0b2664164e"


def test_how_the_text_of_a_file_was_had_is_read_back(catalog, record):
    file = AttachmentRecord(
        FILE, "扫描件.pdf", "九月一日开学", "pdf", TextProvenance.OCR, 61.5, "识别的文字可信度偏低。"
    )
    done = record("http://a.example/1", "关于开学的通知", attachments=(file,))
    (seen,) = view(catalog, done.document_id).publications[0].attachments
    assert (seen.kind, seen.provenance, seen.confidence, seen.problem) == (
        "pdf",
        TextProvenance.OCR,
        61.5,
        "识别的文字可信度偏低。",
    )


def test_what_becomes_known_of_a_file_is_a_change_and_how_sure_it_is_none(record):
    def again(**known):
        return record(
            "http://a.example/1",
            "关于开学的通知",
            attachments=(AttachmentRecord(FILE, "甲.pdf", "乙", **known),),
        ).change

    assert again() is Change.NEW
    assert again() is Change.UNCHANGED
    assert again(kind="pdf", provenance=TextProvenance.OCR, confidence=60.0) is Change.CHANGED
    assert again(kind="pdf", provenance=TextProvenance.OCR, confidence=61.0) is Change.UNCHANGED
    assert again(kind="pdf", provenance=TextProvenance.TEXT) is Change.CHANGED


def test_records_made_before_more_was_known_of_files_keep_their_hash():
    page = PageRecord(
        alias="http://a.example/1",
        subsite_id="s",
        captured_at=now(),
        attachments=(AttachmentRecord(FILE, "甲.pdf", "乙"),),
    )
    # As the first version stored it: another hash would make every page with a file a changed one.
    assert content_hash(page, (), ()) == HASH_OF_THE_FIRST_VERSION


@pytest.mark.parametrize("raw", ["本站", "本 网", "网站", "本网站"])
def test_a_source_that_is_the_site_itself_stands_for_its_name_and_is_kept_as_printed(raw, catalog, record):
    record("http://a.example/1", "关于开学的通知", source=raw)
    record("http://a.example/2", "关于放假的通知", source="云岭日报")
    with catalog.read() as connection:
        rows = connection.execute(
            select(schema.witness.c.raw, schema.witness.c.value, schema.witness.c.provenance).where(
                schema.witness.c.field == "source"
            )
        ).all()
    assert {tuple(row) for row in rows} == {
        (raw, "云岭市教育局", "printed"),
        ("云岭日报", "云岭日报", "printed"),
    }
