"""One HTTP call to Zalo and what came of it, before anybody asks what the answer's code means."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Final

import aiohttp
import msgspec

from bot.core.sending import NoAnswer, NoConnection, PlatformTrouble, SlowedDown

CALL_LIMIT_S: Final = 30.0
# Echoes come within a second or two; on a bad day within this.
ECHO_WITHIN_S: Final = 15.0
CONNECT_LIMIT_S: Final = 10.0
_UNNAMED_PAUSE_S: Final = 60.0
_LONGEST_WORDING: Final = 200
_LONGEST_ANSWER: Final = 2 * 1024 * 1024
_CHUNK_BYTES: Final = 64 * 1024
_QUOTED_CODE: Final = re.compile(r"-?[0-9]{1,9}")
# Stands for an error that is not a number; the table of codes does not know it.
UNREADABLE_CODE: Final = -1


class _Envelope(msgspec.Struct):
    error: int | str
    message: str = ""
    data: msgspec.Raw = msgspec.Raw()


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What the API said: 0 or a code, its wording, the raw data, and the headers of its pace."""

    code: int
    wording: str = ""
    data: bytes = field(default=b"", repr=False)
    remaining_calls: int | None = None
    calls_a_minute: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Parcel:
    """A file to upload: its name has an extension, its type is that of the bytes."""

    name: str = field(repr=False)
    media_type: str
    body: bytes = field(repr=False)


class ZaloCalls:
    """Calls over `session`, each within `limit_s`.

    Both methods raise `NoConnection`, `NoAnswer`, `PlatformTrouble` or `SlowedDown`.
    """

    def __init__(self, session: aiohttp.ClientSession, *, limit_s: float = CALL_LIMIT_S) -> None:
        self._session = session
        self._limit = aiohttp.ClientTimeout(total=limit_s, sock_connect=CONNECT_LIMIT_S)

    async def api(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str],
        body: bytes | Parcel | None = None,
        does: bool = False,
    ) -> Answer:
        """Call the API; return its envelope, whatever the code in it.

        `does`: the call changes something (it sends). A server that fails may have carried it
        out all the same, so it is not made again before an echo had time to say so.
        """
        kind = {"Content-Type": "application/json"} if isinstance(body, bytes) else {}
        try:
            status, raw, told = await self._call(
                method,
                url,
                headers={**headers, **kind},
                data=_form_of(body) if isinstance(body, Parcel) else body,
            )
        except PlatformTrouble as trouble:
            if does:
                raise PlatformTrouble(str(trouble), after_s=ECHO_WITHIN_S) from None
            raise
        try:
            envelope = msgspec.json.decode(raw, type=_Envelope)
        except (msgspec.DecodeError, RecursionError, UnicodeDecodeError):
            if status >= HTTPStatus.BAD_REQUEST:
                raise PlatformTrouble(f"HTTP {status}") from None
            # A success nobody can read: the message may well have gone out.
            raise NoAnswer("unreadable answer") from None
        return Answer(
            code=_code(envelope.error),
            wording=envelope.message[:_LONGEST_WORDING],
            data=bytes(envelope.data),
            remaining_calls=_count(told.get("X-RateLimit-Remain")),
            calls_a_minute=_count(told.get("X-RateLimit-Limit")),
        )

    async def form(
        self, url: str, *, headers: Mapping[str, str], fields: Mapping[str, str]
    ) -> bytes:
        """Post a form; return the body of an answer that is no gateway's page."""
        status, raw, told = await self._call("POST", url, headers=headers, data=fields)
        is_page = "html" in told.get("Content-Type", "").lower() or raw.lstrip()[:1] == b"<"
        if status >= HTTPStatus.BAD_REQUEST or is_page:
            raise PlatformTrouble(f"HTTP {status}")
        return raw

    async def _call(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str],
        data: bytes | Mapping[str, str] | aiohttp.FormData | None,
    ) -> tuple[int, bytes, Mapping[str, str]]:
        try:
            async with self._session.request(
                method, url, headers=headers, data=data, timeout=self._limit, allow_redirects=False
            ) as response:
                raw = await _body_of(response)
        # Only the types are told on: the texts can hold the address with its parameters.
        except (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError) as error:
            raise NoConnection(type(error).__name__) from None
        except aiohttp.InvalidURL:
            raise NoConnection("InvalidURL") from None
        except (aiohttp.ClientError, TimeoutError) as error:
            raise NoAnswer(type(error).__name__) from None
        if response.status == HTTPStatus.TOO_MANY_REQUESTS:
            raise SlowedDown(_UNNAMED_PAUSE_S, text="HTTP 429")
        if response.status == HTTPStatus.GATEWAY_TIMEOUT:
            # The gateway passed the request on and does not know either.
            raise NoAnswer("HTTP 504")
        if response.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
            raise PlatformTrouble(f"HTTP {response.status}")
        return response.status, raw, response.headers


async def _body_of(response: aiohttp.ClientResponse) -> bytes:
    """Return the body of an answer; no answer of the API is longer than a long list."""
    told = response.content_length
    if told is not None and told <= _LONGEST_ANSWER and "Content-Encoding" not in response.headers:
        return await response.read()
    body = bytearray()
    async for chunk in response.content.iter_chunked(_CHUNK_BYTES):
        body += chunk
        if len(body) > _LONGEST_ANSWER:
            raise NoAnswer("an answer without an end")
    return bytes(body)


def _form_of(parcel: Parcel) -> aiohttp.FormData:
    # Names are shown as they are given, so they may not be percent-encoded on the way.
    form = aiohttp.FormData(quote_fields=False)
    form.add_field("file", parcel.body, filename=parcel.name, content_type=parcel.media_type)
    return form


def _code(error: int | str) -> int:
    if isinstance(error, int):
        return error
    bare = error.strip()
    return int(bare) if _QUOTED_CODE.fullmatch(bare) else UNREADABLE_CODE


def _count(header: str | None) -> int | None:
    if header is None or not (header.isascii() and header.isdecimal()):
        return None
    return int(header[:9])
