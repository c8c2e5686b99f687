"""The form of a declared family's file, and what is said of one that does not have it."""

import re
import tomllib
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError

from crawlers.errors import CrawlError


class DeclarationError(CrawlError):
    """A declared family's file is not what it should be."""

    def __init__(self, file: str, message: str) -> None:
        super().__init__(f"网站家族声明 {file}：{message}")


def _pattern(written: str) -> str:
    try:
        re.compile(written)
    except re.error as error:
        raise ValueError(f"不是有效的正则表达式（{error}）") from error
    return written


_Pattern = Annotated[str, Field(min_length=1, max_length=300), AfterValidator(_pattern)]
_Selector = Annotated[str, Field(pattern=r"^[A-Za-z0-9]*[#.][\w-]+$")]
_Text = Annotated[str, Field(min_length=2)]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Card(_Part):
    """What is known of the CMS and from where, as in the modules of the other families."""

    site: _Text
    known_by: _Text
    lists: _Text
    details: _Text
    oddities: _Text
    proven_by: _Text


class Signs(_Part):
    """What it is known by: patterns of addresses on its own server, or texts in the page.

    Where `hosts` are given, only pages of servers with such a name count: the other signs are common ones.
    """

    hosts: tuple[_Pattern, ...] = ()
    paths: tuple[_Pattern, ...] = ()
    texts: tuple[_Text, ...] = ()


class Api(_Part):
    """A list that a script posts for: where to, what is passed, and which argument is the page's number.

    `arguments` are patterns whose one group is the value, searched in the column's page.
    """

    path: Annotated[str, Field(pattern=r"^/")]
    sends: Literal["json", "form"]
    arguments: dict[str, _Pattern]
    page: _Text
    first_page: Literal[0, 1]


class Declaration(_Part):
    """A whole file. `proven` is false: a family proven on pages gets a module of its own."""

    name: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")]
    label: _Text
    proven: Literal[False]
    card: Card
    signs: Signs
    columns: tuple[_Pattern, ...] = ()
    details: tuple[_Pattern, ...] = ()
    body: tuple[_Selector, ...] = ()
    body_end: str | None = None
    api: Api | None = None


def read_declaration(file: str, text: str) -> Declaration:
    """Read a file's text; `DeclarationError` names file, entry and what is wrong with it."""
    try:
        declared = Declaration.model_validate(tomllib.loads(text))
    except tomllib.TOMLDecodeError as error:
        raise DeclarationError(file, f"不是有效的 TOML（{error}）。") from error
    except ValidationError as error:
        raise DeclarationError(file, "；".join(_said(problem) for problem in error.errors())) from error
    if not declared.signs.paths and not declared.signs.texts:
        raise DeclarationError(file, "signs 应至少有一条 paths 或 texts。")
    if f"{declared.name}.toml" != file:
        raise DeclarationError(file, f"name = {declared.name!r} 应与文件名相同。")
    for argument, pattern in (declared.api.arguments if declared.api else {}).items():
        if re.compile(pattern).groups != 1:
            raise DeclarationError(file, f"api.arguments.{argument} 应恰有一个括号组。")
    return declared


_PROBLEMS = {
    "missing": "缺少此项",
    "extra_forbidden": "不认识的项",
    "string_type": "应为文字",
    "literal_error": "只可取规定的值",
    "string_pattern_mismatch": "写法不对",
    "string_too_short": "太短",
    "tuple_type": "应为列表",
    "dict_type": "应为小节",
    "model_type": "应为小节",
}


def _said(problem: object) -> str:
    assert isinstance(problem, dict)  # noqa: S101 - pydantic's own type
    where = ".".join(str(part) for part in problem["loc"])
    return f"{where}：{_PROBLEMS.get(problem['type'], problem['msg'])}"
