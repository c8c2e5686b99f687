"""The listening socket, which we create ourselves, and uvicorn on it."""

import asyncio
import errno
import json
import logging
import signal
import socket
from types import FrameType
from typing import Any

import h11
import uvicorn
from fastapi import FastAPI
from uvicorn.protocols.http.h11_impl import H11Protocol

from search_api.middleware import SECURITY_HEADERS
from search_api.problems import MEDIA_TYPE, AddressError, ProblemError

BACKLOG = 1024
DRAIN_SECONDS = 5
"""How long requests in progress may take after the signal to end."""
HEAD_SECONDS = 15.0
"""How long a client may take to send the head of a request; then the connection is closed."""

logger = logging.getLogger("gongkai.serve")


def listen(host: str, port: int) -> socket.socket:
    """Return a socket that listens on the address; port 0 takes any free one.

    Raises `AddressError` (in Chinese) where the name is unknown, the port taken or not allowed.
    """
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
    except (OSError, UnicodeError) as error:
        raise AddressError(
            f"主机名或地址 {host} 无法识别，请用 --host 给出本机的地址，如 127.0.0.1。"
        ) from error
    listener = socket.socket(family, kind, protocol)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(address)
        listener.listen(BACKLOG)
    except OSError as error:
        listener.close()
        raise AddressError(_why(error, host, port)) from error
    return listener


def address_of(listener: socket.socket) -> str:
    """Return the address to open in a browser."""
    host, port = listener.getsockname()[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


class Protocol(H11Protocol):
    """uvicorn's HTTP with our error shape, and a limit to how long a head may take to arrive."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self._head_timer: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Begin to wait for a request."""
        super().connection_made(transport)
        self._await_head()

    def connection_lost(self, exc: Exception | None) -> None:
        """Wait no longer."""
        self._forget_head()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Read on; half a head keeps the clock running, a whole one stops it."""
        super().data_received(data)
        if self.conn.their_state is not h11.IDLE or self.transport.is_closing():
            self._forget_head()
        elif self._head_timer is None:
            self._await_head()

    def send_400_response(self, msg: str) -> None:  # noqa: ARG002 - uvicorn passes English
        """Say in problem details that this is no HTTP request; the connection ends with it."""
        if self.conn.our_state in (h11.IDLE, h11.SEND_RESPONSE):
            self.transport.write(self._bad_request())
        if self.cycle is not None:
            self.cycle.disconnected = True  # what is still being answered has nobody to go to
        self.transport.close()

    def _bad_request(self) -> bytes:
        body = json.dumps(ProblemError("bad-http").to_json(), ensure_ascii=False).encode()
        fields = {
            "Content-Type": MEDIA_TYPE,
            "Content-Length": str(len(body)),
            "Cache-Control": "no-store",
            "Connection": "close",
            **SECURITY_HEADERS,
        }
        response = h11.Response(status_code=400, headers=list(fields.items()), reason=b"Bad Request")
        events = (response, h11.Data(data=body), h11.EndOfMessage())
        return b"".join(self.conn.send(event) or b"" for event in events)

    def _await_head(self) -> None:
        self._head_timer = self.loop.call_later(HEAD_SECONDS, self.transport.close)

    def _forget_head(self) -> None:
        if self._head_timer is not None:
            self._head_timer.cancel()
            self._head_timer = None


def run(app: FastAPI, listener: socket.socket) -> None:
    """Serve until SIGINT or SIGTERM, then let requests in progress finish.

    There is no access log: it would write down what every citizen asks.
    """
    config = uvicorn.Config(
        app,
        http=Protocol,
        ws="none",
        access_log=False,
        log_config=None,
        server_header=False,
        timeout_graceful_shutdown=DRAIN_SECONDS,
    )
    previous = signal.signal(signal.SIGTERM, _end)
    try:
        uvicorn.Server(config).run(sockets=[listener])
    except (KeyboardInterrupt, SystemExit):
        pass  # uvicorn raises the signal again when it has finished: the end we wanted
    finally:
        signal.signal(signal.SIGTERM, previous)
        listener.close()
    logger.info("服务已停止")


def _end(_number: int, _frame: FrameType | None) -> None:
    raise SystemExit(0)


def _why(error: OSError, host: str, port: int) -> str:
    if error.errno == errno.EADDRINUSE:
        return f"{host}:{port} 已被占用。请用 --port 换一个端口，或先停掉占用它的程序。"
    if error.errno == errno.EACCES:
        return f"没有权限使用端口 {port}。1024 以下的端口需要管理员权限，请用 --port 换一个，如 8000。"
    if error.errno == errno.EADDRNOTAVAIL:
        return f"{host} 不是本机的地址。只在本机访问用 127.0.0.1，对外服务用 0.0.0.0。"
    return f"无法在 {host}:{port} 上提供服务：{error.strerror}。"
