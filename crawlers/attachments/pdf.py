"""Text of PDFs, and pictures of their pages for those that are scanned."""

from collections.abc import Iterator

import pypdfium2
from PIL.Image import Image

from catalog.folding import clean
from crawlers.attachments.reading import MAX_CHARACTERS, FileProblem, UnreadableError
from crawlers.attachments.wrapped_lines import unwrapped

MAX_PAGES = 2000
# Tesseract wants capitals of some 30 pixels; 16-point text has them at 200 dots per inch.
_DOTS_PER_POINT = 200 / 72
_MAX_SIDE = 5000
_PASSWORD = 4


def pdf_text(body: bytes) -> str:
    """Return the text, a line feed after each page; "" if the pages hold none."""
    document = _opened(body)
    texts: list[str] = []
    written = 0
    for number in range(min(len(document), MAX_PAGES)):
        page = document[number]
        text = page.get_textpage().get_text_bounded()
        page.close()
        texts.append(unwrapped(clean(text)))
        written += len(text)
        if written >= MAX_CHARACTERS:
            break
    return "\n".join(texts).strip()


def pdf_pictures(body: bytes) -> Iterator[Image]:
    """Draw the pages one by one, in grey."""
    document = _opened(body)
    for number in range(len(document)):
        page = document[number]
        longest = max(*page.get_size(), 1.0)
        yield page.render(scale=min(_DOTS_PER_POINT, _MAX_SIDE / longest), grayscale=True).to_pil()
        page.close()


def _opened(body: bytes) -> pypdfium2.PdfDocument:
    try:
        return pypdfium2.PdfDocument(body)
    except pypdfium2.PdfiumError as error:
        locked = getattr(error, "err_code", None) == _PASSWORD
        raise UnreadableError(FileProblem.ENCRYPTED if locked else FileProblem.BROKEN) from error
