"""The city's files are what they are called, and what stands in them can be read again."""

import pytest

from crawlers.attachments import parsing
from demo.files import KINDS, write_file
from demo.pages import attachment

LINES = ["关于渠道清淤的通知", "各乡镇：渠道清淤于三月底前完成。", "泓州市<水务>局"]


@pytest.mark.parametrize(
    ("kind", "found"), [("pdf", "pdf"), ("docx", "docx"), ("ofd", "ofd"), ("xls", "html")]
)
def test_a_file_gives_its_lines_again(kind, found):
    reading = parsing.parse(write_file(kind, "题", LINES))
    assert (reading.kind.value, reading.problem) == (found, None)
    assert [line for line in reading.text.split("\n") if line.strip()] == LINES


@pytest.mark.parametrize("kind", KINDS)
def test_a_file_is_the_same_every_time(kind):
    assert write_file(kind, "题", LINES) == write_file(kind, "题", LINES)


def test_the_city_attaches_files_of_every_kind_and_serves_them(city):
    served = {path: site for site in city.subsites for path in site.attachments}
    assert {path.rpartition(".")[2] for path in served} >= set(KINDS)
    for path, site in list(served.items())[:20]:
        assert parsing.parse(attachment(site, path).body).text
