"""Generations of the index: folders beside each other, one pointer, one writer.

`index/current` names the live one. It is replaced atomically, so readers see the old generation or
the new one; the previous generation stays for rollback and older ones are swept.
"""

import shutil
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from catalog.durability import sole_holder
from catalog.ids import is_id, mint
from indexer.errors import IndexLockedError, IndexMissingError
from indexer.whoosh_engine.storage import Storage

POINTER = "current"


class Generations:
    """The generations in the `index` folder of a data folder."""

    def __init__(self, data_dir: Path) -> None:
        self.folder = data_dir / "index"

    def live(self) -> Path | None:
        """Return the folder of the live generation; None before the first."""
        try:
            name = (self.folder / POINTER).read_text("ascii").strip()
        except (FileNotFoundError, UnicodeDecodeError):
            return None
        return self.folder / name if is_id(name) else None

    def require_live(self) -> Path:
        """Return the folder of the live generation; raises `IndexMissingError` before the first."""
        live = self.live()
        if live is None or not live.is_dir():
            raise IndexMissingError(self.folder)
        return live

    def every(self) -> list[Path]:
        """Return the folders of all generations, oldest first: ids sort by time."""
        if not self.folder.is_dir():
            return []
        return sorted(path for path in self.folder.iterdir() if path.is_dir() and is_id(path.name))

    def new(self) -> Path:
        """Return the folder of a generation to be built; it is not made yet."""
        self.folder.mkdir(parents=True, exist_ok=True)
        return self.folder / mint()

    def promote(self, generation: Path) -> None:
        """Make a generation the live one and sweep all but it and the one before."""
        previous = self.live()
        self.point_to(generation)
        self.sweep({generation, previous})

    def point_to(self, generation: Path) -> None:
        """Make a generation the live one, durably; the others stay as they are."""
        storage = Storage(self.folder)
        storage.sync_names()  # the generation's own name may be new
        storage.replace(POINTER, f"{generation.name}\n".encode())

    def sweep(self, kept: set[Path | None]) -> None:
        """Remove generations that nobody needs: left behind by a crash, or older than the previous."""
        for folder in self.folder.iterdir():
            if folder.is_dir() and is_id(folder.name) and folder not in kept:
                shutil.rmtree(folder, ignore_errors=True)

    @contextmanager
    def writing(self) -> Iterator[None]:
        """Hold the right to write the index; raises `IndexLockedError` if another process has it.

        What a killed writer did last is made durable first: it may have renamed and not synced, and
        what its successor builds on that, or sweeps because of it, would not outlive a power cut.
        """
        with ExitStack() as stack:
            try:
                stack.enter_context(sole_holder(self.folder / "lock"))
            except BlockingIOError:
                raise IndexLockedError(self.folder) from None
            live = self.live()
            for folder in (self.folder.parent, self.folder, *([live] if live and live.is_dir() else [])):
                Storage(folder).sync_names()
            yield
