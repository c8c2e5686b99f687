"""`gongkai compare`: whether two data folders hold the same catalogue."""

from pathlib import Path
from typing import Annotated

import typer

from catalog import comparing
from catalog.store import Catalog
from cli.options import plain_errors

SHOWN = 50

Folder = Annotated[Path, typer.Argument(help="数据目录。", show_default=False, file_okay=False)]


def compare(
    one: Folder,
    other: Folder,
    every: Annotated[bool, typer.Option("--all", help=f"列出全部不同，而不只是前 {SHOWN} 处。")] = False,
) -> None:
    """比较两个目录库的内容；编号、时间和变更号不算。"""
    with plain_errors():
        found = comparing.differences(_snapshot(one), _snapshot(other))
    for line in found if every else found[:SHOWN]:
        typer.echo(line)
    if not found:
        typer.echo("两个目录库内容相同。")
        return
    typer.echo(f"共 {len(found)} 处不同。")
    raise typer.Exit(1)


def _snapshot(folder: Path) -> comparing.Snapshot:
    with Catalog.open(folder, read_only=True) as catalog, catalog.read() as connection:
        return comparing.snapshot(connection)
