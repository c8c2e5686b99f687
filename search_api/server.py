"""The listening socket, which we create ourselves, and uvicorn on it."""

import errno
import logging
import signal
import socket
from types import FrameType

import uvicorn
from fastapi import FastAPI

from search_api.problems import AddressError

BACKLOG = 1024
DRAIN_SECONDS = 5
"""How long requests in progress may take after the signal to end."""

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


def run(app: FastAPI, listener: socket.socket) -> None:
    """Serve until SIGINT or SIGTERM, then let requests in progress finish.

    There is no access log: it would write down what every citizen asks.
    """
    config = uvicorn.Config(
        app,
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
