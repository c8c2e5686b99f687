"""`gongkai new-family`: what a new CMS family begins with, in a checkout of the project."""

import keyword
import re
from importlib import resources
from pathlib import Path
from string import Template
from typing import Annotated

import typer

from crawlers.families import FAMILIES

_NAME = re.compile(r"[a-z][a-z0-9]*(?:_[a-z0-9]+)*")
_LONGEST = 24
_LONGEST_LABEL = 30
_FILES = {
    "module.py": "crawlers/families/{name}.py",
    "demo.py": "demo/{name}.py",
    "page.html": "demo/templates/{name}/page.html",
    "list.html": "tests/pages/{name}/list.html",
    "list.json": "tests/pages/{name}/list.json",
    "test.py": "tests/crawlers/test_{name}.py",
}
"""What is made, and where: each from the template of the same name in `cli/scaffold`."""


class ScaffoldError(Exception):
    """A family that cannot be begun; the message is for the operator."""


def new_family(
    name: Annotated[
        str, typer.Argument(help="家族名：小写字母、数字和下划线，如 some_cms。", show_default=False)
    ],
    label: Annotated[str | None, typer.Option(help="中文名称，如“某某内容管理系统”。")] = None,
    root: Annotated[Path, typer.Option(help="项目源码目录。", file_okay=False)] = Path(),
) -> None:
    """为一种新的网站系统生成模块、演示页面、样页和一项待人核对的测试。"""
    try:
        made = scaffold(root, name, label or name)
    except ScaffoldError as error:
        typer.echo(f"错误：{error}", err=True)
        raise typer.Exit(2) from error
    except OSError as error:
        typer.echo(f"错误：{error.strerror or error}：{error.filename or ''}", err=True)
        raise typer.Exit(2) from error
    for path in made:
        typer.echo(f"已生成 {path}")
    typer.echo(
        "下一步：填写模块开头的说明卡，按真实页面修改样页并核对记录，在 demo/data/sites.json 中加一个站点。"
    )


def scaffold(root: Path, name: str, label: str) -> list[Path]:
    """Write the files of a new family below `root` and return them.

    Raises `ScaffoldError` before anything is written.
    """
    _check_name(name)
    if not label.isprintable() or set(label) & set('"\\{}$') or len(label) > _LONGEST_LABEL:
        raise ScaffoldError(
            f"名称 {label!r} 应不超过 {_LONGEST_LABEL} 个字，不含引号、反斜线、花括号或换行。"
        )
    if not (root / "crawlers" / "families").is_dir():
        raise ScaffoldError(f"{root.resolve()} 不是本项目的源码目录，请用 --root 指明。")
    paths = {template: root / path.format(name=name) for template, path in _FILES.items()}
    if taken := [str(path) for path in paths.values() if path.exists()]:
        raise ScaffoldError(f"已有 {'、'.join(taken)}，不会覆盖。")
    values = {"name": name, "label": label, "class_name": "".join(map(str.capitalize, name.split("_")))}
    for template, path in paths.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("x", encoding="utf-8") as file:
            file.write(_filled(template, values))
    return list(paths.values())


def _check_name(name: str) -> None:
    if not _NAME.fullmatch(name) or len(name) > _LONGEST or keyword.iskeyword(name):
        raise ScaffoldError(
            f"家族名 {name!r} 不对，应为小写字母、数字和下划线，以字母开头，"
            f"不超过 {_LONGEST} 个字符，如 some_cms。"
        )
    if name in FAMILIES:
        raise ScaffoldError(f"家族 {name} 已经有了（{FAMILIES[name].label}）。")


def _filled(template: str, values: dict[str, str]) -> str:
    text = resources.files("cli").joinpath("scaffold", f"{template}.txt").read_text("utf-8")
    # A page's template is Jinja's and knows no name of the family.
    return text if template == "page.html" else Template(text).substitute(values)
