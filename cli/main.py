"""Where the sub-commands come together; the module of each is loaded when it is asked for."""

from importlib import import_module
from typing import Any

import typer
from typer.core import TyperGroup

COMMANDS = {
    "import": "importing:import_",
    "extract": "extract:extract",
    "crawl": "crawl:crawl",
    "recrawl": "recrawl:recrawl",
    "reparse": "reparse:reparse",
    "verify-archive": "reparse:verify_archive",
    "index": "indexing:index",
    "verify": "verify:verify",
    "search": "searching:search",
    "serve": "serve:serve",
    "eval": "evaluating:eval_",
    "status": "status:status",
    "store": "store:app",
    "suppress": "suppressing:suppress",
    "unsuppress": "suppressing:unsuppress",
    "findings": "findings:findings",
    "merge": "merging:merge",
    "split": "merging:split",
    "undo": "merging:undo",
    "decisions": "merging:decisions",
    "suggestions": "suggestions:app",
    "purge": "purging:purge",
    "compare": "comparing:compare",
    "key": "keys:app",
    "run": "running:run",
    "demo": "demo:app",
    "new-family": "new_family:new_family",
}
"""The sub-commands in the order of the help page: module and function (or Typer app) in `cli`."""


class _Commands(TyperGroup):
    """Loads a sub-command when it is called: what must go within seconds cannot wait for a crawler."""

    def list_commands(self, ctx: object) -> list[str]:  # noqa: ARG002 (click's signature)
        return list(COMMANDS)

    def get_command(self, ctx: object, cmd_name: str) -> Any:  # noqa: ARG002 (click's signature)
        if cmd_name not in COMMANDS:
            return None
        module, name = COMMANDS[cmd_name].split(":")
        found = getattr(import_module(f"cli.{module}"), name)
        if not isinstance(found, typer.Typer):
            single = typer.Typer(add_completion=False)
            single.command(cmd_name)(found)
            found = single
        command = typer.main.get_command(found)
        command.name = cmd_name
        return command


app = typer.Typer(cls=_Commands, no_args_is_help=True, pretty_exceptions_enable=False)


@app.callback()
def gongkai() -> None:
    """公开：地方政府信息公开内容的检索服务。"""


def main() -> None:
    """Run the command line."""
    app()
