"""A disk that forgets: what a power cut may leave of the folders that `Storage` writes.

Every call of `Storage` that changes something is a numbered step. Before each the disk notes what is
durable and what is not: the bytes of a file behind its last `sync`, and every change of a name since
the last `sync_names` of its folder. `leave` then builds the folders as they may stand after a power
cut at that step. Nothing is taken for granted but what was asked for: of each name any state since
the last sync may be there whatever became of the others, and unsynced bytes may be gone, cut or zero.
"""

import io
import random
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO

from indexer.whoosh_engine.storage import Storage

STEPS = ("create", "sync", "sync_names", "rename", "remove")
"""The calls that change something; `replace` is made of them."""


class Killed(BaseException):
    """The process ended here; nothing that runs may catch it."""


@dataclass(eq=False)
class Node:
    """A file whatever its name: what was written and how much of it is durable."""

    content: bytearray = field(default_factory=bytearray)
    synced: int = 0


@dataclass(frozen=True)
class Written:
    """A file at one moment."""

    node: Node
    written: int
    synced: int


Entry = Node | Path | None
"""What stands under a name: a file, a folder, nothing."""


class Names:
    """The names of one folder."""

    def __init__(self) -> None:
        self.now: dict[str, Entry] = {}
        self._since: dict[str, list[Entry]] = {}

    def set(self, name: str, entry: Entry) -> None:
        self._since.setdefault(name, [self.now.get(name)]).append(entry)
        self.now[name] = entry

    def sync(self) -> None:
        self._since.clear()

    def possible(self) -> dict[str, list[Entry]]:
        """Return for each name what may stand there after a power cut, oldest first."""
        return {name: list(self._since.get(name, [entry])) for name, entry in self.now.items()}


@dataclass(frozen=True)
class Luck:
    """What becomes of names and bytes that were not synced."""

    name: Callable[[Sequence[Any]], Any]
    tail: Callable[[bytes], bytes]


