"""What two readings of one page differ in, field by field, in words for the operator."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from catalog import texts
from catalog.folding import clean, fold, visible_length
from catalog.records import AttachmentRecord, Block, Field, Provenance, Witness, flat_text, paragraphs

FIELD_LABELS = {
    Field.TITLE: "名称",
    Field.INDEX_NUMBER: "索引号",
    Field.DOC_NUMBER: "文号",
    Field.PUBLISHER: "发布机构",
    Field.ISSUER: "发文机关",
    Field.ISSUED_ON: "成文日期",
    Field.PUBLISHED_ON: "发布日期",
    Field.EFFECTIVE_ON: "施行日期",
    Field.EXPIRES_ON: "失效日期",
    Field.TOPIC: "主题分类",
    Field.GENRE: "体裁分类",
    Field.AUDIENCE: "服务对象分类",
    Field.LIFE_CYCLE: "生命周期分类",
    Field.FORMAT: "信息格式",
    Field.VALIDITY: "有效性",
    Field.COLUMN: "组配分类",
    Field.KEYWORDS: "关键词",
    Field.SOURCE: "信息来源",
    Field.ABSTRACT: "内容概述",
}
PROVENANCE_LABELS = {
    Provenance.STAFF: "工作人员",
    Provenance.PRINTED: "页面载明",
    Provenance.META: "meta 标签",
    Provenance.LIST: "列表页",
    Provenance.IMPORT: "导入",
    Provenance.SITE: "站点清单",
    Provenance.INFERRED: "推断",
}
BODY, ATTACHMENTS = "正文", "附件"

_EXCERPT = 30


@dataclass(frozen=True, slots=True)
class Difference:
    """One field that is read otherwise now; `provenance` is None for the body and for files."""

    field: str
    provenance: str | None
    old: str
    new: str

    def __str__(self) -> str:
        where = f"（{self.provenance}）" if self.provenance else ""
        return f"{self.field}{where}：{self.old or '无'} → {self.new or '无'}"


def differences(
    old: tuple[Sequence[Witness], Sequence[Block], Sequence[AttachmentRecord]],
    new: tuple[Sequence[Witness], Sequence[Block], Sequence[AttachmentRecord]],
) -> list[Difference]:
    """Compare two readings: their statements, blocks and files, the older one first."""
    return [*_facts(old[0], new[0]), *_bodies(old[1], new[1]), *_files(old[2], new[2])]


def _facts(old: Sequence[Witness], new: Sequence[Witness]) -> Iterator[Difference]:
    before, after = _said(old), _said(new)
    for key in dict.fromkeys((*before, *after)):
        if before.get(key) != after.get(key):
            field, provenance = key
            said = [" / ".join(each.get(key, ())) for each in (before, after)]
            yield Difference(FIELD_LABELS[field], PROVENANCE_LABELS[provenance], *said)


def _said(witnesses: Sequence[Witness]) -> dict[tuple[Field, Provenance], list[str]]:
    """Return what is stated, cleaned and once, as it is stored."""
    found: dict[tuple[Field, Provenance], list[str]] = {}
    for witness in witnesses:
        raw = clean(witness.raw).strip()
        values = found.setdefault((witness.field, witness.provenance), [])
        if fold(raw) and raw not in values:
            values.append(raw)
    return {key: values for key, values in found.items() if values}


def _bodies(old: Sequence[Block], new: Sequence[Block]) -> Iterator[Difference]:
    before, after = texts.cleaned(old), texts.cleaned(new)
    if before != after:
        yield Difference(BODY, None, *_apart(flat_text(before), flat_text(after)))


def _files(old: Sequence[AttachmentRecord], new: Sequence[AttachmentRecord]) -> Iterator[Difference]:
    before, after = ({file.url: file for file in files} for files in (old, new))
    for url in dict.fromkeys((*before, *after)):
        one, other = before.get(url), after.get(url)
        if one is None or other is None:
            names = [file.name or url if file else "" for file in (one, other)]
            yield Difference(f"{ATTACHMENTS} {url}", None, *names)
            continue
        if clean(one.name) != clean(other.name):
            yield Difference(f"{ATTACHMENTS} {url}", None, one.name, other.name)
        text_before, text_after = as_stored(one), as_stored(other)
        if text_before != text_after:
            yield Difference(f"{ATTACHMENTS} {url}", None, *_apart(text_before, text_after))
        elif one.problem != other.problem:
            yield Difference(f"{ATTACHMENTS} {url}", None, one.problem or "可读", other.problem or "可读")


def as_stored(file: AttachmentRecord) -> str | None:
    """Return a file's text as the catalogue gives it back."""
    return None if file.text is None else flat_text(texts.cleaned(paragraphs(file.text)))


def _apart(old: str | None, new: str | None) -> tuple[str, str]:
    """Show both texts from where they begin to differ."""
    at = next(
        (n for n, (a, b) in enumerate(zip(old or "", new or "", strict=False)) if a != b),
        min(len(old or ""), len(new or "")),
    )
    start = max(0, at - 5)
    return _shown(old, start), _shown(new, start)


def _shown(text: str | None, start: int) -> str:
    if text is None:
        return "未读出"
    if not text:
        return "空"
    excerpt = " ".join(text[start : start + _EXCERPT].split())
    before, behind = "…" if start else "", "…" if start + _EXCERPT < len(text) else ""
    return f"{visible_length(text):,} 字“{before}{excerpt}{behind}”"
