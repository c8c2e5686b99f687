"""Files of every kind give their text, and are told by content and never by name."""

import made_files as made
import pytest

from crawlers.attachments import parsing
from crawlers.attachments.reading import FileKind, FileProblem

TITLE = "关于修订农田灌溉用水收费标准的通知"


@pytest.mark.parametrize("kind", ["docx", "ofd", "rtf"])
def test_a_document_gives_its_paragraphs_in_order(kind):
    reading = parsing.parse(getattr(made, kind)())
    assert (reading.kind.value, reading.provenance, reading.problem) == (kind, "text", None)
    lines = [line for line in reading.text.split("\n") if line.strip()]
    assert lines[:3] == list(made.LINES)


def test_a_table_in_a_word_file_keeps_its_cells_apart():
    assert "水稻 \t每亩十二元" in parsing.parse(made.docx()).text


def test_what_a_word_file_shows_in_content_controls_and_insertions_is_read_and_deletions_are_not():
    w = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
    body = (
        f'<w:document xmlns:w="{w}"><w:body><w:sdt><w:sdtContent>'
        "<w:p><w:r><w:t>封面标题</w:t></w:r></w:p></w:sdtContent>"
        "</w:sdt><w:p><w:ins><w:r><w:t>新增</w:t></w:r></w:ins><w:del><w:r><w:delText>删去</w:delText></w:r></w:del>"
        "</w:p></w:body></w:document>"
    )
    assert parsing.parse(made.zipped({"word/document.xml": body})).text == "封面标题\n新增"


def test_a_workbook_gives_a_line_per_row_and_numbers_as_they_are_shown():
    assert parsing.parse(made.xlsx()).text == "作物\t每亩（元）\n水稻\t12\n小麦\t9.5"


def test_slides_come_in_their_order():
    text = parsing.parse(made.pptx([f"第{number}页" for number in range(1, 12)])).text
    assert text.split() == [f"第{number}页" for number in range(1, 12)]


def test_a_table_of_html_is_read_whatever_it_is_called():
    reading = parsing.parse(made.html_table())
    assert (reading.kind, reading.text) == (FileKind.HTML, "作物\t每亩（元）\n水稻\t12")


@pytest.mark.parametrize("charset", ["utf-8", "gb18030", "utf-16", "utf-8-sig"])
def test_plain_text_is_read_in_any_charset(charset):
    reading = parsing.parse("\n".join(made.LINES).encode(charset))
    assert (reading.kind, reading.text) == (FileKind.TXT, "\n".join(made.LINES))


def test_comma_separated_values_become_cells():
    reading = parsing.parse("作物,每亩\n水稻,12\n小麦,9\n".encode("gbk"))
    assert (reading.kind, reading.text) == (FileKind.CSV, "作物\t每亩\n水稻\t12\n小麦\t9")


def test_a_spreadsheet_saved_as_xml_gives_its_rows():
    body = (
        '<?xml version="1.0"?><Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet">'
        "<Worksheet><Table>"
        "<Row><Cell><Data>水稻</Data></Cell><Cell><Data>12</Data></Cell></Row></Table></Worksheet></Workbook>"
    )
    assert parsing.parse(body.encode()).text == "水稻\t12"


def test_members_of_a_zip_are_read_by_the_same_rules_under_their_names():
    reading = parsing.parse(made.zipped({"说明.txt": "水稻每亩十二元", "内/表.xls": made.html_table()}))
    assert reading.kind is FileKind.ZIP
    assert reading.text.split("\n")[:3] == ["说明.txt", "水稻每亩十二元", "内/表.xls"]


def test_a_name_in_gbk_is_read():
    assert parsing.parse(made.gbk_zip("附件：收费表.txt", b"12")).text == "附件：收费表.txt\n12"


@pytest.mark.parametrize(
    ("body", "kind", "problem"),
    [
        (b"", "unknown", "empty"),
        (b"\0" * 99, "unknown", "empty"),
        (b"Rar!\x1a\x07\0" + bytes(50), "rar", "unsupported"),
        (b"7z\xbc\xaf\x27\x1c" + bytes(50), "7z", "unsupported"),
        (bytes(range(256)) * 9, "unknown", "unknown"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "unknown", "broken"),
        (b"PK\x03\x04" + bytes(60), "unknown", "broken"),
        (b"%PDF-1.4 broken", "pdf", "broken"),
        ("<html><title>404</title><body>您访问的页面不存在或已删除".encode(), "html", "not_a_file"),
    ],
)
def test_a_file_without_text_says_why(body, kind, problem):
    reading = parsing.parse(body)
    assert (reading.kind, reading.text, reading.problem) == (FileKind(kind), None, FileProblem(problem))


def test_every_problem_has_words_for_clerks():
    assert all(problem.label for problem in FileProblem)


@pytest.mark.parametrize("maker", ["docx", "xlsx", "ofd", "rtf", "html_table"])
@pytest.mark.parametrize("share", [0.2, 0.6, 0.95])
def test_a_file_cut_short_is_a_reading(maker, share):
    body = getattr(made, maker)()
    assert parsing.parse(body[: int(share * len(body))]).kind
