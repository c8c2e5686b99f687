"""Asking for a page: hop by hop, within `Limits`, only inside the `Territory`, politely.

A response is returned whatever its status; `FetchError` means that there is none, or that it must
not be had. Nothing is sent to a server before its robots.txt was read.
"""

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from typing import Protocol
from urllib.parse import urlsplit

import httpx

from crawlers.addresses import Host, Territory, host_of, resolve
from crawlers.doors import Door
from crawlers.errors import FetchError, HostDownError, Problem
from crawlers.families.family import PageRequest
from crawlers.guard import Guard
from crawlers.limits import Limits
from crawlers.network import Network
from crawlers.politeness import Gate, Pace, Rules, rest
from crawlers.receiving import received
from crawlers.response import Response, Validators
from crawlers.servers import AGENT, USER_AGENT, Server
from crawlers.sites import Site, Sites
from crawlers.transport import FAILURES, Transport, failure

__all__ = ["USER_AGENT", "Fetched", "Fetcher", "PageSource", "as_meant", "retry_after"]

REDIRECTS = {301, 302, 303, 307, 308}
_SEE_OTHER = {301, 302, 303}
_NOT_MODIFIED = 304
# Problems of a server as a whole: asking it for robots.txt again does not help.
_OF_THE_SERVER = {Problem.PRIVATE_ADDRESS, Problem.CERTIFICATE}


@dataclass(frozen=True, slots=True)
class Fetched:
    """The response in the end, and every response on the way to it (itself last, robots.txt first).

    A status of 304 means that the page is as it was when its validators were given.
    """

    response: Response
    hops: tuple[Response, ...]


class PageSource(Protocol):
    """Where a visitor has its pages from: the web, or the archive."""

    async def fetch(self, request: PageRequest, validators: Validators | None = None) -> Fetched:
        """Return a page; raises `FetchError`."""


