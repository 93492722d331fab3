"""python-telegram-bot's HTTP over the program's aiohttp session, saying exactly what went wrong.

The library's client is a tenth as fast under load, and folds "never connected", "no answer" and
"answered 500" into one error; delivery must tell them apart. What each means for a message is
said in `bot.channels.telegram.errors`.
"""

import io
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any, Final, cast

import aiohttp
import msgspec
from telegram import Bot
from telegram.error import TelegramError
from telegram.request import BaseRequest, RequestData

CONNECT_LIMIT_S: Final = 10.0
# A file takes its time on a slow line; still under the 40 s after which delivery gives up.
UPLOAD_PATIENCE: Final = 1.25
_LONGEST_WORDING: Final = 200
_AS_JSON: Final = {"Content-Type": "application/json"}


class NeverConnected(TelegramError):
    """No connection was made, so no byte of the request was written."""


class Unanswered(TelegramError):
    """The request was written; what came back, if anything, says nothing of how it ended."""


class ApiRefusal(TelegramError):
    """Telegram answered no: `code` and `wording` as it gave them, and its parameters if any."""

    def __init__(
        self,
        code: int,
        wording: str,
        *,
        retry_after_s: float | None = None,
        moved_to: int | None = None,
    ) -> None:
        super().__init__(f"{code} {wording}")
        self.code = code
        self.wording = wording
        self.retry_after_s = retry_after_s
        self.moved_to = moved_to


class _Parameters(msgspec.Struct):
    retry_after: float | None = None
    migrate_to_chat_id: int | None = None


class _Refusal(msgspec.Struct):
    error_code: int = 0
    description: str = ""
    parameters: _Parameters | None = None


class _Sent(msgspec.Struct):
    message_id: int


class _SentEnvelope(msgspec.Struct):
    ok: bool = False
    result: _Sent | None = None


class DiscreetBot(Bot):
    """The library's client without the token in its `repr`."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "DiscreetBot()"


class AiohttpRequest(BaseRequest):
    """Calls the Bot API, each call within `limit_s`; `session` belongs to whoever made it."""

    __slots__ = ("_limit", "_session", "_upload_limit")

    def __init__(self, session: aiohttp.ClientSession, *, limit_s: float) -> None:
        self._session = session
        self._limit = aiohttp.ClientTimeout(total=limit_s, sock_connect=CONNECT_LIMIT_S)
        self._upload_limit = aiohttp.ClientTimeout(
            total=limit_s * UPLOAD_PATIENCE, sock_connect=CONNECT_LIMIT_S
        )

    @property
    def read_timeout(self) -> float | None:
        """Return how long a call may take, in seconds."""
        return self._limit.total

    async def initialize(self) -> None:
        """Do nothing: the session is open already."""

    async def shutdown(self) -> None:
        """Do nothing: the session is closed by its owner."""

    async def do_request(
        self,
        url: str,
        method: str,
        request_data: RequestData | None = None,
        *limits: object,
        **named_limits: object,
    ) -> tuple[int, bytes]:
        """Return status and body of a 2xx. Raise `NeverConnected`, `Unanswered`, `ApiRefusal`.

        The library's four limits are not used: one for the whole call says more.
        """
        del method, limits, named_limits
        fields: Mapping[str, str] = request_data.json_parameters if request_data else {}
        if request_data is None or not request_data.contains_files:
            return HTTPStatus.OK, await self.call(url, fields)
        form = aiohttp.FormData(fields, quote_fields=False)
        for name, (file_name, body, media_type) in request_data.multipart_data.items():
            # Read piece by piece, so that ten megabytes do not hold up everybody else.
            source = io.BytesIO(body) if isinstance(body, bytes) else body
            form.add_field(name, source, filename=file_name, content_type=media_type)
        return HTTPStatus.OK, await self.call(url, form, limit=self._upload_limit)

    async def send(self, url: str, fields: Mapping[str, object]) -> int:
        """Post `fields` as JSON; return the number of the message, raise as `do_request`.

        Past the library, which reads an answer of which only this is wanted with seven times the
        work of the request itself.
        """
        body = await self.call(url, msgspec.json.encode(fields), headers=_AS_JSON)
        try:
            envelope = msgspec.json.decode(body, type=_SentEnvelope)
        except (msgspec.DecodeError, RecursionError):
            raise Unanswered("unreadable answer") from None
        if not envelope.ok:
            raise refusal(HTTPStatus.OK, body, None)
        if envelope.result is None:
            raise Unanswered("answer without a result")
        return envelope.result.message_id

    async def call(
        self,
        url: str,
        data: Mapping[str, str] | aiohttp.FormData | bytes,
        *,
        limit: aiohttp.ClientTimeout | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> bytes:
        """Post `data`, fields as a form; return the body of a 2xx, raise as `do_request`."""
        try:
            async with self._session.post(
                url,
                data=data,
                headers=headers,
                timeout=limit or self._limit,
                allow_redirects=False,
            ) as response:
                body = await response.read()
        # Their texts can hold the URL and thereby the token, so only the types are told on.
        except (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError) as error:
            raise NeverConnected(type(error).__name__) from None
        except aiohttp.InvalidURL:
            raise NeverConnected("InvalidURL") from None
        except (aiohttp.ClientError, TimeoutError) as error:
            raise Unanswered(type(error).__name__) from None
        if not HTTPStatus.OK <= response.status < HTTPStatus.MULTIPLE_CHOICES:
            raise refusal(response.status, body, response.headers.get("Retry-After"))
        return body

    @staticmethod
    def parse_json_payload(payload: bytes) -> dict[str, Any]:
        """Return the envelope of a 2xx. Raise `Unanswered`, or `ApiRefusal` if it is not ok."""
        try:
            envelope = msgspec.json.decode(payload)
        except (msgspec.DecodeError, RecursionError):
            raise Unanswered("unreadable answer") from None
        if not isinstance(envelope, dict):
            raise Unanswered("unreadable answer")
        if envelope.get("ok") is not True:
            raise refusal(HTTPStatus.OK, payload, None)
        if "result" not in envelope:
            raise Unanswered("answer without a result")
        return cast("dict[str, Any]", envelope)


def refusal(status: int, body: bytes, retry_after: str | None) -> ApiRefusal:
    """Return what an answer that is not a success says, however little of it can be read."""
    try:
        said = msgspec.json.decode(body, type=_Refusal)
    except (msgspec.DecodeError, RecursionError):
        said = _Refusal()
    parameters = said.parameters or _Parameters()
    after_s = parameters.retry_after
    if after_s is None and retry_after is not None and retry_after.isdecimal():
        after_s = float(retry_after[:6])
    code = said.error_code if status == HTTPStatus.OK else status
    return ApiRefusal(
        code,
        said.description[:_LONGEST_WORDING],
        retry_after_s=after_s,
        moved_to=parameters.migrate_to_chat_id,
    )
