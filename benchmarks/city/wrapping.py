"""Between the city's server and the crawl: a log of what was asked, and pages varied at random."""

import zlib
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from benchmarks.variation import vary


@dataclass(slots=True)
class Asked:
    """What the crawl asked the city for: how often each address, and what it sent back of what scripts set.

    Addresses are `http://host:port/path?query` without a form; `cookies` are the `Cookie` headers seen.
    """

    addresses: Counter[str] = field(default_factory=Counter)
    cookies: set[str] = field(default_factory=set)

    def of(self, root: str) -> int:
        """Return how many requests a subsite (its root URL) was asked."""
        return sum(times for address, times in self.addresses.items() if address.startswith(root))


@dataclass(slots=True)
class Between:
    """An ASGI application around the city's: it logs requests and, with a seed, varies every HTML answer.

    The seed of a page is made of the given one and its path, so that two pages of a site differ as much as
    those of two sites, and a page asked for twice is the same.
    """

    city: ASGIApp
    asked: Asked
    seed: int | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request."""
        address = self._note(scope)
        if self.seed is None:
            await self.city(scope, receive, send)
            return
        answer: list[Message] = []

        async def keep(message: Message) -> None:
            answer.append(message)

        await self.city(scope, receive, keep)
        await self._send_varied(answer, zlib.crc32(f"{self.seed} {address}".encode()), send)

    def _note(self, scope: Scope) -> str:
        host, port = scope["server"]
        query = scope["query_string"].decode("latin-1")
        path = f"{scope['path']}?{query}" if query else scope["path"]
        self.asked.addresses[f"http://{host}:{port}{path}"] += 1
        cookies = {value.decode("latin-1") for name, value in scope["headers"] if name == b"cookie"}
        self.asked.cookies |= cookies
        return f"{host}{path}"

    async def _send_varied(self, answer: list[Message], seed: int, send: Send) -> None:
        start, *parts = answer
        body = b"".join(part.get("body", b"") for part in parts)
        headers: list[tuple[bytes, bytes]] = start["headers"]
        if _is_html(headers) and body:
            body = vary(body, seed)
        kept = [(name, value) for name, value in headers if name != b"content-length"]
        await send({**start, "headers": [*kept, (b"content-length", b"%d" % len(body))]})
        await send({"type": "http.response.body", "body": body})


def _is_html(headers: list[tuple[bytes, bytes]]) -> bool:
    said: dict[bytes, Any] = dict(headers)
    return said.get(b"content-type", b"").startswith(b"text/html")
