"""`gongkai reparse`: the archive read again with today's readers; `gongkai verify-archive`: is it intact."""

import asyncio
from collections import Counter
from contextlib import closing
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table
from sqlalchemy.exc import OperationalError

from catalog.errors import CatalogError
from catalog.store import Catalog
from cli.options import DEFAULT_DATA, DataDir, plain_errors
from cli.progress import progress_bar
from crawlers.archive_reading import ArchiveReader
from crawlers.errors import ArchiveError
from crawlers.families import FAMILIES
from crawlers.reparsing import VERDICT_LABELS, Reparser, Rereading, Verdict

ALL_WELL, SOME_LOST, WRONG_USAGE = 0, 1, 2
# Printed without --all; the table counts every one.
_SHOWN = 100


def reparse(
    family: Annotated[str | None, typer.Option(help="只读这一类建站系统的站点，如 hanweb_jcms。")] = None,
    site: Annotated[str | None, typer.Option(help="只读这一个站点（站点清单中的网址）。")] = None,
    apply: Annotated[bool, typer.Option("--apply", help="把新的读取结果写入目录库。")] = False,
    show_all: Annotated[bool, typer.Option("--all", help="列出所有不同之处，不止前一百个页面。")] = False,
    data: DataDir = DEFAULT_DATA,
) -> None:
    """用现在的读取规则重新读取归档中的网页和附件，逐项列出与目录库的不同。

    不访问任何网站。不加 --apply 时只列出，不改动目录库。
    退出码：0 全部读到；1 有归档缺失或损坏；2 用法有误。
    """
    if family is not None and family not in FAMILIES:
        typer.echo(f"错误：--family {family} 不对，应为下列之一：{'、'.join(sorted(FAMILIES))}。", err=True)
        raise typer.Exit(WRONG_USAGE)
    report = _Report(Console(), show_all=show_all)
    try:
        _read_again(report, data, family, site, apply=apply)
    except OperationalError as error:
        typer.echo(
            f"错误：目录库 {data} 正被占用或无法读写（{error.orig}）。已写入的不受影响，可再次运行。",
            err=True,
        )
        raise typer.Exit(WRONG_USAGE) from error
    report.summarize(applied=apply)
    raise typer.Exit(SOME_LOST if report.verdicts[Verdict.NOT_ARCHIVED] else ALL_WELL)


def _read_again(report: "_Report", data: Path, family: str | None, site: str | None, *, apply: bool) -> None:
    with (
        plain_errors(),
        Catalog.open(data, read_only=not apply) as catalog,
        closing(Reparser(catalog)) as reparser,
        progress_bar() as progress,
    ):
        ids = reparser.captures(family=family, site=site)
        if site is not None and not ids:
            raise CatalogError(
                f"归档中没有网址为 {site} 的站点的内容。请照站点清单填写，并去掉不相符的 --family。"
            )
        bar = progress.add_task("重新读取", total=len(ids))

        def note(reading: Rereading) -> None:
            report.note(reading)
            progress.update(bar, advance=1)

        asyncio.run(reparser.read(ids, apply=apply, report=note))


class _Report:
    """Prints each page that is read otherwise, and counts."""

    def __init__(self, console: Console, *, show_all: bool) -> None:
        self._console = console
        self._show_all = show_all
        self._told = 0
        self._unprinted = 0
        self.verdicts: Counter[Verdict] = Counter()
        self._fields: Counter[tuple[str, str]] = Counter()

    def note(self, reading: Rereading) -> None:
        self.verdicts[reading.verdict] += 1
        for kind in {(one.field.partition(" ")[0], one.provenance or "") for one in reading.differences}:
            self._fields[kind] += 1
        if reading.verdict is Verdict.SAME:
            return
        if self._told >= _SHOWN and not self._show_all:
            self._unprinted += 1
            return
        self._told += 1
        self._print(reading.capture.alias)
        for line in (*map(str, reading.differences), reading.detail):
            if line:
                self._print(f"  {line}")

    def summarize(self, *, applied: bool) -> None:
        if self._unprinted:
            self._print(f"……另有 {self._unprinted:,} 个页面未列出，用 --all 列出全部。")
        table = Table(title="重新读取结果", title_justify="left", show_header=False)
        table.add_column("项目")
        table.add_column("页面数", justify="right")
        for verdict, label in VERDICT_LABELS.items():
            if self.verdicts[verdict] or verdict in {Verdict.SAME, Verdict.DIFFERENT}:
                table.add_row(label, f"{self.verdicts[verdict]:,}")
        for (field, provenance), count in self._fields.most_common():
            table.add_row(f"  其中：{field}{f'（{provenance}）' if provenance else ''}", f"{count:,}")
        self._console.print(table)
        if self.verdicts[Verdict.DIFFERENT]:
            self._print("已写入目录库。" if applied else "目录库未改动；加 --apply 写入。")

    def _print(self, line: str) -> None:
        self._console.print(line, markup=False, highlight=False, soft_wrap=True)


def verify_archive(data: DataDir = DEFAULT_DATA) -> None:
    """逐条检查归档文件是否完整、内容与校验值是否相符。

    每个文件末尾一条不完整的记录是进程中断所致，不影响其他内容。退出码：0 完好；1 有损坏；2 没有归档。
    """
    damages: list[ArchiveError] = []
    reader = ArchiveReader(Path(data))
    files = reader.files()
    if not files:
        typer.echo(f"错误：{data} 里没有归档文件。请用 --data 指明抓取时的数据目录。", err=True)
        raise typer.Exit(WRONG_USAGE)
    with progress_bar() as progress:
        for file in progress.track(files, description="检查归档"):
            damages += reader.damages(file)
    for damage in damages:
        typer.echo(str(damage))
    typer.echo(f"检查了 {len(files)} 个归档文件，{len(damages)} 处损坏。")
    raise typer.Exit(SOME_LOST if damages else ALL_WELL)
