"""Subsites of our own on loopback: small servers that imitate both families, and whatever goes wrong."""

import asyncio
import ssl
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Lock, Thread
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
from sqlalchemy import text

from catalog.store import Catalog
from crawlers.crawl import crawl
from crawlers.limits import Limits
from crawlers.sites import Site, Sites
from crawlers.summary import CrawlSummary

FAST = Limits(
    connect_timeout=2.0,
    read_timeout=0.5,
    response_timeout=2.0,
    body_bytes=200_000,
    attempts=3,
    backoff=0.02,
    retry_after=0.3,
    silent_requests=5,
    pages_per_column=30,
)


@dataclass
class Asked:
    """A request as the server saw it."""

    method: str
    target: str
    form: str
    headers: dict[str, str]
    begun: float
    ended: float = 0.0


@dataclass
class Answer:
    """What a route answers; `slowly` seconds pass before the body's second half."""

    body: bytes = b""
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    slowly: float = 0.0
    cut: bool = False


Route = Answer | Callable[[Asked], Answer]


class Server:
    """A loopback server whose routes are set by the test. Unknown addresses answer 404."""

    def __init__(self, tls: ssl.SSLContext | None = None) -> None:
        self.routes: dict[str, Route] = {"/robots.txt": Answer(status=404)}
        self.asked: list[Asked] = []
        self.at_once = 0
        self.most_at_once = 0
        self._lock = Lock()
        server = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            disable_nagle_algorithm = True

            def log_message(self, *_args: Any) -> None:
                return

            def do_GET(self) -> None:
                server.answer(self)

            def do_POST(self) -> None:
                server.answer(self)

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        if tls is not None:
            self._server.socket = tls.wrap_socket(self._server.socket, server_side=True)
        self._thread = Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
        self._thread.start()
        self.place = ("127.0.0.1", self._server.server_port)
        self.url = f"http://127.0.0.1:{self._server.server_port}"

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()

    def targets(self) -> list[str]:
        return [asked.target for asked in self.asked if asked.target != "/robots.txt"]

    def answer(self, handler: BaseHTTPRequestHandler) -> None:
        form = handler.rfile.read(int(handler.headers.get("Content-Length") or 0)).decode()
        asked = Asked(handler.command, handler.path, form, dict(handler.headers.items()), time.monotonic())
        with self._lock:
            self.asked.append(asked)
            self.at_once += 1
            self.most_at_once = max(self.most_at_once, self.at_once)
        route = (
            self.routes.get(handler.path)
            or self.routes.get(urlsplit(handler.path).path)
            or Answer(status=404)
        )
        answer = route if isinstance(route, Answer) else route(asked)
        try:
            self._send(handler, answer)
        except OSError:
            handler.close_connection = True
        finally:
            with self._lock:
                self.at_once -= 1
                asked.ended = time.monotonic()

    def _send(self, handler: BaseHTTPRequestHandler, answer: Answer) -> None:
        handler.send_response(answer.status)
        for name, value in {"Content-Type": "text/html", **answer.headers}.items():
            handler.send_header(name, value)
        handler.send_header("Content-Length", str(len(answer.body)))
        handler.end_headers()
        half = len(answer.body) // 2
        handler.wfile.write(answer.body[:half])
        if answer.cut:
            handler.close_connection = True
            return
        if answer.slowly:
            handler.wfile.flush()
            time.sleep(answer.slowly)
        handler.wfile.write(answer.body[half:])


@pytest.fixture
def make_server() -> Iterator[Callable[..., Server]]:
    """Start servers; all of them are closed at the end."""
    servers: list[Server] = []

    def make(tls: ssl.SSLContext | None = None) -> Server:
        servers.append(Server(tls))
        return servers[-1]

    yield make
    for server in servers:
        server.close()


@pytest.fixture
def server(make_server: Callable[[], Server]) -> Server:
    return make_server()


