"""The grant of an Official Account (OAuth v4 with PKCE): the link to agree at, the code traded in.

Fits `bot.services.channels.grants.Granting`. Which grant is whose, and what is kept, is left to
`bot.services.channels.connecting`.
"""

import asyncio
import base64
import hashlib
import hmac
from collections.abc import Callable, Mapping
from typing import Final
from urllib.parse import urlencode

import aiohttp

from bot.channels.zalo.account import API_URL, OAUTH_URL, Say
from bot.channels.zalo.calls import ZaloCalls
from bot.channels.zalo.checking import PROFILE_PATH, profile_of
from bot.channels.zalo.explaining import explained_oauth
from bot.channels.zalo.pairs import ACCESS_TOKEN, NoPair, Unreadable, read_pair
from bot.core.languages import Language
from bot.core.sending import NoAnswer, NoConnection, SendError
from bot.core.time import Clock
from bot.services.channels.grants import (
    APP_ID,
    CALLBACK_PATH,
    IN_REDIRECT,
    STATE_IN,
    Application,
    Fault,
    GrantFailed,
)

# Where the anti-forgery value stands if it travels inside the callback address.
STATE_PLACE: Final = "st"
FAULTS: Final[Mapping[Fault, str]] = {
    fault: f"zalo_grant_{fault.value}" for fault in Fault if fault is not Fault.REFUSED
}
SENTENCES: Final = (*FAULTS.values(), "zalo_grant_denied")

# The person waits in front of a page.
_CALL_LIMIT_S: Final = 12.0
_PROFILE_LIMIT_S: Final = 8.0


class ZaloGrants:
    """Asks for grants. `session` is closed by its owner; `public_url` is the program's own."""

    def __init__(
        self,
        session: Callable[[], aiohttp.ClientSession],
        *,
        clock: Clock,
        say: Say,
        public_url: str,
    ) -> None:
        self._session = session
        self._clock = clock
        self._say = say
        self._callback = public_url.rstrip("/") + CALLBACK_PATH

    def link(self, settings: Mapping[str, str], *, state: str, verifier: str) -> str:
        """Return the permission page of Zalo. Zalo wants the callback exactly as saved there."""
        callback = self._callback
        if settings.get(STATE_IN) == IN_REDIRECT:
            callback = f"{callback}?{urlencode({STATE_PLACE: state})}"
        query = {
            "app_id": settings[APP_ID],
            "redirect_uri": callback,
            "code_challenge": challenge_of(verifier),
            "state": state,
        }
        return f"{_oauth_url(settings)}/v4/oa/permission?{urlencode(query)}"

    async def exchange(
        self, application: Application, *, code: str, verifier: str
    ) -> Mapping[str, str]:
        """Return the pair for `code`; without an answer the same code is tried once more."""
        is_sure = True
        for _ in range(2):
            try:
                return await self._traded(application, code=code, verifier=verifier)
            except (NoAnswer, Unreadable):
                is_sure = False
            except NoConnection as error:
                raise GrantFailed(Fault.NO_CONNECTION) from error
            except NoPair as refused:
                # After a lost answer "code was used" only says that the answer is lost.
                fault = Fault.REFUSED if is_sure else Fault.NO_ANSWER
                raise GrantFailed(fault, refused.code) from None
            except SendError as error:
                raise GrantFailed(Fault.NO_ANSWER) from error
        raise GrantFailed(Fault.NO_ANSWER)

    async def whose(self, application: Application, pair: Mapping[str, str]) -> tuple[str, str]:
        """Return id and name of the account as Zalo tells them, "" if it does not."""
        token, secret = pair[ACCESS_TOKEN], application.secrets["app_secret"]
        proof = hmac.digest(secret.encode(), token.encode(), hashlib.sha256).hex()
        url = (application.settings.get("api_url") or API_URL).rstrip("/") + PROFILE_PATH
        calls = ZaloCalls(self._session(), limit_s=_CALL_LIMIT_S)
        try:
            async with asyncio.timeout(_PROFILE_LIMIT_S):
                answer = await calls.api(
                    "GET", url, headers={"access_token": token, "appsecret_proof": proof}
                )
        except (SendError, TimeoutError):
            # The pair is good all the same; the check of the account will say the rest.
            return "", ""
        name, oa_id = profile_of(answer.data)
        return oa_id, name

    def words(self, fault: Fault, code: str, language: Language) -> str:
        """Return what went wrong and what to do."""
        if fault is not Fault.REFUSED:
            return self._say(FAULTS[fault], language)
        if not code:
            return self._say("zalo_grant_denied", language)
        return explained_oauth(code, self._say, language)

    async def _traded(
        self, application: Application, *, code: str, verifier: str
    ) -> Mapping[str, str]:
        calls = ZaloCalls(self._session(), limit_s=_CALL_LIMIT_S)
        raw = await calls.form(
            f"{_oauth_url(application.settings)}/v4/oa/access_token",
            headers={"secret_key": application.secrets["app_secret"].strip()},
            fields={
                "code": code,
                "app_id": application.settings[APP_ID],
                "grant_type": "authorization_code",
                "code_verifier": verifier,
            },
        )
        return read_pair(raw, now=self._clock.now())


def challenge_of(verifier: str) -> str:
    """Return base64url of the SHA-256 of `verifier`, without padding (RFC 7636 4.2)."""
    digest = hashlib.sha256(verifier.encode()).digest()
    return base64.urlsafe_b64encode(digest).decode().rstrip("=")


def _oauth_url(settings: Mapping[str, str]) -> str:
    return (settings.get("oauth_url") or OAUTH_URL).rstrip("/")
