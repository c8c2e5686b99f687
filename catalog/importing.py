"""`gongkai import`: records from JSON lines into the catalogue.

A record is `{id, title, body[, url, org, date, written_date, doc_number, index_number, topic,
category, …]}`. What it says has the provenance `import`, never `printed`. The file's name (without
its folder) and `id` make the alias, so importing again changes nothing.
"""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, select

from catalog import recording, schema
from catalog.errors import CatalogError
from catalog.folding import clean, fold
from catalog.recording import Change
from catalog.records import Field, PageRecord, Provenance, Witness, paragraphs
from catalog.store import Catalog, now

GROUP = 500
"""Records per transaction."""

FIELDS = {
    "title": Field.TITLE,
    "org": Field.PUBLISHER,
    "issuer": Field.ISSUER,
    "date": Field.PUBLISHED_ON,
    "written_date": Field.ISSUED_ON,
    "effective_date": Field.EFFECTIVE_ON,
    "expiry_date": Field.EXPIRES_ON,
    "doc_number": Field.DOC_NUMBER,
    "index_number": Field.INDEX_NUMBER,
    "topic": Field.TOPIC,
    "genre": Field.GENRE,
    "audience": Field.AUDIENCE,
    "life_cycle": Field.LIFE_CYCLE,
    "format": Field.FORMAT,
    "validity": Field.VALIDITY,
    "keywords": Field.KEYWORDS,
    "source": Field.SOURCE,
    "abstract": Field.ABSTRACT,
}
"""Keys of a record that are facts of their own; every other key is kept as `extra`."""

_OWN_KEYS = {"id", "body", "url", "category"}


class LineError(CatalogError):
    """A line cannot be imported; the text says why and what would be right."""


@dataclass(frozen=True, slots=True)
class BadLine:
    """A line that was skipped."""

    file: str
    line: int
    why: str


@dataclass(slots=True)
class ImportSummary:
    """What an import did. Publications are those of the records; documents are theirs in the end."""

    records: int = 0
    new: int = 0
    changed: int = 0
    unchanged: int = 0
    purged: int = 0
    publications: set[str] = field(default_factory=set)
    documents: set[str] = field(default_factory=set)
    bad_lines: list[BadLine] = field(default_factory=list)

    def count(self, recorded: recording.Recorded) -> None:
        """Add one recorded line."""
        self.records += 1
        self.publications.add(recorded.publication_id)
        self.documents.add(recorded.document_id)
        match recorded.change:
            case Change.NEW:
                self.new += 1
            case Change.CHANGED:
                self.changed += 1
            case Change.UNCHANGED:
                self.unchanged += 1
            case Change.PURGED:
                self.purged += 1

    def settle(self, connection: Connection) -> None:
        """Count documents as they are now: later lines may have merged or parted earlier ones."""
        table, ids = schema.publication, sorted(self.publications)
        self.documents.clear()
        for start in range(0, len(ids), GROUP):
            some = table.c.id.in_(ids[start : start + GROUP])
            self.documents.update(connection.execute(select(table.c.document_id).where(some)).scalars())


def import_file(catalog: Catalog, path: Path) -> Iterator[ImportSummary]:
    """Import one file; yields the running summary after each transaction, the last one complete.

    A bad line is skipped and told of; an unreadable file raises `OSError` before anything changes.
    """
    summary = ImportSummary()
    source = _Source(path.name)
    with path.open("rb") as lines:
        for group in _groups(enumerate(lines, start=1)):
            with catalog.write() as connection:
                for number, line in group:
                    try:
                        # A line that fails half way must leave nothing behind.
                        with connection.begin_nested():
                            recorded = source.record(connection, line)
                    except (CatalogError, RecursionError) as error:
                        source.forget()
                        summary.bad_lines.append(BadLine(path.name, number, _why(error)))
                    else:
                        if recorded is not None:
                            summary.count(recorded)
            yield summary
    with catalog.read() as connection:
        summary.settle(connection)
    yield summary


