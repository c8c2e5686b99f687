"""`/healthz` – the process is alive; `/readyz` – catalogue and index are open, and how fresh."""

from dataclasses import asdict

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse, Response
from typing_extensions import TypedDict

from search_api.api import service_of
from search_api.openapi import problem_responses

router = APIRouter()


class Alive(TypedDict):
    """The process answers."""

    status: str


class Ready(Alive):
    """The service can answer. `lag` counts the changes of the catalogue the index has yet to read."""

    seq: int
    generation: str
    lag: int


@router.get("/healthz", response_model=Alive, summary="进程是否存活")
async def healthz() -> Response:
    """Say that the process is alive."""
    return _answer({"status": "ok"})


@router.get("/readyz", response_model=Ready, summary="能否检索", responses=problem_responses("not-ready"))
async def readyz(request: Request) -> Response:
    """Say whether searches can be answered: 503 until catalogue and index are open."""
    return _answer({"status": "ready", **asdict(service_of(request).readiness())})


def _answer(content: dict[str, object]) -> JSONResponse:
    return JSONResponse(content, headers={"Cache-Control": "no-store"})
