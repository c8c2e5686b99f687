"""Storage for Whoosh that survives a power cut.

Whoosh never calls fsync, and right after renaming its table of contents it deletes the segments of
the one before. So every file is synced when it is closed, and the folder before and after a rename:
the new table of contents is durable before anything old is cleaned.
"""

import os
from contextlib import suppress
from pathlib import Path
from typing import Any

from whoosh.filedb.filestore import FileStorage

from catalog.durability import sync_folder


def _sync(file: Any) -> None:
    file.flush()
    os.fsync(file.fileno())


class SyncedStorage(FileStorage):  # type: ignore[misc]
    """A `FileStorage` whose files are on disk when their writer believes so."""

    def lock(self, name: str) -> Any:
        """Return a lock; the last one is remembered, so that `unlock` can let it go."""
        self._lock = super().lock(name)
        return self._lock

    def unlock(self) -> None:
        """Let go of the lock of a writer that failed while it was being made."""
        with suppress(Exception):
            self._lock.release()

    def create_file(self, name: str, excl: bool = False, mode: str = "wb", **options: Any) -> Any:
        """Create a file that is synced when it is closed."""
        return super().create_file(name, excl=excl, mode=mode, onclose=_sync, **options)

    def rename_file(self, oldname: str, newname: str, safe: bool = False) -> None:
        """Rename a file; its folder is synced before and after."""
        sync_folder(Path(self.folder))
        super().rename_file(oldname, newname, safe)
        sync_folder(Path(self.folder))
