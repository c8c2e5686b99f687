"""`gongkai store`: in which database the catalogue lives, and moving it into another."""

from typing import Annotated

import typer

from catalog.engines import postgresql_url
from catalog.moving import move
from catalog.store import Catalog, store_place, store_url
from cli.options import DEFAULT_DATA, DataDir, plain_errors

SQLITE = "sqlite"

app = typer.Typer(
    add_completion=False, no_args_is_help=True, help="查看目录库存放在哪里，或移到另一个数据库。"
)


@app.command("show")
def show(data: DataDir = DEFAULT_DATA) -> None:
    """显示目录库存放在哪里。"""
    with plain_errors():
        typer.echo(store_place(data, store_url(data)))


@app.command("move")
def move_(
    target: Annotated[
        str,
        typer.Argument(
            help="目标：postgresql://用户@主机:5432/库名，或 sqlite（数据目录中的文件）。", show_default=False
        ),
    ],
    data: DataDir = DEFAULT_DATA,
) -> None:
    """把目录库整个移到另一个数据库；编号和变更号不变，原库保留不动。"""
    with plain_errors():
        url = None if target == SQLITE else postgresql_url(target)
        with Catalog.open(data, read_only=True):
            pass  # a catalogue must be there; opening it to write would make one
        rows = move(data, url)
        typer.echo(f"已移入 {store_place(data, url)}，共 {rows} 行。正在运行的服务和抓取请重新启动。")
