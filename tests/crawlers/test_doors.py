"""One request at a time to a server, whoever asks."""

import asyncio
import time
from itertools import pairwise

import pytest

from crawlers.doors import Door
from crawlers.errors import StoppedError


def test_two_crawls_pass_one_after_the_other_with_a_pause_between(tmp_path):
    inside, spans = 0, []

    async def ask(pause):
        nonlocal inside
        door = Door(tmp_path, "a.gov.cn")  # each process has its own
        for _ in range(3):
            async with door.passed(asyncio.Event()) as passage:
                inside += 1
                assert inside == 1
                begun = time.time()
                await asyncio.sleep(0.01)
                spans.append((begun, time.time()))
                passage.pause = pause
                inside -= 1

    async def both():
        await asyncio.gather(ask(0.05), ask(0.05))

    asyncio.run(both())
    spans.sort()
    assert len(spans) == 6
    assert all(after[0] - before[1] >= 0.045 for before, after in pairwise(spans))


def test_servers_do_not_wait_for_each_other(tmp_path):
    async def nested():
        one, other = (Door(tmp_path, name).passed(asyncio.Event()) for name in ("a.gov.cn", "b.gov.cn"))
        async with asyncio.timeout(1), one, other:
            pass

    asyncio.run(nested())


def test_who_waits_at_a_door_goes_when_the_crawl_ends(tmp_path):
    async def waits():
        stop = asyncio.Event()
        async with Door(tmp_path, "a.gov.cn").passed(stop):
            asyncio.get_running_loop().call_later(0.05, stop.set)
            with pytest.raises(StoppedError):
                async with Door(tmp_path, "a.gov.cn").passed(stop):
                    pass

    asyncio.run(waits())


def test_a_door_file_full_of_rubbish_closes_nothing_for_good(tmp_path):
    async def passes():
        door = Door(tmp_path, "../../a.gov.cn")
        async with door.passed(asyncio.Event()) as passage:
            passage.pause = float("nan")
        async with asyncio.timeout(1), door.passed(asyncio.Event()):
            pass

    asyncio.run(passes())
    assert [file.parent.name for file in tmp_path.rglob("*.door")] == ["doors"]
