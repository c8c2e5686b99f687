"""Addresses: their canonical form, the host they belong to, and which of them may be asked for.

Every address comes from a page somebody else wrote, so whatever cannot be read as an
ordinary http(s) address is None here and goes no further.
"""

import ipaddress
import re
from dataclasses import dataclass
from functools import lru_cache
from urllib.parse import SplitResult, urljoin, urlsplit, urlunsplit

from w3lib.url import canonicalize_url, safe_url_string

DEFAULT_PORTS = {"http": 80, "https": 443}
MAX_LENGTH = 2000  # IIS and most CMS answer 414 or cut the address beyond about this length

# Every address is read some ten times between its list and its record; as many are kept as are under way.
_REMEMBERED = 8192

_MOST_SEGMENTS = 30
_MOST_REPEATS = 3
_PATTERN_LENGTH = 200
_NUMBERS = re.compile(r"[0-9]+")
_SESSION_ID = re.compile(r";jsessionid=[^/?#]*", re.IGNORECASE)


@dataclass(frozen=True, slots=True, order=True)
class Host:
    """A server: name (lower case) or IP address, and port. Politeness is kept per `Host`."""

    name: str
    port: int

    @property
    def is_private(self) -> bool:
        """Whether it is named by an address of this machine or of a private network."""
        if self.name == "localhost" or self.name.endswith(".localhost"):
            return True
        try:
            return not ipaddress.ip_address(self.name).is_global
        except ValueError:
            return False

    @property
    def is_loopback(self) -> bool:
        """Whether it is this machine."""
        try:
            return ipaddress.ip_address(self.name).is_loopback
        except ValueError:
            return self.name == "localhost"

    def is_site_of(self, other: "Host") -> bool:
        """Whether both are one site: the same server, or twins by http and https, with and without www."""
        if self == other:
            return True
        ports = DEFAULT_PORTS.values()
        return self.server == other.server and self.port in ports and other.port in ports

    @property
    def server(self) -> str:
        """What is asked only once at a time: a name on all its ports, with and without www.

        Addresses of this machine and of private networks are a server on each port.
        """
        return str(self) if self.is_private else bare_name(self.name)

    def __str__(self) -> str:
        return f"[{self.name}]:{self.port}" if ":" in self.name else f"{self.name}:{self.port}"


def bare_name(name: str) -> str:
    """Return a host name without its www."""
    return name.removeprefix("www.")


def _split(url: str) -> SplitResult | None:
    """Split an http(s) address without user and password; None for anything else."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return None
    wrong = parts.scheme not in DEFAULT_PORTS or not parts.hostname or "@" in parts.netloc or port == 0
    return None if wrong else parts


@lru_cache(_REMEMBERED)
def host_of(url: str) -> Host | None:
    """Return the server of an http(s) address; None for anything else."""
    parts = _split(url)
    if parts is None or parts.hostname is None:
        return None
    return Host(parts.hostname, parts.port or DEFAULT_PORTS[parts.scheme])


def resolve(base: str, reference: str, *, charset: str = "utf-8") -> str | None:
    """Return the address a reference on a page leads to, ready to be asked for.

    As browsers do, characters outside ASCII are written in the page's charset in the query and
    in UTF-8 in the path. None where it leads to no http(s) address (javascript:, mailto:, broken).
    """
    reference = reference.strip()
    if not reference or len(reference) > MAX_LENGTH:
        return None
    try:
        joined = urljoin(base, reference)
        if _split(joined) is None:
            return None
        safe = safe_url_string(joined, encoding=charset)
    except (ValueError, UnicodeError, LookupError):
        return None
    parts = _split(safe)
    if parts is None or len(safe) > MAX_LENGTH:
        return None
    return urlunsplit((parts.scheme, parts.netloc.lower(), parts.path or "/", parts.query, ""))


@lru_cache(_REMEMBERED)
def canonical(url: str) -> str:
    """Return the form under which an address is known: the key of the queue, the alias of a publication.

    Argument order, percent-encoding, the default port, a fragment and a session id in the path do
    not make another page. `url` is an http(s) address, as `resolve` returns it.
    """
    parts = urlsplit(canonicalize_url(_SESSION_ID.sub("", url)))
    host = host_of(url)
    if host is not None and host.port == DEFAULT_PORTS.get(parts.scheme):
        netloc = f"[{host.name}]" if ":" in host.name else host.name
        parts = parts._replace(netloc=netloc)
    return urlunsplit(parts)


class Territory:
    """The servers a crawl may ask: those its sites file names.

    A name may also be asked as its twin by http or https, with or without www; any other port, and an
    address of this machine or a private network, only exactly as it was named.
    """

    def __init__(self, urls: tuple[str, ...]) -> None:
        self.hosts = frozenset(host for host in map(host_of, urls) if host is not None)
        ports = DEFAULT_PORTS.values()
        self._servers = frozenset(
            host.server for host in self.hosts if host.port in ports and not host.is_private
        )

    def allows(self, url: str) -> bool:
        """Tell whether an address may be asked for."""
        host = host_of(url)
        if host is None:
            return False
        twin = host.port in DEFAULT_PORTS.values() and not host.is_private and host.server in self._servers
        return host in self.hosts or twin


def runs_in_circles(url: str) -> bool:
    """Tell whether an address shows the trap of relative links that lead ever deeper (/a/b/a/b/a/b/a/b/).

    Paths of disclosure sites have at most some ten parts, and none comes four times in a row.
    """
    parts = [part for part in urlsplit(url).path.split("/") if part]
    if len(parts) > _MOST_SEGMENTS:
        return True
    return any(_repeats(parts, length) > _MOST_REPEATS for length in range(1, len(parts) // 4 + 1))


def _repeats(parts: list[str], length: int) -> int:
    """Return how often in a row a piece of so many parts comes at most, numbers aside (/2012/01/01/01/)."""
    most = 0
    for start in range(len(parts) - length + 1):
        piece = parts[start : start + length]
        if all(part.isdigit() for part in piece):
            continue
        times = 1
        while parts[start + times * length : start + (times + 1) * length] == piece:
            times += 1
        most = max(most, times)
    return most


def pattern_of(url: str) -> str:
    """Return what addresses of one kind have in common: path and parameter names without their numbers."""
    parts = urlsplit(url)
    names = sorted(piece.partition("=")[0] for piece in parts.query.split("&") if piece)
    return _NUMBERS.sub("N", parts.path)[:_PATTERN_LENGTH] + ("?" + "&".join(names))[:_PATTERN_LENGTH]
