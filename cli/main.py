"""Where the sub-commands come together."""

import typer

from cli import demo
from cli.crawl import crawl
from cli.evaluating import eval_
from cli.extract import extract
from cli.importing import import_
from cli.indexing import index
from cli.running import run
from cli.searching import search
from cli.serve import serve
from cli.status import status
from cli.suppressing import suppress, unsuppress

app = typer.Typer(
    help="公开：地方政府信息公开内容的检索服务。", no_args_is_help=True, pretty_exceptions_enable=False
)

app.command("import")(import_)
app.command("extract")(extract)
app.command("crawl")(crawl)
app.command("index")(index)
app.command("search")(search)
app.command("serve")(serve)
app.command("eval")(eval_)
app.command("status")(status)
app.command("suppress")(suppress)
app.command("unsuppress")(unsuppress)
app.command("run")(run)
app.add_typer(demo.app, name="demo")


def main() -> None:
    """Run the command line."""
    app()
