"""Files made to do harm: bombs, nests and entities end in a problem or in their text, soon."""

import time

import made_files as made
import pytest

from crawlers.attachments import members, parsing
from crawlers.attachments.reading import FileProblem, UnreadableError

LAUGHS = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))


def test_a_zip_bomb_is_left_when_too_much_has_come_out(monkeypatch):
    monkeypatch.setattr(members, "MAX_MEMBER_BYTES", 1 << 20)
    reading = parsing.parse(made.zipped({"甲.txt": "水" * 1_000_000}))
    assert reading.problem is FileProblem.TOO_COMPLEX


def test_many_members_share_one_budget(monkeypatch):
    budget = members.Budget(total=100_000)
    found = members.Members(made.zipped({f"{n}.txt": bytes(40_000) for n in range(5)}), budget)
    names = list(found)
    found.read(names[0])
    found.read(names[1])
    with pytest.raises(UnreadableError) as raised:
        found.read(names[2])
    assert raised.value.problem is FileProblem.TOO_COMPLEX


def test_zips_within_zips_end_at_a_depth():
    body = made.zipped({"底.txt": "最里面"})
    for number in range(6):
        body = made.zipped({f"{number}.zip": body})
    reading = parsing.parse(body)
    assert reading.problem is FileProblem.TOO_COMPLEX
    assert "最里面" not in reading.text


def test_a_zip_of_too_many_members_is_not_read():
    reading = parsing.parse(made.zipped({str(n): b"" for n in range(members.MAX_MEMBERS + 1)}))
    assert reading.problem is FileProblem.TOO_COMPLEX


def test_a_member_that_declares_little_and_holds_much_is_stopped_by_what_comes_out():
    body = bytearray(made.zipped({"a.txt": bytes(3_000_000)}))
    at = body.rindex(b"PK\x01\x02")
    body[at + 24 : at + 28] = (10).to_bytes(4, "little")
    assert parsing.parse(bytes(body)).text in (None, "a.txt")


def test_entities_are_not_expanded():
    w = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
    xml = (
        f'<?xml version="1.0"?><!DOCTYPE d [<!ENTITY l0 "水">{LAUGHS}]>'
        f'<w:document xmlns:w="{w}"><w:body><w:p><w:r>'
        "<w:t>前&l9;</w:t></w:r></w:p></w:body></w:document>"
    )
    begun = time.monotonic()
    reading = parsing.parse(made.zipped({"word/document.xml": xml}))
    assert len(reading.text or "") < 20
    assert time.monotonic() - begun < 2


def test_no_file_of_this_machine_comes_in_by_an_entity(tmp_path):
    secret = tmp_path / "secret"
    secret.write_text("机密")
    xml = f'<?xml version="1.0"?><!DOCTYPE d [<!ENTITY x SYSTEM "file://{secret}">]><a><b>公开&x;</b></a>'
    assert "机密" not in (parsing.parse(xml.encode()).text or "")


def test_xml_nested_a_hundred_thousand_times_ends():
    depth = 100_000
    xml = b"<?xml version='1.0'?>" + b"<a>" * depth + "水".encode() + b"</a>" * depth
    begun = time.monotonic()
    parsing.parse(xml)
    parsing.parse(made.zipped({"word/document.xml": xml}))
    assert time.monotonic() - begun < 2


def test_an_encrypted_member_is_told():
    body = bytearray(made.zipped({"a.txt": b"x" * 50}))
    for mark, place in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        body[body.index(mark) + place] |= 1
    assert parsing.parse(bytes(body)).problem is FileProblem.ENCRYPTED
