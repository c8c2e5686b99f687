"""Whether two catalogues say the same: everything but ids, times and numbers of change.

What has a minted id is named by what it is instead: a publication by its addresses, a document by its
publications, a subsite by its root URL, a file by its address.
"""

import json
import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from hashlib import sha256
from typing import Any

from sqlalchemy import Connection, CursorResult, select

from catalog import schema

Snapshot = Mapping[str, Mapping[str, tuple[str, ...]]]
"""By section and name, the things said of it in order; all in words that can be shown."""

NOTHING = "（无）"
# Of many pages a finding names one, the last that was met: which one that was is chance.
_PAGE = re.compile(r"https?://\S+")
SHOWN = 160
"""Characters shown of what differs."""

_LABELS = {
    "subsite": "站点",
    "column": "栏目",
    "publication": "发布",
    "capture": "网页记录",
    "document": "文件",
    "relation": "关系",
    "organization": "机构",
    "term": "自有分类",
    "suppression": "撤下",
    "absence": "打不开",
    "finding": "问题",
    "apart": "人工拆分",
    "purged": "已彻底删除",
}

_publication, _capture = schema.publication, schema.capture


def snapshot(connection: Connection) -> Snapshot:
    """Return what a catalogue says. A moment of capture is left out; the order of captures counts."""
    names = _Names(connection)
    return {
        "subsite": _subsites(connection),
        "column": _columns(connection, names),
        "publication": _publications(connection, names),
        "capture": _captures(connection, names),
        "document": _documents(names),
        "relation": _relations(connection, names),
        "organization": _organizations(connection),
        "term": _grouped((f"{row.field} {row.code}", row.label) for row in _rows(connection, "own_term")),
        "suppression": _suppressions(connection, names),
        "absence": _grouped(
            (names.publication[row.publication_id], f"{row.status} {row.first_day}–{row.last_day} {row.days}")
            for row in _rows(connection, "absence")
        ),
        "finding": _grouped(
            (
                f"{row.kind} {row.subject}",
                f"{_PAGE.sub('', row.detail)} {'' if row.resolved_at is None else '已了结'}",
            )
            for row in _rows(connection, "finding")
        ),
        "apart": _grouped(
            (names.publication[row.publication_id], "") for row in _rows(connection, "staff_apart")
        ),
        "purged": _grouped((row.alias_hash, "") for row in _rows(connection, "purged_alias")),
    }


def differences(one: Snapshot, other: Snapshot) -> list[str]:
    """Return a readable Chinese line for each thing that is said in one catalogue and not in the other."""
    found: list[str] = []
    for section in _LABELS:
        mine, theirs = one.get(section, {}), other.get(section, {})
        for name in sorted({*mine, *theirs}):
            said, told = mine.get(name), theirs.get(name)
            if said != told:
                found.append(f"{_LABELS[section]} {_short(name)}：{_difference(said, told)}")
    return found


def _difference(said: tuple[str, ...] | None, told: tuple[str, ...] | None) -> str:
    if said is None:
        return "只在后一个目录库中"
    if told is None:
        return "只在前一个目录库中"
    if len(said) != len(told):
        return f"前者 {len(said)} 项，后者 {len(told)} 项；{_first(said, told)}"
    return _first(said, told)


def _first(said: tuple[str, ...], told: tuple[str, ...]) -> str:
    longest = max(len(said), len(told))
    padded = [each + (NOTHING,) * (longest - len(each)) for each in (said, told)]
    return next(f"{_short(a)} ≠ {_short(b)}" for a, b in zip(*padded, strict=True) if a != b)


def _short(text: str) -> str:
    return text if len(text) <= SHOWN else f"{text[:SHOWN]}…"


class _Names:
    """What minted ids are called by."""

    def __init__(self, connection: Connection) -> None:
        aliases: dict[str, list[str]] = defaultdict(list)
        for row in _rows(connection, "publication_alias"):
            aliases[row.publication_id].append(row.alias)
        self.publication = {name: " = ".join(sorted(found)) for name, found in aliases.items()}
        self.subsite = {row.id: row.root_url for row in _rows(connection, "subsite")}
        self.column = {
            row.id: f"{self.subsite[row.subsite_id]} {row.path}" for row in _rows(connection, "site_column")
        }
        members: dict[str, list[str]] = defaultdict(list)
        self.merged: dict[str, str] = {}
        for row in _rows(connection, "publication"):
            members[row.document_id].append(self.publication[row.id])
        for row in _rows(connection, "document"):
            if row.merged_into is not None:
                self.merged[row.id] = row.merged_into
        self.members = members

    def document(self, document_id: str) -> str:
        """Name a document by its publications, its digest if they are many."""
        found = sorted(self.members.get(self.merged.get(document_id, document_id), ()))
        if len(found) <= 3:
            return " + ".join(found) or NOTHING
        return f"{found[0]} + {len(found) - 1}（{sha256(' '.join(found).encode()).hexdigest()[:12]}）"


