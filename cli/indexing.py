"""`gongkai index`: the index up to the catalogue."""

import asyncio
import signal
from pathlib import Path
from typing import Annotated

import typer

from catalog.reading import counts
from catalog.store import Catalog
from cli.options import DEFAULT_DATA, DataDir, plain_errors
from cli.progress import progress_bar
from indexer.errors import IndexFormatError
from indexer.indexing import Indexed, bring_up, follow


def index(
    data: DataDir = DEFAULT_DATA,
    rebuild: Annotated[bool, typer.Option("--rebuild", help="重建整个索引，建好并检查后再切换。")] = False,
    watch: Annotated[
        bool, typer.Option("--watch", help="持续跟随目录库的变化，直到按 Ctrl+C 或收到 SIGTERM。")
    ] = False,
) -> None:
    """使索引跟上目录库：只更新有变化的文件，或用 --rebuild 全部重建；--watch 持续跟随。"""
    with plain_errors():
        done = run_indexing(data, anew=rebuild)
    how = "重建" if done.rebuilt else "更新"
    typer.echo(f"索引已{how}：写入 {done.documents} 件，移除 {done.dropped} 件，到变更号 {done.seq}。")
    if watch:
        with plain_errors():
            asyncio.run(_watch(data))


async def _watch(data: Path) -> None:
    """Follow the catalogue until SIGINT or SIGTERM."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    typer.echo("正在跟随目录库的变化（按 Ctrl+C 停止）。")
    await follow(data, stop)
    typer.echo("已停止跟随。")


def run_indexing(data: Path, *, anew: bool = False) -> Indexed:
    """Bring the index up with a progress bar; one of another version or damaged is built anew.

    Raises what `bring_up` raises otherwise.
    """
    try:
        return _bring_up(data, anew=anew)
    except IndexFormatError as error:
        typer.echo(f"{error} 现在重建。", err=True)
        return _bring_up(data, anew=True)


def _bring_up(data: Path, *, anew: bool) -> Indexed:
    with Catalog.open(data, read_only=True) as catalog, catalog.read() as connection:
        documents = counts(connection)["documents"]
    with progress_bar() as bar:
        task = bar.add_task("建立索引", total=documents if anew else None)
        return asyncio.run(bring_up(data, anew=anew, progress=lambda done: bar.advance(task, done)))
