"""`gongkai demo`: the made-up city as JSON lines, as subsites on loopback, and as a list of sites."""

from pathlib import Path
from typing import Annotated, NoReturn

import typer

from cli.progress import progress_bar
from demo.city import DEFAULT_PORT
from demo.errors import AddressTakenError, OutputError
from demo.export import export
from demo.publishing import DEFAULT_PUBLICATIONS, DEFAULT_SEED, LEAST_PUBLICATIONS, generate, subsites
from demo.server import serve as serve_city
from demo.sites_file import write_sites_file

app = typer.Typer(help="演示城市“泓州市”：虚构的机构、文件和站点，用来试用和测试。")

Seed = Annotated[int, typer.Option(help="随机种子；种子相同，内容完全相同。")]
Port = Annotated[int, typer.Option(help="各站点共用的端口。")]


@app.callback(invoke_without_command=True)
def demo(
    context: typer.Context,
    documents: Annotated[int | None, typer.Option(help="写出多少条记录。", show_default=False)] = None,
    out: Annotated[Path | None, typer.Option(help="写到哪个 JSONL 文件。", show_default=False)] = None,
    seed: Seed = DEFAULT_SEED,
) -> None:
    """写出可供 gongkai import 导入的 JSONL，或者用子命令启动演示站点。"""
    if context.invoked_subcommand is not None:
        if documents is not None or out is not None:
            _fail("--documents 和 --out 用来写出 JSONL，不能与子命令同时使用。")
        return
    if documents is None or out is None:
        _fail("请同时给出 --documents 数量 和 --out 文件，或者使用子命令 serve、sites。")
    if documents < 1:
        _fail(f"--documents {documents} 不对，应为大于 0 的整数。")
    try:
        with progress_bar() as bar:
            task = bar.add_task(f"写出 {out.name}", total=documents)
            export(out, documents, seed, lambda done: bar.update(task, completed=done))
    except OutputError as error:
        _fail(str(error))
    typer.echo(f"{out}：已写出 {documents} 条记录。")


@app.command()
def serve(
    port: Port = DEFAULT_PORT,
    seed: Seed = DEFAULT_SEED,
    publications: Annotated[int, typer.Option(help="共发布多少条信息。")] = DEFAULT_PUBLICATIONS,
) -> None:
    """在本机启动演示城市的全部站点，按 Ctrl+C 结束。"""
    _check_port(port)
    if publications < LEAST_PUBLICATIONS:
        _fail(f"--publications {publications} 太少，应为不小于 {LEAST_PUBLICATIONS} 的整数。")
    city = generate(seed, publications)
    typer.echo(f"演示站点共 {len(city.subsites)} 个，发布信息 {len(city.publications)} 条：")
    for subsite in city.subsites:
        typer.echo(f"  {subsite.root(port)}  {subsite.name}")
    try:
        serve_city(city, port)
    except AddressTakenError as error:
        _fail(str(error), code=1)


@app.command()
def sites(
    file: Annotated[
        Path, typer.Argument(help="写到哪个 TOML 文件；机构文件写在它旁边。", show_default=False)
    ],
    port: Port = DEFAULT_PORT,
) -> None:
    """写出供 gongkai crawl --sites 使用的站点清单。"""
    _check_port(port)
    try:
        write_sites_file(file, subsites(), port)
    except OutputError as error:
        _fail(str(error))
    typer.echo(f"{file}：已写出站点清单。")


def _check_port(port: int) -> None:
    if not 1 <= port <= 65535:
        _fail(f"--port {port} 不对，应为 1 到 65535 之间的整数。")


def _fail(message: str, code: int = 2) -> NoReturn:
    typer.echo(f"错误：{message}", err=True)
    raise typer.Exit(code)
