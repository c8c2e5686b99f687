"""The folder of a generation: the one place where its files are made, synced, renamed and removed.

Everything that is to survive a power cut goes through here, so that tests can put a folder in its
place that forgets what was never synced, or ends the process between any two steps.
"""

import mmap
import os
from pathlib import Path
from typing import BinaryIO

from catalog.durability import sync_folder


class Storage:
    """Files by name in one folder; names hold no separators."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def create(self, name: str) -> BinaryIO:
        """Open a new file for writing; it is not durable before `sync`."""
        return (self.folder / name).open("xb")

    def sync(self, file: BinaryIO) -> None:
        """Make the content of an open file durable; its name needs `sync_names`."""
        file.flush()
        os.fsync(file.fileno())

    def sync_names(self) -> None:
        """Make the names in the folder durable."""
        sync_folder(self.folder)

    def replace(self, name: str, content: bytes) -> None:
        """Put a small file in place of another, durably: a crash leaves the old one or the new one."""
        temporary = f"{name}.new"
        self.remove(temporary)
        with self.create(temporary) as file:
            file.write(content)
            self.sync(file)
        self.rename(temporary, name)
        self.sync_names()

    def rename(self, name: str, new_name: str) -> None:
        """Give a file another name, in place of what bears it."""
        (self.folder / name).replace(self.folder / new_name)

    def remove(self, name: str) -> None:
        """Remove a file if it is there."""
        (self.folder / name).unlink(missing_ok=True)

    def names(self) -> list[str]:
        """Return the names of all files."""
        return sorted(path.name for path in self.folder.iterdir() if path.is_file())

    def read(self, name: str) -> bytes:
        """Return the content of a small file; raises `OSError`."""
        return (self.folder / name).read_bytes()

    def map(self, name: str) -> mmap.mmap:
        """Map a file for reading; raises `OSError`, and `ValueError` for an empty one."""
        with (self.folder / name).open("rb") as file:
            return mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
