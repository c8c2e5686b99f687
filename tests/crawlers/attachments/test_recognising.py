"""Pictures of text are recognised where tesseract is there, and say so where it is not."""

import os

import made_files as made
import pytest

from crawlers.attachments import FileProblem, images, ocr, parsing
from crawlers.attachments.reading import UnreadableError

LINE = "农田灌溉用水收费标准"


@pytest.fixture
def tesseract():
    if ocr.program() is None:
        if os.environ.get("CI"):
            pytest.fail("tesseract with chi_sim must be installed where CI is set")
        pytest.skip("tesseract with chi_sim is not installed")


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "TIFF", "BMP", "GIF", "WEBP", "PDF"])
def test_text_in_a_picture_of_any_kind_is_recognised(tesseract, kind):
    body = made.saved(made.drawn(LINE), kind)
    assert parsing.parse(body).scanned
    found = parsing.recognise(body, 30.0)
    assert (found.text, found.provenance, found.problem) == (LINE, "ocr", None)
    assert 80 < found.confidence <= 100


def test_an_ofd_that_holds_only_pictures_is_recognised(tesseract):
    page = '<ofd:Page xmlns:ofd="http://www.ofdspec.org/2016"/>'
    root = "<OFD><DocBody><DocRoot>D/Document.xml</DocRoot></DocBody></OFD>"
    pages = '<Document><Pages><Page BaseLoc="p.xml"/></Pages></Document>'
    members = {
        "OFD.xml": root,
        "D/Document.xml": pages,
        "D/p.xml": page,
        "D/Res/1.png": made.saved(made.drawn(LINE)),
    }
    body = made.zipped(members)
    assert parsing.parse(body).scanned
    assert parsing.recognise(body, 30.0).text == LINE


def test_text_under_specks_is_kept_and_reported_as_doubtful(tesseract):
    found = parsing.recognise(made.saved(made.drawn("\n".join(made.LINES), noise=1500)), 30.0)
    assert found.text
    assert found.problem is FileProblem.OCR_DOUBTFUL
    assert found.confidence < parsing.CONFIDENCE_FLOOR


def test_an_empty_page_has_no_text(tesseract):
    found = parsing.recognise(made.saved(made.drawn("")), 30.0)
    assert (found.text, found.problem) == (None, FileProblem.NO_TEXT)


def test_recognition_ends_when_its_time_is_over_and_keeps_what_it_has(tesseract, monkeypatch):
    clock = iter([0.0, 1.0, 100.0])
    monkeypatch.setattr(ocr.time, "monotonic", lambda: next(clock))
    found = ocr.recognise([made.drawn(LINE), made.drawn(LINE)], 30.0)
    assert (found.text, found.partial) == (LINE, True)


def test_without_tesseract_a_picture_is_kept_with_the_reason(monkeypatch):
    monkeypatch.setattr(ocr, "program", lambda: None)
    found = parsing.recognise(made.saved(made.drawn(LINE)), 30.0)
    assert (found.kind, found.text, found.problem) == ("image", None, FileProblem.NO_OCR)


def test_a_picture_of_too_many_pixels_is_not_opened(monkeypatch):
    monkeypatch.setattr(images, "MAX_PIXELS", 1000)
    with pytest.raises(UnreadableError) as raised:
        list(images.pictures(made.saved(made.drawn(LINE))))
    assert raised.value.problem is FileProblem.TOO_LARGE


def test_a_picture_that_is_broken_is_told():
    with pytest.raises(UnreadableError) as raised:
        list(images.pictures(made.saved(made.drawn(LINE))[:200]))
    assert raised.value.problem is FileProblem.BROKEN
