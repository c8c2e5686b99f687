"""`gongkai search`: the default search from the command line, answered as the API answers it."""

import asyncio
import json
from pathlib import Path
from typing import Annotated

import typer

from catalog.folding import clean
from cli.options import DEFAULT_DATA, DataDir, plain_errors
from indexer.requests import SearchRequest
from search_api.answers import Answer, Result
from search_api.grammar import MAX_QUERY
from search_api.service import Service


def search(
    query: Annotated[str, typer.Argument(help="要查的内容。", show_default=False)],
    data: DataDir = DEFAULT_DATA,
    limit: Annotated[int, typer.Option(min=1, max=100, help="最多显示几件。")] = 10,
    as_json: Annotated[bool, typer.Option("--json", help="输出一个 JSON 对象，与接口的答复相同。")] = False,
) -> None:
    """检索已建立索引的文件。"""
    query = clean(query)
    if len(query) > MAX_QUERY:
        typer.echo(f"错误：检索词有 {len(query)} 字，最多 {MAX_QUERY} 字。", err=True)
        raise typer.Exit(2)
    with plain_errors():
        answer = asyncio.run(_answer(data, SearchRequest(query, limit=limit)))
    if as_json:
        typer.echo(json.dumps(answer, ensure_ascii=False, indent=2))
        return
    typer.echo(f"共 {answer['total']} 件文件（{answer['total_publications']} 条发布）")
    for number, result in enumerate(answer["results"], start=1):
        typer.echo(f"{number:>3}. {result['title']}\n     {_facts(result)}")


async def _answer(data: Path, request: SearchRequest) -> Answer:
    service = Service(data)
    try:
        service.open()
        return await service.search(request)
    finally:
        await service.close()


def _facts(result: Result) -> str:
    publishers = "、".join(each["label"] for each in result["organization"])
    return "  ".join(filter(None, (result["doc_number"], publishers, result["published_on"], result["id"])))
