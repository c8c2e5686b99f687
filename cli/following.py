"""The index kept up with the catalogue in a process of its own that lives exactly as long as its parent."""

import asyncio
import logging
import multiprocessing
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from catalog.errors import CatalogError
from indexer.errors import IndexingError
from indexer.indexing import follow

logger = logging.getLogger("gongkai.index")


@contextmanager
def following(data: Path) -> Iterator[None]:
    """Follow the catalogue of a data folder while the block runs.

    What goes wrong there is logged and ends only the following: searches go on with the index as it is.
    """
    process = multiprocessing.get_context("spawn").Process(target=_follow, args=(data,), daemon=True)
    process.start()
    try:
        yield
    finally:
        process.terminate()
        process.join()


def _follow(data: Path) -> None:
    """Run in the child. Ctrl+C at the terminal is the parent's business."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(levelname)s %(message)s")
    try:
        asyncio.run(_until_parent_ends(data))
    except (CatalogError, IndexingError, OSError) as error:
        logger.error("索引不再跟随目录库：%s", error)


async def _until_parent_ends(data: Path) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    loop.add_signal_handler(signal.SIGTERM, stop.set)
    if (parent := multiprocessing.parent_process()) is not None:
        loop.add_reader(parent.sentinel, stop.set)
    await follow(data, stop)
