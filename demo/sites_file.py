"""Writes the list of the city's subsites for `gongkai crawl --sites`."""

import json
from pathlib import Path

from demo.bodies import ORGANIZATIONS_FILE
from demo.city import DEFAULT_PORT, Subsite
from demo.data import read
from demo.errors import OutputError


def write_sites_file(path: Path, subsites: list[Subsite], port: int = DEFAULT_PORT) -> None:
    """Write the sites file and, beside it, the city's organisations; `OutputError` if a file cannot be."""
    try:
        path.write_text(sites_text(subsites, port), encoding="utf-8")
        path.with_name(ORGANIZATIONS_FILE).write_text(read(ORGANIZATIONS_FILE), encoding="utf-8")
    except OSError as error:
        raise OutputError(path, error.strerror or str(error)) from error


def sites_text(subsites: list[Subsite], port: int) -> str:
    """Return the sites file's TOML."""
    lines = [
        "# 演示城市“泓州市”的站点清单，由 gongkai demo sites 生成。",
        f"organizations = {_quoted(ORGANIZATIONS_FILE)}",
    ]
    for subsite in subsites:
        lines += [
            "",
            "[[site]]",
            f"name = {_quoted(subsite.name)}",
            f"url = {_quoted(subsite.root(port))}",
            f"organization = {_quoted(subsite.body.name)}",
            f"family = {_quoted(subsite.family)}",
            "delay = 0",
        ]
    return "\n".join(lines) + "\n"


def _quoted(text: str) -> str:
    # JSON strings are TOML basic strings.
    return json.dumps(text, ensure_ascii=False)
