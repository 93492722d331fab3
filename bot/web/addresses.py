"""Who is really at the other end of a connection, when proxies stand between.

What is found serves limits and nothing else: no address is logged or stored. Of those who try
passwords at the console a keyed pseudonym stays for a quarter of an hour.
"""

import ipaddress
import re
from collections.abc import Collection, Mapping, Sequence
from typing import Final

from aiohttp import web

Ip = ipaddress.IPv4Address | ipaddress.IPv6Address
Network = ipaddress.IPv4Network | ipaddress.IPv6Network

# Whoever sends more hops than this is playing; nearer ones are still read.
_MOST_HOPS: Final = 32
_HEADERS: Final = ("x-forwarded-for", "forwarded")
_FOR: Final = re.compile(r"(?:^|;)\s*for\s*=\s*(\"[^\"]*\"|[^;\s]+)\s*(?:;|$)", re.IGNORECASE)


def client_address(
    peer: str | None, headers: Mapping[str, Sequence[str]], trusted: Collection[Network]
) -> Ip | None:
    """Return the address of the client, or None where there is none (a Unix socket).

    `peer` is the address of the connection. `headers` maps lower-case names to their values in
    order. Forwarding headers count only if `peer` is in `trusted`; then they are read from the
    nearest hop outwards, and the first one that is not trusted is the client. What a hop that
    is not trusted claims about those behind it is not believed.
    """
    nearest = _parse(peer or "")
    if nearest is None or not _is_in(nearest, trusted):
        return nearest
    for claimed in reversed(_hops(headers)[-_MOST_HOPS:]):
        hop = _parse(claimed)
        if hop is None:
            # "unknown" or a hidden name: the nearest known one answers for those behind it.
            break
        nearest = hop
        if not _is_in(hop, trusted):
            break
    return nearest


def address_of(request: web.Request, trusted: Collection[Network]) -> Ip | None:
    """Return the address of the client of a request, as `client_address` finds it."""
    peer = request.transport.get_extra_info("peername") if request.transport else None
    headers = {name: request.headers.getall(name, []) for name in _HEADERS}
    return client_address(str(peer[0]) if isinstance(peer, tuple) else None, headers, trusted)


def crowd_of(address: Ip | None) -> str:
    """Return what a limit counts by: the IPv4 address, or the /64 that one subscriber gets."""
    if isinstance(address, ipaddress.IPv6Address):
        return str(ipaddress.ip_network((address, 64), strict=False))
    return str(address) if address else "unknown"


def _hops(headers: Mapping[str, Sequence[str]]) -> list[str]:
    # A proxy that sets one of the two passes the other on as the client wrote it; the older
    # one is what proxies set unless told otherwise.
    if values := headers.get("x-forwarded-for"):
        return [hop.strip() for hop in ",".join(values).split(",")]
    found = ",".join(headers.get("forwarded", ()))
    return [_forwarded_for(element) for element in found.split(",")] if found else []


def _forwarded_for(element: str) -> str:
    match = _FOR.search(element)
    return match[1].strip('"') if match else "unknown"


def _parse(text: str) -> Ip | None:
    """Read `1.2.3.4`, `1.2.3.4:80`, `::1`, `[::1]`, `[::1]:80`; None if it is none of these."""
    bare = text.strip()
    if bare.startswith("["):
        bare = bare[1:].partition("]")[0]
    elif bare.count(":") == 1:
        bare = bare.partition(":")[0]
    try:
        address = ipaddress.ip_address(bare.partition("%")[0])
    except ValueError:
        return None
    if isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped:
        return address.ipv4_mapped
    return address


def _is_in(address: Ip, networks: Collection[Network]) -> bool:
    return any(address in network for network in networks)
