"""Pictures opened for recognition, within limits."""

import io
import warnings
from collections.abc import Iterator

from PIL import Image as Images
from PIL import ImageSequence, UnidentifiedImageError
from PIL.Image import DecompressionBombError, Image

from crawlers.attachments.reading import FileProblem, UnreadableError

MAX_PIXELS = 50_000_000
"""A page of A3 at 400 dots per inch has thirty million."""
_MAX_FRAMES = 200
# Icons and lines hold no text.
_LEAST_SIDE = 40


def pictures(body: bytes) -> Iterator[Image]:
    """Open a picture, or each page of one (TIFF), in grey; raises `UnreadableError`."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            image = Images.open(io.BytesIO(body))
        for number, frame in enumerate(ImageSequence.Iterator(image)):
            width, height = frame.size
            if width * height > MAX_PIXELS:
                raise UnreadableError(FileProblem.TOO_LARGE)
            if number >= _MAX_FRAMES:
                return
            if min(width, height) >= _LEAST_SIDE:
                yield frame.convert("L")
    except DecompressionBombError as error:
        raise UnreadableError(FileProblem.TOO_LARGE) from error
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError, EOFError, TypeError) as error:
        raise UnreadableError(FileProblem.BROKEN) from error