class Fetcher:
    """Asks servers for pages. One for a crawl; use as an async context manager.

    `network` is how servers are reached, `door_of` gives the doors shared with other crawls, `is_purged`
    tells the addresses that are not to be asked for because what stood there was purged.
    """

    def __init__(
        self,
        sites: Sites,
        limits: Limits,
        stop: asyncio.Event,
        network: Network | None = None,
        door_of: Callable[[str], Door] | None = None,
        is_purged: Callable[[str], bool] = lambda _url: False,
    ) -> None:
        self._sites: dict[str, list[Site]] = {}
        for site in sites.sites:
            self._sites.setdefault(site.host.server, []).append(site)
        self._door_of = door_of
        self._is_purged = is_purged
        self._stop = stop
        self._limits = limits
        self._territory = Territory(tuple(site.url for site in sites.sites))
        named = [site.host.name for site in sites.sites]
        self._network = network or Network()
        internal = [site.host.name for site in sites.sites if site.internal]
        self._guard = Guard(named, internal, self._network.resolver)
        self._transfers = asyncio.Semaphore(limits.transfers)
        self._pace = Pace(limits.requests_per_second, stop)
        self._tls = self._network.trust()
        self._servers: dict[str, Server] = {}
        self._rules: dict[Host, asyncio.Task[Rules]] = {}
        # Answers to requests for robots.txt that no `Fetched` has carried off yet.
        self._asides: dict[Host, list[Response]] = {}

    async def __aenter__(self) -> "Fetcher":
        return self

    async def __aexit__(self, *_error: object) -> None:
        for task in self._rules.values():
            task.cancel()
        await asyncio.gather(*self._rules.values(), return_exceptions=True)
        for server in self._servers.values():
            await server.close()

    async def fetch(self, request: PageRequest, validators: Validators | None = None) -> Fetched:
        """Ask for a page and follow where it leads; raises `FetchError`.

        With `validators` (of an earlier response) an unchanged page is a response of status 304. There are
        servers that answer so whatever has changed: ask without them now and then.
        `HostDownError` means that the server gave no answer several times in a row or that its
        robots.txt cannot be had: it is to be left alone in this run. `StoppedError` means that the crawl
        is to end.
        """
        hops: list[Response] = []
        asides: list[Response] = []
        try:
            while len(hops) <= self._limits.redirects:
                response = await self._ask(request, _fitting(validators, request, hops), asides)
                hops.append(response)
                location = response.header("location")
                if response.status not in REDIRECTS or not location:
                    return Fetched(response, (*asides, *hops))
                request = self._redirected(request, response, location)
        except HostDownError:
            raise
        except FetchError as error:
            error.responses = (*asides, *hops)
            raise
        detail = f"{hops[0].url} 跳转超过 {self._limits.redirects} 次"
        raise FetchError(Problem.BAD_REDIRECT, detail, responses=(*asides, *hops))

    def _redirected(self, request: PageRequest, response: Response, location: str) -> PageRequest:
        url = resolve(request.url, as_meant(location))
        if url is None:
            raise FetchError(Problem.BAD_REDIRECT, f"{request.url} 跳转到 {location[:200]!r}，不是网址")
        return PageRequest(url, None if response.status in _SEE_OTHER else request.form)

    async def _ask(
        self, request: PageRequest, validators: Validators | None, asides: list[Response]
    ) -> Response:
        host = self._host(request.url)
        if self._is_purged(request.url):
            raise FetchError(Problem.PURGED, request.url)
        rules = await self._rules_of(host, request.url)
        asides += self._asides.pop(host, [])
        if not rules.allow(request.url):
            raise FetchError(Problem.ROBOTS, request.url)
        response = await self._hop(host, request, validators=validators)
        if response.status == _NOT_MODIFIED and (
            validators is None or validators.contradicted_by(response.validators)
        ):
            response = await self._hop(host, request)
            if response.status == _NOT_MODIFIED:
                raise FetchError(Problem.BAD_RESPONSE, f"{request.url} 对无条件的请求返回 304")
        return response

    def _host(self, url: str) -> Host:
        host = host_of(url)
        if host is None or not self._territory.allows(url):
            raise FetchError(Problem.OUTSIDE, f"{url} 不属于站点清单中的主机")
        return host

    def _server(self, host: Host) -> Server:
        known = self._servers.get(host.server)
        if known is None:
            door = self._door_of(host.server) if self._door_of else None
            own = Sites(tuple(self._sites.get(host.server, ())))
            gate = Gate(own.delay_of(host), self._stop, door)
            known = Server(gate, Transport(self._guard, self._tls, self._network.opener), self._limits)
            self._servers[host.server] = known
        return known

    async def _rules_of(self, host: Host, url: str) -> Rules:
        if host not in self._rules:
            self._rules[host] = asyncio.ensure_future(self._fetch_rules(host, urlsplit(url).scheme))
        return await asyncio.shield(self._rules[host])

    async def _fetch_rules(self, host: Host, scheme: str) -> Rules:
        """Read robots.txt: none (4xx) allows everything, an unreachable one nothing (RFC 9309, 2.3.1)."""
        response = await self._robots_response(host, f"{scheme}://{host}/robots.txt")
        text = response.body.decode("utf-8", "replace") if response and response.status < 300 else ""
        rules = Rules(text, AGENT)
        if rules.delay > self._limits.crawl_delay:
            raise HostDownError(
                Problem.ROBOTS, host, f"{host} 的 robots.txt 要求每 {rules.delay:g} 秒才请求一次"
            )
        gate = self._server(host).gate
        gate.delay = max(gate.delay, rules.delay)
        return rules

    async def _robots_response(self, host: Host, url: str) -> Response | None:
        """Return the answer to a request for robots.txt; None where it leads out of the territory."""
        request = PageRequest(url)
        for _ in range(self._limits.redirects + 1):
            target = host_of(request.url)
            if target is None or not self._territory.allows(request.url):
                return None
            response = await self._persistently(target, request)
            self._asides.setdefault(host, []).append(response)
            location = response.header("location")
            if response.status not in REDIRECTS or not location:
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
                if error.problem in _OF_THE_SERVER:
                    raise HostDownError(error.problem, host, error.detail) from error
                reason = error.detail
                continue
            if response.status < 500 and response.status != 429:
                return response
            reason = f"{request.url} 返回 {response.status}"
        raise HostDownError(Problem.ROBOTS_UNREACHABLE, host, reason)

    async def _hop(
        self,
        host: Host,
        request: PageRequest,
        *,
        cut_at: int | None = None,
        validators: Validators | None = None,
    ) -> Response:
        """Send one request when it is our turn; what lies behind `cut_at` bytes is not read."""
        server = self._server(host)
        gate = server.gate
        server.spend(host, request.url)
        async with gate.turn():
            await self._pace.step()
            try:
                response = await self._send(server, request, cut_at, validators)
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

    async def _send(
        self, server: Server, request: PageRequest, cut_at: int | None, validators: Validators | None
    ) -> Response:
        headers = dict(validators.headers) if validators else {}
        if request.content_type:
            headers["Content-Type"] = request.content_type
        method = "GET" if request.form is None else "POST"
        try:
            asked = server.client.build_request(method, request.url, content=request.form, headers=headers)
            async with self._transfers, asyncio.timeout(self._limits.response_timeout):
                answer = await server.client.send(asked, stream=True)
                try:
                    return await received(answer, request.url, self._limits.body_bytes, cut_at, server.took)
                finally:
                    await answer.aclose()
        except (*FAILURES, TimeoutError, httpx.InvalidURL, ValueError) as error:
            raise failure(error, request.url) from error


def _fitting(validators: Validators | None, request: PageRequest, hops: list[Response]) -> Validators | None:
    """Return the validators if they are those of the page that is asked for now."""
    if not validators or request.form is not None:
        return None
    is_meant = not hops if validators.url is None else validators.url == request.url
    return validators if is_meant else None


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


def as_meant(location: str) -> str:
    """Return a Location with its bytes beyond ASCII percent-encoded as they are, as browsers do.

    Many servers write Chinese file names as bare UTF-8 or GBK bytes.
    """
    return "".join(char if char.isascii() else f"%{ord(char):02X}" for char in location)
