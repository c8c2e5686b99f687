"""One subsite of the city under a name: its lists link each page under http and https, with and without www.

Loopback addresses have no twins, so the subsite is crawled for itself, by its name, over TLS of our own. Then
its http is closed down as offices do it: every page leads to https.
"""

import asyncio
import re
import socket
import ssl
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory

import trustme
import uvicorn
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from benchmarks.city.trapping import Handled
from benchmarks.names import Names
from catalog.store import Catalog
from crawlers.crawl import crawl
from crawlers.frontier import Frontier
from crawlers.sites import Site, Sites
from demo.city import Subsite
from demo.publishing import DEFAULT_SEED, generate
from demo.server import application
from demo.traps import Trap

NAME = "health.hongzhou.example"
_KEY = "health"  # its lists name their next page: they do not count their items
_FORMS = ("", f"https://{NAME}", f"http://www.{NAME}", f"https://www.{NAME}")
_RECORD = re.compile(rb'<record>(?:(?!</record>).)*?href="(/art/[^"]+)".*?</record>', re.DOTALL)
_START_SECONDS = 10.0
_PUBLICATIONS = 250

ONCE = Trap(
    "https_twin",
    "site",
    "http/https 与 www 双址",
    "一个栏目把同一页列为四种网址",
    "每页只得一条发布，只再访问其中一个网址",
)
MOVED = Trap(
    "moved_to_https",
    "site",
    "全站改用 https",
    "http 各页都跳转到 https",
    "发布编号不变，不重、不缺、不撤下，网址换新",
)


@dataclass
class _Linking:
    """An ASGI application around the city's: it names each item of a list under all forms of its address."""

    city: ASGIApp
    asked: Counter[str] = field(default_factory=Counter)
    is_moved: bool = False

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request."""
        path, query = scope["path"], scope["query_string"]
        self.asked[path] += 1
        if self.is_moved and scope["scheme"] == "http" and path != "/robots.txt":
            there = f"https://{NAME}{path}".encode() + (b"?" + query if query else b"")
            headers = [(b"location", there), (b"content-length", b"0")]
            await send({"type": "http.response.start", "status": 301, "headers": headers})
            await send({"type": "http.response.body", "body": b""})
            return
        answer: list[Message] = []

        async def keep(message: Message) -> None:
            answer.append(message)

        await self.city(scope, receive, keep)
        start, *parts = answer
        body = _RECORD.sub(_under_all_forms, b"".join(part.get("body", b"") for part in parts))
        headers = [pair for pair in start["headers"] if pair[0] != b"content-length"]
        await send({**start, "headers": [*headers, (b"content-length", b"%d" % len(body))]})
        await send({"type": "http.response.body", "body": body})


def _under_all_forms(record: re.Match[bytes]) -> bytes:
    path = record.group(1)
    return b"".join(record.group().replace(path, form.encode() + path) for form in _FORMS)


@contextmanager
def _serving(application: ASGIApp, address: str, **tls: str) -> Iterator[tuple[str, int]]:
    """Serve at a loopback address for as long as the block runs; the value is where."""
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.bind((address, 0))
    config = uvicorn.Config(application, log_level="warning", access_log=False, lifespan="off", **tls)
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
    thread.start()
    try:
        for _ in range(int(_START_SECONDS / 0.02)):
            if server.started or not thread.is_alive():
                break
            thread.join(0.02)
        yield listener.getsockname()
    finally:
        server.should_exit = True
        thread.join(_START_SECONDS)
        listener.close()


@contextmanager
def _named(linking: _Linking, subsite: Subsite, folder: Path) -> Iterator[Callable[[], None]]:
    """Serve a subsite under its name; the value crawls it once more, every visit being due."""
    authority, names = trustme.CA(), Names()
    issued = authority.issue_cert(NAME, f"www.{NAME}")
    (folder / "key.pem").write_bytes(issued.private_key_pem.bytes())
    (folder / "chain.pem").write_bytes(b"".join(blob.bytes() for blob in issued.cert_chain_pems))
    tls = {"ssl_keyfile": str(folder / "key.pem"), "ssl_certfile": str(folder / "chain.pem")}

    def trust() -> ssl.SSLContext:
        context = ssl.create_default_context()
        authority.configure_trust(context)
        return context

    site = Site(subsite.name, f"http://{NAME}/", organization=subsite.body.name, delay=0.0, internal=True)

    def again() -> None:
        frontier = Frontier(folder / "data")
        with frontier.transaction() as connection:
            connection.exec_driver_sql("UPDATE job SET due_at = due_at - 1e9")
        frontier.close()
        linking.asked.clear()
        asyncio.run(crawl(Sites((site,)), folder / "data", network=names.network(trust)))

    with _serving(linking, subsite.address) as plain, _serving(linking, subsite.address, **tls) as secure:
        for scheme, place in (("http", plain), ("https", secure)):
            for name in (NAME, f"www.{NAME}"):
                names.lead(scheme, name, place)
        yield again


def by_twins(publications: int = _PUBLICATIONS) -> list[Handled]:
    """Crawl a subsite under all forms of its name, then after its move; return what came of both traps.

    It is one of a city of so many publications.
    """
    city = generate(DEFAULT_SEED, publications)
    subsite = next(subsite for subsite in city.subsites if subsite.key == _KEY)
    linking = _Linking(application(city))
    paths = [publication.path for publication in subsite.publications]
    with (
        TemporaryDirectory(prefix="gongkai-twins-") as place,
        _named(linking, subsite, Path(place)) as crawl_again,
    ):
        crawl_again()
        first = _found(Path(place) / "data")
        crawl_again()
        seen_again = dict(linking.asked)
        before = _found(Path(place) / "data")
        linking.is_moved = True
        crawl_again()
        moved = _found(Path(place) / "data")
    http, https = f"http://{NAME}", f"https://{NAME}"
    is_sole = {http + path for path in paths} == set(first) and first == before
    doubled = [path for path in paths if not is_sole or seen_again.get(path) != 1]
    lost = [path for path in paths if moved.get(https + path) != before.get(http + path, "")]
    if len(moved) != len(paths):
        lost = paths
    return [_handled(ONCE, paths, doubled), _handled(MOVED, paths, lost)]


def _handled(trap: Trap, paths: list[str], failed: list[str]) -> Handled:
    return Handled(trap, len(paths), tuple(f"http://{NAME}{path}" for path in failed))


def _found(data: Path) -> dict[str, str]:
    """Return the ids of the publications that stand, by address; an address that two have is none."""
    with Catalog.open(data, read_only=True) as catalog, catalog.read() as connection:
        rows = connection.exec_driver_sql("SELECT url, id FROM publication WHERE withdrawn_at IS NULL").all()
    times = Counter(url for url, _ in rows)
    return {url if times[url] == 1 else f"{url} {publication}": publication for url, publication in rows}
