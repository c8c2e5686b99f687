"""`gongkai eval`: how good the default search is on a set with judgements."""

import asyncio
import json
import tempfile
from pathlib import Path
from typing import Annotated

import typer

from cli.options import plain_errors
from cli.progress import progress_bar
from indexer.evaluation import evaluate


def eval_(
    folder: Annotated[
        Path,
        typer.Argument(help="含 docs.jsonl、queries.jsonl、qrels.tsv 的目录。", show_default=False),
    ],
) -> None:
    """建立临时索引，逐条检索，输出一行 JSON 的质量指标。"""
    with plain_errors(), tempfile.TemporaryDirectory() as temporary, progress_bar() as bar:
        tasks = {
            "documents": bar.add_task("建立索引", total=None),
            "queries": bar.add_task("检索", total=None),
        }
        scores = asyncio.run(
            evaluate(folder, Path(temporary) / "index", lambda what, done: bar.advance(tasks[what], done))
        )
    typer.echo(json.dumps(scores.to_json()))
