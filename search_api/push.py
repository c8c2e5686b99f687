"""Push: a CMS that publishes something tells us by itself, and asks later what became of it."""

import asyncio
from datetime import timedelta
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse
from sqlalchemy import func, select

from catalog import schema
from catalog.ids import is_id
from catalog.inbox import Entry, EntryState, Inbox, OtherContentError
from catalog.records import Field
from catalog.store import now
from catalog.suppression import suppressed_ids
from search_api.keys import Keys
from search_api.openapi import problem_responses
from search_api.problems import ProblemError
from search_api.pushed import (
    FIELDS,
    LONGEST_ABSTRACT,
    LONGEST_COLUMN,
    LONGEST_VALUE,
    MOST_ATTACHMENTS,
    MOST_COLUMNS,
    Pushed,
    read_pushed,
    site_key,
)
from search_api.service import Service

router = APIRouter(prefix="/api/v1")

# A busy office publishes some hundred items a day; a first import comes by crawling, not by pushing.
PER_MINUTE = 60
# So many records of a key may wait for a crawl that does not run: the disk is not the sender's to fill.
MOST_WAITING = 500
LONGEST_IDEMPOTENCY_KEY = 200

_STATE_LABELS = {
    EntryState.WAITING: "等待抓取",
    EntryState.TAKEN: "正在抓取",
    EntryState.DONE: "已入库",
    EntryState.FAILED: "未入库",
}
_FILE = {
    "type": "object",
    "required": ["url"],
    "additionalProperties": False,
    "properties": {
        "url": {"type": "string", "format": "uri"},
        "name": {"type": "string", "maxLength": LONGEST_VALUE},
    },
}
_RECORD = {
    "text": {"type": "string", "description": "正文的纯文字，每行一段；与 html 二选一"},
    "html": {"type": "string", "description": "正文的 HTML 片段，或整个网页"},
    "columns": {
        "type": "array",
        "maxItems": MOST_COLUMNS,
        "items": {"type": "string", "maxLength": LONGEST_COLUMN},
        "description": "所在栏目的名称",
    },
    "attachments": {"type": "array", "maxItems": MOST_ATTACHMENTS, "items": _FILE},
}
_BODY = {
    "required": True,
    "content": {
        "application/json": {
            "schema": {
                "type": "object",
                "required": ["url"],
                "additionalProperties": False,
                "properties": {
                    "url": {"type": "string", "format": "uri", "description": "网页的完整网址"},
                    **{
                        field.value: {
                            "type": "string",
                            "maxLength": LONGEST_ABSTRACT if field is Field.ABSTRACT else LONGEST_VALUE,
                        }
                        for field in FIELDS
                    },
                    **_RECORD,
                },
            }
        }
    },
}
_IDEMPOTENCY = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": False,
    "description": "同一个值再次到来时返回同一个任务，不会重复抓取",
    "schema": {"type": "string", "maxLength": LONGEST_IDEMPOTENCY_KEY},
}
_SECURITY: dict[str, Any] = {"security": [{"bearer": []}]}


@router.post(
    "/publications",
    status_code=202,
    summary="推送一条新发布的信息，由抓取队列处理",
    responses=problem_responses(
        "unauthorized",
        "bad-json",
        "unknown-field",
        "missing-field",
        "bad-url",
        "foreign-url",
        "bad-value",
        "value-too-long",
        "bad-date",
        "idempotency-mismatch",
        "too-many-values",
        "body-too-large",
        "rate-limited",
    ),
    openapi_extra={"requestBody": _BODY, "parameters": [_IDEMPOTENCY], **_SECURITY},
)
async def push(request: Request) -> JSONResponse:
    """Put an address into the inbox of the crawl; answers 202 with the address of the job."""
    service: Service = request.app.state.service
    sender = await _sender(request, service)
    body = await _body(request, service.push_bytes)
    sites = await asyncio.to_thread(_sites, service)
    # A long text is no reason to let searches wait.
    pushed = await asyncio.to_thread(read_pushed, body, sites.__contains__)
    key = request.headers.get("idempotency-key")
    if key is not None and not 0 < len(key) <= LONGEST_IDEMPOTENCY_KEY:
        raise ProblemError("value-too-long", parameter="Idempotency-Key", value=key)
    entry = await asyncio.to_thread(_put, service.inbox, sender, pushed, key)
    return await _job_response(service, entry, status=202)


