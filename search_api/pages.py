"""The citizens' pages: home, results, document, errors. Rendered here, complete without a script."""

from collections.abc import Mapping
from dataclasses import replace
from urllib.parse import quote

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response

from catalog.reading import Moved
from indexer.requests import Facet, SearchRequest, Sort
from search_api import refine
from search_api.api import service_of
from search_api.grammar import PARAMETERS, page_of, parse_leniently
from search_api.problems import KINDS, ProblemError
from search_api.sheets import sheet_of
from search_api.templating import TEXT_COOKIE, render

NEWEST = 8
"""Documents on the home page."""
TILES = {Facet.TOPIC: 22, Facet.ORGANIZATION: 12, Facet.COLUMN: 12}
"""By what the home page lets one browse, and how many values it shows."""

router = APIRouter(include_in_schema=False)


@router.get("/")
async def home(request: Request) -> Response:
    """Show the search box, ways to browse, and what is new. A search sent here goes to the results."""
    if PARAMETERS & set(request.query_params):
        return RedirectResponse(
            "/search?" + quote(request.scope["query_string"], safe="%&=+"), status_code=307
        )
    newest = SearchRequest(sort=Sort.PUBLISHED_DESC, limit=NEWEST, facets=tuple(TILES))
    answer = await service_of(request).search(newest)
    tiles = [
        (facet, refine.browse(facet.value, answer["facets"][facet.value], limit))
        for facet, limit in TILES.items()
    ]
    return render(request, "home.html", answer=answer, tiles=tiles, labels=service_of(request).labels)


@router.get("/search")
async def results(request: Request) -> Response:
    """Show one page of results with every way to narrow them."""
    asked, notes = parse_leniently(request.scope["query_string"])
    asked = replace(asked, facets=tuple(Facet), cursor=None)
    if not asked.q.strip() and asked.sort is Sort.RELEVANCE:
        asked = replace(asked, q="", sort=Sort.PUBLISHED_DESC)
    service = service_of(request)
    answer = await service.search(asked)
    return render(
        request,
        "results.html",
        asked=asked,
        answer=answer,
        labels=service.labels,
        notes=notes,
        page=page_of(asked),
        panels=refine.panels(asked, answer["facets"], service.labels),
        chips=refine.chips(asked, service.labels),
        sorts=refine.sort_switches(asked),
        scopes=refine.scope_switches(asked),
        matches=refine.match_switches(asked),
        pager=refine.pager(asked, answer["total"]),
        cleared=refine.cleared(asked),
        query_fields=refine.hidden_fields(asked, "q"),
        date_fields=refine.hidden_fields(asked, "published_from", "published_to"),
    )


@router.get("/documents/{document_id}")
async def document(request: Request, document_id: str) -> Response:
    """Show a document; a merged one sends on to where it went."""
    service = service_of(request)
    found = service.document(document_id)
    if isinstance(found, Moved):
        return RedirectResponse(f"/documents/{found.document_id}", status_code=308)
    return render(
        request,
        "document.html",
        document=found,
        sheet=sheet_of(found, service.labels),
        relations=service.relations(found),
    )


@router.get("/problems/{code}")
async def problem(request: Request, code: str) -> Response:
    """Explain a kind of problem: where the `type` of a problem details object leads."""
    kind = KINDS.get(code)
    if kind is None:
        raise ProblemError("not-found")
    return render(request, "problem_kind.html", code=code, kind=kind)


@router.get("/text-size")
async def text_size(request: Request) -> Response:
    """Switch between the normal and the large version (one cookie of our own) and go back."""
    back = request.query_params.get("back", "/")
    # A local path only: neither another host (`//`, `/\`) nor a header of its own.
    if not back.startswith("/") or back[1:2] in ("/", "\\") or any(ord(char) < 32 for char in back):
        back = "/"
    response = RedirectResponse(quote(back, safe="/?&=%+:,"), status_code=303)
    response.headers["Cache-Control"] = "no-store"
    if request.query_params.get("to") == "large":
        response.set_cookie(TEXT_COOKIE, "large", max_age=365 * 86400, httponly=True, samesite="lax")
    else:
        response.delete_cookie(TEXT_COOKIE)
    return response


def problem_page(
    request: Request, problem: ProblemError, headers: Mapping[str, str] | None = None
) -> Response:
    """Return a problem as a page in Chinese."""
    response = render(request, "problem.html", status=problem.kind.status, problem=problem)
    response.headers.update(headers or {})
    return response