WORST = {
    "all lost": Luck(lambda entries: entries[0], lambda tail: tail[:0]),
    "all kept": Luck(lambda entries: entries[-1], lambda tail: tail),
    "names without bytes": Luck(lambda entries: entries[-1], lambda tail: tail[:0]),
    "names with zeros": Luck(lambda entries: entries[-1], lambda tail: bytes(len(tail))),
    "names with half of the bytes": Luck(lambda entries: entries[-1], lambda tail: tail[: len(tail) // 2]),
    "removals only": Luck(lambda entries: None if None in entries else entries[0], lambda tail: tail),
    "replacements only": Luck(lambda entries: entries[-1 if entries[0] else 0], lambda tail: tail),
}


def chance(seed: int) -> Luck:
    """Return a luck that throws dice for each name and each file."""
    dice = random.Random(seed)

    def tail(lost: bytes) -> bytes:
        kept = lost[: dice.randint(0, len(lost))]
        return kept + bytes(dice.randint(0, len(lost) - len(kept)))

    return Luck(dice.choice, tail)


class _Tee(io.BufferedWriter):
    """A file that tells what is written to it."""

    def __init__(self, file: io.BufferedWriter, node: Node) -> None:
        super().__init__(file.detach())
        self.node = node

    def write(self, data: Any) -> int:
        self.node.content += data
        return super().write(data)


class Disk:
    """What `Storage` does under a root, kept step by step.

    `calls` names the steps, `killed_at` is the number of the one before which the process is to end.
    `acknowledged` tells each seq that the caller was promised and the step from which it holds. Calls
    that the disk is `deaf_to` make nothing durable, to see that this would be noticed.
    """

    def __init__(self, root: Path) -> None:
        self.root = root
        self.killed_at: int | None = None
        self.acknowledged: list[tuple[int, int]] = []
        self.deaf_to: frozenset[str] = frozenset()
        self.calls: list[str] = []
        self._folders = {root: Names()}
        self._moments: list[dict[Path, dict[str, list[Any]]]] = []

    @property
    def steps(self) -> int:
        """How many steps there were; a power cut may come before each and after the last."""
        return len(self._moments)

    def acknowledge(self, seq: int) -> None:
        """Note what the caller was told to be durable."""
        self.acknowledged.append((self.steps, seq))

    def promised(self, step: int) -> tuple[int, int]:
        """Return the last seq acknowledged before a step (0: none), and the one that was under way."""
        before = [seq for when, seq in self.acknowledged if when <= step]
        after = [seq for when, seq in self.acknowledged if when > step]
        last = max(before, default=0)
        return last, min(after, default=last + 1)

    @contextmanager
    def watching(self, monkeypatch: Any) -> Iterator[None]:
        """See every step that any `Storage` takes; none is really synced, which would only take time."""
        with monkeypatch.context() as patched:
            for name in STEPS:
                patched.setattr(Storage, name, self._watched(name, getattr(Storage, name)))
            yield
        self._note()

    def _watched(self, name: str, real: Callable[..., Any]) -> Callable[..., Any]:
        kept = getattr(self, f"_{name}")

        def call(storage: Storage, *arguments: Any) -> Any:
            if self.killed_at == self.steps:
                raise Killed
            self._note()
            self.calls.append(name)
            return kept(real, storage, *arguments)

        return call

    def _create(self, real: Callable[..., Any], storage: Storage, name: str) -> BinaryIO:
        node = Node()
        file = _Tee(real(storage, name), node)
        self._folders[storage.folder].set(name, node)
        return file

    def _sync(self, _real: Callable[..., Any], _storage: Storage, file: _Tee) -> None:
        file.flush()
        if "sync" not in self.deaf_to:
            file.node.synced = len(file.node.content)

    def _sync_names(self, _real: Callable[..., Any], storage: Storage) -> None:
        if "sync_names" not in self.deaf_to:
            self._folders[storage.folder].sync()

    def _rename(self, real: Callable[..., Any], storage: Storage, name: str, new_name: str) -> None:
        real(storage, name, new_name)
        names = self._folders[storage.folder]
        names.set(new_name, names.now[name])
        names.set(name, None)

    def _remove(self, real: Callable[..., Any], storage: Storage, name: str) -> None:
        real(storage, name)
        names = self._folders[storage.folder]
        if names.now.get(name) is not None:
            names.set(name, None)

    def _note(self) -> None:
        """Keep what may be left by a power cut now."""
        self._look_for_folders(self.root)
        self._moments.append(
            {
                folder: {
                    name: [_written(entry) if isinstance(entry, Node) else entry for entry in entries]
                    for name, entries in names.possible().items()
                }
                for folder, names in self._folders.items()
            }
        )

    def _look_for_folders(self, parent: Path) -> None:
        """Folders are made and removed without `Storage`; they are noticed at the next step."""
        there = {path.name: path for path in parent.iterdir() if path.is_dir()} if parent.is_dir() else {}
        names = self._folders[parent]
        for name, entry in list(names.now.items()):
            if isinstance(entry, Path) and name not in there:
                names.set(name, None)
        for name, path in there.items():
            if names.now.get(name) is None:
                names.set(name, path)
                self._folders[path] = Names()
            self._look_for_folders(path)

    def leave(self, step: int, luck: Luck) -> dict[Path, bytes]:
        """Return the files, by path under the root, that a power cut before a step leaves."""
        found: dict[Path, bytes] = {}
        contents: dict[Node, bytes] = {}
        moment = self._moments[min(step, self.steps - 1)]

        def walk(folder: Path) -> None:
            for name, entries in moment.get(folder, {}).items():
                entry = luck.name(entries)
                if isinstance(entry, Path):
                    walk(entry)
                elif entry is not None:
                    if entry.node not in contents:
                        contents[entry.node] = _after(entry, luck)
                    found[(folder / name).relative_to(self.root)] = contents[entry.node]

        walk(self.root)
        return found


def _written(node: Node) -> Written:
    return Written(node, len(node.content), node.synced)


def _after(file: Written, luck: Luck) -> bytes:
    return bytes(file.node.content[: file.synced]) + luck.tail(
        bytes(file.node.content[file.synced : file.written])
    )


def put_files(root: Path, files: dict[Path, bytes]) -> None:
    """Write files under a root."""
    for path, content in files.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_bytes(content)
