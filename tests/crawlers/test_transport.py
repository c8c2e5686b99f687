"""What goes wrong on the way to a page is told as what it was; cookies stay few and at home."""

import asyncio
import shutil
import ssl
import subprocess
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import httpcore
import pytest

from crawlers.errors import FetchError, HostDownError, Problem
from crawlers.families.family import PageRequest
from crawlers.fetching import Fetcher
from crawlers.sites import Site, Sites
from crawlers.transport import failure


def fetch(url, limits, *paths):
    sites = Sites((Site("子站", url, "hanweb_jcms", delay=0.0),))

    async def run():
        async with Fetcher(sites, limits, asyncio.Event()) as fetcher:
            for path in paths or ("",):
                response = (await fetcher.fetch(PageRequest(url + path))).response
            return response

    return asyncio.run(run())


@pytest.fixture
def secure_server(tmp_path):
    """An https server whose certificate nobody vouches for."""
    if shutil.which("openssl") is None:
        pytest.skip("openssl makes the certificate of this test")
    key, certificate = tmp_path / "key.pem", tmp_path / "certificate.pem"
    command = [
        "openssl",
        "req",
        "-x509",
        "-newkey",
        "ec",
        "-pkeyopt",
        "ec_paramgen_curve:prime256v1",
        "-nodes",
    ]
    command += ["-keyout", str(key), "-out", str(certificate), "-days", "2", "-subj", "/CN=localhost"]
    subprocess.run(command, check=True, capture_output=True)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    server = ThreadingHTTPServer(("127.0.0.1", 0), BaseHTTPRequestHandler)
    server.handle_error = lambda *_arguments: None
    server.socket = context.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    yield server.server_port
    server.shutdown()
    server.server_close()


def test_a_certificate_nobody_vouches_for_is_told_and_nothing_is_asked(secure_server, fast):
    with pytest.raises(HostDownError) as raised:
        fetch(f"https://localhost:{secure_server}/", fast)
    assert raised.value.problem is Problem.CERTIFICATE
    assert raised.value.detail.endswith("（证书是自签名的）")


@pytest.mark.parametrize(
    ("code", "said"), [(10, "证书已过期"), (62, "证书与域名不符"), (999, "证书未通过验证（odd）")]
)
def test_what_is_wrong_with_a_certificate_is_told_in_words(code, said):
    cause = ssl.SSLCertVerificationError("no")
    cause.verify_code, cause.verify_message = code, "odd"
    told = failure(httpcore.ConnectError(cause), "https://h/")
    assert (told.problem, told.detail) == (Problem.CERTIFICATE, f"https://h/（{said}）")
    assert not told.transient


def test_a_refused_connection_is_told(make_server, fast):
    server = make_server()
    server.close()
    with pytest.raises(FetchError) as raised:
        fetch(f"{server.url}/", fast)
    assert raised.value.problem is Problem.ROBOTS_UNREACHABLE
    assert raised.value.detail == f"{server.url}/robots.txt（连接被拒绝）"


def test_plain_http_where_https_is_spoken_is_told(secure_server, server, fast):
    with pytest.raises(FetchError):
        fetch(f"http://localhost:{secure_server}/", fast)
    with pytest.raises(FetchError) as raised:
        fetch(server.url.replace("http:", "https:") + "/", fast)
    assert "加密连接未能建立" in raised.value.detail


def test_a_server_may_set_only_so_many_cookies(server, answer, fast):
    def route(asked):
        number = int(asked.target.removeprefix("/") or 0)
        return answer(b"page", headers={"Set-Cookie": f"c{number % 80}={number}"})

    server.routes |= {f"/{number}": route for number in range(100)}
    fetch(f"{server.url}/", fast, *map(str, range(100)))
    sent = server.asked[-1].headers["Cookie"].split("; ")
    assert len(sent) == 50
    assert "c5=85" in sent, "a cookie that is kept may change"
