"""The errors of the demo city.

DemoError
├── AddressTakenError    an address of the city cannot be listened at
└── OutputError          a file cannot be written

Their texts are for the operator, in Chinese, and name the value that was wrong and what would be right.
"""

from pathlib import Path


class DemoError(Exception):
    """The root of the demo city's errors."""


class AddressTakenError(DemoError):
    """An address of the city cannot be listened at."""

    def __init__(self, address: str, port: int, reason: str) -> None:
        super().__init__(
            f"地址 {address}:{port} 无法使用（{reason}），演示站点没有启动。"
            "请先停止占用该端口的程序（可能是另一个 gongkai demo serve），或者用 --port 换一个端口。"
        )


class OutputError(DemoError):
    """A file cannot be written."""

    def __init__(self, path: Path, reason: str) -> None:
        super().__init__(f"无法写入文件 {path}（{reason}）。请检查文件夹是否存在、是否有写入权限。")
