"""One request at a time, in the order they came; the rest wait, and when too many wait they are told so.

A search is computing, not waiting, so several at once would only be slower each. Between two turns the
event loop gets to everything else: the index is followed and health is told however many are waiting.
"""

import asyncio
from collections.abc import Callable

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

WAITING = 40
"""So many requests may wait in one process. A search takes some 30 ms at 300,000 documents, so the last of
them waits a little over a second; a citizen would rather be asked to come back than wait for longer."""

FREE = ("/static/", "/healthz", "/readyz")
"""Addresses that cost next to nothing, or must be answered by a server that is busy."""


class Turns:
    """Lets one request at a time through to the application, and refuses what comes when the queue is full.

    `refuse` makes the answer to a request that finds the queue full. Whoever has gone away while waiting
    is not served any more.
    """

    def __init__(self, app: ASGIApp, refuse: Callable[[Request], Response]) -> None:
        self.app = app
        self._refuse = refuse
        self._turn = asyncio.Lock()
        self._waiting = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Wait for the turn and pass the request on."""
        if scope["type"] != "http" or scope["path"].startswith(FREE):
            await self.app(scope, receive, send)
        elif self._waiting >= WAITING:
            await self._refuse(Request(scope))(scope, receive, send)
        else:
            await self._in_turn(scope, receive, send)

    async def _in_turn(self, scope: Scope, receive: Receive, send: Send) -> None:
        self._waiting += 1
        try:
            await self._turn.acquire()
        finally:
            self._waiting -= 1
        turn = _Turn(self._turn)
        try:
            if scope["method"] in ("GET", "HEAD") and await Request(scope, receive).is_disconnected():
                return

            async def answer(message: Message) -> None:
                # Computed by now. How slowly the client reads is nothing the others have to wait for.
                turn.end()
                await send(message)

            await self.app(scope, receive, answer)
        finally:
            turn.end()


class _Turn:
    """A turn that is ended once, by whoever comes first to it."""

    def __init__(self, lock: asyncio.Lock) -> None:
        self._lock: asyncio.Lock | None = lock

    def end(self) -> None:
        lock, self._lock = self._lock, None
        if lock is not None:
            # Not at once: who waits would go on in the same round of the event loop, and so would everybody
            # behind; nobody would be refused, and nothing else done, until all of them were through.
            asyncio.get_running_loop().call_soon(lock.release)
