"""The two tables: families and traps, as people or as programs read them."""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict

from rich.console import Console
from rich.table import Table

from benchmarks.city.comparing import Figures
from benchmarks.city.trapping import Handled

_COLUMNS = {
    "sites": "站点",
    "recognised": "认出",
    "planted": "种下",
    "once": "各得一次",
    "missing": "缺",
    "doubled": "重",
    "foreign": "多",
    "title": "标题",
    "dates": "日期",
    "publisher": "机构",
    "numbers": "文号索引号",
    "columns": "栏目",
    "body": "正文",
    "document": "归并",
    "failures": "失败",
}
_EXAMPLES = 3


def print_tables(console: Console, families: Mapping[str, Figures], handled: Iterable[Handled]) -> None:
    """Print both tables; below the second the first places where a trap was not handled."""
    console.print(_families(families))
    handled = list(handled)
    console.print(_traps(handled))
    for entry in handled:
        for place in entry.unhandled[:_EXAMPLES]:
            console.print(f"{entry.trap.name}：{place}", markup=False, highlight=False, soft_wrap=True)


def json_lines(families: Mapping[str, Figures], handled: Iterable[Handled]) -> Iterator[str]:
    """Yield a line for each family, one for all of them, and one for each trap."""
    for name, figures in _with_total(families).items():
        yield _line({"family": name, **asdict(figures), "all_right": figures.all_right})
    for entry in handled:
        said = {"places": entry.places, "unhandled": list(entry.unhandled), "seen": entry.is_seen}
        yield _line({"trap": entry.trap.key, "name": entry.trap.name, **said})


def _families(families: Mapping[str, Figures]) -> Table:
    table = Table(title="各类网站：种下的发布与找到的发布", title_justify="left")
    table.add_column("网站类型", no_wrap=True)
    for label in _COLUMNS.values():
        table.add_column(label, justify="right", no_wrap=True)
    for name, figures in _with_total(families).items():
        counts = [f"{getattr(figures, column):,}" for column in _COLUMNS]
        table.add_row("合计" if name == "all" else name, *counts, style=None if figures.all_right else "red")
    return table


def _traps(handled: Iterable[Handled]) -> Table:
    table = Table(title="各处陷阱", title_justify="left")
    for label in ("陷阱", "名称", "在何处", "应当", "处数", "做到"):
        table.add_column(label, justify="right" if label == "处数" else "left")
    for entry in handled:
        trap = entry.trap
        said = "是" if entry.is_seen else f"否（{len(entry.unhandled)} 处）"
        style = None if entry.is_seen else "red"
        table.add_row(trap.key, trap.name, trap.where, trap.must, f"{entry.places:,}", said, style=style)
    return table


def _with_total(families: Mapping[str, Figures]) -> dict[str, Figures]:
    return {**families, "all": sum(families.values(), Figures())}


def _line(facts: Mapping[str, object]) -> str:
    return json.dumps(facts, ensure_ascii=False)
