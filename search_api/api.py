"""The JSON API: `/api/v1/search` and `/api/v1/documents/{id}`."""

from collections.abc import Mapping
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse, RedirectResponse, Response

from catalog.reading import Moved
from search_api.answers import Answer
from search_api.documents import DocumentAnswer, document_answer
from search_api.grammar import parse, refuse_all
from search_api.openapi import problem_responses, search_parameters
from search_api.problems import KINDS
from search_api.service import Service

router = APIRouter(prefix="/api/v1")

_SEARCH_PROBLEMS = [code for code, kind in KINDS.items() if kind.status == 422]


def service_of(request: Request) -> Service:
    """Return the service behind a request."""
    service: Service = request.app.state.service
    return service


def json_response(content: Mapping[str, Any]) -> JSONResponse:
    """Return an answer that is asked for anew each time: what was taken down must not live in caches."""
    return JSONResponse(content, headers={"Cache-Control": "no-cache"})


@router.get(
    "/search",
    response_model=Answer,
    summary="检索文件",
    responses=problem_responses(*_SEARCH_PROBLEMS, "not-ready", "busy"),
    openapi_extra={"parameters": search_parameters()},
)
async def search(request: Request) -> Response:
    """Return one page of documents, with exact totals and the facets asked for."""
    return json_response(await service_of(request).search(parse(request.scope["query_string"])))


@router.get(
    "/documents/{document_id}",
    response_model=DocumentAnswer,
    summary="一份文件的全部内容",
    responses={
        308: {"description": "已并入另一份文件，Location 为其地址"},
        **problem_responses("document-not-found", "document-gone", "unknown-parameter", "not-ready", "busy"),
    },
)
async def document(request: Request, document_id: str) -> Response:
    """Return everything that is known of a document, with its publications and their statements."""
    refuse_all(request.scope["query_string"])
    service = service_of(request)
    found = service.document(document_id)
    if isinstance(found, Moved):
        return RedirectResponse(f"/api/v1/documents/{found.document_id}", status_code=308)
    return json_response(document_answer(found, service.labels, service.relations(found)))
