"""`gongkai findings`: what is wrong at the sources, one line each."""

import json
from dataclasses import asdict
from datetime import datetime, timedelta
from pathlib import Path
from typing import Annotated

import typer

from catalog import removal
from catalog.findings import Finding, FindingKind, open_findings, resolve_by_id
from catalog.store import Catalog
from cli.options import DEFAULT_DATA, DataDir, plain_errors
from cli.suppressing import follow

CHINA = timedelta(hours=8)

Kind = Annotated[FindingKind | None, typer.Option(help="只列出这一类。", show_default=False)]
Every = Annotated[bool, typer.Option("--all", help="也列出已了结的。")]
Settled = Annotated[str | None, typer.Option("--resolve", help="了结这个编号的问题。", show_default=False)]
Confirmed = Annotated[
    str | None,
    typer.Option("--confirm", help="确认这个“大面积失效”确是删除，予以撤下。", show_default=False),
]


def findings(
    data: DataDir = DEFAULT_DATA,
    kind: Kind = None,
    every: Every = False,
    resolve: Settled = None,
    confirm: Confirmed = None,
    as_json: Annotated[bool, typer.Option("--json", help="每个问题输出一行 JSON。")] = False,
) -> None:
    """列出各站点未了的问题；抓取时问题消失，会自行了结。"""
    with plain_errors():
        if resolve is not None or confirm is not None:
            _settle(data, resolve, confirm)
            return
        with Catalog.open(data, read_only=True) as catalog, catalog.read() as connection:
            found = list(open_findings(connection, kind=kind, resolved=every))
    for finding in found:
        typer.echo(json.dumps(_as_json(finding), ensure_ascii=False) if as_json else _line(finding))
    if not found and not as_json:
        typer.echo("没有未了的问题。")


def _settle(data: Path, resolve: str | None, confirm: str | None) -> None:
    with Catalog.open(data, read_only=True):
        pass  # a catalogue must be there; opening it to write would make one
    with Catalog.open(data) as catalog, catalog.write() as tx:
        if resolve is not None:
            resolve_by_id(tx, resolve)
            typer.echo(f"问题 {resolve} 已了结。")
        if confirm is not None:
            count = removal.confirm_mass(tx, confirm)
            typer.echo(f"已撤下 {count} 条发布。")
    if confirm is not None:
        follow(data)


def _line(finding: Finding) -> str:
    over = "" if finding.resolved_at is None else f"，{_moment(finding.resolved_at)} 了结"
    since = f"{_moment(finding.first_seen)} 起 {finding.times} 次{over}"
    detail = finding.detail.removeprefix(f"{finding.kind.label}：")
    said = "" if detail == finding.subject else detail
    return f"{finding.id}  {finding.kind.label}  {finding.subject}\n    {said}（{since}）"


def _as_json(finding: Finding) -> dict[str, object]:
    value = asdict(finding) | {"label": finding.kind.label}
    return {
        key: f"{each.isoformat()}Z" if isinstance(each, datetime) else each for key, each in value.items()
    }


def _moment(moment: datetime) -> str:
    return f"{moment + CHINA:%Y-%m-%d %H:%M}"
