"""Serves the whole city from one process: one listening socket per subsite address, pages from memory."""

import signal
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from types import FrameType
from urllib.parse import parse_qsl

import uvicorn
from starlette.applications import Starlette
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import ASGIApp

from demo.city import DEFAULT_PORT, City, Subsite
from demo.errors import AddressTakenError
from demo.pages import Answer, attachment, robots

_LARGEST_FORM = 20_000
_MAX_CACHED = 20_000
_START_SECONDS = 20.0

Wrap = Callable[[ASGIApp], ASGIApp]
"""What stands between the city and whoever asks it: it may watch requests or change answers."""


def unchanged(application: ASGIApp) -> ASGIApp:
    """Put nothing in between."""
    return application


def serve(city: City, port: int = DEFAULT_PORT) -> None:
    """Serve until SIGTERM or SIGINT; `AddressTakenError` if an address cannot be bound."""
    sockets = open_sockets(city, port)
    try:
        _Server(_config(city)).run(sockets=sockets)
    finally:
        for listener in sockets:
            listener.close()


@contextmanager
def serving(city: City, port: int = 0, wrap: Wrap = unchanged) -> Iterator[int]:
    """Serve in a thread for as long as the block runs; the value is the port (0 takes a free one)."""
    sockets = open_sockets(city, port)
    server = _Server(_config(city, wrap))
    thread = threading.Thread(target=server.run, kwargs={"sockets": sockets}, daemon=True)
    thread.start()
    try:
        for _ in range(int(_START_SECONDS / 0.02)):
            if server.started or not thread.is_alive():
                break
            thread.join(0.02)
        yield sockets[0].getsockname()[1]
    finally:
        server.should_exit = True
        thread.join(_START_SECONDS)
        for listener in sockets:
            listener.close()


def open_sockets(city: City, port: int) -> list[socket.socket]:
    """Bind the address of every subsite on this port; all or none."""
    sockets: list[socket.socket] = []
    try:
        for subsite in city.subsites:
            listener = _bind(subsite.address, port)
            sockets.append(listener)
            port = listener.getsockname()[1]
    except AddressTakenError:
        for listener in sockets:
            listener.close()
        raise
    return sockets


def application(city: City) -> Starlette:
    """Return the ASGI application; it tells the subsites apart by the local address of the connection."""
    sites = _Sites({subsite.address: subsite for subsite in city.subsites})
    return Starlette(routes=[Route("/{path:path}", sites.endpoint, methods=["GET", "HEAD", "POST"])])


@dataclass(slots=True)
class _Sites:
    by_address: dict[str, Subsite]
    cache: dict[tuple[str, str, str, str], Answer] = field(default_factory=dict)

    async def endpoint(self, request: Request) -> Response:
        site = self.by_address.get((request.scope.get("server") or ("", 0))[0])
        if site is None:
            return Response("没有这个站点。", 421, media_type="text/plain; charset=utf-8")
        form = ""
        if request.method == "POST":
            if int(request.headers.get("content-length") or _LARGEST_FORM + 1) > _LARGEST_FORM:
                return Response("提交的内容太长。", 413, media_type="text/plain; charset=utf-8")
            try:
                form = (await request.body()).decode("latin-1")
            except ClientDisconnect:
                return Response(status_code=400)  # nobody will read it
        answer = self._answer(site, request.url.path, request.scope["query_string"].decode("latin-1"), form)
        # `content-type` is set by hand: Starlette would add a charset that some of these sites do not send.
        headers = {"content-type": answer.content_type, **answer.headers}
        return Response(answer.body, answer.status, headers)

    def _answer(self, site: Subsite, path: str, query: str, form: str) -> Answer:
        key = (site.key, path, query, form)
        if key not in self.cache:
            if len(self.cache) >= _MAX_CACHED:
                self.cache.clear()
            self.cache[key] = _make(site, path, query, form)
        return self.cache[key]


def _make(site: Subsite, path: str, query: str, form: str) -> Answer:
    if path == "/robots.txt":
        return robots()
    arguments = dict(parse_qsl(f"{query}&{form}", encoding=site.cms.charset, errors="replace"))
    answer = attachment(site, path) or site.cms.answer(site, path, arguments)
    return site.cms.not_found(site) if answer is None else answer


class _Server(uvicorn.Server):
    """A server that ends quietly: a signal stops it and is not raised again."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        if threading.current_thread() is not threading.main_thread():
            yield
            return
        before = {number: signal.signal(number, self._stop) for number in (signal.SIGINT, signal.SIGTERM)}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)

    def _stop(self, number: int, frame: FrameType | None) -> None:
        self.handle_exit(number, frame)


def _config(city: City, wrap: Wrap = unchanged) -> uvicorn.Config:
    return uvicorn.Config(
        wrap(application(city)),
        log_level="warning",
        access_log=False,
        lifespan="off",
        server_header=False,
        timeout_graceful_shutdown=3,
    )


def _bind(address: str, port: int) -> socket.socket:
    # With the protocol named, asyncio sets TCP_NODELAY; without it every kept-alive answer waits 40 ms.
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((address, port))
        listener.listen(128)
    except OSError as error:
        listener.close()
        raise AddressTakenError(address, port, error.strerror or str(error)) from error
    return listener
