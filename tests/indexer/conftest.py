"""What the tests of the index share: the engines, and a way to run what is awaited."""

import asyncio
from collections.abc import Callable, Coroutine, Iterable
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from oracle import OracleEngine

from indexer.documents import IndexDocument, analyse
from indexer.engine import Batch, Engine
from indexer.whoosh_engine import WhooshEngine

Run = Callable[[Coroutine[Any, Any, Any]], Any]


@pytest.fixture(scope="session")
def run() -> Run:
    """Run something awaitable to its end."""
    return asyncio.run


@pytest.fixture(scope="session")
def new_engine(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Engine]:
    """Make an empty engine: `oracle` or `whoosh`."""
    root: Path = tmp_path_factory.mktemp("engines")
    names = count()

    def make(kind: str) -> Engine:
        return OracleEngine() if kind == "oracle" else WhooshEngine.create(root / str(next(names)))

    return make


@pytest.fixture(scope="session")
def filled(new_engine: Callable[[str], Engine]) -> Callable[..., Coroutine[Any, Any, Engine]]:
    """Make an engine that holds documents, at seq 1."""

    async def fill(kind: str, documents: Iterable[IndexDocument]) -> Engine:
        engine = new_engine(kind)
        await engine.apply(Batch([analyse(document) for document in documents]), 1)
        await engine.checkpoint()
        return engine

    return fill