@router.get(
    "/jobs/{job_id}",
    summary="推送的处理结果",
    responses=problem_responses("unauthorized", "job-not-found"),
    openapi_extra=_SECURITY,
)
async def job(request: Request, job_id: str) -> JSONResponse:
    """Tell what became of something that this key has pushed."""
    service: Service = request.app.state.service
    sender = await _sender(request, service)
    entry = await asyncio.to_thread(service.inbox.get, sender, job_id) if is_id(job_id) else None
    if entry is None:
        raise ProblemError("job-not-found", parameter="id", value=job_id)
    return await _job_response(service, entry, status=200)


async def _sender(request: Request, service: Service) -> str:
    scheme, _, presented = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() == "bearer" and presented.strip():
        keys: Keys = service.keys
        owner = await asyncio.to_thread(keys.owner_of, presented.strip())
        if owner is not None:
            return owner
    raise ProblemError("unauthorized")


async def _body(request: Request, limit: int) -> bytes:
    """Read the body, but no more of it than may be."""
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > limit:
            raise ProblemError("body-too-large", f"请求的内容最多 {limit // 1024} KiB。")
    return bytes(body)


def _sites(service: Service) -> set[tuple[str, int | None] | None]:
    """Return the servers of the subsites that are crawled."""
    with service.catalog.read() as connection:
        roots = connection.execute(select(schema.subsite.c.root_url)).scalars()
        return {key for key in map(site_key, roots) if key is not None}


def _put(inbox: Inbox, sender: str, pushed: Pushed, key: str | None) -> Entry:
    record = None if pushed.record is None else pushed.record.to_json()
    if inbox.received_since(sender, now() - timedelta(minutes=1)) >= PER_MINUTE:
        raise ProblemError("rate-limited")
    if record is not None and inbox.records_waiting(sender) >= MOST_WAITING:
        detail = (
            f"已有 {MOST_WAITING} 条推送的内容尚未入库，请确认抓取程序（gongkai crawl --watch）正在运行。"
        )
        raise ProblemError("rate-limited", detail)
    try:
        return inbox.put(sender, pushed.url, pushed.facts, key, record)
    except OtherContentError as error:
        raise ProblemError("idempotency-mismatch", str(error)) from error


def _found(service: Service, url: str) -> tuple[str | None, bool | None]:
    """Return the document at an address, as far as it may be shown, and whether the index has it as it is.

    Both are None where the address is not known: the page may have been met elsewhere, behind a redirect.
    """
    alias, publication, change = schema.publication_alias, schema.publication, schema.change
    with service.catalog.read() as connection:
        row = connection.execute(
            select(publication)
            .join(alias, alias.c.publication_id == publication.c.id)
            .where(alias.c.alias == url)
        ).first()
        if row is None:
            return None, None
        hidden = suppressed_ids(connection)
        if row.withdrawn_at is not None or row.id in hidden or row.document_id in hidden:
            return None, False
        seq = connection.execute(
            select(func.max(change.c.seq)).where(change.c.document_id == row.document_id)
        ).scalar()
    return row.document_id, int(seq or 0) <= service.index.seq


async def _job_response(service: Service, entry: Entry, *, status: int) -> JSONResponse:
    document: str | None = None
    searchable: bool | None = False
    if entry.state is EntryState.DONE:
        document, searchable = await asyncio.to_thread(_found, service, entry.url)
    address = f"/api/v1/jobs/{entry.id}"
    content = {
        "id": entry.id,
        "href": address,
        "url": entry.url,
        "state": entry.state.value,
        "state_label": _STATE_LABELS[entry.state],
        "detail": entry.detail,
        "searchable": searchable,
        "document": None if document is None else f"/api/v1/documents/{document}",
        "received_at": entry.received_at.isoformat(timespec="seconds") + "Z",
        "settled_at": entry.settled_at.isoformat(timespec="seconds") + "Z" if entry.settled_at else None,
    }
    headers = {"Cache-Control": "no-store"} | ({"Location": address} if status == 202 else {})
    return JSONResponse(content, status_code=status, headers=headers)
