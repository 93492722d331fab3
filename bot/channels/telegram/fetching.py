"""Getting what people sent: only from the Bot API itself, of bounded size and time.

The address of a file holds the bot's token, so it never stands in an error or a log.
"""

import re
from http import HTTPStatus
from typing import Final

import aiohttp
import msgspec

from bot.channels.telegram.account import Surroundings, TelegramAccount
from bot.channels.telegram.calls import Calls
from bot.channels.telegram.request import CONNECT_LIMIT_S, refusal
from bot.core.errors import MediaRefused
from bot.core.messages import Media
from bot.core.sending import MessageRefused, NoConnection, PlatformTrouble

# The Bot API hands over no more than this.
DOWNLOAD_LIMIT_BYTES: Final = 20 * 1024 * 1024
DOWNLOAD_LIMIT_S: Final = 30.0
_CHUNK_BYTES: Final = 64 * 1024
# "photos/file_0.jpg": no scheme, no host, no way up. A server of one's own in local mode tells
# absolute paths of its disk instead; those are not for us.
_PATH: Final = re.compile(r"[A-Za-z0-9_][\w .-]*(/[A-Za-z0-9_][\w .-]*)*", re.ASCII)


class _File(msgspec.Struct):
    file_path: str = ""
    file_size: int | None = None


class _Answer(msgspec.Struct):
    result: _File


class Fetcher:
    """Downloads media of one bot."""

    def __init__(self, account: TelegramAccount, surroundings: Surroundings, calls: Calls) -> None:
        self._calls = calls
        self._session = surroundings.session
        self._files = f"{account.base_url}/file/bot{account.token}"
        limit_s = min(DOWNLOAD_LIMIT_S, surroundings.call_limit_s)
        self._limit = aiohttp.ClientTimeout(total=limit_s, sock_connect=CONNECT_LIMIT_S)

    async def fetch(self, media: Media) -> bytes:
        """Return the bytes of `media`. Raise `MediaRefused` or a `SendError`."""
        if not media.handle:
            raise MediaRefused("there is nothing to fetch")
        if (media.size_bytes or 0) > DOWNLOAD_LIMIT_BYTES:
            raise MediaRefused("too large")
        return await self._download(await self._path(media.handle))

    async def _path(self, handle: str) -> str:
        try:
            raw = await self._calls.ask("getFile", {"file_id": handle})
        except MessageRefused as error:
            # Too big, or a handle of another bot; the wording names neither.
            raise MediaRefused(str(error)) from error
        try:
            file = msgspec.json.decode(raw, type=_Answer).result
        except (msgspec.DecodeError, RecursionError, UnicodeDecodeError):
            raise MediaRefused("no file in the answer") from None
        if (file.file_size or 0) > DOWNLOAD_LIMIT_BYTES:
            raise MediaRefused("too large")
        if not _PATH.fullmatch(file.file_path) or ".." in file.file_path:
            raise MediaRefused("not where files may be")
        return file.file_path

    async def _download(self, path: str) -> bytes:
        try:
            async with self._session.get(
                f"{self._files}/{path}", timeout=self._limit, allow_redirects=False
            ) as response:
                if response.status != HTTPStatus.OK:
                    await self._refuse(response)
                return await _bounded(response)
        except (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError) as error:
            raise NoConnection(type(error).__name__) from None
        except TimeoutError:
            raise MediaRefused("too slow") from None
        except aiohttp.ClientError as error:
            # Asking again does no harm.
            raise PlatformTrouble(type(error).__name__) from None

    async def _refuse(self, response: aiohttp.ClientResponse) -> None:
        status = response.status
        if status == HTTPStatus.TOO_MANY_REQUESTS or status >= HTTPStatus.INTERNAL_SERVER_ERROR:
            after = response.headers.get("Retry-After")
            raise self._calls.error_of(refusal(status, b"", after))
        raise MediaRefused(f"status {status}")


async def _bounded(response: aiohttp.ClientResponse) -> bytes:
    """Return a body, which may be longer than its header says."""
    if (response.content_length or 0) > DOWNLOAD_LIMIT_BYTES:
        raise MediaRefused("too large")
    body = bytearray()
    async for chunk in response.content.iter_chunked(_CHUNK_BYTES):
        body += chunk
        if len(body) > DOWNLOAD_LIMIT_BYTES:
            raise MediaRefused("too large")
    return bytes(body)
