"""Several server processes on one listening socket.

Each opens the index for itself, and the operating system keeps its mapped pages once for all of
them. A process that dies is replaced; the others go on answering.
"""

import logging
import multiprocessing
import os
import signal
import threading
import time
from collections.abc import Callable
from multiprocessing.connection import wait
from multiprocessing.context import ForkProcess
from types import FrameType

from search_api.server import DRAIN_SECONDS

REPLACE_SECONDS = 1.0
"""A worker that cannot even start is tried again at this distance."""

logger = logging.getLogger("gongkai.serve")


def run_workers(count: int, work: Callable[[], None]) -> None:
    """Run `work` in so many processes until SIGINT or SIGTERM, and replace those that end before.

    They are forked and so share what is open, the listening socket above all; nothing that does not
    outlive a fork (threads, database connections) may be open.
    """
    workers = _Workers(work)
    previous = {number: signal.signal(number, workers.stop) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        workers.run(count)
    finally:
        for number, handler in previous.items():
            signal.signal(number, handler)


class _Workers:
    def __init__(self, work: Callable[[], None]) -> None:
        self._work = work
        self._context = multiprocessing.get_context("fork")
        self._running: list[ForkProcess] = []
        self._stopping = False

    def stop(self, _number: int, _frame: FrameType | None) -> None:
        self._stopping = True

    def run(self, count: int) -> None:
        try:
            while not self._stopping:
                while len(self._running) < count:
                    self._start()
                wait([process.sentinel for process in self._running], timeout=REPLACE_SECONDS)
                self._bury()
        finally:
            self._end()

    def _start(self) -> None:
        process = self._context.Process(target=_child, args=(self._work,))
        process.start()
        self._running.append(process)

    def _bury(self) -> None:
        """Forget those that have ended; wait a little before they are replaced."""
        dead = [process for process in self._running if not process.is_alive()]
        for process in dead:
            self._running.remove(process)
            if not self._stopping:
                logger.error("工作进程已退出，重新启动 pid=%d code=%s", process.pid, process.exitcode)
        if dead and not self._stopping:
            time.sleep(REPLACE_SECONDS)

    def _end(self) -> None:
        for process in self._running:
            process.terminate()
        deadline = time.monotonic() + DRAIN_SECONDS + 2.0
        for process in self._running:
            process.join(max(0.0, deadline - time.monotonic()))
            if process.is_alive():
                process.kill()
                process.join()


def _child(work: Callable[[], None]) -> None:
    # Ctrl+C reaches the whole group; the parent's SIGTERM is what ends a worker.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    threading.Thread(target=_end_with_parent, daemon=True).start()
    work()


def _end_with_parent() -> None:
    """Wait until the parent is gone, however it ended, and end then: the port is to be free again."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        wait([parent.sentinel])
        os.kill(os.getpid(), signal.SIGTERM)
