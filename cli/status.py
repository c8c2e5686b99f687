"""`gongkai status`: what is there and how far the index is behind."""

import json
from pathlib import Path
from typing import Annotated, Any

import typer

from catalog.reading import counts
from catalog.store import Catalog, last_seq
from catalog.suppression import suppressed_ids
from cli.options import DEFAULT_DATA, DataDir, plain_errors
from indexer.errors import IndexFormatError
from indexer.generations import Generations
from indexer.whoosh_engine.manifest import read_manifest


def status(
    data: DataDir = DEFAULT_DATA,
    as_json: Annotated[bool, typer.Option("--json", help="输出一个 JSON 对象。")] = False,
) -> None:
    """显示目录库的数量、索引的版本和落后的变更数。"""
    with plain_errors():
        value = _status(data)
    if as_json:
        typer.echo(json.dumps(value, ensure_ascii=False))
        return
    typer.echo(f"数据目录    {data}")
    typer.echo(f"站点        {value['subsites']} 个")
    typer.echo(f"发布        {value['publications']} 条（原网站已撤下 {value['withdrawn']} 条）")
    typer.echo(f"文件        {value['documents']} 件（撤下 {value['suppressed']} 项）")
    typer.echo(f"变更号      {value['seq']}")
    if value["generation"] is None:
        typer.echo(f"索引        {value['index_error'] or '还没有，请运行 gongkai index'}")
    else:
        typer.echo(f"索引        {value['generation']}，到变更号 {value['index_seq']}，落后 {value['lag']}")


def _status(data: Path) -> dict[str, Any]:
    with Catalog.open(data, read_only=True) as catalog, catalog.read() as connection:
        value: dict[str, Any] = counts(connection)
        value["suppressed"] = len(suppressed_ids(connection))
        value["seq"] = last_seq(connection)
    live = Generations(data).live()
    value |= {"generation": None, "index_seq": None, "lag": None, "index_error": None}
    if live is not None:
        try:
            seq = read_manifest(live).seq
        except IndexFormatError as error:
            value["index_error"] = str(error)
        else:
            value |= {"generation": live.name, "index_seq": seq, "lag": value["seq"] - seq}
    return value
