"""Options that several commands share, and how a command fails."""

import getpass
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer

from catalog.errors import CatalogError
from indexer.errors import IndexingError

DataDir = Annotated[Path, typer.Option("--data", help="数据目录，存放目录库、归档和索引。", file_okay=False)]
DEFAULT_DATA = Path("index_data")


def operator() -> str:
    """Return who runs the command, for the audit rows of the catalogue."""
    try:
        return os.environ.get("SUDO_USER") or getpass.getuser()
    except KeyError:  # a container's user may have no name
        return str(os.getuid())


@contextmanager
def plain_errors() -> Iterator[None]:
    """Tell the operator what was wrong in one line and end with code 2, without a traceback."""
    try:
        yield
    except (CatalogError, IndexingError) as error:
        typer.echo(f"错误：{error}", err=True)
        raise typer.Exit(2) from error
    except OSError as error:
        typer.echo(f"错误：{error.strerror or error}：{error.filename or ''}", err=True)
        raise typer.Exit(2) from error
