"""`gongkai key`: the keys with which other programs may push."""

from contextlib import closing
from pathlib import Path
from typing import Annotated

import typer

from cli.options import DEFAULT_DATA, DataDir, plain_errors
from search_api.keys import Keys

app = typer.Typer(no_args_is_help=True, add_completion=False, help="管理推送接口的密钥。")


@app.command("new")
def new(
    name: Annotated[str, typer.Option(help="给谁用的，如“市民政局网站后台”。")],
    data: DataDir = DEFAULT_DATA,
) -> None:
    """生成一个密钥；只显示这一次，请立即妥善保存。"""
    if not name.strip():
        typer.echo("错误：必须用 --name 写明密钥给谁用。", err=True)
        raise typer.Exit(2)
    with plain_errors(), closing(_open(data)) as keys:
        typer.echo(keys.make(name.strip()))
    typer.echo("密钥只显示这一次，请立即妥善保存。", err=True)


@app.command("list")
def list_(data: DataDir = DEFAULT_DATA) -> None:
    """列出所有密钥的编号、用途和状态（不含密钥本身）。"""
    with plain_errors(), closing(_open(data)) as keys:
        found = keys.all()
        for key in found:
            state = f"已于 {key.revoked_at:%Y-%m-%d} 吊销" if key.revoked_at else "有效"
            typer.echo(f"{key.id}  {key.created_at:%Y-%m-%d}  {state}  {key.name}")
    if not found:
        typer.echo("还没有密钥。")


@app.command("revoke")
def revoke(
    key_id: Annotated[str, typer.Argument(metavar="编号", help="gongkai key list 列出的编号。")],
    data: DataDir = DEFAULT_DATA,
) -> None:
    """吊销一个密钥，立即生效。"""
    with plain_errors(), closing(_open(data)) as keys:
        if not keys.revoke(key_id):
            typer.echo(f"错误：没有编号为 {key_id!r} 的有效密钥。编号见 gongkai key list。", err=True)
            raise typer.Exit(2)


def _open(data: Path) -> Keys:
    data.mkdir(parents=True, exist_ok=True)
    return Keys(data)
