"""Calls of one account to the OA API: with a token that works, at a pace Zalo permits.

What a code in an answer means is in `errors`; who calls decides what to do about it.
"""

import hashlib
import hmac
from collections.abc import Mapping
from typing import Final
from urllib.parse import urlencode

import msgspec

from bot.channels.zalo.account import ZaloAccount
from bot.channels.zalo.calls import Answer, Parcel, ZaloCalls
from bot.channels.zalo.errors import TOKEN_CODES
from bot.channels.zalo.pace import CallPace
from bot.channels.zalo.pairs import ACCESS_TOKEN
from bot.channels.zalo.tokens import TokenKeeper
from bot.core.channels import Credentials
from bot.core.sending import NoConnection, SendError, SlowedDown

_ENCODER: Final = msgspec.json.Encoder()


class OaApi:
    """The OA API for `account`. Every call may raise a `SendError`; codes are in the answers."""

    def __init__(
        self, account: ZaloAccount, *, calls: ZaloCalls, tokens: TokenKeeper, pace: CallPace
    ) -> None:
        self._account = account
        self._calls = calls
        self._tokens = tokens
        self._pace = pace
        self._base = account.api_url.rstrip("/")
        self._headers: tuple[str, Mapping[str, str]] = ("", {})

    async def get(self, path: str, query: Mapping[str, str | int] | None = None) -> Answer:
        """Ask for something."""
        asked = f"?{urlencode(query)}" if query else ""
        return await self._api("GET", path + asked, None, does=False)

    async def ask(self, path: str, body: object) -> Answer:
        """Ask for something that is asked for by POST and changes nothing."""
        return await self._api("POST", path, _ENCODER.encode(body), does=False)

    async def do(self, path: str, body: object) -> Answer:
        """Have something done; what a server's failure leaves open, an echo may settle."""
        return await self._api("POST", path, _ENCODER.encode(body), does=True)

    async def upload(self, path: str, parcel: Parcel) -> Answer:
        """Upload a file."""
        return await self._api("POST", path, parcel, does=False)

    async def _api(
        self, method: str, path: str, body: bytes | Parcel | None, *, does: bool
    ) -> Answer:
        """Call with a token that works, renewing it once if need be."""
        credentials = await self._tokens.current()
        answer = await self._call(method, path, credentials, body, does=does)
        if answer.code in TOKEN_CODES:
            credentials = await self._tokens.after_refusal(credentials)
            answer = await self._call(method, path, credentials, body, does=does)
        if answer.code in TOKEN_CODES:
            raise await self._tokens.refused_again(credentials)
        return answer

    async def _call(
        self,
        method: str,
        path: str,
        credentials: Credentials,
        body: bytes | Parcel | None,
        *,
        does: bool,
    ) -> Answer:
        headers = self._headers_of(credentials.values.get(ACCESS_TOKEN, "").strip())
        await self._pace.take_slot()
        try:
            answer = await self._calls.api(
                method, self._base + path, headers=headers, body=body, does=does
            )
        except BaseException as error:
            is_platforms = isinstance(error, SendError)
            is_told = isinstance(error, NoConnection | SlowedDown)
            self._pace.note_failure(is_platforms=is_platforms and not is_told)
            raise
        self._pace.note(answer)
        return answer

    def _headers_of(self, token: str) -> Mapping[str, str]:
        """Return token and proof; the proof is reckoned once for each token."""
        if self._headers[0] != token:
            secret = self._account.app_secret.encode()
            proof = hmac.digest(secret, token.encode(), hashlib.sha256).hex()
            self._headers = (token, {"access_token": token, "appsecret_proof": proof})
        return self._headers[1]
