"""Links of lists that lead to no document: each is named among its site's traps, and answered accordingly.

Whoever lists them has nothing to gain but their being refused: they are no publications of the city.
"""

import zlib
from collections.abc import Callable
from dataclasses import dataclass

from demo.city import Subsite
from demo.pages import Answer, render

HACKED_PATH = "/wap/vx83kq/index.html"
"""Where the pages of strangers stand on a hacked site; hidden links of its home page lead there."""

_FIRST_NUMBER = 900


@dataclass(frozen=True, slots=True)
class FalseItem:
    """A row of a list that leads to no document.

    `number` makes its address; `answer` is given the site's home page and returns what stands there.
    """

    trap: str
    number: int
    title: str
    day: str
    answer: Callable[[Answer], Answer]


def false_items(site: Subsite) -> list[FalseItem]:
    """Return the false items of a site, in the order of the table."""
    return [item for item in _ITEMS if item.trap in site.traps]


def hexadecimal(site: Subsite, item: FalseItem) -> str:
    """Return 24 hexadecimal digits that stand for an item, always the same."""
    return f"{zlib.crc32(site.key.encode()):08x}{item.number:016x}"


def hacked_page() -> Answer:
    """Return a page that strangers have put on the server: a cloned portal with their brand spliced in."""
    return Answer(render("false/hacked.html").encode(), "text/html; charset=utf-8")


def _soft_404(_: Answer) -> Answer:
    return Answer(render("false/withdrawn.html").encode(), "text/html; charset=utf-8")


def _shell(_: Answer) -> Answer:
    return Answer(render("false/shell.html").encode(), "text/html; charset=utf-8")


def _home(home: Answer) -> Answer:
    return home


def _hacked(_: Answer) -> Answer:
    return hacked_page()


_ITEMS = (
    FalseItem("dead_row", _FIRST_NUMBER, "关于该信息已经撤下的测试条目", "2009-12-31", _soft_404),
    FalseItem("shell_row", _FIRST_NUMBER + 1, "关于访问校验的测试条目", "2019-06-03", _shell),
    FalseItem("home_row", _FIRST_NUMBER + 2, "关于链接失效后转到首页的测试条目", "2014-05-20", _home),
    FalseItem("hacked_row", _FIRST_NUMBER + 3, "关于页面被篡改的测试条目", "2018-09-11", _hacked),
)
