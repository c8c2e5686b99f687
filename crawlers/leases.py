"""Leases: which process has which server.

Several crawls may work on one data folder. Each leases whole servers in the queue file, so that a server
is asked by one process only; a heartbeat renews the leases, and a lease that nobody renews falls to whoever
wants it. Each process holds a lock file of its own besides: the operating system lets it go when the process
ends, so the servers of one that was killed on this machine are free at once.
"""

import logging
import threading
import time
from collections.abc import Iterable
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.exc import OperationalError

from catalog.durability import sole_holder
from catalog.ids import mint
from crawlers import queue_tables
from crawlers.frontier import Frontier

FOLDER = "crawls"
# Long enough for the longest wait on a locked file, short enough for a machine that crashed.
LEASE_SECONDS = 60.0
HEARTBEAT_SECONDS = 10.0

_host = queue_tables.host

logger = logging.getLogger("gongkai.crawl")


class Leases:
    """The servers one process has. Use as a context manager; at its end they are free again."""

    def __init__(self, frontier: Frontier, *, lease: float = LEASE_SECONDS) -> None:
        self.owner = mint()
        self._frontier = frontier
        self._lease = lease
        self._folder = frontier.data_dir / FOLDER
        self._stack = ExitStack()
        self._ended = threading.Event()
        self._renewed_at = time.time()

    def __enter__(self) -> "Leases":
        self._stack.enter_context(sole_holder(self._file(self.owner)))
        beating = threading.Thread(target=self._beat, name="leases", daemon=True)
        beating.start()
        self._stack.callback(beating.join)
        self._stack.callback(self._ended.set)
        return self

    def __exit__(self, *_error: object) -> None:
        try:
            with self._frontier.transaction() as connection:
                connection.execute(
                    update(_host).where(_host.c.owner == self.owner).values(owner=None, expires_at=0)
                )
        finally:
            self._stack.close()
            self._file(self.owner).unlink(missing_ok=True)

    def claim(self, names: Iterable[str], urgent: Iterable[str], most: int) -> list[str]:
        """Take up to so many of these servers that have work and that nobody has."""
        wanted = self._free(names, set(urgent))[:most]
        if not wanted:
            return []
        with self._frontier.transaction() as connection:
            dead = self._dead(connection.execute(select(_host.c.owner).distinct()).scalars())
            free = _host.c.owner.is_(None) | (_host.c.expires_at <= time.time()) | _host.c.owner.in_(dead)
            values = {"owner": self.owner, "expires_at": time.time() + self._lease}
            rows = connection.execute(
                update(_host).where(_host.c.name.in_(wanted), free).values(**values).returning(_host.c.name)
            )
            return sorted(rows.scalars())

    def release(self, name: str, *, done: bool) -> None:
        """Give a server back; `done` says that its round is over."""
        with self._frontier.transaction() as connection:
            values: dict[str, Any] = {"owner": None, "expires_at": 0} | ({"done": True} if done else {})
            here = (_host.c.name == name) & (_host.c.owner == self.owner)
            connection.execute(update(_host).where(here).values(**values))

    def holds(self, name: str) -> bool:
        """Tell whether we still have a server: one that slept for too long may have lost it."""
        if time.time() < self._renewed_at + self._lease / 2:
            return True
        with self._frontier.read() as connection:
            return (
                connection.execute(select(_host.c.owner).where(_host.c.name == name)).scalar() == self.owner
            )

    def open(self, names: Iterable[str]) -> list[str]:
        """Return those of these servers whose round is not over, whoever has them."""
        with self._frontier.read() as connection:
            rows = connection.execute(
                select(_host.c.name).where(_host.c.name.in_(list(names)), ~_host.c.done)
            )
            return list(rows.scalars())

    def _free(self, names: Iterable[str], urgent: set[str]) -> list[str]:
        """Return the servers that may be taken, those first that somebody waits for."""
        with self._frontier.read() as connection:
            rows = connection.execute(select(_host).where(_host.c.name.in_(list(names)))).all()
        dead = self._dead({row.owner for row in rows})
        free = [
            row.name
            for row in rows
            if (not row.done or row.name in urgent)
            and (row.owner is None or row.expires_at <= time.time() or row.owner in dead)
        ]
        return sorted(free, key=lambda name: (name not in urgent, name))

    def _dead(self, owners: Iterable[str | None]) -> list[str]:
        """Return the owners whose process on this machine has ended."""
        return [owner for owner in owners if owner and owner != self.owner and self._has_ended(owner)]

    def _has_ended(self, owner: str) -> bool:
        # Its file is there before it takes the first server and goes after it gave back the last.
        file = self._file(owner)
        if not file.exists():
            return True
        try:
            with sole_holder(file):
                file.unlink(missing_ok=True)
        except BlockingIOError:
            return False
        return True

    def _file(self, owner: str) -> Path:
        return self._folder / f"{owner}.lock"

    def _beat(self) -> None:
        while not self._ended.wait(min(HEARTBEAT_SECONDS, self._lease / 4)):
            try:
                self._renew()
            except OperationalError as error:
                logger.warning("暂时无法续租主机，将再试：%s", error.orig)

    def _renew(self) -> None:
        moment = time.time()
        with self._frontier.transaction() as connection:
            connection.execute(
                update(_host).where(_host.c.owner == self.owner).values(expires_at=moment + self._lease)
            )
        self._renewed_at = moment
