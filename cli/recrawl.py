"""`gongkai recrawl`: a page or a whole subsite now, also while a crawl runs."""

import asyncio
from contextlib import closing
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from cli.crawl import WRONG_USAGE, crawl_errors, crawl_until_signal, print_summary
from cli.options import DEFAULT_DATA, DataDir
from crawlers.addresses import canonical, resolve
from crawlers.families.family import PageRequest
from crawlers.frontier import Frontier
from crawlers.jobs import JobKind, JobState, NewJob
from crawlers.pushing import detail_of, site_of, told
from crawlers.sites import Sites, read_sites


def recrawl(
    urls: Annotated[list[str], typer.Argument(help="网页的网址；子站的网址表示重抓整个子站。")],
    sites: Annotated[Path, typer.Option(help="站点清单（TOML 文件）")],
    data: DataDir = DEFAULT_DATA,
) -> None:
    """立即重新抓取网页或整个子站；正在抓取时由抓取进程优先处理，本命令等候结果。

    退出码：0 全部成功；1 有网页失败或被中断；2 用法或清单有误。
    """
    errors = Console(stderr=True)
    with crawl_errors(errors, data):
        read = read_sites(sites)
        jobs = [_job(url, read, errors) for url in urls]
        with closing(Frontier(data)) as frontier:
            with frontier.write() as changes:
                for job in jobs:
                    if job.kind is JobKind.HOME:
                        changes.ask_site(job)
                    else:
                        changes.ask(job)
            summary = asyncio.run(crawl_until_signal(read, data, urgent_only=True))
            told_well = [_tell(frontier, job) for job in jobs]
    if any(job.kind is JobKind.HOME for job in jobs):
        print_summary(Console(), summary)
    raise typer.Exit(0 if all(told_well) and not summary.interrupted else 1)


def _job(given: str, sites: Sites, errors: Console) -> NewJob:
    url = resolve(given, given)
    site = None if url is None else site_of(url, sites.sites)
    if url is None or site is None:
        text = f"错误：{given} 不属于站点清单中的任何站点，应为清单中站点的网址或其下的网页。"
        errors.print(text, style="red", markup=False, highlight=False, soft_wrap=True)
        raise typer.Exit(WRONG_USAGE)
    home = next((site for site in sites.sites if canonical(site.url) == canonical(url)), None)
    if home is not None:
        return NewJob(JobKind.HOME, home.url, PageRequest(home.url), urgent=True)
    return detail_of(url, site)


def _tell(frontier: Frontier, job: NewJob) -> bool:
    """Say what became of a job; tell whether it is well."""
    news = frontier.state_of(job.key)
    if news is None or news.state is JobState.PENDING:
        typer.echo(f"{job.request.url}  尚未抓取，将在下一轮处理。")
        return False
    typer.echo(f"{job.request.url}  {told(news.state, news.note)}")
    return news.state is JobState.DONE and not news.note
