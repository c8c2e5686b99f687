"""`gongkai crawl`: subsites into the catalogue, with live progress and an exit code that tells."""

import asyncio
import signal
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table
from sqlalchemy.exc import SQLAlchemyError

from catalog.errors import CatalogError
from catalog.recording import Change
from cli.options import DEFAULT_DATA, DataDir
from cli.progress import progress_bar
from crawlers.crawl import crawl as run_crawl
from crawlers.errors import CrawlError
from crawlers.sites import Sites, read_sites
from crawlers.summary import KIND_LABELS, CrawlSummary

ALL_WELL, SOME_FAILED, WRONG_USAGE = 0, 1, 2

_CHANGE_LABELS = {Change.NEW: "新发布", Change.CHANGED: "有变化", Change.UNCHANGED: "无变化"}


def crawl(
    sites: Annotated[Path, typer.Option(help="站点清单（TOML 文件）")],
    data: DataDir = DEFAULT_DATA,
) -> None:
    """抓取站点清单中的各子站，写入目录库。

    中断后再次运行会接着抓；上一轮已完成时重新读取各栏目列表，只抓新出现的链接。
    退出码：0 全部成功；1 有页面或站点失败，或被中断；2 用法或清单有误。
    """
    errors = Console(stderr=True)
    try:
        read = read_sites(sites)
        summary = asyncio.run(crawl_until_signal(read, data))
    except (CrawlError, CatalogError) as error:
        errors.print(f"错误：{error}", style="red", markup=False, highlight=False, soft_wrap=True)
        raise typer.Exit(WRONG_USAGE) from error
    except (OSError, SQLAlchemyError) as error:
        text = (
            f"错误：读写数据目录 {data} 失败（{error}）。已入库的内容不受影响，排除故障后再次运行将接着抓。"
        )
        errors.print(text, style="red", markup=False, highlight=False, soft_wrap=True)
        raise typer.Exit(SOME_FAILED) from error
    print_summary(Console(), summary)
    raise typer.Exit(ALL_WELL if summary.complete else SOME_FAILED)


async def crawl_until_signal(sites: Sites, data: Path) -> CrawlSummary:
    """Crawl until the end, or until SIGINT or SIGTERM asks to stop after the requests under way."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    with progress_bar() as progress:
        bar = progress.add_task("抓取", total=None)

        def show(summary: CrawlSummary) -> None:
            progress.update(
                bar, completed=summary.pages, total=summary.known, description=_described(summary)
            )

        return await run_crawl(sites, data, stop=stop, on_progress=show)


def _described(summary: CrawlSummary) -> str:
    failures = sum(summary.failures.values())
    return f"抓取 {summary.sites} 个站点  入库 {sum(summary.changes.values())}  失败 {failures}"


def print_summary(console: Console, summary: CrawlSummary) -> None:
    """Print the figures of a crawl as a table, and the first failures below it."""
    table = Table(title="抓取结果", title_justify="left", show_header=False)
    table.add_column("项目")
    table.add_column("数量", justify="right")
    for label, count in _figures(summary):
        table.add_row(label, f"{count:,}")
    console.print(table)
    for failure in summary.examples:
        line = f"{failure.problem.label}：{failure.detail}"
        console.print(line, markup=False, highlight=False, soft_wrap=True)
    unlisted = sum(summary.failures.values()) - len(summary.examples)
    if unlisted > 0:
        console.print(f"……另有 {unlisted} 个失败未列出。")
    if summary.interrupted:
        console.print("抓取被中断，已抓取的内容均已保存；再次运行将接着抓。")
    console.print(f"用时 {summary.seconds:.1f} 秒。", highlight=False)


def _figures(summary: CrawlSummary) -> list[tuple[str, int]]:
    """Return the rows of the table; what did not occur and need not be said is left out."""
    rows = [("站点", summary.sites), ("处理的页面", summary.pages), ("其中列表页", summary.lists)]
    rows += [(f"入库：{label}", summary.changes[change]) for change, label in _CHANGE_LABELS.items()]
    rows += [(f"未入库：{KIND_LABELS[kind]}", count) for kind, count in sorted(summary.not_documents.items())]
    rows += [(f"失败：{problem.label}", count) for problem, count in sorted(summary.failures.items())]
    extra = [
        ("按 robots.txt 跳过", summary.skipped_by_robots),
        ("重试", summary.retries),
        ("附件", summary.attachments),
        ("失效附件", summary.dead_attachments),
    ]
    return [*rows, *((label, count) for label, count in extra if count)]
