"""The permission page of OAuth v4 with an admin of the OA behind it, and the codes it hands out.

Leaves tokens to `zalo_oauth`.
"""

import base64
import hashlib
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from aiohttp import web
from yarl import URL

from tests.channels.stubs.rule_book import RuleBook
from tests.channels.stubs.stub_clock import StubClock
from tests.channels.stubs.zalo_accounts import ZaloApp

CODE_LIFE_S: Final = 600.0
ERROR_PATH: Final = "/v4/permission/error"
WRONG_APP: Final = -14002
WRONG_REDIRECT: Final = -14003
NOT_APPROVED: Final = -14029
# No number for a "no" is public; this one is seen in the field, its meaning unknown.
REFUSED: Final = -14024

_KNOWN: Final = frozenset({"app_id", "redirect_uri", "code_challenge", "state"})
_CHALLENGE: Final = re.compile(r"[A-Za-z0-9_-]{43}")


@dataclass(frozen=True, slots=True, kw_only=True)
class OauthManners:
    """Oddities seen in the field, off by default.

    `saved_challenge`: one PKCE challenge kept in the console, for requests that bring none.
    `ignores_redirect_query`: the redirect may have a query of its own behind the saved address.
    `admin_refuses`: the human at the permission page says no.
    `tells_refresh_life`: a pair comes with `refresh_token_expires_in`.
    `refuses_reuse`: a refresh token used before gets -14014 in place of an empty page.
    """

    quotes_error_numbers: bool = False
    omits_refresh_token: bool = False
    expires_in_is_number: bool = False
    omits_state: bool = False
    saved_challenge: str = ""
    ignores_redirect_query: bool = False
    admin_refuses: bool = False
    tells_refresh_life: bool = False
    refuses_reuse: bool = False


@dataclass(slots=True, kw_only=True)
class _Code:
    oa_id: str
    challenge: str
    born_s: float
    is_used: bool = False


class BadCode(Exception):
    """A code buys nothing; `rule` is set if the caller broke one."""

    def __init__(self, text: str, *, rule: str | None = None) -> None:
        super().__init__(text)
        self.text = text
        self.rule = rule


class ZaloGrants:
    """Hands out codes and takes them back. `chosen_oa` is the OA the admin picks, if set."""

    def __init__(self, *, app: ZaloApp, clock: StubClock, book: RuleBook) -> None:
        self.manners = OauthManners()
        self.chosen_oa = ""
        self._app = app
        self._clock = clock
        self._book = book
        self._codes: dict[str, _Code] = {}

    def page(self, query: Mapping[str, str]) -> web.Response:
        """Answer the authorize page: back to the app with a code, or to the error page."""
        if query.get("app_id") != self._app.app_id or not self._app.is_active:
            return _refusal(WRONG_APP)
        if not self._is_saved(query.get("redirect_uri", "")):
            self._book.note("permission", "redirect_uri as saved")
            return _refusal(WRONG_REDIRECT)
        if not self._app.is_approved:
            return _refusal(NOT_APPROVED)
        if self.manners.admin_refuses:
            return _refusal(REFUSED)
        for name in sorted(set(query) - _KNOWN - {"oa_id"}):
            self._book.note("permission", "only the parameters of the page", name[:30])
        challenge = query.get("code_challenge", "")
        if challenge and not _CHALLENGE.fullmatch(challenge):
            self._book.note("permission", "a challenge is an unpadded base64url SHA-256")
        oa_id = query.get("oa_id") or self.chosen_oa or next(iter(self._app.oas))
        code = secrets.token_urlsafe(24)
        self._codes[code] = _Code(
            oa_id=oa_id,
            challenge=challenge or self.manners.saved_challenge,
            born_s=self._clock.seconds(),
        )
        answer = {"code": code, "oa_id": oa_id}
        if "state" in query and not self.manners.omits_state:
            answer["state"] = query["state"]
        return _landing(str(URL(query["redirect_uri"]).update_query(answer)))

    def _is_saved(self, redirect_uri: str) -> bool:
        if self.manners.ignores_redirect_query:
            redirect_uri = redirect_uri.partition("?")[0]
        return redirect_uri == self._app.redirect_uri

    def redeem(self, code: str, *, verifier: str) -> str:
        """Return the OA a code is for and burn it; BadCode if it is none, old, used, or another's.

        A verifier is needed where a challenge was sent.
        """
        found = self._codes.get(code)
        if found is None:
            raise BadCode("Invalid code")
        if found.is_used:
            raise BadCode("Code was used", rule="a code is used once")
        if self._clock.seconds() - found.born_s >= CODE_LIFE_S:
            raise BadCode("Code has expired")
        if found.challenge and challenge_of(verifier) != found.challenge:
            raise BadCode("Invalid code verifier", rule="code_verifier fits")
        found.is_used = True
        return found.oa_id


def challenge_of(verifier: str) -> str:
    """Return the PKCE challenge of a verifier."""
    digest = hashlib.sha256(verifier.encode()).digest()
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()


def error_page(query: Mapping[str, str]) -> web.Response:
    """Return where a human lands after a refusal: a page, never back at the app."""
    code = re.sub(r"[^0-9-]", "", query.get("error_code", ""))
    return web.Response(text=f"<html><p>Lỗi {code}</p></html>", content_type="text/html")


def _refusal(code: int) -> web.Response:
    return _landing(f"{ERROR_PATH}?error_code={code}")


def _landing(url: str) -> web.Response:
    return web.Response(status=302, headers={"Location": url})