class _Source:
    """One import file: the subsite it stands for, its columns, the ids met so far."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._columns: dict[str, str] = {}
        self._subsite_id: str | None = None
        self._ids: set[str] = set()
        self._captured_at = now()

    def record(self, connection: Connection, line: bytes) -> recording.Recorded | None:
        """Record one line; None for a blank one. Raises `CatalogError`."""
        if not line.strip():
            return None
        value = parse_line(line)
        if value["id"] in self._ids:
            raise LineError(f"id {value['id']!r} 在本文件中已经出现过，每条记录的 id 应当唯一。")
        subsite_id = self._subsite(connection)
        column_ids = tuple(self._column(connection, subsite_id, name) for name in _categories(value))
        recorded = recording.record(
            connection, page_record(self._name, value, subsite_id, column_ids, self._captured_at)
        )
        self._ids.add(value["id"])
        return recorded

    def forget(self) -> None:
        """Drop what is remembered of rows that may have been rolled back with a bad line."""
        self._subsite_id = None
        self._columns.clear()

    def _subsite(self, connection: Connection) -> str:
        if self._subsite_id is None:
            self._subsite_id = recording.ensure_subsite(
                connection, root_url=f"import:{self._name}", name=f"导入：{self._name}", family="import"
            )
        return self._subsite_id

    def _column(self, connection: Connection, subsite_id: str, name: str) -> str:
        if name not in self._columns:
            self._columns[name] = recording.ensure_column(connection, subsite_id, path=name, name=name)
        return self._columns[name]


def parse_line(line: bytes) -> dict[str, Any]:
    """Return a line's record with `id`, `title` and `body` as texts; raises `LineError`."""
    try:
        value = json.loads(line, parse_constant=_refuse)
    except (ValueError, RecursionError) as error:
        raise LineError(f"不是合法的 JSON：{error}。每行应是一个 JSON 对象，编码 UTF-8。") from error
    if not isinstance(value, dict):
        raise LineError(f'是 {type(value).__name__}，每行应是一个 JSON 对象，形如 {{"id": …}}。')
    if isinstance(value.get("id"), int) and not isinstance(value["id"], bool):
        value["id"] = str(value["id"])
    for key in ("id", "title"):
        stated = value.get(key)
        if not isinstance(stated, str) or not fold(clean(stated)):
            raise LineError(f"{key} 是 {_shown(stated)}，应为非空文字。")
        value[key] = clean(stated)
    if value.get("body") is None:
        value["body"] = ""
    if not isinstance(value["body"], str):
        raise LineError(f"body 是 {_shown(value['body'])}，应为文字（可以为空）。")
    url = value.get("url")
    if url is not None and not isinstance(url, str):
        raise LineError(f"url 是 {_shown(url)}，应为文字。")
    return value


def page_record(
    file_name: str,
    value: dict[str, Any],
    subsite_id: str,
    column_ids: tuple[str, ...],
    captured_at: datetime,
) -> PageRecord:
    """Return the record of an import line that `parse_line` took."""
    extra = {key: item for key, item in value.items() if key not in FIELDS and key not in _OWN_KEYS}
    return PageRecord(
        alias=f"import:{clean(file_name)}#{value['id']}",
        subsite_id=subsite_id,
        captured_at=captured_at,
        url=clean(value.get("url") or "").strip() or None,
        column_ids=column_ids,
        blocks=paragraphs(value["body"]),
        witnesses=tuple(_witnesses(value)),
        extra=_cleaned(extra),
    )


def _witnesses(value: dict[str, Any]) -> Iterator[Witness]:
    for key, fact in FIELDS.items():
        stated = value.get(key)
        if stated is None:
            continue
        for item in stated if isinstance(stated, list) else [stated]:
            if not isinstance(item, str | int | float) or isinstance(item, bool):
                raise LineError(f"{key} 是 {_shown(item)}，应为文字或文字的列表。")
            yield Witness(fact, str(item), Provenance.IMPORT)


def _categories(value: dict[str, Any]) -> list[str]:
    stated = value.get("category")
    names = stated if isinstance(stated, list) else [stated]
    for name in names:
        if name is not None and not isinstance(name, str):
            raise LineError(f"category 是 {_shown(name)}，应为文字或文字的列表。")
    return [clean(name).strip() for name in names if name is not None and fold(clean(name))]


def _cleaned(value: Any) -> Any:
    """Clean every text inside a JSON value."""
    if isinstance(value, str):
        return clean(value)
    if isinstance(value, list):
        return [_cleaned(item) for item in value]
    if isinstance(value, dict):
        return {clean(key): _cleaned(item) for key, item in value.items()}
    return value


def _why(error: Exception) -> str:
    # A value can be nested so deep that it can be read and not be walked.
    return "嵌套过深，每行应是一个平常的 JSON 对象。" if isinstance(error, RecursionError) else str(error)


def _refuse(constant: str) -> None:
    raise ValueError(f"{constant} 不是 JSON 的数值")


def _groups(lines: Iterable[tuple[int, bytes]]) -> Iterator[list[tuple[int, bytes]]]:
    group: list[tuple[int, bytes]] = []
    for numbered in lines:
        group.append(numbered)
        if len(group) == GROUP:
            yield group
            group = []
    if group:
        yield group


def _shown(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 40 else text[:40] + "…"
