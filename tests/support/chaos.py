"""A server that does to a crawler what servers do, each thing at its own address."""

import gzip
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Lock, Thread

Behaviour = Callable[[socket.socket], None]


def _head(*lines: str, status: str = "200 OK") -> bytes:
    return "\r\n".join([f"HTTP/1.1 {status}", *lines, "", ""]).encode("latin-1")


def _says(*pieces: bytes) -> Behaviour:
    def say(connection: socket.socket) -> None:
        for piece in pieces:
            connection.sendall(piece)

    return say


def _again_and_again(first: bytes, piece: bytes, pause: float = 0.0) -> Behaviour:
    """Say the same until the other side hangs up."""

    def say(connection: socket.socket) -> None:
        connection.sendall(first)
        while True:
            connection.sendall(piece)
            time.sleep(pause)

    return say


def _silence(connection: socket.socket) -> None:
    time.sleep(30)


def _reset(connection: socket.socket) -> None:
    linger = (1).to_bytes(4, "little") + (0).to_bytes(4, "little")
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)


def _page_once(connection: socket.socket) -> None:
    """Give a page, and hang up as the next request comes over the same connection."""
    connection.sendall(_head("Content-Length: 4") + b"page")
    connection.settimeout(5)
    connection.recv(65_536)


_BOMB = gzip.compress(bytes(60_000_000))
_CHUNKED = _head("Transfer-Encoding: chunked")

BEHAVIOURS: dict[str, Behaviour] = {
    "never answers": _silence,
    "hangs up at once": _says(),
    "resets": _reset,
    "100 MB": _again_and_again(_head("Content-Length: 104857600"), bytes(65_536)),
    "endless body": _again_and_again(_head(), bytes(65_536)),
    "endless chunks": _again_and_again(_CHUNKED, b"400\r\n" + bytes(1024) + b"\r\n"),
    "slow drip of body": _again_and_again(_head("Content-Length: 100000"), b"x", 0.1),
    "slow drip of head": _again_and_again(b"HTTP/1.1 200 OK\r\nX: ", b"x", 0.1),
    "endless head": _again_and_again(b"HTTP/1.1 200 OK\r\n", b"X-More: " + b"y" * 1000 + b"\r\n"),
    "endless header line": _again_and_again(b"HTTP/1.1 200 OK\r\nX: ", b"y" * 10_000),
    "endless continue": _again_and_again(b"", b"HTTP/1.1 100 Continue\r\n\r\n"),
    "closes within body": _says(_head("Content-Length: 1000"), b"x" * 10),
    "closes within chunk": _says(_CHUNKED, b"400\r\nshort"),
    "closes within head": _says(b"HTTP/1.1 200 OK\r\nContent-Ty"),
    "negative length": _says(_head("Content-Length: -5"), b"x"),
    "two lengths": _says(_head("Content-Length: 5", "Content-Length: 6"), b"xxxxxx"),
    "rubbish for a length": _says(_head("Content-Length: many"), b"x"),
    "rubbish for a chunk": _says(_CHUNKED, b"zz\r\nnothing\r\n"),
    "HTTP/0.9": _says(b"<html><p>page</p></html>"),
    "rubbish": _says(bytes(range(256)) * 20),
    "SSH": _says(b"SSH-2.0-OpenSSH_8.4\r\n"),
    "status of four digits": _says(_head(status="2000 OK")),
    "gzip bomb": _says(_head("Content-Encoding: gzip", f"Content-Length: {len(_BOMB)}"), _BOMB),
    "broken gzip": _says(_head("Content-Encoding: gzip", "Content-Length: 4"), b"gzip"),
    "unknown coding": _says(_head("Content-Encoding: br", "Content-Length: 4"), b"brrr"),
    "endless redirects": _says(
        _head(
            "Location: /endless%20redirects?x", "Content-Length: 0", "Connection: close", status="302 Found"
        )
    ),
    "redirect to rubbish": _says(
        _head("Location: http://[::g]/", "Content-Length: 0", "Connection: close", status="302 Found")
    ),
    "redirect to a file": _says(
        _head("Location: file:///etc/passwd", "Content-Length: 0", "Connection: close", status="302 Found")
    ),
}
"""What each address does to whoever asks for it; none of them gives a page."""

ODD_PAGES: dict[str, Behaviour] = {
    "huge cookie": _says(
        _head(f"Set-Cookie: a={'x' * 60_000}", "Content-Length: 4", "Connection: close"), b"page"
    ),
    "ten thousand bytes of cookies": _says(
        _head(*(f"Set-Cookie: c{number}={'x' * 90}" for number in range(100)), "Content-Length: 4"), b"page"
    ),
    "false charset": _says(
        _head("Content-Type: text/html; charset=x-none\x80", "Content-Length: 4"), b"page"
    ),
    "longer than it says": _says(_head("Content-Length: 4"), b"page and more"),
    "hangs up at the next request": _page_once,
    "no length": _says(_head("Connection: close"), b"page"),
}
"""What is odd and a page all the same, with the text "page"."""


@contextmanager
def chaos() -> Iterator[tuple[str, list[str]]]:
    """Serve on loopback; gives the root address and the list of paths asked for."""
    asked: list[str] = []
    lock = Lock()
    behaviours = {name.replace(" ", "%20"): does for name, does in (BEHAVIOURS | ODD_PAGES).items()}

    def serve(connection: socket.socket) -> None:
        with connection:
            try:
                while head := _request(connection):
                    path = head.split(b" ")[1].decode("latin-1")
                    with lock:
                        asked.append(path)
                    does = behaviours.get(path[1:].partition("?")[0])
                    if does is not None:
                        does(connection)
                        return
                    connection.sendall(_head("Content-Length: 0", status="404 Not Found"))
            except OSError:
                return

    def accept() -> None:
        while True:
            try:
                connection, _ = listening.accept()
            except OSError:
                return
            Thread(target=serve, args=(connection,), daemon=True).start()

    with socket.create_server(("127.0.0.1", 0)) as listening:
        Thread(target=accept, daemon=True).start()
        try:
            yield f"http://127.0.0.1:{listening.getsockname()[1]}", asked
        finally:
            listening.shutdown(socket.SHUT_RDWR)


def _request(connection: socket.socket) -> bytes:
    received = b""
    while b"\r\n\r\n" not in received:
        piece = connection.recv(65_536)
        if not piece:
            return b""
        received += piece
    return received
