"""Healthy subsites in a process of their own, which tells when each page was asked for."""

import asyncio
import multiprocessing
import time
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing.connection import Connection

from benchmarks.neighbours.hostile import sound


class Healthy:
    """Sound subsites. `roots` are their addresses; `asked` empties the log of what they were asked."""

    def __init__(self, pipe: Connection, roots: list[str]) -> None:
        self.roots = roots
        self._pipe = pipe

    def asked(self) -> list[float]:
        """Return when pages were asked for (monotonic seconds) since the last call."""
        self._pipe.send(None)
        times: list[float] = self._pipe.recv()
        return times


@contextmanager
def healthy(subsites: int, pages: int) -> Iterator[Healthy]:
    """Serve so many subsites of so many publications while the block runs."""
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(target=_serve, args=(subsites, pages, theirs), daemon=True)
    process.start()
    try:
        yield Healthy(ours, ours.recv())
    finally:
        process.terminate()
        process.join()


def _serve(subsites: int, pages: int, pipe: Connection) -> None:
    asyncio.run(_serving(subsites, pages, pipe))


async def _serving(subsites: int, pages: int, pipe: Connection) -> None:
    times: list[float] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            target = (await reader.readuntil(b"\r\n\r\n")).split(b" ")[1].decode("latin-1")
            times.append(time.monotonic())
            writer.write(sound(target, pages))
            await writer.drain()
        except (OSError, asyncio.IncompleteReadError):
            pass  # who asked has gone
        finally:
            writer.close()

    servers = [await asyncio.start_server(serve, "127.0.0.1", 0) for _ in range(subsites)]
    pipe.send([f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/" for server in servers])

    def tell() -> None:
        pipe.recv()
        pipe.send(times.copy())
        times.clear()

    asyncio.get_running_loop().add_reader(pipe.fileno(), tell)
    await asyncio.Event().wait()
