"""`gongkai merge`, `split`, `undo` and `decisions`: staff decide what is one document."""

import json
from collections.abc import Callable
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer
from sqlalchemy import Connection

from catalog import decisions as staff
from catalog.decisions import Decision, DecisionKind
from catalog.store import Catalog
from cli.options import DEFAULT_DATA, DataDir, operator, plain_errors
from cli.suppressing import Why, follow

Document = Annotated[str, typer.Argument(help="文件的编号。", show_default=False)]
Publication = Annotated[str, typer.Argument(help="发布记录的编号。", show_default=False)]
Undone = Annotated[str, typer.Argument(help="决定的编号，见 gongkai decisions。", show_default=False)]

KINDS = {DecisionKind.MERGE: "合并", DecisionKind.SPLIT: "拆分"}


def merge(one: Document, other: Document, why: Why, data: DataDir = DEFAULT_DATA) -> None:
    """把两件文件合并为一件；今后网页变化也不会自动分开。"""
    _decide(data, lambda tx: staff.merge(tx, one, other, why=why, who=operator()))


def split(publication: Publication, why: Why, data: DataDir = DEFAULT_DATA) -> None:
    """把一条发布从文件中拆出，单独成为一件；今后不会自动归回去。"""
    _decide(data, lambda tx: staff.split(tx, publication, why=why, who=operator()))


def undo(decision: Undone, why: Why, data: DataDir = DEFAULT_DATA) -> None:
    """撤销一次合并或拆分。"""
    _decide(data, lambda tx: staff.undo(tx, decision, why=why, who=operator()))


def decisions(
    data: DataDir = DEFAULT_DATA,
    as_json: Annotated[bool, typer.Option("--json", help="每个决定输出一行 JSON。")] = False,
) -> None:
    """列出所有合并与拆分的决定，新的在前。"""
    with plain_errors(), Catalog.open(data, read_only=True) as catalog, catalog.read() as connection:
        found = list(staff.decisions(connection))
    for decision in found:
        typer.echo(json.dumps(_as_json(decision), ensure_ascii=False) if as_json else _line(decision))
    if not found and not as_json:
        typer.echo("还没有合并或拆分的决定。")


def _decide(data: Path, act: Callable[[Connection], Decision]) -> None:
    with plain_errors():
        with Catalog.open(data, read_only=True):
            pass  # a catalogue must be there; opening it to write would make one
        with Catalog.open(data) as catalog, catalog.write() as tx:
            decision = act(tx)
        typer.echo(_line(decision))
        follow(data)


def _line(decision: Decision) -> str:
    details = decision.details
    if decision.kind is DecisionKind.MERGE:
        what = f"{details['merged']} 并入 {details['into']}"
    else:
        what = f"{details['publication']} 从 {details['from']} 拆出，成为 {details['to']}"
    undone = f"（{decision.undone_by} 已撤销：{decision.undone_why}）" if decision.undone_at else ""
    return f"{decision.id}  {KINDS[decision.kind]}  {what}  {decision.who}：{decision.why}{undone}"


def _as_json(decision: Decision) -> dict[str, object]:
    value = asdict(decision)
    return {
        key: f"{each.isoformat()}Z" if isinstance(each, datetime) else each for key, each in value.items()
    }
