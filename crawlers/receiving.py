"""Receiving a body within bounds, and undoing its content coding."""

import asyncio
import zlib
from collections.abc import Callable
from datetime import UTC, datetime

import httpx

from crawlers.errors import FetchError, Problem
from crawlers.response import Response


async def received(
    answer: httpx.Response, url: str, limit: int, cut_at: int | None, took: Callable[[int], None]
) -> Response:
    """Read an answer's body; what lies behind `cut_at` bytes is left unread, more than `limit` an error.

    `took` is told the size of each piece that came.
    """
    announced = answer.headers.get("content-length", "")
    if cut_at is None and announced.isdecimal() and int(announced[:20]) > limit:
        raise FetchError(Problem.TOO_LARGE, f"{url} 超过 {limit} 字节")
    body = bytearray()
    truncated = False
    async for chunk in answer.aiter_raw():
        took(len(chunk))
        body += chunk
        if cut_at is not None and len(body) >= cut_at:
            truncated = len(body) > cut_at
            del body[cut_at:]
            break
        if len(body) > limit:
            raise FetchError(Problem.TOO_LARGE, f"{url} 超过 {limit} 字节")
    raw, coding = bytes(body), answer.headers.get("content-encoding", "")
    # What is small when packed may be large: nobody else is to wait for its unpacking.
    content = await asyncio.to_thread(without_coding, raw, coding, limit, url, cut_at) if coding else raw
    headers = tuple((name.decode("latin-1"), value.decode("latin-1")) for name, value in answer.headers.raw)
    return Response(
        url=url,
        status=answer.status_code,
        reason=answer.reason_phrase,
        http_version=answer.http_version,
        headers=headers,
        raw_body=raw,
        body=content,
        fetched_at=datetime.now(UTC).replace(tzinfo=None),
        truncated=truncated,
    )


def without_coding(raw: bytes, coding: str, limit: int, url: str, cut_at: int | None = None) -> bytes:
    """Undo gzip or deflate, within `limit` bytes: some bytes can stand for gigabytes.

    With `cut_at`, the end of the body may be missing and no more than that is given.
    """
    coding = coding.strip().lower()
    if coding in {"", "identity"} or not raw:
        return raw
    bound = limit + 1 if cut_at is None else cut_at
    if coding not in {"gzip", "x-gzip", "deflate"}:
        raise FetchError(Problem.BAD_RESPONSE, f"{url} 的压缩方式 {coding[:40]!r} 未被请求")
    # 32: a zlib or gzip header is told apart; "deflate" also comes without any.
    windows = (zlib.MAX_WBITS | 32, -zlib.MAX_WBITS) if coding == "deflate" else (zlib.MAX_WBITS | 32,)
    for window in windows:
        inflater = zlib.decompressobj(window)
        try:
            body = inflater.decompress(raw, bound)
        except zlib.error:
            continue
        if len(body) > limit:
            raise FetchError(Problem.TOO_LARGE, f"{url} 解压后超过 {limit} 字节")
        if inflater.eof or cut_at is not None:
            return body
    raise FetchError(Problem.BAD_RESPONSE, f"{url} 的压缩内容已损坏")
