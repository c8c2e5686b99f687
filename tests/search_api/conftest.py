"""A catalogue and an index of made-up documents, and the application over them, asked without a socket."""

import asyncio
import json
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest
from fastapi import FastAPI

from catalog.importing import import_file
from catalog.store import Catalog
from indexer.indexing import bring_up
from search_api.app import create_app
from search_api.service import Service

RECORDS = Path(__file__).with_name("records.jsonl")

Ask = Callable[..., httpx.Response]


@pytest.fixture(scope="session")
def records() -> list[dict[str, str]]:
    return [json.loads(line) for line in RECORDS.read_text("utf-8").splitlines()]


@pytest.fixture(scope="session")
def indexed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder with the made-up documents, indexed. Not to be changed: see `own_data`."""
    data = tmp_path_factory.mktemp("data")
    with Catalog.open(data) as catalog:
        (*_, summary) = import_file(catalog, RECORDS)
    assert not summary.bad_lines
    asyncio.run(bring_up(data))
    return data


@pytest.fixture
def own_data(indexed: Path, tmp_path: Path) -> Path:
    """A copy of the data folder that a test may change."""
    return Path(shutil.copytree(indexed, tmp_path / "data"))


@pytest.fixture(scope="session")
def app(indexed: Path) -> Iterator[FastAPI]:
    service = Service(indexed)
    service.open()
    yield create_app(service)
    asyncio.run(service.close())


@pytest.fixture(scope="session")
def asker() -> Callable[[FastAPI], Ask]:
    """Make a function that asks an application and returns its response."""

    def over(app: FastAPI) -> Ask:
        def ask(path: str, method: str = "GET", **options: object) -> httpx.Response:
            async def once() -> httpx.Response:
                transport = httpx.ASGITransport(app=app, raise_app_exceptions=False)
                async with httpx.AsyncClient(transport=transport, base_url="http://gongkai.test") as client:
                    return await client.request(method, path, **options)

            return asyncio.run(once())

        return ask

    return over


@pytest.fixture(scope="session")
def ask(app: FastAPI, asker: Callable[[FastAPI], Ask]) -> Ask:
    """Ask the application: `ask(path, method="GET", params=…, headers=…)`."""
    return asker(app)


@pytest.fixture(scope="session")
def ask_raw(app: FastAPI) -> Callable[[str, bytes], tuple[int, dict[str, str], bytes]]:
    """Ask with a query string of any bytes, as a client that keeps no rules might send it."""

    def ask(path: str, query: bytes) -> tuple[int, dict[str, str], bytes]:
        scope = {
            "type": "http",
            "asgi": {"version": "3.0"},
            "http_version": "1.1",
            "method": "GET",
            "scheme": "http",
            "path": path,
            "raw_path": path.encode(),
            "query_string": query,
            "root_path": "",
            "headers": [(b"host", b"gongkai.test")],
            "server": ("gongkai.test", 80),
            "client": ("127.0.0.1", 1),
        }
        sent: list[dict] = []

        async def receive() -> dict:
            return {"type": "http.request", "body": b"", "more_body": False}

        async def send(message: dict) -> None:
            sent.append(message)

        asyncio.run(app(scope, receive, send))
        headers = {name.decode(): value.decode() for name, value in sent[0]["headers"]}
        return sent[0]["status"], headers, b"".join(message.get("body", b"") for message in sent[1:])

    return ask
