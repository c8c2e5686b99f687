"""`gongkai extract`: what a saved page or a file of one says, as one JSON object."""

import asyncio
import json
from pathlib import Path
from typing import Annotated, Any

import typer

from catalog.dates import iso_date
from catalog.records import DATE_FIELDS, Field, Witness
from crawlers.attachments import FileReader, FileReading
from crawlers.attachments.marks import marked_kind
from crawlers.reading import PageReading, read_page, stated
from crawlers.reading.links import absolute

FIELDS = (
    Field.DOC_NUMBER,
    Field.INDEX_NUMBER,
    Field.PUBLISHER,
    Field.ISSUER,
    Field.ISSUED_ON,
    Field.PUBLISHED_ON,
    Field.TOPIC,
    Field.GENRE,
    Field.AUDIENCE,
    Field.LIFE_CYCLE,
    Field.FORMAT,
    Field.KEYWORDS,
    Field.SOURCE,
)
"""The facts that are printed besides title and body, in this order."""

MAX_BYTES = 64 * 1024 * 1024
"""No saved page or file is larger; reading a page takes some ten times as much memory."""

_SAMPLE = 4096
# Bytes that no text in any charset of a page holds. UTF-16 and UTF-32 do, behind a byte order mark.
_CONTROLS = bytes([*range(9), *range(14, 27), *range(28, 32), 127])
_WIDE_BOMS = (b"\xff\xfe", b"\xfe\xff", b"\x00\x00\xfe\xff")
_MOST_CONTROLS = 0.02


class NotReadableError(Exception):
    """A file that cannot be read; the message is for the operator and names the file."""


def extract(
    file: Annotated[
        Path,
        typer.Argument(
            help="保存下来的网页（HTML）或附件（PDF、Word、Excel、OFD、图片等）。", show_default=False
        ),
    ],
    url: Annotated[str | None, typer.Option(help="网页的原地址，用来补全页内的相对链接。")] = None,
) -> None:
    """读取一个保存下来的网页或附件，把其中载明的信息输出为一个 JSON 对象。"""
    if url is not None and absolute(url, None) is None:
        typer.echo(f"错误：--url 须是 http:// 或 https:// 开头的完整网址：{url}", err=True)
        raise typer.Exit(2)
    try:
        body = file_bytes(file)
    except NotReadableError as error:
        typer.echo(f"错误：{error}", err=True)
        raise typer.Exit(2) from error
    is_page = marked_kind(body) is None
    found = as_json(read_page(body, url=url)) if is_page else file_as_json(read_file(body))
    typer.echo(json.dumps(found, ensure_ascii=False, indent=2))


def file_bytes(file: Path) -> bytes:
    """Return the file's bytes; `NotReadableError` if it cannot be read or is neither page nor known file."""
    try:
        if file.is_file() and file.stat().st_size > MAX_BYTES:
            raise NotReadableError(f"文件过大：{file}（超过 {MAX_BYTES // 2**20} MB）")
        body = file.read_bytes()
    except FileNotFoundError as error:
        raise NotReadableError(f"找不到文件：{file}") from error
    except IsADirectoryError as error:
        raise NotReadableError(f"这是一个文件夹，请给出网页或附件：{file}") from error
    except (OSError, ValueError) as error:
        raise NotReadableError(
            f"无法读取文件：{file}（{getattr(error, 'strerror', None) or error}）"
        ) from error
    if marked_kind(body) is not None:
        return body
    if _is_binary(body[:_SAMPLE]):
        raise NotReadableError(f"不是网页，也不是能识别的附件：{file}（内容是二进制数据）")
    return body


def _is_binary(sample: bytes) -> bool:
    """Tell whether bytes are no text: a stray control character or two is damage, many are something else."""
    controls = len(sample) - len(sample.translate(None, _CONTROLS))
    return not sample.startswith(_WIDE_BOMS) and controls > _MOST_CONTROLS * len(sample)


def read_file(body: bytes) -> FileReading:
    """Read an attachment, in a process of its own as the crawler does."""
    reader = FileReader()
    try:
        return asyncio.run(reader.read(body))
    finally:
        reader.close()


def file_as_json(reading: FileReading) -> dict[str, Any]:
    """Return what was read from an attachment in its printed form; `confidence` is 0 to 100."""
    return {
        "kind": reading.kind.value,
        "text": reading.text,
        "problem": reading.problem.label if reading.problem else None,
        "provenance": reading.provenance,
        "confidence": reading.confidence,
    }


def as_json(reading: PageReading) -> dict[str, Any]:
    """Return a reading in its printed form: plain strings, dates YYYY-MM-DD, null where nothing is said."""
    said = stated(reading)
    facts = {field: said[field] for field in (Field.TITLE, *FIELDS) if field in said}
    return {
        "page_kind": reading.page_kind.value,
        "title": reading.title,
        "body": reading.text or None,
        **{field.value: _value(facts.get(field)) for field in FIELDS},
        "attachments": [link.url for link in reading.attachments],
        "links": [link.url for link in reading.links],
        "provenance": {field.value: witness.provenance.value for field, witness in facts.items()},
    }


def _value(witness: Witness | None) -> str | None:
    if witness is None:
        return None
    if witness.field not in DATE_FIELDS:
        return witness.raw.strip()
    day = iso_date(witness.raw)
    return day.isoformat() if day else None
