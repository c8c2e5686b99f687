import os
import re
import signal
import socket
import subprocess
import sys

import httpx
import pytest

from demo.errors import AddressTakenError
from demo.server import open_sockets, serving

CHILD = """
import sys
from demo.publishing import generate
from demo.server import serve
serve(generate(seed=1, publications=60), int(sys.argv[1]))
"""


def test_a_taken_address_is_named_and_nothing_stays_bound(city):
    last = city.subsites[-1].address
    with socket.create_server((last, 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(AddressTakenError, match=rf"{re.escape(last)}:{port}.*--port"):
            open_sockets(city, port)
    for listener in open_sockets(city, port):
        listener.close()


def test_subsites_are_told_apart_by_address_alone(city):
    with serving(city) as port, httpx.Client() as client:
        for subsite in city.subsites:
            response = client.get(subsite.root(port) + "zwgk/public/spage.xp?doAction=stop")
            assert (response.status_code == 200) is (subsite.family == "hefei_xp")


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_the_server_cleanly(number):
    with socket.create_server(("127.20.0.1", 0)) as free:
        port = free.getsockname()[1]
    child = subprocess.Popen([sys.executable, "-c", CHILD, str(port)], stderr=subprocess.PIPE)
    try:
        for _ in range(200):
            try:
                assert httpx.get(f"http://127.20.0.15:{port}/").status_code == 200
                break
            except httpx.ConnectError:
                assert child.poll() is None, child.stderr.read()
                with pytest.raises(subprocess.TimeoutExpired):
                    child.wait(0.05)
        os.kill(child.pid, number)
        _, errors = child.communicate(timeout=10)
        assert (child.returncode, errors) == (0, b"")
    finally:
        child.kill()
        child.wait()
