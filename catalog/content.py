"""What a page says, cleaned; two pages that say the same have one content hash."""

import json
from dataclasses import dataclass
from hashlib import sha256

from catalog import texts
from catalog.errors import RecordError
from catalog.folding import clean, fold
from catalog.records import TRUST, AttachmentRecord, Block, Field, PageKind, PageRecord, Witness


@dataclass(frozen=True, slots=True)
class Content:
    """What a page says, cleaned."""

    title: str
    blocks: tuple[Block, ...]
    witnesses: tuple[Witness, ...]
    hash: str


def content_of(page: PageRecord) -> Content:
    """Return what a page says; raises `RecordError` if it is not a document or has no title."""
    blocks = texts.cleaned(page.blocks)
    witnesses = _cleaned_witnesses(page)
    return Content(_title(page, witnesses), blocks, witnesses, content_hash(page, blocks, witnesses))


def _cleaned_witnesses(page: PageRecord) -> tuple[Witness, ...]:
    cleaned = (Witness(w.field, clean(w.raw).strip(), w.provenance) for w in page.witnesses)
    return tuple(dict.fromkeys(witness for witness in cleaned if fold(witness.raw)))


def _title(page: PageRecord, witnesses: tuple[Witness, ...]) -> str:
    if page.page_kind is not PageKind.DOCUMENT:
        raise RecordError(f"{page.alias}：页面类型是 {page.page_kind}，只有 document 才能入库。")
    titles = [witness for witness in witnesses if witness.field is Field.TITLE]
    if not titles:
        raise RecordError(f"{page.alias}：没有标题，应有一个非空的 title。")
    return min(titles, key=lambda witness: TRUST[witness.provenance]).raw


def content_hash(page: PageRecord, blocks: tuple[Block, ...], witnesses: tuple[Witness, ...]) -> str:
    """Return the hash of what a page says: its address, text, statements, files and extra keys."""
    value = [
        page.url,
        [block.to_json() for block in blocks],
        [[witness.field, witness.raw, witness.provenance] for witness in witnesses],
        [_attachment_said(attachment) for attachment in page.attachments],
        page.extra,
    ]
    # Lone surrogates are legal in JSON texts and cannot be encoded: let them stand as what they are.
    encoded = json.dumps(value, ensure_ascii=True, sort_keys=True).encode()
    return sha256(encoded).hexdigest()


def _attachment_said(attachment: AttachmentRecord) -> list[str | None]:
    """Return what a file says; how sure recognition was adds nothing to that.

    What is not stated is left out, so that records made before there was more to state stay the same.
    """
    said = [attachment.url, attachment.name, attachment.text]
    more = [attachment.kind, attachment.provenance, attachment.problem]
    return [*said, *more] if any(more) else said
