"""The server of the made-up subsites: one process, an address for each, pages made before they are asked for.

`python -m benchmarks.crawling.serving SUBSITES PAGES` prints a line of JSON with the subsites when it is
ready, and for each line on its standard input the log since the last; it ends with its standard input.
"""

import asyncio
import json
import sys
from contextlib import suppress
from urllib.parse import parse_qsl

from benchmarks.crawling.connections import ROBOTS, Log
from benchmarks.crawling.made import make_city
from demo.city import City, Subsite
from demo.pages import Answer, robots

_BACKLOG = 128
_LARGEST_HEAD = 65_536


class Pages:
    """What every subsite answers, as bytes ready to be sent, by address, target and form."""

    def __init__(self, city: City) -> None:
        self._sites = {site.address: site for site in city.subsites}
        self._ready: dict[tuple[str, str, str], tuple[int, bytes]] = {}
        for site in city.subsites:
            paths = ["/", *(one.path for one in (*site.columns.values(), *site.publications))]
            for path in paths:
                self.answer(site.address, path, "")

    def answer(self, address: str, target: str, form: str) -> tuple[int, bytes]:
        """Return status and bytes of an answer."""
        key = (address, target, form)
        if key not in self._ready:
            answer = _made(self._sites[address], target, form)
            self._ready[key] = (answer.status, _bytes_of(answer))
        return self._ready[key]


def _made(site: Subsite, target: str, form: str) -> Answer:
    if target == ROBOTS:
        return robots()
    path, _, query = target.partition("?")
    said = dict(parse_qsl(f"{query}&{form}", encoding=site.cms.charset, errors="replace"))
    return site.cms.answer(site, path, said) or site.cms.not_found(site)


def _bytes_of(answer: Answer) -> bytes:
    headers = {"Content-Type": answer.content_type, **answer.headers, "Content-Length": len(answer.body)}
    lines = [f"HTTP/1.1 {answer.status} OK", *(f"{name}: {value}" for name, value in headers.items())]
    return "\r\n".join([*lines, "", ""]).encode() + answer.body


class _Connection(asyncio.Protocol):
    """One connection, kept open; what comes is our own crawlers' and is read no more closely than needed."""

    def __init__(self, pages: Pages, log: Log) -> None:
        self._pages, self._log = pages, log
        self._held = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport
        self._host = transport.get_extra_info("sockname")[0]
        self._log.connected(self._host)

    def connection_lost(self, _error: Exception | None) -> None:
        self._log.closed(self._host)

    def data_received(self, data: bytes) -> None:
        self._held += data
        head, end, rest = self._held.partition(b"\r\n\r\n")
        if not end:
            if len(head) > _LARGEST_HEAD:
                self._transport.close()
            return
        lines = head.decode("latin-1").split("\r\n")
        length = next((int(line[15:]) for line in lines if line.lower().startswith("content-length:")), 0)
        if len(rest) < length:
            return
        self._held = rest[length:]
        target = lines[0].split(" ")[1]
        status, answer = self._pages.answer(self._host, target, rest[:length].decode("latin-1"))
        self._log.asked(self._host, target, status)
        self._transport.write(answer)  # type: ignore[attr-defined]  # of a socket


async def _serve(city: City) -> None:
    loop, log, pages = asyncio.get_running_loop(), Log(), Pages(city)
    port, servers = 0, []
    for site in city.subsites:
        server = await loop.create_server(
            lambda: _Connection(pages, log), site.address, port, backlog=_BACKLOG
        )
        port = server.sockets[0].getsockname()[1]
        servers.append(server)
    _say({"sites": [[site.name, site.root(port)] for site in city.subsites]})
    with suppress(EOFError):
        while await loop.run_in_executor(None, sys.stdin.readline):
            _say(log.report())
            log.begin_anew()


def _say(what: object) -> None:
    print(json.dumps(what, ensure_ascii=False), flush=True)


if __name__ == "__main__":
    asyncio.run(_serve(make_city(int(sys.argv[1]), int(sys.argv[2]))))
