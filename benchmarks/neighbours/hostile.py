"""Subsites that do harm: each has a sound home page and list, and one fault in what lies behind them.

Every subsite is a server of its own on loopback. `fault` may be set and taken away while it serves.
"""

import gzip
import multiprocessing
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from multiprocessing.connection import Connection
from threading import Event, Thread

PAGES = 12
"""Publications of a hostile subsite: as many chances to do harm."""

_BODY = "各有关单位应当在二十个工作日内办结，并将办理结果书面告知申请人，同时报送市政务服务管理局备案。" * 6


def head(*lines: str, status: str = "200 OK") -> bytes:
    """Return the head of an answer."""
    return "\r\n".join([f"HTTP/1.1 {status}", "Connection: close", *lines, "", ""]).encode("latin-1")


def _html(text: str, charset: str = "utf-8", claimed: str | None = None) -> bytes:
    body = f"<html><head><title>站</title></head><body>{text}</body></html>".encode(charset)
    kind = f"Content-Type: text/html; charset={claimed or charset}"
    return head(kind, f"Content-Length: {len(body)}") + body


def home() -> str:
    """Return the home page's body in the manner of 大汉 JCMS: one column."""
    return '<a href="/col/col71/index.html">政策文件</a>'


def column(pages: int) -> str:
    """Return the list of all publications."""
    records = "".join(
        f"<record><![CDATA[<li><a href='{path(number)}' title='{title(number)}'>{title(number)}</a>"
        "<span>2012-03-14</span></li>]]></record>"
        for number in range(1, pages + 1)
    )
    store = f"<datastore><recordset>{records}</recordset></datastore>"
    turning = "var param_9 = {'columnid':'71','unitid':'9'};"
    turning += f'$("#9").jpage({{ "perPage": {pages}, totalRecord : {pages} }});'
    return f'<div id="9"></div><script type="text/xml">{store}</script><script>{turning}</script>'


def path(number: int) -> str:
    """Return the address of a publication on its server."""
    return f"/art/2012/3/14/art_71_{number}.html"


def title(number: int) -> str:
    """Return the title of a publication."""
    return f"关于做好第{number}号便民事项办理工作的通知"


def publication(number: int) -> str:
    """Return a publication's body; the number makes it differ from all others."""
    return (
        f"<table><tr><td>索引号：</td><td>002990{number:03}/201203-{number:05}</td></tr></table>"
        f"<h1>{title(number)}</h1><p>发布日期：2012-03-14</p>"
        f'<div id="zoom"><p>第{number}号。{_BODY}</p></div>'
    )


Fault = Callable[[socket.socket, str], bool]
"""Does what it does to a request for a path; False leaves it to the sound subsite."""


def _behind(does: Callable[[socket.socket, str], None]) -> Fault:
    """Do harm on the publications only."""

    def fault(connection: socket.socket, target: str) -> bool:
        if not target.startswith("/art/"):
            return False
        does(connection, target)
        return True

    return fault


def _times_out(connection: socket.socket, _target: str) -> None:
    # Until the other side has had enough of it.
    connection.settimeout(60)
    connection.recv(1)


def _sends_100_mb(connection: socket.socket, _target: str) -> None:
    connection.sendall(head("Content-Type: text/html"))
    for _ in range(1600):
        connection.sendall(bytes(65_536))


def _redirects(connection: socket.socket, target: str) -> None:
    following = f"Location: {target.partition('?')[0]}?{time.monotonic_ns()}"
    connection.sendall(head(following, "Content-Length: 0", status="302 Found"))


def _closes(connection: socket.socket, _target: str) -> None:
    connection.sendall(head("Content-Type: text/html", "Content-Length: 9000") + b"<html>" * 100)


_BOMB = gzip.compress(bytes(100_000_000))


def _bombs(connection: socket.socket, _target: str) -> None:
    said = head("Content-Type: text/html", "Content-Encoding: gzip", f"Content-Length: {len(_BOMB)}")
    connection.sendall(said + _BOMB)


def _lies(connection: socket.socket, target: str) -> None:
    connection.sendall(_html(publication(_number(target)), "gb18030", "utf-8"))


def _redesigned(connection: socket.socket, target: str) -> bool:
    """Serve a home page that no longer leads anywhere a reader of the old one looks."""
    if target != "/":
        return False
    connection.sendall(_html("<main><h1>新版网站</h1><div data-app='root'></div></main>"))
    return True


FAULTS: dict[str, Fault] = {
    "times out": _behind(_times_out),
    "sends 100 MB": _behind(_sends_100_mb),
    "redirects for ever": _behind(_redirects),
    "closes mid-body": _behind(_closes),
    "lies about its charset": _behind(_lies),
    "serves gzip bombs": _behind(_bombs),
    "changes its template": _redesigned,
}
"""What a hostile subsite may do."""


class Hostile:
    """A subsite with a fault. `root` is its address; without a `fault` it is a sound one."""

    family = "hanweb_jcms"

    def __init__(self, listening: socket.socket, fault: Fault | None) -> None:
        self.fault = fault
        self.root = f"http://127.0.0.1:{listening.getsockname()[1]}/"
        self._listening = listening
        Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._listening.accept()
            except OSError:
                return
            Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        with connection:
            try:
                connection.settimeout(60)
                target = connection.recv(65_536).split(b" ")[1].decode("latin-1")
                if self.fault is None or not self.fault(connection, target):
                    connection.sendall(sound(target))
            except (OSError, IndexError):
                return


def sound(target: str, pages: int = PAGES) -> bytes:
    """Return the answer of a sound subsite of so many publications."""
    if target == "/":
        return _html(home())
    if target.startswith("/col/"):
        return _html(column(pages))
    if target.startswith("/art/"):
        return _html(publication(_number(target)))
    return head("Content-Length: 0", status="404 Not Found")


def _number(target: str) -> int:
    return int(target.partition("?")[0].rpartition("_")[2].partition(".")[0])


@contextmanager
def hostile(fault: Fault | None) -> Iterator[Hostile]:
    """Serve a subsite while the block runs."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        try:
            yield Hostile(listening, fault)
        finally:
            listening.shutdown(socket.SHUT_RDWR)


@contextmanager
def all_hostile() -> Iterator[list[str]]:
    """Serve a subsite for each fault from a process of their own; gives their addresses."""
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(target=_serve_all, args=(theirs,), daemon=True)
    process.start()
    try:
        yield ours.recv()
    finally:
        process.terminate()
        process.join()


def _serve_all(pipe: Connection) -> None:
    with ExitStack() as stack:
        pipe.send([stack.enter_context(hostile(fault)).root for fault in FAULTS.values()])
        Event().wait()
