"""A server as we deal with it in one run: its one door, its one connection, its budget."""

from collections import Counter

import httpx

from crawlers.addresses import Host, pattern_of, runs_in_circles
from crawlers.cookies import cookie_jar
from crawlers.errors import FetchError, HostDownError, Problem
from crawlers.limits import Limits
from crawlers.politeness import Gate
from crawlers.transport import Transport

AGENT = "Gongkai"
USER_AGENT = f"Mozilla/5.0 (compatible; {AGENT}/0.1; government information disclosure index)"

_HEADERS = {
    "User-Agent": USER_AGENT,
    "Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8",
    "Accept-Language": "zh-CN,zh;q=0.9",
    "Accept-Encoding": "gzip, deflate",
}
# Patterns of addresses that are counted; a trap may invent a new one for each page.
_MOST_PATTERNS = 10_000


class Server:
    """One server (`Host.server`), with the twins of its name."""

    def __init__(self, gate: Gate, transport: Transport, limits: Limits) -> None:
        self.gate = gate
        # A client of its own for each server: no cookie ever goes to another one.
        self.client = httpx.AsyncClient(
            headers=_HEADERS,
            cookies=cookie_jar(),
            transport=transport,
            trust_env=False,
            follow_redirects=False,
            timeout=httpx.Timeout(limits.read_timeout, connect=limits.connect_timeout),
        )
        self._limits = limits
        self._pages = 0
        self._bytes = 0
        self._patterns: Counter[str] = Counter()

    def spend(self, host: Host, url: str) -> None:
        """Take a request from the budget.

        Raises `HostDownError` where none is left for the server, `FetchError` where an address leads in
        circles or there have been too many of its kind.
        """
        limits = self._limits
        if runs_in_circles(url):
            raise FetchError(Problem.TRAP, url)
        if self._pages >= limits.pages_per_site:
            raise HostDownError(Problem.SITE_BUDGET, host, f"{host} 本次已请求 {self._pages} 次")
        if self._bytes >= limits.bytes_per_site:
            raise HostDownError(Problem.SITE_BUDGET, host, f"{host} 本次已下载 {self._bytes:,} 字节")
        pattern = pattern_of(url)
        if self._patterns[pattern] >= limits.pages_per_pattern:
            detail = f"{url}（形如 {pattern} 的地址本次已请求 {self._patterns[pattern]} 次）"
            raise FetchError(Problem.SITE_BUDGET, detail)
        self._pages += 1
        if pattern in self._patterns or len(self._patterns) < _MOST_PATTERNS:
            self._patterns[pattern] += 1

    def took(self, size: int) -> None:
        """Count bytes that were received."""
        self._bytes += size

    async def close(self) -> None:
        """Close the connection."""
        await self.client.aclose()
