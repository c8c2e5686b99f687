"""How servers are reached: who resolves their names, opens connections and vouches for certificates.

The system does, unless code says otherwise: tests and benchmarks let names lead to servers of their own.
Nothing of this can be set from outside, and whatever resolves and opens, `crawlers.guard` judges each address
before it is connected to.
"""

import ssl
from collections.abc import Callable
from dataclasses import dataclass, field

import httpcore

from crawlers.guard import Resolver, system_resolver


@dataclass(frozen=True, slots=True)
class Network:
    """`resolver` finds the addresses of a name, `opener` connects to one, `trust` gives the TLS context."""

    resolver: Resolver = system_resolver
    opener: httpcore.AsyncNetworkBackend = field(default_factory=httpcore.AnyIOBackend)
    trust: Callable[[], ssl.SSLContext] = ssl.create_default_context
