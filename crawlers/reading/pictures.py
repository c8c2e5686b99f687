"""Pages that are pictures: a scanned notice in the place of the text is a file of the page, to be recognised.

Only where the container of the body is known and says next to nothing; beside a text a picture is a picture.
"""

from collections.abc import Sequence

from crawlers.reading.body import Body
from crawlers.reading.lines import Outline
from crawlers.reading.links import Link, absolute
from crawlers.reading.tree import Element

LEAST_TEXT = 30
"""Characters of a body from which its pictures are left alone: 见下图 and a signature are fewer."""
MOST = 20
_LEAST_SIDE = 200
"""Pixels; what states to be smaller is an icon, a badge or a line."""


def text_pictures(page: Outline, body: Body, lines: Sequence[int], base: str | None) -> tuple[Link, ...]:
    """Return the pictures that stand in the place of the body's text, in their order."""
    if body.element is None or body.is_guess or sum(len(page.lines[n].text) for n in lines) >= LEAST_TEXT:
        return ()
    found: dict[str, Link] = {}
    for image in body.element.iter("img"):
        url = absolute(image.get("src"), base)
        if url is not None and not _is_small(image):
            name = " ".join((image.get("title") or image.get("alt") or "").split())
            found.setdefault(url, Link(url, name or f"图片{len(found) + 1}"))
    return tuple(found.values())[:MOST]


def _is_small(image: Element) -> bool:
    sides = (image.get(side, "").strip().removesuffix("px") for side in ("width", "height"))
    return any(side.isascii() and side.isdigit() and int(side[:6]) < _LEAST_SIDE for side in sides)
