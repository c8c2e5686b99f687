"""HTTP over one guarded connection, and what its failures mean for the operator."""

import errno
import ssl
from collections.abc import AsyncIterable, AsyncIterator
from typing import cast

import httpcore
import httpx

from crawlers.errors import FetchError, Problem
from crawlers.guard import Guard, GuardedBackend

# OpenSSL's verify codes (X509_V_ERR_*).
_CERTIFICATES = {
    9: "证书尚未生效",
    10: "证书已过期",
    18: "证书是自签名的",
    19: "证书链中有自签名证书",
    20: "证书的签发机构不受信任",
    21: "证书链不完整",
    62: "证书与域名不符",
    64: "证书与地址不符",
}
_UNREACHABLE = {errno.EHOSTUNREACH, errno.ENETUNREACH, errno.EHOSTDOWN}
# How h11 and httpcore begin what they say of a connection that ended too early.
_CUT_OFF = ("Server disconnected", "peer closed connection", "peer unexpectedly closed")


class Transport(httpx.AsyncBaseTransport):
    """At most one connection at a time, only to addresses that the guard allows."""

    def __init__(self, guard: Guard, tls: ssl.SSLContext, opener: httpcore.AsyncNetworkBackend) -> None:
        self._pool = httpcore.AsyncConnectionPool(
            ssl_context=tls,
            max_connections=1,
            max_keepalive_connections=1,
            keepalive_expiry=15.0,  # longer than the usual pause between two requests
            network_backend=GuardedBackend(guard, opener),
        )

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Send a request; raises the errors of httpcore, or what the guard raises.

        A server may close the connection it had kept open at the moment when we ask again. It has not seen
        that request then, which is sent once more on a new one.
        """
        connected: list[str] = []
        try:
            answer = await self._pool.handle_async_request(_asked(request, connected))
        except (httpcore.RemoteProtocolError, httpcore.NetworkError) as error:
            had_been_kept = not connected and request.method == "GET"
            if not had_been_kept or not (_is_cut_off(error) or isinstance(error, httpcore.NetworkError)):
                raise
            answer = await self._pool.handle_async_request(_asked(request, connected))
        body = _Body(cast(AsyncIterable[bytes], answer.stream))
        return httpx.Response(
            answer.status, headers=answer.headers, stream=body, extensions=answer.extensions
        )

    async def aclose(self) -> None:
        """Close the connection."""
        await self._pool.aclose()


def _asked(request: httpx.Request, connected: list[str]) -> httpcore.Request:
    """Return the request for the pool; `connected` gets an entry if a connection is opened for it."""

    async def note(event: str, _details: object) -> None:
        if event == "connection.connect_tcp.started":
            connected.append(event)

    url = request.url
    return httpcore.Request(
        method=request.method,
        url=httpcore.URL(scheme=url.raw_scheme, host=url.raw_host, port=url.port, target=url.raw_path),
        headers=request.headers.raw,
        content=request.stream,
        extensions={**request.extensions, "trace": note},
    )


class _Body(httpx.AsyncByteStream):
    def __init__(self, stream: AsyncIterable[bytes]) -> None:
        self._stream = stream

    async def __aiter__(self) -> AsyncIterator[bytes]:
        async for part in self._stream:
            yield part

    async def aclose(self) -> None:
        close = getattr(self._stream, "aclose", None)
        if close is not None:
            await close()


FAILURES = (httpcore.TimeoutException, httpcore.NetworkError, httpcore.ProtocolError, httpx.HTTPError)
"""What sending a request and receiving its answer may raise, besides `TimeoutError` and `ValueError`."""


def failure(error: Exception, url: str) -> FetchError:
    """Return what an error of a request means, in words for the operator."""
    if isinstance(error, httpcore.TimeoutException | httpx.TimeoutException | TimeoutError):
        return FetchError(Problem.TIMEOUT, url)
    if isinstance(error, httpx.InvalidURL | httpx.RemoteProtocolError):
        # httpx itself raises them for addresses it cannot read: ours, or that of a redirect.
        return FetchError(Problem.BAD_REDIRECT, f"{url}（网址无效：{_named(error)}）")
    cause = _first(error)
    if isinstance(cause, ssl.SSLCertVerificationError):
        said = _CERTIFICATES.get(cause.verify_code, f"证书未通过验证（{cause.verify_message}）")
        return FetchError(Problem.CERTIFICATE, f"{url}（{said}）")
    if isinstance(error, httpcore.ConnectError):
        return FetchError(Problem.CONNECTION, f"{url}（{_not_connected(cause)}）")
    if isinstance(error, httpcore.NetworkError) or _is_cut_off(error):
        return FetchError(Problem.CONNECTION, f"{url}（连接中断：{_named(error)}）")
    return FetchError(Problem.BAD_RESPONSE, f"{url}（响应不合 HTTP 协议：{_named(error)}）")


def _is_cut_off(error: Exception) -> bool:
    return str(error).startswith(_CUT_OFF)


def _first(error: BaseException) -> BaseException:
    """Return the first cause of an error. httpcore hands it on as an argument and drops the chain."""
    while True:
        argument = error.args[0] if error.args else None
        cause = argument if isinstance(argument, BaseException) else error.__cause__
        if cause is None:
            return error
        error = cause


def _not_connected(error: BaseException) -> str:
    """Say why there is no connection."""
    if isinstance(error, ssl.SSLError):
        return f"加密连接未能建立：{_named(error)}"
    if isinstance(error, ConnectionRefusedError):
        return "连接被拒绝"
    if isinstance(error, OSError) and error.errno in _UNREACHABLE:
        return "主机不可达"
    return f"连接不上：{_named(error)}"


def _named(error: BaseException) -> str:
    return str(error)[:200] or type(error).__name__
