"""Asking for a page: hop by hop, within `Limits`, only inside the `Territory`, politely.

A response is returned whatever its status; `FetchError` means that there is none, or that it must
not be had. Nothing is sent to a server before its robots.txt was read.
"""

import asyncio
import ssl
import time
import zlib
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from urllib.parse import urlsplit

import httpx

from crawlers.addresses import Host, Territory, host_of, resolve
from crawlers.cookies import cookie_jar
from crawlers.errors import FetchError, HostDownError, Problem
from crawlers.families.family import PageRequest
from crawlers.limits import Limits
from crawlers.politeness import Gate, Rules, rest
from crawlers.response import Response
from crawlers.sites import Sites

AGENT = "Gongkai"
USER_AGENT = f"Mozilla/5.0 (compatible; {AGENT}/0.1; government information disclosure index)"

_HEADERS = {
    "User-Agent": USER_AGENT,
    "Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8",
    "Accept-Language": "zh-CN,zh;q=0.9",
    "Accept-Encoding": "gzip, deflate",
}
_REDIRECTS = {301, 302, 303, 307, 308}
_SEE_OTHER = {301, 302, 303}


@dataclass(frozen=True, slots=True)
class Fetched:
    """The response in the end, and every response on the way to it (itself last)."""

    response: Response
    hops: tuple[Response, ...]


class Fetcher:
    """Asks servers for pages. One for a crawl; use as an async context manager."""

    def __init__(self, sites: Sites, limits: Limits, stop: asyncio.Event) -> None:
        self._sites = sites
        self._stop = stop
        self._limits = limits
        self._territory = Territory(tuple(site.url for site in sites.sites))
        self._transfers = asyncio.Semaphore(limits.transfers)
        self._tls = ssl.create_default_context()
        self._clients: dict[Host, httpx.AsyncClient] = {}
        self._gates: dict[Host, Gate] = {}
        self._rules: dict[Host, asyncio.Task[Rules]] = {}

    async def __aenter__(self) -> "Fetcher":
        return self

    async def __aexit__(self, *_error: object) -> None:
        for task in self._rules.values():
            task.cancel()
        await asyncio.gather(*self._rules.values(), return_exceptions=True)
        for client in self._clients.values():
            await client.aclose()

    async def fetch(self, request: PageRequest) -> Fetched:
        """Ask for a page and follow where it leads; raises `FetchError`.

        `HostDownError` means that the server gave no answer several times in a row or that its
        robots.txt cannot be had: it is to be left alone in this run. `StoppedError` means that the crawl
        is to end.
        """
        hops: list[Response] = []
        try:
            while len(hops) <= self._limits.redirects:
                response = await self._ask(request)
                hops.append(response)
                location = response.header("location")
                if response.status not in _REDIRECTS or not location:
                    return Fetched(response, tuple(hops))
                request = self._redirected(request, response, location)
        except HostDownError:
            raise
        except FetchError as error:
            error.responses = tuple(hops)
            raise
        detail = f"{hops[0].url} 跳转超过 {self._limits.redirects} 次"
        raise FetchError(Problem.BAD_REDIRECT, detail, responses=tuple(hops))

    def _redirected(self, request: PageRequest, response: Response, location: str) -> PageRequest:
        url = resolve(request.url, _as_meant(location))
        if url is None:
            raise FetchError(Problem.BAD_REDIRECT, f"{request.url} 跳转到 {location[:200]!r}，不是网址")
        return PageRequest(url, None if response.status in _SEE_OTHER else request.form)

    async def _ask(self, request: PageRequest) -> Response:
        host = self._host(request.url)
        rules = await self._rules_of(host, request.url)
        if not rules.allow(request.url):
            raise FetchError(Problem.ROBOTS, request.url)
        return await self._hop(host, request)

    def _host(self, url: str) -> Host:
        host = host_of(url)
        if host is None or not self._territory.allows(url):
            raise FetchError(Problem.OUTSIDE, f"{url} 不属于站点清单中的主机")
        return host

    def _gate(self, host: Host) -> Gate:
        return self._gates.setdefault(host, Gate(self._sites.delay_of(host), self._stop))

    async def _rules_of(self, host: Host, url: str) -> Rules:
        if host not in self._rules:
            self._rules[host] = asyncio.ensure_future(self._fetch_rules(host, urlsplit(url).scheme))
        return await asyncio.shield(self._rules[host])

    async def _fetch_rules(self, host: Host, scheme: str) -> Rules:
        """Read robots.txt: none (4xx) allows everything, an unreachable one nothing (RFC 9309, 2.3.1)."""
        response = await self._robots_response(f"{scheme}://{host}/robots.txt")
        text = response.body.decode("utf-8", "replace") if response and response.status < 300 else ""
        rules = Rules(text, AGENT)
        if rules.delay > self._limits.crawl_delay:
            raise HostDownError(
                Problem.ROBOTS, host, f"{host} 的 robots.txt 要求每 {rules.delay:g} 秒才请求一次"
            )
        gate = self._gate(host)
        gate.delay = max(gate.delay, rules.delay)
        return rules

    async def _robots_response(self, url: str) -> Response | None:
        """Return the answer to a request for robots.txt; None where it leads out of the territory."""
        request = PageRequest(url)
        for _ in range(self._limits.redirects + 1):
            target = host_of(request.url)
            if target is None or not self._territory.allows(request.url):
                return None
            response = await self._persistently(target, request)
            location = response.header("location")
            if response.status not in _REDIRECTS or not location:
                return response
            request = PageRequest(resolve(request.url, location) or "")
        return None

    async def _persistently(self, host: Host, request: PageRequest) -> Response:
        reason = ""
        for attempt in range(self._limits.attempts):
            await rest(self._limits.backoff * (2**attempt - 1), self._stop)
            try:
                response = await self._hop(host, request, cut_at=self._limits.robots_bytes)
            except FetchError as error:
                reason = error.detail
                continue
            if response.status < 500 and response.status != 429:
                return response
            reason = f"{request.url} 返回 {response.status}"
        raise HostDownError(Problem.ROBOTS_UNREACHABLE, host, reason)

    async def _hop(self, host: Host, request: PageRequest, cut_at: int | None = None) -> Response:
        """Send one request when it is our turn; what lies behind `cut_at` bytes is not read."""
        gate = self._gate(host)
        async with gate.turn():
            try:
                response = await self._send(host, request, cut_at)
            except FetchError as error:
                if not error.transient:
                    gate.answered()
                elif gate.kept_silent() >= self._limits.silent_requests:
                    raise HostDownError(Problem.HOST_DOWN, host, f"{host}（{error.detail}）") from error
                raise
            gate.answered()
            if (wait := retry_after(response)) is not None:
                gate.pause(min(wait, self._limits.retry_after))
            return response

    async def _send(self, host: Host, request: PageRequest, cut_at: int | None) -> Response:
        client = self._client(host)
        try:
            asked = client.build_request(
                "GET" if request.form is None else "POST",
                request.url,
                content=request.form,
                headers={"Content-Type": request.content_type} if request.content_type else None,
            )
            async with self._transfers, asyncio.timeout(self._limits.response_timeout):
                answer = await client.send(asked, stream=True)
                try:
                    return await _received(answer, request.url, self._limits.body_bytes, cut_at)
                finally:
                    await answer.aclose()
        except (httpx.TimeoutException, TimeoutError) as error:
            raise FetchError(Problem.TIMEOUT, request.url) from error
        except httpx.TransportError as error:
            raise FetchError(Problem.CONNECTION, f"{request.url}（{_named(error)}）") from error
        except (httpx.HTTPError, httpx.InvalidURL, ValueError) as error:
            raise FetchError(Problem.BAD_RESPONSE, f"{request.url}（{_named(error)}）") from error

    def _client(self, host: Host) -> httpx.AsyncClient:
        # A client of its own for each server: no cookie ever goes to another one.
        if host not in self._clients:
            self._clients[host] = httpx.AsyncClient(
                headers=_HEADERS,
                cookies=cookie_jar(),
                verify=self._tls,
                trust_env=False,
                follow_redirects=False,
                limits=httpx.Limits(max_connections=1, max_keepalive_connections=1),
                timeout=httpx.Timeout(self._limits.read_timeout, connect=self._limits.connect_timeout),
            )
        return self._clients[host]


