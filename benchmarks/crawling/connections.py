"""The server's log: what each host was asked, over how many connections, and how many of them at once."""

from collections import Counter
from dataclasses import dataclass, field

ROBOTS = "/robots.txt"


@dataclass(slots=True)
class Log:
    """Counts by host address, since it was begun."""

    open: Counter[str] = field(default_factory=Counter)
    opened: Counter[str] = field(default_factory=Counter)
    most: Counter[str] = field(default_factory=Counter)
    pages: Counter[str] = field(default_factory=Counter)
    robots: int = 0
    not_found: int = 0

    def connected(self, host: str) -> None:
        """Note a connection that was opened to a host."""
        self.opened[host] += 1
        self.open[host] += 1
        self.most[host] = max(self.most[host], self.open[host])

    def closed(self, host: str) -> None:
        """Note a connection that has ended."""
        self.open[host] -= 1

    def asked(self, host: str, target: str, status: int) -> None:
        """Note a request that was answered."""
        if target == ROBOTS:
            self.robots += 1
        else:
            self.pages[host] += 1
            self.not_found += status >= 400

    def report(self) -> dict[str, int]:
        """Return the figures over all hosts."""
        return {
            "hosts": len(self.opened),
            "pages": self.pages.total(),
            "robots": self.robots,
            "not_found": self.not_found,
            "connections": self.opened.total(),
            "connections_per_host": max(self.opened.values(), default=0),
            "connections_at_once_per_host": max(self.most.values(), default=0),
        }

    def begin_anew(self) -> None:
        """Forget all but the connections that are still open."""
        for counts in (self.opened, self.most, self.pages):
            counts.clear()
        self.robots = self.not_found = 0
        self.opened.update(+self.open)
        self.most.update(+self.open)
