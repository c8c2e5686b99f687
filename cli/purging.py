"""`gongkai purge`: what was suppressed goes for good, from texts and archive."""

from typing import Annotated

import typer

from catalog import purging
from catalog.store import Catalog
from cli.options import DEFAULT_DATA, DataDir, operator, plain_errors
from cli.suppressing import Target, Why, follow


def purge(
    target: Target,
    why: Why,
    data: DataDir = DEFAULT_DATA,
    yes: Annotated[bool, typer.Option("--yes", help="不再询问。")] = False,
) -> None:
    """把已撤下的文件或发布记录从目录库和归档中彻底删除；不可恢复，只留下删除记录。"""
    with plain_errors():
        with Catalog.open(data, read_only=True) as catalog, catalog.read() as connection:
            planned = purging.plan(connection, target)
        typer.echo(
            f"将删除发布 {len(planned.publications)} 条、网页记录 {len(planned.captures)} 份，"
            "以及它们的附件文字和归档中的原始响应。"
        )
        if not yes and not typer.confirm("删除后不可恢复。确定吗？"):
            typer.echo("没有删除任何内容。")
            raise typer.Exit(1)
        with Catalog.open(data) as catalog:
            purged = purging.purge(catalog, target, why=why, who=operator())
        typer.echo(f"已彻底删除 {target}；重写归档文件 {purged.archive_files} 个。")
        if not purged.erased:
            typer.echo("目录库的日志正被其他进程读取，尚未清空；这些进程结束后会自行清空。")
        follow(data)
        typer.echo(
            "索引的旧版本里可能还有文字，请运行 gongkai index --rebuild 两次，以清除在用的和上一代的索引。"
        )