def retry_after(response: Response) -> float | None:
    """Return the seconds a refusing server (429, 5xx) wants us to wait; None if it does not say."""
    value = response.header("retry-after")
    if value is None or (response.status != 429 and response.status < 500):
        return None
    if value.strip().isascii() and value.strip().isdigit():
        return float(value.strip()[:9])
    try:
        return max(0.0, parsedate_to_datetime(value).timestamp() - time.time())
    except (ValueError, TypeError, OverflowError):
        return None


def _as_meant(location: str) -> str:
    """Return a Location with its bytes beyond ASCII percent-encoded as they are, as browsers do.

    Many servers write Chinese file names as bare UTF-8 or GBK bytes.
    """
    return "".join(char if char.isascii() else f"%{ord(char):02X}" for char in location)


async def _received(answer: httpx.Response, url: str, limit: int, cut_at: int | None) -> Response:
    received = bytearray()
    async for chunk in answer.aiter_raw():
        received += chunk
        if cut_at is not None and len(received) >= cut_at:
            del received[cut_at:]
            break
        if len(received) > limit:
            raise FetchError(Problem.TOO_LARGE, f"{url} 超过 {limit} 字节")
    raw = bytes(received)
    headers = tuple((name.decode("latin-1"), value.decode("latin-1")) for name, value in answer.headers.raw)
    return Response(
        url=url,
        status=answer.status_code,
        reason=answer.reason_phrase,
        http_version=answer.http_version,
        headers=headers,
        raw_body=raw,
        body=_without_coding(raw, answer.headers.get("content-encoding", ""), limit, url, cut_at),
        fetched_at=datetime.now(UTC).replace(tzinfo=None),
    )


def _without_coding(raw: bytes, coding: str, limit: int, url: str, cut_at: int | None) -> bytes:
    """Undo gzip or deflate, within the limit: some bytes can stand for gigabytes."""
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


def _named(error: Exception) -> str:
    return str(error)[:200] or type(error).__name__
