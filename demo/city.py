"""The made-up city as a whole: its subsites, their columns and what is published there."""

import datetime
import ipaddress
from dataclasses import dataclass, field
from functools import cached_property

from demo.bodies import Body
from demo.documents import Document
from demo.family import DemoFamily, family_of
from demo.files import KINDS
from demo.subjects import labels

DEFAULT_PORT = 8100
LOST_FILE = "附件下载.doc"
"""The name of a file that is linked and missing."""

_FIRST_ADDRESS = ipaddress.IPv4Address("127.20.0.1")


@dataclass(eq=False, slots=True)
class Column:
    """A list on a subsite, of one unit and one content class (or of two: a parent shows its children's)."""

    subsite: "Subsite" = field(repr=False)
    unit: Body
    content_class: str
    number: int
    publications: list["Publication"] = field(default_factory=list, repr=False)

    @property
    def name(self) -> str:
        """The column's name, that of its content class (组配分类)."""
        return labels("column")[self.content_class]

    @property
    def path(self) -> str:
        """The path of its list on the subsite."""
        return self.subsite.cms.column_path(self)


@dataclass(eq=False)
class Subsite:
    """One unit's place on the web. `traps` says what is wrong with the site as a whole."""

    place: int  # 0 for the first address
    key: str
    body: Body
    name: str
    family: str  # the name of its module
    per_page: int
    beyond_end: str  # what a list gives after its last page: repeat, stub or empty
    traps: frozenset[str]
    layout: str = "table"  # how details print their facts: table, definition or list
    groups: int = 1  # how many pages' records a column page carries
    columns: dict[tuple[str, str], Column] = field(default_factory=dict, repr=False)
    publications: list["Publication"] = field(default_factory=list, repr=False)

    @property
    def cms(self) -> DemoFamily:
        """Its family: where its pages stand and what they look like."""
        return family_of(self.family)

    @property
    def address(self) -> str:
        """The loopback address it is served at."""
        return str(_FIRST_ADDRESS + self.place)

    def root(self, port: int = DEFAULT_PORT) -> str:
        """Return the root URL."""
        return f"http://{self.address}:{port}/"

    @cached_property
    def by_path(self) -> dict[str, "Publication"]:
        """Its publications by path (with the query where there is one)."""
        return {publication.path: publication for publication in self.publications}

    @cached_property
    def column_by_path(self) -> dict[str, Column]:
        """Its columns by the path of their list."""
        return {column.path: column for column in self.columns.values()}

    @cached_property
    def attachments(self) -> dict[str, tuple["Publication", str]]:
        """The attachments that can be fetched from it, by path: their publication and their name."""
        return {
            path: (publication, name)
            for publication in self.publications
            for name, path in publication.attachments
            if name != LOST_FILE
        }

    @property
    def units(self) -> list[Body]:
        """The bodies whose columns stand here, in the order of the tree."""
        return sorted({column.unit.key: column.unit for column in self.columns.values()}.values(), key=_code)


@dataclass(eq=False, slots=True)
class Publication:
    """One appearance of a document on a subsite.

    `printed` holds what the page states, by the catalogue's field names; an empty string is a label
    without a value. `traps` says what is wrong with this page.
    """

    document: Document
    subsite: Subsite = field(repr=False)
    publisher: Body
    columns: tuple[Column, ...] = field(repr=False)
    index_number: str
    published_on: datetime.date
    article: int
    printed: dict[str, str]
    traps: set[str] = field(default_factory=set)

    @property
    def path(self) -> str:
        """Its path on the subsite."""
        return self.subsite.cms.publication_path(self)

    def url(self, port: int = DEFAULT_PORT) -> str:
        """Return its URL."""
        return self.subsite.root(port).rstrip("/") + self.path

    @property
    def attachments(self) -> list[tuple[str, str]]:
        """Name and path of each attachment."""
        names = list(self.document.attachments)
        kinds = [KINDS[(self.article + number) % len(KINDS)] for number in range(len(names))]
        files = [
            (f"{name}.{kind}", f"{number}.{kind}")
            for number, (name, kind) in enumerate(zip(names, kinds, strict=True), 1)
        ]
        if "pdf_only" in self.traps:
            files.append((f"{self.document.title}.pdf", "0.pdf"))
        if "ofd_attachment" in self.traps:
            files.append((f"{self.document.title}.ofd", "0.ofd"))
        if "dead_attachment" in self.traps:
            files.append((LOST_FILE, "lost.doc"))
        return [(name, self.subsite.cms.attachment_path(self, file)) for name, file in files]


@dataclass(frozen=True, slots=True)
class Expected:
    """What a crawl must find of one publication. `doc_number` is the document's own, canonical, even
    where the page prints 无; `printed` is what the page states; `pdf_only` that its text is in a PDF."""

    url: str
    subsite: str
    title: str
    doc_number: str | None
    index_number: str
    published_on: datetime.date
    issued_on: datetime.date
    publisher: str
    columns: tuple[str, ...]
    document: str
    printed: dict[str, str]
    traps: frozenset[str]

    @property
    def pdf_only(self) -> bool:
        """Whether the text stands in a PDF only."""
        return "pdf_only" in self.traps


@dataclass(slots=True)
class City:
    """The whole city: documents in the order of time, and the subsites with what they publish."""

    seed: int
    documents: list[Document] = field(repr=False)
    subsites: list[Subsite] = field(repr=False)

    @property
    def publications(self) -> list[Publication]:
        """All publications, subsite by subsite."""
        return [publication for subsite in self.subsites for publication in subsite.publications]


def expected(city: City, port: int = DEFAULT_PORT) -> list[Expected]:
    """Return everything that was planted, for comparing with what a crawl found."""
    return [
        Expected(
            url=publication.url(port),
            subsite=publication.subsite.root(port),
            title=publication.document.title,
            doc_number=publication.document.doc_number,
            index_number=publication.index_number,
            published_on=publication.published_on,
            issued_on=publication.document.issued_on,
            publisher=publication.printed["publisher"],
            columns=tuple(column.name for column in publication.columns),
            document=publication.document.key,
            printed=dict(publication.printed),
            traps=frozenset(publication.traps | publication.document.traps),
        )
        for publication in city.publications
    ]


def tree_code(content_class: str) -> str:
    """Return the four-digit tree code of a content class: 本级文件 is a child of 政策法规."""
    number = int(content_class[1:])
    return "001200020001" if content_class == "C03" else f"0012{number:04}"


def _code(body: Body) -> str:
    return body.code
