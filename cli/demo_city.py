"""The demo city in a process of its own that lives exactly as long as its parent."""

import multiprocessing
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing.connection import Connection, wait

from demo.errors import AddressTakenError, DemoError
from demo.publishing import generate
from demo.server import serving

START_SECONDS = 60.0


class DemoCityError(DemoError):
    """The demo city could not be started; the text says why."""


@contextmanager
def demo_city(seed: int, publications: int, port: int) -> Iterator[None]:
    """Serve the demo city while the block runs; raises `DemoCityError`.

    The sites need a processor of their own beside the crawler, and links to originals must work for
    as long as the service does, but not a moment longer, however the parent ends.
    """
    context = multiprocessing.get_context("spawn")
    receiver, sender = context.Pipe(duplex=False)
    process = context.Process(target=_serve, args=(seed, publications, port, sender), daemon=True)
    process.start()
    sender.close()
    try:
        why = _started(receiver)
        if why:
            raise DemoCityError(why)
        yield
    finally:
        process.terminate()
        process.join()


def _started(receiver: Connection) -> str:
    try:
        if receiver.poll(START_SECONDS):
            return str(receiver.recv())
    except EOFError:
        pass
    return "演示站点没有启动成功。"


def _serve(seed: int, publications: int, port: int, sender: Connection) -> None:
    """Run in the child: serve until the parent is gone. Ctrl+C at the terminal is the parent's business."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    parent = multiprocessing.parent_process()
    try:
        with serving(generate(seed, publications), port):
            sender.send("")
            if parent is not None:
                wait([parent.sentinel])
    except AddressTakenError as error:
        sender.send(str(error))
