"""Names for servers of our own: a name and a scheme lead to a port of loopback, no network is asked.

The crawl goes its ordinary way, guard and certificates included: the sites file calls these names internal,
they resolve to addresses of loopback, and only what opens the connection knows where a server really listens.
"""

import ssl
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

import httpcore

from crawlers.addresses import DEFAULT_PORTS
from crawlers.network import Network

Place = tuple[str, int]
"""An address and a port."""


@dataclass
class Names:
    """Which server stands behind a name and a scheme. A name without any does not exist."""

    addresses: dict[str, str] = field(default_factory=dict)
    places: dict[Place, Place] = field(default_factory=dict)

    def lead(self, scheme: str, name: str, place: Place) -> None:
        """Let http or https of a name lead to a server."""
        number = len(self.addresses) + 1
        address = self.addresses.setdefault(name, f"127.40.{number >> 8}.{number & 255}")
        self.places[address, DEFAULT_PORTS[scheme]] = place

    def drop(self, scheme: str, name: str) -> None:
        """Let http or https of a name refuse connections."""
        self.places.pop((self.addresses[name], DEFAULT_PORTS[scheme]), None)

    def network(self, trust: Callable[[], ssl.SSLContext] = ssl.create_default_context) -> Network:
        """Return the network in which these names lead where they were said to."""
        return Network(self._resolved, _Opener(self.places), trust)

    async def _resolved(self, name: str, _port: int) -> list[str]:
        return [self.addresses[name]] if name in self.addresses else []


class _Opener(httpcore.AsyncNetworkBackend):
    def __init__(self, places: dict[Place, Place]) -> None:
        self._places = places
        self._opener = httpcore.AnyIOBackend()

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        """Connect to the server behind an address; `httpcore.ConnectError` where there is none."""
        place = self._places.get((host, port))
        if place is None:
            raise httpcore.ConnectError(ConnectionRefusedError(f"{host}:{port}"))
        return await self._opener.connect_tcp(*place, timeout, local_address, socket_options)
