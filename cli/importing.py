"""`gongkai import`: records from JSON lines into the catalogue."""

from pathlib import Path
from typing import Annotated

import typer

from catalog.importing import ImportSummary, import_file
from catalog.store import Catalog
from cli.options import DEFAULT_DATA, DataDir, plain_errors
from cli.progress import progress_bar


def import_(
    files: Annotated[list[Path], typer.Argument(help="JSONL 文件，每行一条记录。", show_default=False)],
    data: DataDir = DEFAULT_DATA,
) -> None:
    """把 JSONL 记录导入目录库；重复导入不产生变化，坏行报告后跳过。"""
    with plain_errors():
        for file in files:
            with file.open("rb"):
                pass  # every file is there before anything changes
        bad = 0
        with Catalog.open(data) as catalog:
            for file in files:
                summary = _import_one(catalog, file)
                bad += len(summary.bad_lines)
                _tell(file, summary)
    raise typer.Exit(1 if bad else 0)


def _import_one(catalog: Catalog, file: Path) -> ImportSummary:
    with progress_bar() as bar:
        task = bar.add_task(f"导入 {file.name}", total=None)
        summary = ImportSummary()
        for summary in import_file(catalog, file):
            bar.update(task, completed=summary.records)
    return summary


def _tell(file: Path, summary: ImportSummary) -> None:
    for line in summary.bad_lines:
        typer.echo(f"{line.file}:{line.line}：{line.why}（已跳过）", err=True)
    typer.echo(
        f"{file.name}：记录 {summary.records} 条（新增 {summary.new}，变更 {summary.changed}，"
        f"未变 {summary.unchanged}，跳过 {len(summary.bad_lines)}{_purged(summary)}），"
        f"归为发布 {len(summary.publications)} 条、文件 {len(summary.documents)} 件。"
    )


def _purged(summary: ImportSummary) -> str:
    return f"，已彻底删除而不收 {summary.purged}" if summary.purged else ""
