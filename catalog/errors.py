"""The errors of the catalogue.

CatalogError
├── CatalogMissingError      there is no catalogue where one should be read
├── CatalogVersionError      the catalogue was written by another version
├── StoreUrlError            a database cannot hold the catalogue
├── StoreNotEmptyError       a catalogue cannot be moved to where one is already
├── RecordError              a record cannot be taken as it stands
├── UnknownIdError           no document or publication has this id
└── OrganizationsFileError   an organisations file is not what it should be

Their texts are for the operator, in Chinese, and name the value that was wrong and what would be right.
"""

from pathlib import Path


class CatalogError(Exception):
    """The root of the catalogue's errors."""


class CatalogMissingError(CatalogError):
    """There is no catalogue where one should be read."""

    def __init__(self, place: Path | str) -> None:
        super().__init__(
            f"没有找到目录库 {place}。请先运行 gongkai import 或 gongkai crawl，或用 --data 指明数据目录。"
        )


class CatalogVersionError(CatalogError):
    """The catalogue was written by another version of Gongkai."""

    def __init__(self, place: Path | str, found: str | None, wanted: str | None) -> None:
        super().__init__(
            f"目录库 {place} 的版本是 {found or '未知'}，本程序需要 {wanted}。"
            "较旧的库请先用任一写入命令（如 gongkai import）升级；较新的库请升级本程序。"
        )


class StoreUrlError(CatalogError):
    """A database cannot hold the catalogue."""

    def __init__(self, given: str, reason: str = "不是 PostgreSQL 数据库的地址") -> None:
        super().__init__(
            f"不能用 {given[:200]!r} 存放目录库：{reason}。"
            "地址形如 postgresql://用户@主机:5432/库名，密码可写在 ~/.pgpass 里；"
            "还须安装驱动（pip install 'gongkai[postgresql]'）。"
        )


class StoreNotEmptyError(CatalogError):
    """A catalogue cannot be moved to where one is already."""

    def __init__(self, place: str) -> None:
        super().__init__(f"{place} 里已经有目录库，不能再移入。请另建一个空库。")


class RecordError(CatalogError):
    """A record cannot be taken as it stands."""


class UnknownIdError(CatalogError):
    """No document or publication has this id."""

    def __init__(self, given: str) -> None:
        super().__init__(
            f"没有编号为 {given!r} 的文件或发布记录。"
            "编号见检索结果或文件页地址，形如 01k9zq3v8m5w2r7x4t6y1b0c9d。"
        )


class OrganizationsFileError(CatalogError):
    """An organisations file is not what it should be."""
