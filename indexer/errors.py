"""The errors of the index.

IndexingError
├── IndexMissingError    there is no index where one should be searched
├── IndexFormatError     a generation is damaged
│   └── IndexVersionError    it was written by another version of the program
├── IndexLockedError     another process is indexing
├── IndexCheckError      a new generation does not hold what the catalogue holds
└── EvaluationError      a set of queries is not what it should be

Their texts are for the operator, in Chinese, and say what to do.
"""

from pathlib import Path


class IndexingError(Exception):
    """The root of the index's errors."""


class IndexMissingError(IndexingError):
    """There is no index where one should be searched."""

    def __init__(self, folder: Path) -> None:
        super().__init__(f"没有找到索引 {folder}。请先运行 gongkai index。")


class IndexFormatError(IndexingError):
    """A generation is damaged; `what` tells how."""

    def __init__(self, path: Path, what: str) -> None:
        self.what = what
        super().__init__(f"索引 {path} {what}。请运行 gongkai index --rebuild 重建。")


class IndexVersionError(IndexFormatError):
    """A generation was written by another version of the program."""


class IndexLockedError(IndexingError):
    """Another process is indexing."""

    def __init__(self, folder: Path) -> None:
        super().__init__(f"另一个进程正在更新索引 {folder}，请等它结束后再运行。")


class IndexCheckError(IndexingError):
    """A new generation does not hold what the catalogue holds."""

    def __init__(self, what: str) -> None:
        super().__init__(f"新索引没有通过检查，仍使用原来的索引：{what}。")


class EvaluationError(IndexingError):
    """A set of queries is not what it should be."""
