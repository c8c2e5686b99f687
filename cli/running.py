"""`gongkai run`: the demo city crawled, indexed and served by one command; what `make run` calls."""

import asyncio
import json
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from catalog.durability import write_atomically
from catalog.errors import CatalogError
from cli.crawl import crawl_until_signal, print_summary
from cli.demo_city import demo_city
from cli.following import following
from cli.indexing import run_indexing
from cli.options import DEFAULT_DATA, DataDir, plain_errors
from cli.serve import serve_on
from crawlers.errors import CrawlError
from crawlers.sites import read_sites
from demo.city import DEFAULT_PORT
from demo.errors import DemoError
from demo.publishing import DEFAULT_PUBLICATIONS, DEFAULT_SEED, LEAST_PUBLICATIONS, subsites
from demo.sites_file import write_sites_file
from search_api.problems import AddressError
from search_api.server import address_of, listen


def run(
    data: DataDir = DEFAULT_DATA,
    host: Annotated[str, typer.Option(help="服务监听的地址。")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65535, help="服务监听的端口。")] = 8000,
    demo_port: Annotated[int, typer.Option(min=1, max=65535, help="演示站点的端口。")] = DEFAULT_PORT,
    publications: Annotated[
        int, typer.Option(min=LEAST_PUBLICATIONS, help="演示城市发布多少条信息。")
    ] = DEFAULT_PUBLICATIONS,
) -> None:
    """启动演示城市，抓取、建索引并提供检索；再次运行直接提供服务。按 Ctrl+C 停止。"""
    with plain_errors():
        try:
            listener = listen(host, port)  # a taken port is told before minutes of work
            with demo_city(DEFAULT_SEED, publications, demo_port):
                _crawl_once(data, demo_port, publications)
                run_indexing(data)
                typer.echo(f"演示城市已可检索：{address_of(listener)} （按 Ctrl+C 停止）")
                with following(data):
                    serve_on(listener, data)
        except (AddressError, CrawlError, DemoError, CatalogError) as error:
            typer.echo(f"错误：{error}", err=True)
            raise typer.Exit(1) from error


def _crawl_once(data: Path, port: int, publications: int) -> None:
    """Crawl the demo city unless a crawl of this very city has been finished before."""
    folder = data / "demo"
    folder.mkdir(parents=True, exist_ok=True)
    done = folder / "crawled.json"
    city = json.dumps({"seed": DEFAULT_SEED, "publications": publications, "port": port}).encode()
    if done.exists() and done.read_bytes() == city:
        return
    sites = folder / "sites.toml"
    write_sites_file(sites, subsites(), port)
    summary = asyncio.run(crawl_until_signal(read_sites(sites), data))
    print_summary(Console(stderr=True), summary)
    if summary.interrupted:
        raise typer.Exit(1)
    write_atomically(done, city)
