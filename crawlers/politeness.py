"""Politeness: one request at a time to a server, a pause between two, and robots.txt (RFC 9309)."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from typing import TYPE_CHECKING

from protego import Protego

from crawlers.errors import StoppedError

if TYPE_CHECKING:
    from crawlers.doors import Door


async def rest(seconds: float, stop: asyncio.Event) -> None:
    """Wait, but not longer than until the crawl is to end: that raises `StoppedError`."""
    with suppress(TimeoutError):
        if seconds > 0 and not stop.is_set():
            await asyncio.wait_for(stop.wait(), seconds)
    if stop.is_set():
        raise StoppedError


class Gate:
    """The one way to a server. Who has passed it may ask; the next must wait for the pause.

    Where several processes may ask the server, they share its `door`.
    """

    def __init__(self, delay: float, stop: asyncio.Event, door: "Door | None" = None) -> None:
        self.delay = delay
        self._stop = stop
        self._door = door
        self._lock = asyncio.Lock()
        self._open_at = 0.0
        self._silent = 0

    @asynccontextmanager
    async def turn(self) -> AsyncIterator[None]:
        """Wait until the server may be asked, and keep everybody else out meanwhile.

        Raises `StoppedError` if the crawl is to end before that.
        """
        async with self._lock, AsyncExitStack() as stack:
            await rest(self._open_at - time.monotonic(), self._stop)
            passage = await stack.enter_async_context(self._door.passed(self._stop)) if self._door else None
            try:
                yield
            finally:
                self._open_at = max(self._open_at, time.monotonic() + self.delay)
                if passage is not None:
                    passage.pause = self._open_at - time.monotonic()

    def pause(self, seconds: float) -> None:
        """Let nobody through for so long, because the server asked for it (Retry-After)."""
        self._open_at = max(self._open_at, time.monotonic() + seconds)

    def answered(self) -> None:
        """Note that the server answered, whatever it said."""
        self._silent = 0

    def kept_silent(self) -> int:
        """Note that the server gave no answer; return how often in a row it has done so."""
        self._silent += 1
        return self._silent


class Pace:
    """How fast all servers together may be asked: so many requests per second, and as many at once."""

    def __init__(self, per_second: float, stop: asyncio.Event) -> None:
        self._per_second = per_second
        self._stop = stop
        self._left = per_second
        self._at = time.monotonic()

    async def step(self) -> None:
        """Wait until one more request may go out; raises `StoppedError` if the crawl is to end first."""
        now = time.monotonic()
        self._left = min(self._per_second, self._left + (now - self._at) * self._per_second) - 1
        self._at = now
        # Who finds nothing left has taken what will come: those behind wait longer, in their order.
        await rest(-self._left / self._per_second, self._stop)


class Rules:
    """What a server's robots.txt says to us."""

    def __init__(self, text: str, agent: str) -> None:
        self._agent = agent
        self._robots = Protego.parse(text)

    def allow(self, url: str) -> bool:
        """Tell whether an address may be asked for."""
        return bool(self._robots.can_fetch(url, self._agent))

    @property
    def delay(self) -> float:
        """The seconds it wants between two requests; 0 where it says nothing."""
        return float(self._robots.crawl_delay(self._agent) or 0.0)
