"""`gongkai search`: the default search from the command line."""

import asyncio
import json
from pathlib import Path
from typing import Annotated, Any

import typer

from catalog.documents import DocumentView
from catalog.reading import load_documents
from catalog.store import Catalog
from catalog.terms import load_terms
from cli.options import DEFAULT_DATA, DataDir, plain_errors
from indexer.requests import SearchAnswer, SearchRequest
from indexer.search import Index


def search(
    query: Annotated[str, typer.Argument(help="要查的内容。", show_default=False)],
    data: DataDir = DEFAULT_DATA,
    limit: Annotated[int, typer.Option(min=1, max=100, help="最多显示几件。")] = 10,
    as_json: Annotated[bool, typer.Option("--json", help="输出一个 JSON 对象。")] = False,
) -> None:
    """检索已建立索引的文件。"""
    with plain_errors():
        value = asyncio.run(_answer(data, SearchRequest(query, limit=limit)))
    if as_json:
        typer.echo(json.dumps(value, ensure_ascii=False, indent=2))
        return
    typer.echo(f"共 {value['total']} 件文件（{value['total_publications']} 条发布）")
    for number, result in enumerate(value["results"], start=1):
        facts = "  ".join(filter(None, (result["doc_number"], result["publisher"], result["published_on"])))
        typer.echo(f"{number:>3}. {result['title']}\n     {facts}  {result['id']}")


async def _answer(data: Path, request: SearchRequest) -> dict[str, Any]:
    with Catalog.open(data, read_only=True) as catalog:
        index = Index.open(data, catalog)
        try:
            answer = await index.search(request)
        finally:
            await index.close()
        with catalog.read() as connection:
            views = load_documents(connection, [hit.document_id for hit in answer.hits])
            terms = load_terms(connection)
    label = {view.id: _label(view, terms.label) for view in views.values()}
    return _value(request, answer, views, label)


def _label(view: DocumentView, label: Any) -> str:
    codes = dict.fromkeys(code for entry in view.publications for code in entry.organizations)
    return "、".join(label("organization", code) for code in codes)


def _value(
    request: SearchRequest, answer: SearchAnswer, views: dict[str, DocumentView], publishers: dict[str, str]
) -> dict[str, Any]:
    return {
        "query": {"q": request.q, "match": request.match.value},
        "total": answer.total,
        "total_publications": answer.total_publications,
        "seq": answer.seq,
        "results": [
            {
                "id": view.id,
                "title": view.title,
                "doc_number": view.doc_number,
                "publisher": publishers[view.id],
                "published_on": hit.published_on.isoformat() if hit.published_on else None,
                "url": view.publications[0].url,
                "score": round(hit.score, 4),
            }
            for hit in answer.hits
            if (view := views.get(hit.document_id)) is not None
        ],
    }