def _rows(connection: Connection, table: str) -> CursorResult[Any]:
    return connection.execute(select(schema.metadata.tables[table]))


def _grouped(pairs: Iterable[tuple[str, str]]) -> dict[str, tuple[str, ...]]:
    found: dict[str, list[str]] = defaultdict(list)
    for name, said in pairs:
        found[name].append(said)
    return {name: tuple(sorted(said)) for name, said in found.items()}


def _subsites(connection: Connection) -> dict[str, tuple[str, ...]]:
    return {
        row.root_url: (f"名称 {row.name}", f"机构 {row.organization_code}", f"系统 {row.family}")
        for row in _rows(connection, "subsite")
    }


def _columns(connection: Connection, names: _Names) -> dict[str, tuple[str, ...]]:
    return {
        names.column[row.id]: (f"名称 {row.name}", f"分类 {row.content_class}", f"规则 {row.update_rule}")
        for row in _rows(connection, "site_column")
    }


def _publications(connection: Connection, names: _Names) -> dict[str, tuple[str, ...]]:
    columns: dict[str, list[str]] = defaultdict(list)
    for row in _rows(connection, "publication_column"):
        columns[row.publication_id].append(names.column[row.column_id])
    hashes: dict[str, list[str]] = defaultdict(list)
    for row in _rows(connection, "publication_alias"):
        hashes[row.publication_id].append(f"内容 {row.alias} {row.content_hash}")
    evidence: dict[str, list[str]] = defaultdict(list)
    for row in _rows(connection, "evidence"):
        evidence[row.publication_id].append(f"依据 {row.kind} {row.value}")
    return {
        names.publication[row.id]: (
            f"站点 {names.subsite[row.subsite_id]}",
            f"网址 {row.url}",
            f"撤下 {row.withdrawn_why if row.withdrawn_at else None}",
            f"栏目 {'、'.join(sorted(columns[row.id]))}",
            *sorted(hashes[row.id]),
            *sorted(evidence[row.id]),
        )
        for row in _rows(connection, "publication")
    }


def _captures(connection: Connection, names: _Names) -> dict[str, tuple[str, ...]]:
    """Name captures by publication and place in its history; the one that is shown says so."""
    witnesses: dict[str, list[str]] = defaultdict(list)
    table = schema.witness
    for row in connection.execute(select(table).order_by(table.c.capture_id, table.c.position)):
        witnesses[row.capture_id].append(f"{row.field} {row.provenance} {row.raw} → {row.value}")
    files: dict[str, list[str]] = defaultdict(list)
    table = schema.capture_attachment
    for row in connection.execute(select(table).order_by(table.c.capture_id, table.c.position)):
        known = (row.url, row.name, row.text_hash, row.kind, row.provenance, row.confidence, row.problem)
        files[row.capture_id].append("附件 " + " ".join(map(str, known)))
    shown = set(connection.execute(select(_publication.c.capture_id)).scalars())
    seen: dict[str, int] = defaultdict(int)
    found: dict[str, tuple[str, ...]] = {}
    for row in connection.execute(select(_capture).order_by(_capture.c.captured_at, _capture.c.id)):
        publication = names.publication[row.publication_id]
        seen[publication] += 1
        found[f"{publication} 第 {seen[publication]} 份"] = (
            f"地址 {row.alias}",
            f"状态 {row.status} {row.page_kind}",
            f"正文 {row.text_hash}",
            f"另有 {json.dumps(row.extra, ensure_ascii=False, sort_keys=True)}",
            f"归档 {'有' if row.archive_file else '无'}",
            f"展示 {'是' if row.id in shown else '否'}",
            *witnesses[row.id],
            *files[row.id],
        )
    return found


def _documents(names: _Names) -> dict[str, tuple[str, ...]]:
    """Say which publications are one document; redirects are ids and do not count."""
    return {
        publication: (f"与 {names.document(document_id)} 同为一件",)
        for document_id, members in names.members.items()
        for publication in members
    }


def _relations(connection: Connection, names: _Names) -> dict[str, tuple[str, ...]]:
    """Say what is stated; which document that means follows from it and from what else is there."""
    return _grouped(
        (
            names.publication[row.publication_id],
            f"{row.position:04} {row.kind} {row.target_number} {row.target_title} {row.explicit} "
            f"{row.sentence}",
        )
        for row in _rows(connection, "relation")
    )


def _organizations(connection: Connection) -> dict[str, tuple[str, ...]]:
    found = [
        (row.code, f"{row.name} {row.parent} {row.since} {row.until} {row.successor} {row.origin}")
        for row in _rows(connection, "organization")
    ]
    found += [(row.code, f"又名 {row.folded} {row.kind}") for row in _rows(connection, "organization_name")]
    return _grouped(found)


def _suppressions(connection: Connection, names: _Names) -> dict[str, tuple[str, ...]]:
    return _grouped(
        (
            names.publication.get(row.target_id) or names.document(row.target_id),
            f"{row.target_kind} {row.why} {row.who} {row.lifted_why}",
        )
        for row in _rows(connection, "suppression")
    )
