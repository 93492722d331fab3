"""Which addresses a hook may have."""

import ipaddress
from typing import Final
from urllib.parse import urlsplit

from bot.core.errors import RuleBroken

_LONGEST: Final = 500
_LOCAL_NAMES: Final = frozenset({"localhost", "localhost.localdomain"})


def check_address(url: str, *, may_be_local: bool) -> None:
    """Raise `RuleBroken` unless hooks may be told at `url`.

    `https` only. Somebody at the machine may name an address of the machine itself too, and that
    without TLS: a stand-in, or a program beside this one.
    """
    try:
        parts = urlsplit(url)
        host = (parts.hostname or "").rstrip(".").lower()
        is_spelled = bool(host) and (parts.port is None or parts.port > 0)
    except ValueError:
        raise RuleBroken("hook_url_wrong") from None
    is_spelled = (
        is_spelled
        and len(url) <= _LONGEST
        and url.isascii()
        and url.isprintable()
        and " " not in url
        and not (parts.username or parts.password or parts.fragment)
    )
    if not is_spelled:
        raise RuleBroken("hook_url_wrong")
    is_local, is_odd = _kind(host)
    is_right = may_be_local if is_local else parts.scheme == "https" and not is_odd
    if not is_right or parts.scheme not in {"http", "https"}:
        raise RuleBroken("hook_url_wrong")


def _kind(host: str) -> tuple[bool, bool]:
    """Tell whether a host is this machine, and whether it is an address nobody serves at."""
    if host in _LOCAL_NAMES or host.endswith(".localhost"):
        return True, False
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        # Only digits and dots and no address as it is written: some resolvers read it as one.
        return False, host.replace(".", "").isdigit() or host.startswith("0x")
    if isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped:
        address = address.ipv4_mapped
    is_odd = address.is_link_local or address.is_multicast or address.is_unspecified
    return address.is_loopback, is_odd
