"""`gongkai suggestions`: documents that may be one, found, shown, accepted or refused."""

import json
from dataclasses import asdict
from datetime import datetime
from typing import Annotated

import typer
from sqlalchemy import Connection

from catalog import near_duplicates
from catalog.reading import load_documents
from catalog.store import Catalog
from catalog.suggestions import State, Suggestion, suggestions
from catalog.suggestions import accept as accept_suggestion
from catalog.suggestions import refuse as refuse_suggestion
from cli.options import DEFAULT_DATA, DataDir, operator, plain_errors
from cli.suppressing import follow

app = typer.Typer(help="查找可能是同一件的文件，由人决定是否合并。", no_args_is_help=True)

Given = Annotated[str, typer.Argument(help="建议的编号。", show_default=False)]


@app.command()
def find(data: DataDir = DEFAULT_DATA) -> None:
    """查找正文几乎相同的文件；只看上次以来有变化的。"""
    with plain_errors():
        with Catalog.open(data, read_only=True):
            pass  # a catalogue must be there; opening it to write would make one
        with Catalog.open(data) as catalog:
            searched = near_duplicates.find(catalog)
    typer.echo(f"新比较正文 {searched.sketched} 篇，核对 {searched.pairs} 对，提出建议 {searched.made} 条。")


@app.command("list")
def list_(
    data: DataDir = DEFAULT_DATA,
    state: Annotated[State, typer.Option(help="哪一种：未处理、已接受、已拒绝。")] = State.OPEN,
    as_json: Annotated[bool, typer.Option("--json", help="每条建议输出一行 JSON。")] = False,
) -> None:
    """列出建议，最相似的在前。"""
    with plain_errors(), Catalog.open(data, read_only=True) as catalog, catalog.read() as connection:
        found = list(suggestions(connection, state))
        for suggestion in found:
            shown = _as_json(suggestion) if as_json else _lines(connection, suggestion)
            typer.echo(shown)
    if not found and not as_json:
        typer.echo("没有这样的建议。")


@app.command()
def accept(suggestion: Given, data: DataDir = DEFAULT_DATA) -> None:
    """接受建议，合并两件文件；可用 gongkai undo 撤销。"""
    with plain_errors():
        with Catalog.open(data, read_only=True):
            pass
        with Catalog.open(data) as catalog, catalog.write() as tx:
            decision = accept_suggestion(tx, suggestion, who=operator())
        typer.echo(f"已合并为文件 {decision.details['into']}（决定 {decision.id}）。")
        follow(data)


@app.command()
def refuse(suggestion: Given, data: DataDir = DEFAULT_DATA) -> None:
    """拒绝建议；这一对今后不再提出。"""
    with plain_errors():
        with Catalog.open(data, read_only=True):
            pass
        with Catalog.open(data) as catalog, catalog.write() as tx:
            refuse_suggestion(tx, suggestion, who=operator())
    typer.echo(f"已拒绝建议 {suggestion}。")


def _lines(connection: Connection, suggestion: Suggestion) -> str:
    pair = suggestion.first_document_id, suggestion.second_document_id
    views = load_documents(connection, pair)
    titles = [f"    {name}  {views[name].title if name in views else '（已不在库中）'}" for name in pair]
    return "\n".join([f"{suggestion.id}  {suggestion.similarity:.1%}  {suggestion.reason}", *titles])


def _as_json(suggestion: Suggestion) -> str:
    value = asdict(suggestion)
    for key, each in value.items():
        if isinstance(each, datetime):
            value[key] = f"{each.isoformat()}Z"
    return json.dumps(value, ensure_ascii=False)
