"""Which addresses may be connected to: judged on the address itself, after the name was resolved.

Pages, redirects and name servers belong to others. Whatever they say, this machine, its network and the
machine room's own services are asked only where the operator wrote so (docs/decisions/0022). A name is
resolved once for a connection, which then goes to the very address that was judged: a name server that
answers differently the second time gains nothing.
"""

import asyncio
import socket
from collections.abc import Awaitable, Callable, Collection, Iterable
from enum import Enum, auto
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

import httpcore

from crawlers.addresses import bare_name
from crawlers.errors import FetchError, Problem

Address = IPv4Address | IPv6Address
Resolver = Callable[[str, int], Awaitable[list[str]]]
"""Takes a name and a port, returns addresses as text; raises `socket.gaierror`."""

MOST_ADDRESSES = 8
"""Of one name that are tried; balancers of large sites answer with four to six."""

# What gives out the keys of a virtual machine: most clouds (link-local), Alibaba, Azure, AWS over IPv6.
_METADATA = frozenset(
    map(ip_address, ("169.254.169.254", "100.100.100.200", "168.63.129.16", "fd00:ec2::254"))
)
_INTERNAL = tuple(
    map(
        ip_network,
        (
            "127.0.0.0/8",
            "10.0.0.0/8",
            "172.16.0.0/12",
            "192.168.0.0/16",
            "100.64.0.0/10",  # RFC 6598: behind the provider's NAT; intranets use it as their own
            "::1/128",
            "fc00::/7",
            "fec0::/10",
        ),
    )
)
# Prefixes in front of an IPv4 address: compatible (RFC 4291, 2.5.5.1) and NAT64 (RFC 6052).
_BEFORE_IPV4 = tuple(map(ip_network, ("::/96", "64:ff9b::/96")))


class Reach(Enum):
    """How far away an address is."""

    PUBLIC = auto()
    INTERNAL = auto()
    NEVER = auto()


def reach_of(address: Address) -> Reach:
    """Tell where an address leads: out, into this machine's network, or to what is nobody's page."""
    address = _meant(address)
    if address in _METADATA or address.is_multicast or address.is_link_local or address.is_unspecified:
        return Reach.NEVER
    if any(address in network for network in _INTERNAL):
        return Reach.INTERNAL
    return Reach.PUBLIC if address.is_global and not address.is_reserved else Reach.NEVER


def _meant(address: Address) -> Address:
    """Return the IPv4 address that an IPv6 one wraps; any other as it is."""
    if isinstance(address, IPv4Address):
        return address
    wrapped = address.ipv4_mapped or address.sixtofour
    if wrapped is not None:
        return wrapped
    if any(address in network for network in _BEFORE_IPV4) and int(address) & 0xFFFFFFFF > 1:
        return IPv4Address(int(address) & 0xFFFFFFFF)
    return address


async def system_resolver(name: str, port: int) -> list[str]:
    """Ask the operating system for the addresses of a name, in its order of preference."""
    found = await asyncio.get_running_loop().getaddrinfo(name, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


class Guard:
    """Says where a connection may go.

    `named` are the host names and addresses of the sites file, `internal` those of its names that the
    operator says lie in the office's own network.
    """

    def __init__(
        self, named: Iterable[str], internal: Collection[str] = (), resolver: Resolver = system_resolver
    ) -> None:
        self._named = frozenset(named)
        self._internal = frozenset(map(bare_name, internal))
        self._resolver = resolver

    async def addresses_of(self, name: str, port: int) -> list[str]:
        """Return the addresses of a server that may be connected to, the preferred one first.

        Raises `FetchError` where the name has no address, or none that may be asked.
        """
        try:
            literal = ip_address(name)
        except ValueError:
            return await self._resolved(name, port)
        if reach_of(literal) is not Reach.PUBLIC and name not in self._named:
            raise FetchError(Problem.PRIVATE_ADDRESS, f"{name} 是内网或保留地址，站点清单中没有它")
        return [name]

    async def _resolved(self, name: str, port: int) -> list[str]:
        try:
            found = await self._resolver(name, port)
        except (socket.gaierror, UnicodeError) as error:
            raise FetchError(Problem.CONNECTION, f"域名 {name} 无法解析") from error
        allowed = [text for text in found if self._may(name, ip_address(text))]
        if allowed:
            return allowed[:MOST_ADDRESSES]
        raise FetchError(Problem.PRIVATE_ADDRESS, _refusal(name, found))

    def _may(self, name: str, address: Address) -> bool:
        reach = reach_of(address)
        if reach is not Reach.INTERNAL:
            return reach is Reach.PUBLIC
        is_this_machine = name == "localhost" or name.endswith(".localhost")
        return bare_name(name) in self._internal or (is_this_machine and _meant(address).is_loopback)


def _refusal(name: str, found: list[str]) -> str:
    if not found:
        return f"域名 {name} 没有地址"
    said = f"{name} 解析到 {'、'.join(found[:3])}，属于本机、内网或保留地址，未连接"
    if any(reach_of(ip_address(text)) is Reach.INTERNAL for text in found):
        return f"{said}；如确为内网站点，请在站点清单中为它写上 internal = true"
    return said


class GuardedBackend(httpcore.AsyncNetworkBackend):
    """Opens connections only to addresses that the guard allows; to sockets of this machine none at all."""

    def __init__(self, guard: Guard, opener: httpcore.AsyncNetworkBackend) -> None:
        self._guard = guard
        self._opener = opener

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        """Connect to the first address of a host that answers; `timeout` (seconds) is for all of them."""
        error: Exception = httpcore.ConnectError(host)
        async with asyncio.timeout(timeout):
            addresses = await self._guard.addresses_of(host, port)
            # One that never answers must leave time for the others (no route over IPv6, say).
            share = None if timeout is None else timeout / len(addresses)
            for address in addresses:
                try:
                    return await self._opener.connect_tcp(address, port, share, local_address, socket_options)
                except (httpcore.ConnectError, httpcore.ConnectTimeout) as failed:
                    error = failed
        raise error
