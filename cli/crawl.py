"""`gongkai crawl`: subsites into the catalogue, with live progress and an exit code that tells."""

import asyncio
import logging
import signal
from collections.abc import Iterator
from contextlib import contextmanager
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
from crawlers.watching import Watch
from crawlers.watching import watch as watch_sites
from crawlers.windows import Window, Windows

logger = logging.getLogger("gongkai.crawl")

# Once a day, as the inspection rules reckon; four rounds find what is posted in the morning by noon.
DEFAULT_INTERVAL = 360.0

ALL_WELL, SOME_FAILED, WRONG_USAGE = 0, 1, 2

_CHANGE_LABELS = {Change.NEW: "新发布", Change.CHANGED: "有变化", Change.UNCHANGED: "无变化"}


def crawl(
    sites: Annotated[Path, typer.Option(help="站点清单（TOML 文件）")],
    data: DataDir = DEFAULT_DATA,
    watch: Annotated[bool, typer.Option("--watch", help="常驻运行，按间隔一轮一轮地抓取。")] = False,
    interval: Annotated[
        float, typer.Option(min=0.01, help="常驻运行时，两轮开始时间相隔的分钟数。")
    ] = DEFAULT_INTERVAL,
    window: Annotated[
        list[str] | None,
        typer.Option(help="常驻运行时允许抓取的时段（北京时间），如 20:00-06:00；可重复。"),
    ] = None,
) -> None:
    """抓取站点清单中的各子站，写入目录库。

    中断后再次运行会接着抓；上一轮已完成时重新读取各栏目列表，抓取新出现的和到期复查的网页。
    可以同时运行几个，各抓不同的主机。退出码：0 全部成功（常驻运行：正常停止）；1 有页面或站点失败，
    或被中断；2 用法或清单有误。
    """
    with crawl_errors(Console(stderr=True), data):
        if window and not watch:
            raise CrawlError("--window 只用于常驻运行，须与 --watch 同时使用。")
        if watch:
            windows = Windows(tuple(Window.read(text) for text in window or ()))
            _watch(sites, data, Watch(interval * 60, windows))
            return
        summary = asyncio.run(crawl_until_signal(read_sites(sites), data))
    print_summary(Console(), summary)
    raise typer.Exit(ALL_WELL if summary.complete else SOME_FAILED)


@contextmanager
def crawl_errors(errors: Console, data: Path) -> Iterator[None]:
    """Tell the operator what was wrong in one line, and end with the exit code it has."""
    try:
        yield
    except (CrawlError, CatalogError) as error:
        errors.print(f"错误：{error}", style="red", markup=False, highlight=False, soft_wrap=True)
        raise typer.Exit(WRONG_USAGE) from error
    except (OSError, SQLAlchemyError) as error:
        text = (
            f"错误：读写数据目录 {data} 失败（{error}）。已入库的内容不受影响，排除故障后再次运行将接着抓。"
        )
        errors.print(text, style="red", markup=False, highlight=False, soft_wrap=True)
        raise typer.Exit(SOME_FAILED) from error


def _watch(sites: Path, data: Path, how: Watch) -> None:
    logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(levelname)s %(message)s")
    logger.setLevel(logging.INFO)
    logger.info("常驻抓取已启动 sites=%s data=%s", sites, data)

    async def until_signal() -> None:
        await watch_sites(sites, data, how, stop=_stopped_by_signals(), on_round=_log_round)

    asyncio.run(until_signal())
    logger.info("常驻抓取已停止。")


def _log_round(summary: CrawlSummary) -> None:
    figures = "  ".join(f"{label} {count}" for label, count in _figures(summary))
    logger.info("一轮%s：%s", "中断" if summary.interrupted else "完成", figures)


def _stopped_by_signals() -> asyncio.Event:
    """Return an event that SIGINT and SIGTERM set."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    return stop


async def crawl_until_signal(sites: Sites, data: Path, *, urgent_only: bool = False) -> CrawlSummary:
    """Crawl until the end, or until SIGINT or SIGTERM asks to stop after the requests under way."""
    stop = _stopped_by_signals()
    with progress_bar() as progress:
        bar = progress.add_task("抓取", total=None)

        def show(summary: CrawlSummary) -> None:
            progress.update(
                bar, completed=summary.pages, total=summary.known, description=_described(summary)
            )

        return await run_crawl(sites, data, stop=stop, on_progress=show, urgent_only=urgent_only)


def _described(summary: CrawlSummary) -> str:
    failures = sum(summary.failures.values())
    recorded = sum(summary.changes[change] for change in _CHANGE_LABELS)
    return f"抓取 {summary.sites} 个站点  入库 {recorded}  失败 {failures}"


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
        ("已彻底删除，不再抓取", summary.changes[Change.PURGED]),
        ("重试", summary.retries),
        ("附件", summary.attachments),
        ("失效附件", summary.dead_attachments),
    ]
    return [*rows, *((label, count) for label, count in extra if count)]
