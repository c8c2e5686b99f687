"""What happens when more ask than can be answered."""

import asyncio
from collections.abc import Awaitable, Callable

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.types import Message, Receive, Scope, Send

from search_api.app import create_app
from search_api.service import Service
from search_api.turns import WAITING, Turns


class _Work:
    """An application that answers when it is told to, and notes whom it served and how many at once."""

    def __init__(self) -> None:
        self.served: list[str] = []
        self.most_at_once = 0
        self.go = asyncio.Event()
        self._at_once = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self._at_once += 1
        self.most_at_once = max(self.most_at_once, self._at_once)
        await self.go.wait()
        self.served.append(scope["path"])
        self._at_once -= 1
        await PlainTextResponse("好")(scope, receive, send)


class _Client:
    """One request; reads its answer, unless it is told to dawdle or is gone."""

    def __init__(self, path: str, *, gone: bool = False, dawdle: bool = False) -> None:
        self.path = path
        self.status: int | None = None
        self.reads = asyncio.Event()
        self._gone = gone
        if not dawdle:
            self.reads.set()

    async def ask(self, app: Callable[[Scope, Receive, Send], Awaitable[None]]) -> None:
        scope: Scope = {"type": "http", "method": "GET", "path": self.path, "headers": []}
        await app(scope, self._receive, self._send)

    async def _receive(self) -> Message:
        if self._gone:
            return {"type": "http.disconnect"}
        return {"type": "http.request", "body": b"", "more_body": False}

    async def _send(self, message: Message) -> None:
        await self.reads.wait()
        self.status = message.get("status", self.status)


def _refuse(_request: Request) -> Response:
    return PlainTextResponse("满", 503)


async def _settle() -> None:
    for _ in range(10):
        await asyncio.sleep(0)


def test_requests_are_answered_one_at_a_time_in_their_order() -> None:
    async def run() -> _Work:
        work = _Work()
        turns = Turns(work, _refuse)
        async with asyncio.TaskGroup() as group:
            for number in range(20):
                group.create_task(_Client(f"/{number}").ask(turns))
            await _settle()
            work.go.set()
        return work

    work = asyncio.run(run())
    assert work.served == [f"/{number}" for number in range(20)]
    assert work.most_at_once == 1


def test_who_finds_the_queue_full_is_told_at_once_and_health_is_still_told() -> None:
    async def run() -> list[int | None]:
        work = _Work()
        turns = Turns(work, _refuse)
        clients = [_Client(f"/{number}") for number in range(WAITING + 2)]
        async with asyncio.TaskGroup() as group:
            for client in clients:
                group.create_task(client.ask(turns))
            await _settle()
            refused = [client.status for client in clients]
            work.go.set()
        assert refused == [*[None] * (WAITING + 1), 503]
        return [client.status for client in clients]

    assert asyncio.run(run()) == [*[200] * (WAITING + 1), 503]


def test_requests_that_never_wait_for_anything_leave_room_between_them() -> None:
    async def run() -> list[int]:
        rounds, ran_in = 0, []
        loop = asyncio.get_running_loop()

        def count() -> None:
            nonlocal rounds
            rounds += 1
            loop.call_soon(count)

        async def work(scope: Scope, receive: Receive, send: Send) -> None:
            ran_in.append(rounds)
            await PlainTextResponse("好")(scope, receive, send)

        turns = Turns(work, _refuse)
        loop.call_soon(count)
        await asyncio.gather(*(_Client(f"/{number}").ask(turns) for number in range(5)))
        return ran_in

    ran_in = asyncio.run(run())
    assert len(set(ran_in)) == len(ran_in) == 5


def test_a_busy_server_tells_its_health() -> None:
    async def run() -> None:
        work = _Work()
        turns = Turns(work, _refuse)
        busy = asyncio.create_task(_Client("/search").ask(turns))
        health = asyncio.create_task(_Client("/healthz").ask(turns))
        await _settle()
        assert work.most_at_once == 2
        work.go.set()
        await asyncio.gather(busy, health)

    asyncio.run(run())


def test_nobody_works_for_a_client_that_has_gone() -> None:
    async def run() -> list[str]:
        work = _Work()
        work.go.set()
        turns = Turns(work, _refuse)
        await asyncio.gather(_Client("/gone", gone=True).ask(turns), _Client("/here").ask(turns))
        return work.served

    assert asyncio.run(run()) == ["/here"]


def test_a_client_that_reads_slowly_keeps_nobody_waiting() -> None:
    async def run() -> int | None:
        work = _Work()
        work.go.set()
        turns = Turns(work, _refuse)
        slow, quick = _Client("/slow", dawdle=True), _Client("/quick")
        reading = asyncio.create_task(slow.ask(turns))
        await _settle()
        await asyncio.wait_for(quick.ask(turns), 5)
        slow.reads.set()
        await reading
        return quick.status

    assert asyncio.run(run()) == 200


def test_a_failure_ends_the_turn() -> None:
    async def fail(_scope: Scope, _receive: Receive, _send: Send) -> None:
        raise ValueError

    async def run() -> None:
        turns = Turns(fail, _refuse)
        for _ in range(2):
            try:
                await asyncio.wait_for(_Client("/").ask(turns), 5)
            except ValueError:
                continue

    asyncio.run(run())


def test_the_refusal_is_a_problem_that_says_when_to_come_back(asker, monkeypatch, tmp_path) -> None:
    monkeypatch.setattr("search_api.turns.WAITING", 0)
    ask = asker(create_app(Service(tmp_path)))
    answer = ask("/api/v1/search")
    assert (answer.status_code, answer.json()["code"]) == (503, "busy")
    assert int(answer.headers["Retry-After"]) > 0
    page = ask("/search")
    assert page.status_code == 503
    assert "正忙" in page.text
