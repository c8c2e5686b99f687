"""What a family module knows: how its pages are recognised, how its lists page and its details read.

A family is the CMS a subsite runs on. It never fetches anything; it reads what was fetched
and says what to ask for next. Everything else (politeness, retries, the stop rule, decoding,
labels, recording) is the same for all.

Its module opens with its card, the docstring that `test_families.py` demands: Site, Known by, Lists,
Details, Oddities, Proven by (which facts are proven and from where, by key of domain.md).
"""

from dataclasses import dataclass, field
from typing import Protocol

from catalog.records import Field, Provenance, Witness
from crawlers.reading.page import ReadingHints
from crawlers.reading.tree import Element


@dataclass(frozen=True, slots=True)
class PageRequest:
    """What to ask for: an address, and what to POST where it takes something.

    `form` is a form, already percent-encoded, or a JSON object: no encoded form begins with a brace.
    """

    url: str
    form: str | None = None

    @property
    def content_type(self) -> str | None:
        """The type of what is posted; None where nothing is."""
        if self.form is None:
            return None
        return "application/json" if self.form.startswith("{") else "application/x-www-form-urlencoded"


@dataclass(frozen=True, slots=True)
class WebPage:
    """A fetched page of a family: its address, its text, its charset and its tree.

    Of an answer that is no page (JSON, XML) the text is what counts; its tree may be empty.
    """

    url: str
    text: str
    charset: str
    tree: Element


@dataclass(frozen=True, slots=True)
class ColumnLink:
    """A column (栏目) met on a page. `path` tells it from the subsite's other columns.

    `memo` is what the family notes for the reading of its first page.
    """

    path: str
    name: str
    request: PageRequest
    memo: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class HomeReading:
    """What a home page leads to: columns, frames and pages of organs that may hold more of them, and feeds.

    A family need not look for feeds: `crawlers.feeds` finds and reads those that every site may have.
    """

    columns: tuple[ColumnLink, ...] = ()
    frames: tuple[PageRequest, ...] = ()
    organs: tuple[PageRequest, ...] = ()
    feeds: tuple[PageRequest, ...] = ()


OTHERWISE = "otherwise"
"""In a memo: the address to ask for if the next page is not there (404), where a family can only guess."""


@dataclass(frozen=True, slots=True)
class ListPlace:
    """Where in a column a list page stands. `memo` is what the family noted on the page before."""

    path: str
    name: str
    number: int
    memo: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ListItem:
    """A link of a list to a publication, with what the list says of it."""

    url: str
    witnesses: tuple[Witness, ...] = ()


@dataclass(frozen=True, slots=True)
class ListReading:
    """A page of a list: its items, what to ask for next (None: this was the last), and a note for then.

    A list ends with a page that brings no new link, unless it `may_repeat` what was shown before.
    `is_list` says that the family's list was there, if only with nothing in it. `columns` are further
    columns met here: what a home page called a column may be the page above several.
    """

    items: tuple[ListItem, ...] = ()
    next: PageRequest | None = None
    memo: dict[str, str] = field(default_factory=dict)
    may_repeat: bool = False
    is_list: bool = True
    columns: tuple[ColumnLink, ...] = ()


class Family(Protocol):
    """One CMS family. A module of this package holds one under the name `FAMILY`."""

    name: str
    label: str
    hints: ReadingHints

    def recognises(self, page: WebPage) -> bool:
        """Tell by signs in the page itself whether this family made it.

        The page may be a home page, a frame, a list or a detail. One sign that no other family has is
        enough; links to other servers are no sign (see `markup.own_paths`).
        """

    def read_home(self, page: WebPage) -> HomeReading:
        """Read a home page or a frame of one."""

    def read_list(self, page: WebPage, place: ListPlace) -> ListReading:
        """Read one page of a column."""


def said_by_list(said: Field, raw: str) -> Witness:
    """Return a fact as a list states it."""
    return Witness(said, raw, Provenance.LIST)
