"""The application: routes, error shapes, headers."""

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator

from fastapi import FastAPI, Request
from fastapi.responses import Response
from starlette.exceptions import HTTPException
from starlette.middleware.gzip import GZipMiddleware

from search_api import api, health, pages, push
from search_api.assets import Assets
from search_api.middleware import SECURITY_HEADERS, HeadAsGet, SecurityHeaders
from search_api.problems import CODE_OF_STATUS, ProblemError, problem_response
from search_api.service import Service
from search_api.turns import Turns

MACHINE_PATHS = ("/api/", "/healthz", "/readyz", "/openapi.json")
"""Addresses whose errors are problem+json; everybody else gets a page."""

_HEADERS_OF_STATUS = {
    401: {"WWW-Authenticate": "Bearer"},
    429: {"Retry-After": "60"},
    503: {"Retry-After": "5"},
}

logger = logging.getLogger("gongkai.serve")


def create_app(service: Service) -> FastAPI:
    """Return the ASGI application over a service; while it runs it keeps the service fresh."""

    @contextlib.asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        following = asyncio.create_task(service.follow())
        try:
            yield
        finally:
            following.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await following

    app = FastAPI(
        title="政府信息公开检索接口",
        version="1",
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        lifespan=lifespan,
    )
    app.state.service = service
    app.include_router(api.router)
    app.include_router(push.router)
    app.include_router(health.router)
    app.include_router(pages.router)
    app.mount("/static", Assets(), name="static")
    app.add_exception_handler(ProblemError, _on_problem)
    app.add_exception_handler(HTTPException, _on_http_error)
    app.add_exception_handler(Exception, _on_failure)
    app.add_middleware(Turns, refuse=_refuse)
    app.add_middleware(GZipMiddleware, minimum_size=1000)
    app.add_middleware(SecurityHeaders)
    app.add_middleware(HeadAsGet)
    return app


def _respond(request: Request, problem: ProblemError, headers: dict[str, str] | None = None) -> Response:
    path = request.scope["path"]
    if path == "/api" or path.startswith(MACHINE_PATHS):
        return problem_response(problem, headers)
    return pages.problem_page(request, problem, headers)


def _refuse(request: Request) -> Response:
    return _respond(request, ProblemError("busy"), {"Retry-After": "2"})


async def _on_problem(request: Request, error: Exception) -> Response:
    assert isinstance(error, ProblemError)  # noqa: S101 - registered for nothing else
    return _respond(request, error, _HEADERS_OF_STATUS.get(error.kind.status))


async def _on_http_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)  # noqa: S101 - registered for nothing else
    headers = dict(error.headers or {})
    detail = None
    if headers.get("Allow") == "POST":
        detail = "这个地址只接受 POST。"
    elif "Allow" in headers:
        headers["Allow"] = "GET, HEAD"  # see `middleware.HeadAsGet`
    problem = ProblemError(CODE_OF_STATUS.get(error.status_code, "bad-http"), detail)
    return _respond(request, problem, headers)


async def _on_failure(request: Request, _error: Exception) -> Response:
    # Starlette answers this outside of the middleware and raises the error again for the log.
    return _respond(request, ProblemError("internal"), SECURITY_HEADERS)
