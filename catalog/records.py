"""What a crawler or an import hands to the catalogue.

These are plain values; `catalog.recording` writes them to the store. Values are *as stated*
(printed, tagged, imported): the catalogue keeps them verbatim and resolves them to dates,
numbers and vocabulary codes itself, so that every reader of pages can stay simple.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any


class Provenance(StrEnum):
    """Where a value came from, the most trusted first."""

    STAFF = "staff"
    PRINTED = "printed"
    META = "meta"
    LIST = "list"
    IMPORT = "import"
    SITE = "site"
    INFERRED = "inferred"


TRUST = {provenance: rank for rank, provenance in enumerate(Provenance)}


class Field(StrEnum):
    """The facts that are kept of a publication; the Chinese term stands behind each."""

    TITLE = "title"  # 名称
    INDEX_NUMBER = "index_number"  # 索引号
    DOC_NUMBER = "doc_number"  # 文号
    PUBLISHER = "publisher"  # 发布机构
    ISSUER = "issuer"  # 发文机关
    ISSUED_ON = "issued_on"  # 成文日期
    PUBLISHED_ON = "published_on"  # 发布日期
    EFFECTIVE_ON = "effective_on"  # 施行日期
    EXPIRES_ON = "expires_on"  # 失效日期
    TOPIC = "topic"  # 主题分类
    GENRE = "genre"  # 体裁分类
    AUDIENCE = "audience"  # 服务对象分类
    LIFE_CYCLE = "life_cycle"  # 生命周期分类
    FORMAT = "format"  # 信息格式
    VALIDITY = "validity"  # 有效性
    COLUMN = "column"  # 组配分类
    KEYWORDS = "keywords"  # 关键词
    SOURCE = "source"  # 信息来源
    ABSTRACT = "abstract"  # 内容概述


DATE_FIELDS = frozenset({Field.ISSUED_ON, Field.PUBLISHED_ON, Field.EFFECTIVE_ON, Field.EXPIRES_ON})
ORGANIZATION_FIELDS = frozenset({Field.PUBLISHER, Field.ISSUER})
VOCABULARY_FIELDS = frozenset(
    {Field.TOPIC, Field.GENRE, Field.AUDIENCE, Field.LIFE_CYCLE, Field.FORMAT, Field.VALIDITY, Field.COLUMN}
)


class PageKind(StrEnum):
    """What a fetched page turned out to be; only a document is ever indexed."""

    DOCUMENT = "document"
    LIST = "list"
    LOGIN = "login"
    FORM = "form"
    SHELL = "shell"
    ERROR = "error"
    HACKED = "hacked"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Witness:
    """One statement of one fact: the field, the value as stated, and who stated it."""

    field: Field
    raw: str
    provenance: Provenance


class BlockKind(StrEnum):
    """The kinds of a text's blocks."""

    HEADING = "heading"
    PARAGRAPH = "paragraph"
    LIST = "list"
    TABLE = "table"


@dataclass(frozen=True, slots=True)
class Block:
    """A piece of a document as it stands on the page.

    `rows` holds a table's cells row by row, a list's entries as rows of one cell, and the
    text of a heading or paragraph as one row of one cell.
    """

    kind: BlockKind
    rows: tuple[tuple[str, ...], ...]

    @classmethod
    def of(cls, kind: BlockKind, text: str) -> "Block":
        """Make a heading or a paragraph."""
        return cls(kind, ((text,),))

    @property
    def text(self) -> str:
        """The block as plain text: a line per row, cells parted by a tab."""
        return "\n".join("\t".join(row) for row in self.rows)

    def to_json(self) -> list[Any]:
        """Return the stored form: `[kind, [[cell, …], …]]`."""
        return [self.kind.value, [list(row) for row in self.rows]]

    @classmethod
    def from_json(cls, value: list[Any]) -> "Block":
        """Read what `to_json` wrote."""
        kind, rows = value
        return cls(BlockKind(kind), tuple(tuple(row) for row in rows))


def flat_text(blocks: Iterable[Block]) -> str:
    """Return the blocks as plain text, a line break between two of them."""
    return "\n".join(block.text for block in blocks)


def paragraphs(text: str) -> tuple[Block, ...]:
    """Return plain text as paragraphs, one per line that holds anything."""
    lines = (line.strip() for line in text.split("\n"))
    return tuple(Block.of(BlockKind.PARAGRAPH, line) for line in lines if line)


class TextProvenance(StrEnum):
    """How the text of a file was had: it stands in the file, or was recognised in a picture of it."""

    TEXT = "text"
    OCR = "ocr"


@dataclass(frozen=True, slots=True)
class AttachmentRecord:
    """A file of a publication.

    `text` is None where nothing could be read from it; `problem` then says why, in Chinese, and also
    where a text is doubtful. `kind` is what the content shows the file to be (pdf, docx, …),
    `provenance` whether the text was read or recognised, `confidence` how sure recognition was (0 to 100).
    """

    url: str
    name: str
    text: str | None = None
    kind: str | None = None
    provenance: TextProvenance | None = None
    confidence: float | None = None
    problem: str | None = None


class RelationKind(StrEnum):
    """What one document says of another; of two that are read from one text the first counts."""

    REPEALS = "repeals"  # 废止
    AMENDS = "amends"  # 修改
    FORWARDS = "forwards"  # 转发
    INTERPRETS = "interprets"  # 解读
    CITES = "cites"  # 引用


@dataclass(frozen=True, slots=True)
class Relation:
    """A statement of a publication about another document, with the sentence that makes it.

    `target_number` is the canonical key of a 文号 (`catalog.doc_numbers`), `target_title` a folded
    title; one of them is given. `explicit` says that number and wording leave no doubt.
    """

    kind: RelationKind
    target_number: str | None
    target_title: str | None
    sentence: str
    explicit: bool


@dataclass(frozen=True, slots=True)
class ArchivePlace:
    """Where a response lies in the archive: file name, byte offset and length of its WARC record."""

    file: str
    offset: int
    length: int


@dataclass(frozen=True, slots=True)
class PageRecord:
    """One publication as met at one moment.

    `alias` is the canonical URL, or `import:FILE#ID` for an imported record; `url` is the address
    a reader can open (None where there is none). `column_ids` are the columns in which it was found.
    `asked` is the twin of `alias` that was asked for, where the server led from there to here.
    """

    alias: str
    subsite_id: str
    captured_at: datetime
    page_kind: PageKind = PageKind.DOCUMENT
    status: int = 200
    url: str | None = None
    column_ids: tuple[str, ...] = ()
    blocks: tuple[Block, ...] = ()
    witnesses: tuple[Witness, ...] = ()
    attachments: tuple[AttachmentRecord, ...] = ()
    archive: ArchivePlace | None = None
    extra: dict[str, Any] = field(default_factory=dict)
    asked: str | None = None
