"""Does the same thing again and again in processes of their own, each killed one step later.

Run as a program: `killing.py WHAT ROOT STRIDE [TEMPLATE]`. Each process works in a folder of its own
under ROOT, a copy of TEMPLATE if one is given, and writes what it was promised into the file
`acknowledged` in it. SIGKILL comes before one of the steps that `faults` counts. One process after
the other lives STRIDE steps longer, until one reaches the end; how many were killed is printed.
"""

import asyncio
import itertools
import os
import shutil
import signal
import sys
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any

from faults import STEPS
from life import analyse_all, live, prepare

from indexer.indexing import bring_up
from indexer.whoosh_engine.storage import Storage

Acknowledge = Callable[[int], None]


async def index(data_dir: Path, acknowledge: Acknowledge) -> None:
    """Bring the index up to its catalogue."""
    acknowledge((await bring_up(data_dir)).seq)


async def rebuild(data_dir: Path, acknowledge: Acknowledge) -> None:
    """Build the index anew."""
    acknowledge((await bring_up(data_dir, anew=True)).seq)


ACTS: dict[str, Callable[[Path, Acknowledge], Coroutine[Any, Any, None]]] = {
    "live": live,
    "index": index,
    "rebuild": rebuild,
}


def _kill_at(step: int) -> None:
    """Let this process end before a step; nothing needs to be synced, for the system goes on."""
    os.fsync = lambda _descriptor: None  # type: ignore[assignment]
    steps = itertools.count()

    def watched(real: Callable[..., Any]) -> Callable[..., Any]:
        def call(*arguments: Any) -> Any:
            if next(steps) == step:
                os.kill(os.getpid(), signal.SIGKILL)
            return real(*arguments)

        return call

    for name in STEPS:
        setattr(Storage, name, watched(getattr(Storage, name)))


def _act(what: str, data_dir: Path) -> None:
    with (data_dir / "acknowledged").open("ab", buffering=0) as promises:
        asyncio.run(ACTS[what](data_dir, lambda seq: promises.write(f"{seq}\n".encode())))


def _killed(what: str, data_dir: Path, step: int) -> bool:
    """Do something in a process that is killed at a step; tell whether it came to that."""
    pid = os.fork()
    if not pid:
        _kill_at(step)
        _act(what, data_dir)
        os._exit(0)
    code = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
    if code not in (0, -signal.SIGKILL):
        raise SystemExit(code)
    return code != 0


def main(what: str, root: str, stride: str, template: str = "") -> None:
    """Kill at every so many steps."""
    prepare(setattr)
    analyse_all()
    for number, step in enumerate(itertools.count(0, int(stride))):
        data_dir = Path(root) / f"{step:04}"
        if template:
            shutil.copytree(template, data_dir)
        else:
            data_dir.mkdir()
        if not _killed(what, data_dir, step):
            sys.stdout.write(f"{number}\n")
            return


if __name__ == "__main__":
    main(*sys.argv[1:])
