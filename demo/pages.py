"""Answers of the demo sites: a page and what all families share (robots.txt, errors, attachments)."""

from dataclasses import dataclass, field
from functools import cache
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined

from demo.city import Column, Publication, Subsite
from demo.files import TYPES, write_file

ROBOTS = "User-agent: *\nCrawl-delay: 0\nDisallow: /manage/\nDisallow: /module/visitcount/\n"

STUB = "<html><head><title></title></head><body>" + "<!-- -->" * 36 + "</body></html>"
"""What some sites give beyond the last page: status 200 and some 350 bytes without content."""


@dataclass(frozen=True, slots=True)
class Answer:
    """A response: status, body and headers (content type with the charset as the server claims it)."""

    body: bytes
    content_type: str
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)


@cache
def templates() -> Environment:
    """Return the templates of all families."""
    return Environment(
        loader=PackageLoader("demo"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def render(template: str, **values: Any) -> str:
    """Return a page as text."""
    return templates().get_template(template).render(values)


def robots() -> Answer:
    """Return robots.txt, which forbids the editors' pages and asks for no delay."""
    return Answer(ROBOTS.encode(), "text/plain; charset=utf-8")


def redirect(path: str) -> Answer:
    """Return a redirect to a path of the same site."""
    return Answer(b"", "text/html", 302, {"location": path})


def attachment(subsite: Subsite, path: str) -> Answer | None:
    """Return the file at this path, or None if there is none."""
    found = subsite.attachments.get(path)
    if found is None:
        return None
    publication, name = found
    if name.rpartition(".")[0] == publication.document.title:
        lines = [publication.document.title, *publication.document.body.split("\n")]
    else:
        lines = [name, f"（{publication.document.title}）", *publication.document.keywords]
    kind = name.rpartition(".")[2]
    return Answer(write_file(kind, name, lines), TYPES[kind])


def cut(title: str, length: int) -> str:
    """Return the title as narrow lists show it, cut with …."""
    return title if len(title) <= length else title[:length] + "…"


def page_number(text: str) -> int:
    """Return the page that is asked for; the first for whatever is no number."""
    return max(int(text), 1) if text.isascii() and text.isdigit() and len(text) < 10 else 1


def page_count(column: Column) -> int:
    """Return the number of pages of a column's list, at least one."""
    return max(-(-len(column.publications) // column.subsite.per_page), 1)


def on_page(column: Column, page: int) -> list[Publication]:
    """Return what one page of a column's list shows."""
    size = column.subsite.per_page
    return column.publications[(page - 1) * size : page * size]
