"""Documents read back: texts one by one, and nothing of what is suppressed."""

from itertools import islice

from catalog.reading import load_documents
from catalog.records import AttachmentRecord
from catalog.suppression import suppress

TEXT = "市教育局就开学安排作出如下部署，请各学校认真执行，确保平稳。" * 7
FILE = "九月一日开学"


def files(text: str | None) -> tuple[AttachmentRecord, ...]:
    return (AttachmentRecord("http://a.example/1.pdf", "校历.pdf", text),)


def load(catalog, document_id: str):
    with catalog.read() as connection:
        return load_documents(connection, [document_id]).get(document_id)


def test_a_text_that_several_publications_share_is_given_once(catalog, record) -> None:
    first = record("http://a.example/1", "校历", TEXT, attachments=files(FILE))
    second = record("http://a.example/2", "校历", TEXT, attachments=files(FILE))
    assert first.document_id == second.document_id
    document = load(catalog, first.document_id)
    assert len(document.publications) == 2
    assert document.texts == (TEXT, FILE)


def test_texts_are_decoded_when_they_are_asked_for(catalog, record) -> None:
    document = load(catalog, record("http://a.example/1", "校历", TEXT, attachments=files(FILE)).document_id)
    (attachment,) = document.publications[0].attachments
    assert list(islice(document.each_text(), 1)) == [TEXT]
    assert "text" not in vars(attachment.content)
    assert attachment.text == FILE


def test_a_file_that_could_not_be_read_has_no_text(catalog, record) -> None:
    document = load(catalog, record("http://a.example/1", "校历", TEXT, attachments=files(None)).document_id)
    assert document.texts == (TEXT,)
    assert document.publications[0].attachments[0].text is None


def test_the_texts_of_a_suppressed_publication_are_not_among_them(catalog, record) -> None:
    first = record("http://a.example/1", "校历", TEXT)
    second = record("http://a.example/2", "校历", TEXT, attachments=files(FILE))
    assert first.document_id == second.document_id
    with catalog.write() as connection:
        suppress(connection, second.publication_id, why="含个人信息", who="测试员")
    document = load(catalog, first.document_id)
    assert document.texts == (TEXT,)
    assert [publication.id for publication in document.publications] == [first.publication_id]
