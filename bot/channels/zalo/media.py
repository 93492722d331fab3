"""What people sent, fetched from Zalo's own media hosts and from nowhere else.

The address comes with a message, so anybody may have written it. It is held against a short list
of names; names that lead into a private network are not followed; nothing of ours goes along.
"""

import asyncio
import ipaddress
import re
import socket
import string
from dataclasses import dataclass
from http import HTTPStatus
from typing import Final
from urllib.parse import quote

import aiohttp
from aiohttp.abc import AbstractResolver, ResolveResult
from aiohttp.resolver import DefaultResolver
from yarl import URL

from bot.channels.zalo.calls import CALL_LIMIT_S, CONNECT_LIMIT_S
from bot.core.errors import MediaRefused
from bot.core.sending import NoAnswer, NoConnection, PlatformTrouble

# Zalo keeps pictures, files and voices under these names and nowhere else.
HOSTS: Final = ("zdn.vn", "zadn.vn")
MOST_BYTES: Final = 20 * 1024 * 1024
MOST_REDIRECTS: Final = 2

_CHUNK_BYTES: Final = 64 * 1024
_LONGEST_URL: Final = 2_000
_LABEL: Final = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?")
_CONTROL: Final = re.compile(r"[\x00-\x1f\x7f\\\\]")
_USUAL: Final = frozenset({("http", None), ("http", 80), ("https", None), ("https", 443)})
_MOVED: Final = frozenset({301, 302, 303, 307, 308})


class PrivateAddress(OSError):
    """A name leads into a network that is not the Internet."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A host that stands in for Zalo's own, as in `ZaloAccount.api_url`."""

    scheme: str
    host: str
    port: int

    @classmethod
    def of(cls, url: str) -> "Place":
        """Return where an address leads."""
        read = URL(url)
        return cls(scheme=read.scheme, host=read.host or "", port=read.port or 0)


def address_of(handle: str, *, own: Place | None = None) -> URL:
    """Return where a medium is fetched from: https, one of Zalo's hosts, the usual port.

    `own` is another place that is allowed as it is. Raise `MediaRefused`.
    """
    if not 0 < len(handle) <= _LONGEST_URL or _CONTROL.search(handle):
        raise MediaRefused("no address")
    # Letters beyond ASCII are written as bytes; in a host they then make it none of Zalo's.
    written = quote(handle, safe=string.punctuation)
    try:
        read = URL(written, encoded=True)
        scheme, host, port = read.scheme, read.raw_host or "", read.explicit_port
        is_own = own is not None and Place.of(written) == own
    except ValueError:
        raise MediaRefused("no address") from None
    if scheme not in {"http", "https"} or "@" in read.raw_authority:
        raise MediaRefused("an address of another kind")
    if is_own:
        return read
    if (scheme, port) not in _USUAL:
        raise MediaRefused("an unusual port")
    if not is_zalos(host):
        raise MediaRefused("not one of Zalo's hosts")
    return read.with_scheme("https").with_port(None)


def is_zalos(host: str) -> bool:
    """Tell whether a name is one of Zalo's media hosts or below one, label by label."""
    labels = host.lower().split(".")
    if not all(_LABEL.fullmatch(label) for label in labels):
        return False
    return any(labels[-len(own) :] == own for own in (known.split(".") for known in HOSTS))


class PublicNames(AbstractResolver):
    """Resolves names, leaving out addresses of private networks. `trusted` is not looked at."""

    def __init__(self, inner: AbstractResolver, *, trusted: str = "") -> None:
        self._inner = inner
        self._trusted = trusted

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        """Return public addresses. Raise `PrivateAddress` if there are only others."""
        found = await self._inner.resolve(host, port, family)
        if host == self._trusted:
            return found
        public = [one for one in found if is_public(one["host"])]
        if not public:
            raise PrivateAddress("no public address")
        return public

    async def close(self) -> None:
        """Close the resolver within."""
        await self._inner.close()


def is_public(address: str) -> bool:
    """Tell whether an IP address is one of the Internet."""
    try:
        read = ipaddress.ip_address(address)
    except ValueError:
        return False
    inside = getattr(read, "ipv4_mapped", None) or read
    return bool(inside.is_global and not inside.is_multicast)


class MediaFetcher:
    """Fetches media over connections of its own, without token, cookie or referrer."""

    def __init__(
        self,
        *,
        own: Place | None = None,
        limit_s: float = CALL_LIMIT_S,
        most_bytes: int = MOST_BYTES,
        resolver: AbstractResolver | None = None,
    ) -> None:
        self._own = own
        self._limit_s = limit_s
        self._most_bytes = most_bytes
        self._resolver = resolver
        self._session: aiohttp.ClientSession | None = None

    async def fetch(self, handle: str) -> bytes:
        """Return the bytes behind an address.

        Raise `MediaRefused` for what may not or cannot be had, a `SendError` for trouble on the
        way.
        """
        url = address_of(handle, own=self._own)
        try:
            async with asyncio.timeout(self._limit_s):
                return await self._followed(url)
        except TimeoutError:
            raise NoAnswer("media: no answer in time") from None
        except aiohttp.ClientConnectorDNSError as error:
            if isinstance(error.os_error, PrivateAddress):
                raise MediaRefused("the name leads into a private network") from None
            raise NoConnection(type(error).__name__) from None
        except (aiohttp.ClientConnectorError, aiohttp.InvalidURL) as error:
            raise NoConnection(type(error).__name__) from None
        except aiohttp.ClientError as error:
            raise NoAnswer(type(error).__name__) from None

    async def close(self) -> None:
        """Close the connections."""
        session, self._session = self._session, None
        if session is not None:
            await session.close()

    async def _followed(self, url: URL) -> bytes:
        for _ in range(MOST_REDIRECTS + 1):
            async with self._opened().get(url, allow_redirects=False) as response:
                if response.status not in _MOVED:
                    return await self._read(response)
                location = response.headers.get("Location", "")
            try:
                target = str(url.join(URL(location, encoded=True)))
            except ValueError:
                raise MediaRefused("sent on to no address") from None
            url = address_of(target, own=self._own)
        raise MediaRefused("sent on too often")

    async def _read(self, response: aiohttp.ClientResponse) -> bytes:
        if response.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
            raise PlatformTrouble(f"media: HTTP {response.status}")
        if response.status != HTTPStatus.OK:
            raise MediaRefused(f"gone: HTTP {response.status}")
        if response.content_type == "text/html":
            raise MediaRefused("a page in place of a file")
        if (response.content_length or 0) > self._most_bytes:
            raise MediaRefused("too large")
        body = bytearray()
        async for chunk in response.content.iter_chunked(_CHUNK_BYTES):
            body += chunk
            if len(body) > self._most_bytes:
                raise MediaRefused("too large")
        if not body:
            raise MediaRefused("empty")
        return bytes(body)

    def _opened(self) -> aiohttp.ClientSession:
        if self._session is None:
            trusted = self._own.host if self._own else ""
            names = PublicNames(self._resolver or DefaultResolver(), trusted=trusted)
            self._session = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(resolver=names, limit=8),
                cookie_jar=aiohttp.DummyCookieJar(),
                # A small answer may not unfold into a large one.
                auto_decompress=False,
                headers={"Accept-Encoding": "identity"},
                timeout=aiohttp.ClientTimeout(total=None, sock_connect=CONNECT_LIMIT_S),
            )
        return self._session
