"""`gongkai suppress` and `unsuppress`: out of every answer within seconds, and back."""

from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import typer

from catalog import suppression
from catalog.store import Catalog
from cli.indexing import run_indexing
from cli.options import DEFAULT_DATA, DataDir, operator, plain_errors
from indexer.errors import IndexLockedError
from indexer.generations import Generations

Target = Annotated[str, typer.Argument(help="文件或发布记录的编号。", show_default=False)]
Why = Annotated[str, typer.Option(help="理由，记入审计。", show_default=False)]
Act = Callable[..., suppression.Suppressed]

KINDS = {"document": "文件", "publication": "发布记录"}


def suppress(target: Target, why: Why, data: DataDir = DEFAULT_DATA) -> None:
    """从所有检索结果中撤下一件文件或一条发布记录；可恢复，留痕。"""
    _act(suppression.suppress, "撤下", target, why, data)


def unsuppress(target: Target, why: Why, data: DataDir = DEFAULT_DATA) -> None:
    """恢复撤下的文件或发布记录。"""
    _act(suppression.unsuppress, "恢复", target, why, data)


def _act(act: Act, verb: str, target: str, why: str, data: Path) -> None:
    with plain_errors():
        with Catalog.open(data, read_only=True):
            pass  # a catalogue must be there; opening it to write would make one
        with Catalog.open(data) as catalog, catalog.write() as connection:
            done = act(connection, target, why=why, who=operator())
        typer.echo(f"已{verb}{KINDS[done.target_kind]} {target}。")
        follow(data)


def follow(data: Path) -> None:
    """Bring the index, if there is one, up to what was just decided."""
    if Generations(data).live() is None:
        return
    try:
        run_indexing(data)
    except IndexLockedError:
        typer.echo("索引正在由另一个进程更新；运行中的服务已按本次操作处理。")
