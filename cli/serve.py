"""`gongkai serve`: the JSON API and the citizens' pages over what has been indexed."""

import asyncio
import gc
import logging
import socket
from pathlib import Path
from typing import Annotated

import typer

from cli.options import DEFAULT_DATA, DataDir, plain_errors
from search_api.app import create_app
from search_api.problems import AddressError
from search_api.pushed import LONGEST_BODY
from search_api.server import address_of, listen, run
from search_api.service import Service
from search_api.workers import run_workers

MIB = 1024 * 1024

logger = logging.getLogger("gongkai.serve")


def serve(
    data: DataDir = DEFAULT_DATA,
    host: Annotated[str, typer.Option(help="监听的地址；对外服务用 0.0.0.0。")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65535, help="监听的端口；0 为任选一个空闲端口。")] = 8000,
    workers: Annotated[int, typer.Option(min=1, max=64, help="工作进程数；一般与处理器核数相同。")] = 1,
    push_mib: Annotated[int, typer.Option(min=1, max=64, help="推送一条信息的内容上限（MiB）。")] = 4,
) -> None:
    """提供检索服务：网页和 JSON 接口。按 Ctrl+C 或发送 SIGTERM 停止。"""
    with plain_errors():
        try:
            listener = listen(host, port)
        except AddressError as error:
            typer.echo(f"错误：{error}", err=True)
            raise typer.Exit(2) from error
        serve_on(listener, data, workers, push_bytes=push_mib * MIB)


def serve_on(
    listener: socket.socket, data: Path, workers: int = 1, *, push_bytes: int = LONGEST_BODY
) -> None:
    """Serve a data folder on a listening socket until SIGINT or SIGTERM; closes the socket.

    Raises `CatalogError` or `IndexingError` if there is nothing to serve.
    """
    logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(levelname)s %(message)s")
    logger.setLevel(logging.INFO)
    with listener:
        if workers == 1:
            _serve_one(listener, data, push_bytes, announce=True)
        else:
            _check(data)
            _announce(listener, data, workers)
            run_workers(workers, lambda: _serve_one(listener, data, push_bytes))


def _check(data: Path) -> None:
    """Raise why a folder cannot be served; everything is closed again, for it would not outlive a fork."""
    service = Service(data)
    try:
        service.open()
    finally:
        asyncio.run(service.close())


def _announce(listener: socket.socket, data: Path, workers: int) -> None:
    logger.info("服务已启动 address=%s data=%s workers=%d", address_of(listener), data, workers)


def _serve_one(listener: socket.socket, data: Path, push_bytes: int, *, announce: bool = False) -> None:
    service = Service(data, push_bytes=push_bytes)
    try:
        service.open()
        gc.collect()
        gc.freeze()  # what is open stays: collections need not walk through it for every answer's garbage
        if announce:
            _announce(listener, data, 1)
        run(create_app(service), listener)
    finally:
        asyncio.run(service.close())
