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
    """The processes, and a pipe that nobody writes to: its end of file tells everybody to stop.

    We alone hold the writing end, and close it when a signal comes; where we are killed, the system does.
    """

    def __init__(self, work: Callable[[], None]) -> None:
        self._work = work
        self._context = multiprocessing.get_context("fork")
        self._running: list[ForkProcess] = []
        self._stopping = False
        self._watched, self._held = os.pipe()

    def stop(self, *_signal: int | FrameType | None) -> None:
        if not self._stopping:
            self._stopping = True
            os.close(self._held)

    def run(self, count: int) -> None:
        try:
            while not self._stopping:
                while len(self._running) < count:
                    self._start()
                wait([self._watched, *(process.sentinel for process in self._running)])
                self._bury()
        finally:
            self._end()

    def _start(self) -> None:
        process = self._context.Process(target=self._child)
        process.start()
        self._running.append(process)

    def _child(self) -> None:
        # Ctrl+C reaches the whole group; the end of the pipe is what ends a worker.
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        if self._stopping:
            return  # before the lines above a signal was still taken as the parent's
        os.close(self._held)
        threading.Thread(target=_end_with, args=(self._watched,), daemon=True).start()
        self._work()

    def _bury(self) -> None:
        """Forget those that have ended; wait a little before they are replaced."""
        dead = [process for process in self._running if not process.is_alive()]
        for process in dead:
            self._running.remove(process)
            if not self._stopping:
                logger.error("工作进程已退出，重新启动 pid=%d code=%s", process.pid, process.exitcode)
        if dead:
            wait([self._watched], REPLACE_SECONDS)

    def _end(self) -> None:
        self.stop()
        deadline = time.monotonic() + DRAIN_SECONDS + 2.0
        for process in self._running:
            process.join(max(0.0, deadline - time.monotonic()))
            if process.is_alive():
                process.kill()
                process.join()
        os.close(self._watched)


def _end_with(watched: int) -> None:
    """Wait until the parent stops or is gone, however it ended; end then, for the port is to be free."""
    wait([watched])
    os.kill(os.getpid(), signal.SIGTERM)