@dataclass(frozen=True)
class Planted:
    """A publication of an imitated subsite."""

    number: int
    title: str
    column: str = "部门文件"
    date: str = "2012-03-14"

    @property
    def index_number(self) -> str:
        return f"002990{self.number:03d}/201203-{self.number:05d}"

    @property
    def doc_number(self) -> str:
        return f"清政办〔2012〕{self.number}号"

    @property
    def body(self) -> str:
        lines = (
            f"第{number}条　为做好第{self.number}号事项的登记、核验和公示，"
            f"各单位应当在{number}日内办结，并书面告知申请人。"
            for number in range(1, 7)
        )
        return "".join(f"<p>{line}</p>" for line in lines)


def plant(count: int, column: str = "部门文件", first: int = 1) -> list[Planted]:
    return [
        Planted(
            number, f"关于做好第{number}号便民事项办理工作的通知", column, f"2012-03-{number % 28 + 1:02d}"
        )
        for number in range(first, first + count)
    ]


class HefeiImitation:
    """The `.xp` system: GBK, frames, JS paging. `posts` makes goPage submit a form by POST."""

    per_page = 5
    family = "hefei_xp"

    def __init__(self, server: Server, planted: list[Planted], *, turning: str = "form") -> None:
        self.server, self.planted, self.turning = server, planted, turning
        self.columns = list(dict.fromkeys(item.column for item in planted))
        server.routes["/zwgk/public/index.xp"] = self._index
        server.routes["/zwgk/public/spage.xp"] = self._spage

    @property
    def root(self) -> str:
        return f"{self.server.url}/zwgk/public/index.xp"

    def url_of(self, item: Planted) -> str:
        return f"{self.server.url}/zwgk/public/spage.xp?doAction=view&indexno={item.index_number}"

    def _page(self, html: str) -> Answer:
        # The old system declared a charset it did not use.
        head = '<html><head><meta http-equiv="Content-Type" content="text/html; charset=utf-8"></head>'
        return Answer(f"{head}{html}</html>".encode("gb18030"))

    def _index(self, asked: Asked) -> Answer:
        if "doAction=sframe" in asked.target:
            links = "".join(
                '<li><a target=main href="spage.xp?doAction=sxxlist&cid=&type=1'
                f'&mlid={number:04d}&unitid=7">{name}</a>'
                for number, name in enumerate(self.columns)
            )
            return self._page(f"<body><a href='http://elsewhere.example/'>链接</a><ul>{links}</ul></body>")
        return self._page(
            '<frameset cols="200,*"><frame name="menu" src="index.xp?doAction=sframe">'
            '<frame name="counter" src="visitcount.xp"></frameset>'
        )

    def _spage(self, asked: Asked) -> Answer:
        arguments = dict(parse_qsl(f"{urlsplit(asked.target).query}&{asked.form}"))
        if arguments.get("doAction") == "view":
            return self._detail(next(i for i in self.planted if i.index_number == arguments["indexno"]))
        column = self.columns[int(arguments["mlid"])]
        return self._list(column, arguments["mlid"], int(arguments.get("curPage") or 1))

    def _list(self, column: str, mlid: str, page: int) -> Answer:
        items = [item for item in self.planted if item.column == column]
        pages = -(-len(items) // self.per_page)
        shown = items[(page - 1) * self.per_page : page * self.per_page]
        rows = "".join(
            f"<tr><td>{item.number}</td><td>{item.index_number}</td>"
            f'<td><a href="/zwgk/public/spage.xp?doAction=view&indexno={item.index_number}">'
            f"{item.title[:8]}…</a></td><td>{item.date}</td><td><table style='display:none'>"
            f"<tr><td>{item.title}</td></tr><tr><td>发布机构：清水市政府</td></tr></table></td></tr>"
            for item in shown
        )
        turns = {
            "form": "function goPage(n){document.f.curPage.value=n;document.f.submit();}",
            "address": "function goPage(n) { location.href = "
            f"'spage.xp?doAction=sxxlist&mlid={mlid}&curPage=' + n; }}",
            "unknown": "",
        }[self.turning]
        inputs = "".join(
            f'<input type=hidden name={name} value="{value}">'
            for name, value in {"doAction": "sxxlist", "mlid": mlid, "curPage": str(page)}.items()
        )
        return self._page(
            f"<body><script>{turns}</script><form name=f method=post action=spage.xp>{inputs}</form>"
            '<table bgcolor="#e4e4e4"><tr><td>序号</td><td>索引号</td><td>名称</td><td>日期</td></tr>'
            f"{rows}</table>"
            f"第<font color=#FF6600>{page}</font>页 共<font color=#FF6600>{pages}</font>页"
            f'<a href="javascript:goPage({min(page + 1, pages)})">下一页</a></body>'
        )

    def _detail(self, item: Planted) -> Answer:
        return self._page(
            "<body><table><tr><td>索　引　号：</td><td>"
            f"{item.index_number}</td><td>发布日期：</td><td>{item.date}</td></tr>"
            f"<tr><td>名　　称：</td><td>{item.title}</td>"
            f"<td>文　　号：</td><td>{item.doc_number}</td></tr></table>"
            f'<table class="bk"><tr><td>{item.body}</td></tr></table>'
            "<!-- GWD SHARE BEGIN -->联系电话：0000</body>"
        )


class JcmsImitation:
    """大汉 JCMS: the first group in the page, the rest from dataproxy.jsp.

    `proxy` says what dataproxy.jsp obeys: `named` (the page names the next group), `startrecord`, `page`
    or `repeats` (it always answers with the first group).
    """

    per_page = 4
    family = "hanweb_jcms"

    def __init__(self, server: Server, planted: list[Planted], *, proxy: str = "named") -> None:
        self.server, self.planted, self.proxy = server, planted, proxy
        self.columns = list(dict.fromkeys(item.column for item in planted))
        server.routes["/"] = self._page(
            "".join(
                f'<a href="/col/col{70 + n}/index.html">{name}</a>' for n, name in enumerate(self.columns)
            )
        )
        for number, name in enumerate(self.columns):
            server.routes[f"/col/col{70 + number}/index.html"] = self._column(number, name)
        server.routes["/module/web/jpage/dataproxy.jsp"] = self._proxy
        for item in planted:
            server.routes[self._path(item)] = self._detail(item)

    @property
    def root(self) -> str:
        return f"{self.server.url}/"

    def url_of(self, item: Planted) -> str:
        return self.server.url + self._path(item)

    def _path(self, item: Planted) -> str:
        year, month, day = (int(part) for part in item.date.split("-"))
        return f"/art/{year}/{month}/{day}/art_{70 + self.columns.index(item.column)}_{item.number}.html"

    def _page(self, html: str) -> Answer:
        return Answer(
            f"<html><head><meta charset=utf-8></head><body>{html}</body></html>".encode(),
            headers={"Content-Type": "text/html;charset=UTF-8"},
        )

    def _records(self, items: list[Planted]) -> str:
        records = "".join(
            f"<record><![CDATA[<li><a href='{self._path(item)}' title='{item.title}'>{item.title[:9]}...</a>"
            f"<span>{item.date}</span></li>]]></record>"
            for item in items
        )
        return f"<recordset>{records}</recordset>"

    def _named(self, number: int, page: int) -> str:
        if self.proxy != "named":
            return ""
        link = f'<a href="/module/web/jpage/dataproxy.jsp?page={page}&columnid={70 + number}&unitid=9"></a>'
        return f"<nextgroup><![CDATA[{link}]]></nextgroup>"

    def _column(self, number: int, name: str) -> Answer:
        items = [item for item in self.planted if item.column == name]
        script = (
            f"var param_9 = {{'appid':'1','webid':'3','path':'/','columnid':'{70 + number}','unitid':'9'}};"
            f"$('#9').jpage({{ \"perPage\": {self.per_page}, totalRecord : {len(items)} }});"
        )
        drift = '<li><a href="/art/2012/3/1/art_999_1.html">首页新闻</a></li>'
        first = self._records(items[: self.per_page])
        return self._page(
            f'{drift}<div id="9"></div><script type="text/xml"><datastore>{self._named(number, 1)}{first}'
            f"</datastore></script><script>{script}</script>"
        )

    def _proxy(self, asked: Asked) -> Answer:
        arguments = dict(parse_qsl(f"{urlsplit(asked.target).query}&{asked.form}"))
        number = int(arguments["columnid"]) - 70
        items = [item for item in self.planted if item.column == self.columns[number]]
        page = int(arguments.get("page") or 1)
        if self.proxy == "named":
            shown = items[(page - 1) * self.per_page : page * self.per_page]
            following = self._named(number, page + 1) if shown else ""
        elif self.proxy == "startrecord":
            shown = items[int(arguments["startrecord"]) - 1 : int(arguments["endrecord"])]
            following = ""
        elif self.proxy == "page":
            shown = items[(page - 1) * self.per_page : page * self.per_page]
            following = ""
        else:
            shown, following = items[: self.per_page], ""
        total = f"<totalrecord>{len(items)}</totalrecord>"
        store = f"<datastore>{following}{total}{self._records(shown)}</datastore>"
        xml = f'<?xml version="1.0" encoding="UTF-8"?>{store}'
        return Answer(xml.encode(), headers={"Content-Type": "text/xml;charset=UTF-8"})

    def _detail(self, item: Planted) -> Answer:
        return self._page(
            f"<table><tr><td>索引号：</td><td>{item.index_number}</td><td>文号：</td><td>{item.doc_number}</td></tr></table>"
            f'<h1>{item.title}</h1><p>发布日期：{item.date}</p><div id="zoom">{item.body}</div>'
        )


@pytest.fixture(params=["hefei_form", "hefei_address", "jcms_named", "jcms_startrecord", "jcms_page"])
def imitate(request: pytest.FixtureRequest) -> Callable[[Server, list[Planted]], Any]:
    """Every imitation in turn."""
    kind, _, way = request.param.partition("_")
    if kind == "hefei":
        return lambda server, planted: HefeiImitation(server, planted, turning=way)
    return lambda server, planted: JcmsImitation(server, planted, proxy=way)


@pytest.fixture
def planting() -> Callable[..., list[Planted]]:
    return plant


@pytest.fixture
def hefei() -> type[HefeiImitation]:
    return HefeiImitation


@pytest.fixture
def jcms() -> type[JcmsImitation]:
    return JcmsImitation


@pytest.fixture
def answer() -> type[Answer]:
    return Answer


@pytest.fixture
def fast() -> Limits:
    """Limits with short waits."""
    return FAST


@dataclass
class Crawled:
    """Crawls into one data folder and looks at what came of it."""

    data_dir: Path

    def run(self, *subsites: Any, **options: Any) -> CrawlSummary:
        return asyncio.run(self.begin(*subsites, **options))

    async def begin(
        self, *subsites: Any, limits: Limits = FAST, delay: float = 0.0, **options: Any
    ) -> CrawlSummary:
        sites = tuple(
            Site(f"子站{number}", subsite.root, subsite.family, delay=delay)
            for number, subsite in enumerate(subsites)
        )
        return await crawl(Sites(sites), self.data_dir, limits=limits, **options)

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        with closing(Catalog.open(self.data_dir, read_only=True)) as catalog, catalog.read() as connection:
            return [tuple(row) for row in connection.execute(text(query))]

    def publications(self) -> dict[str, dict[str, Any]]:
        """Return what is known of each publication by its address, free of minted ids and times."""
        rows = self.rows(
            "SELECT p.url, w.field, w.raw, w.provenance FROM publication p JOIN witness w USING (capture_id)"
            " ORDER BY 1, 2, 3, 4"
        )
        columns = self.rows(
            "SELECT p.url, c.name FROM publication p JOIN publication_column l ON l.publication_id = p.id"
            " JOIN site_column c ON c.id = l.column_id ORDER BY 1, 2"
        )
        texts = self.rows(
            "SELECT p.url, k.text_hash FROM publication p JOIN capture k ON k.id = p.capture_id"
        )
        found: dict[str, dict[str, Any]] = {
            url: {"text": digest, "columns": [], "said": []} for url, digest in texts
        }
        for url, name in columns:
            found[url]["columns"].append(name)
        for url, *said in rows:
            found[url]["said"].append(tuple(said))
        return found


@pytest.fixture
def crawled(tmp_path: Path) -> Crawled:
    return Crawled(tmp_path / "data")
