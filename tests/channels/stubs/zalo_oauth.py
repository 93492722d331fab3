"""OAuth v4 of an Official Account: token pairs that are bought with a code, rotate and die.

Leaves the check of single API calls to the OA API; it only answers whose token this is.
"""

import secrets
from dataclasses import dataclass, replace
from typing import Final

from aiohttp import web

from tests.channels.stubs.rule_book import RuleBook
from tests.channels.stubs.stub_clock import StubClock
from tests.channels.stubs.zalo_accounts import ZaloApp
from tests.channels.stubs.zalo_answers import ZaloRefusal, page
from tests.channels.stubs.zalo_grants import WRONG_APP, BadCode, OauthManners, ZaloGrants

__all__ = ["OauthManners", "TokenPair", "ZaloOauth"]

ACCESS_LIFE_S: Final = 90_000
REFRESH_LIFE_S: Final = 90 * 86_400.0
METHOD: Final = "access_token"

BAD_REFRESH_TOKEN: Final = -14014
# No table of these codes is public; the notes name this one as seen and permanent.
BAD_CODE: Final = -14012


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenPair:
    """What one grant holds at one moment."""

    oa_id: str
    access_token: str
    refresh_token: str
    born_s: float


class ZaloOauth:
    """Issues, rotates and kills token pairs."""

    def __init__(self, *, app: ZaloApp, clock: StubClock, book: RuleBook) -> None:
        self.grants = ZaloGrants(app=app, clock=clock, book=book)
        self.refreshes = 0
        self._app = app
        self._clock = clock
        self._book = book
        self._by_access: dict[str, TokenPair] = {}
        self._by_refresh: dict[str, TokenPair] = {}
        self._used_refresh: set[str] = set()
        self._lost_answers: set[str] = set()
        self._withdrawn: set[str] = set()
        self._ungranted: set[str] = set()

    def issue(self, oa_id: str) -> TokenPair:
        """Return a fresh pair; every older pair of this OA is dead from now on."""
        self.revoke(oa_id)
        self._ungranted.discard(oa_id)
        pair = TokenPair(
            oa_id=oa_id,
            access_token=f"at-{secrets.token_urlsafe(48)}",
            refresh_token=f"rt-{secrets.token_urlsafe(48)}",
            born_s=self._clock.seconds(),
        )
        self._by_access[pair.access_token] = pair
        self._by_refresh[pair.refresh_token] = pair
        return pair

    def revoke(self, oa_id: str) -> None:
        """Kill the pairs of one OA, as its admin can."""
        for pair in [old for old in self._by_access.values() if old.oa_id == oa_id]:
            del self._by_access[pair.access_token]
            self._by_refresh.pop(pair.refresh_token, None)

    def withdraw(self, oa_id: str) -> None:
        """Let an admin of the OA take the grant back: its tokens are told from unknown ones."""
        self._withdrawn.update(
            pair.access_token for pair in self._by_access.values() if pair.oa_id == oa_id
        )
        self._ungranted.add(oa_id)
        self.revoke(oa_id)

    def has_grant(self, oa_id: str) -> bool:
        """Tell whether the OA's events are the app's to hear."""
        return oa_id not in self._ungranted

    def current(self, oa_id: str) -> TokenPair:
        """Return the living pair of one OA; LookupError if it has none."""
        pair = self.living(oa_id)
        if pair is None:
            raise LookupError("this OA has no living tokens")
        return pair

    def living(self, oa_id: str) -> TokenPair | None:
        """Return the living pair of one OA, or None."""
        pairs = self._by_access.values()
        return next((pair for pair in pairs if pair.oa_id == oa_id), None)

    def owner_of(self, access_token: str) -> str:
        """Return the OA a token speaks for; ZaloRefusal -216 unknown, -220 old or withdrawn."""
        pair = self._by_access.get(access_token)
        if access_token in self._withdrawn:
            raise ZaloRefusal(-220, "Access token was withdrawn")
        if pair is None:
            raise ZaloRefusal(-216, "Access token is invalid")
        if self._clock.seconds() - pair.born_s >= ACCESS_LIFE_S:
            raise ZaloRefusal(-220, "Access token has expired")
        return pair.oa_id

    def forgive(self, refresh_token: str) -> None:
        """Note that the answer to this refresh never arrived: trying it again is allowed."""
        self._lost_answers.add(refresh_token)

    @property
    def manners(self) -> OauthManners:
        """Return the oddities of the permission page and of the token endpoint."""
        return self.grants.manners

    @manners.setter
    def manners(self, wanted: OauthManners) -> None:
        self.grants.manners = wanted

    # The token endpoint.

    async def token(self, request: web.Request) -> web.Response:
        """Answer `POST /v4/oa/access_token`; an empty 200 for a refresh token used before."""
        if request.content_type != "application/x-www-form-urlencoded":
            return self._no(WRONG_APP, "Form expected", rule="the body is a form")
        form = {name: str(value) for name, value in (await request.post()).items()}
        if "secret_key" in form or "secret_key" in request.query:
            self._book.note(METHOD, "the secret is only in the header")
        if request.headers.get("secret_key") != self._app.app_secret:
            return self._no(WRONG_APP, "Invalid secret key", rule="header secret_key")
        if form.get("app_id") != self._app.app_id:
            return self._no(WRONG_APP, "Invalid app id", rule="app_id")
        if not self._app.is_active:
            return self._no(WRONG_APP, "App is not active")
        match form.get("grant_type"):
            case "authorization_code":
                return self._exchange(form)
            case "refresh_token":
                return self._refresh(form.get("refresh_token", ""))
            case _:
                return self._no(WRONG_APP, "Invalid grant type", rule="one of two grant types")

    def _exchange(self, form: dict[str, str]) -> web.Response:
        try:
            oa_id = self.grants.redeem(
                form.get("code", ""), verifier=form.get("code_verifier", "")
            )
        except BadCode as bad:
            return self._no(BAD_CODE, bad.text, rule=bad.rule)
        return self._pair_page(self.issue(oa_id))

    def _refresh(self, refresh_token: str) -> web.Response:
        if refresh_token in self._used_refresh:
            if refresh_token not in self._lost_answers:
                self._book.note(METHOD, "a refresh token is used once")
            if self.manners.refuses_reuse:
                return self._no(BAD_REFRESH_TOKEN, "Invalid refresh token.")
            return web.Response(text="")
        pair = self._by_refresh.get(refresh_token)
        if pair is None or self._clock.seconds() - pair.born_s >= REFRESH_LIFE_S:
            return self._no(BAD_REFRESH_TOKEN, "Invalid refresh token.")
        fresh = self.issue(pair.oa_id)
        self.refreshes += 1
        if self.manners.omits_refresh_token:
            # The old one stays good, since the caller has no other.
            kept = replace(fresh, refresh_token=refresh_token)
            del self._by_refresh[fresh.refresh_token]
            self._by_access[kept.access_token] = self._by_refresh[refresh_token] = kept
            return self._pair_page(kept)
        self._used_refresh.add(refresh_token)
        return self._pair_page(fresh)

    def _pair_page(self, pair: TokenPair) -> web.Response:
        number = self.manners.expires_in_is_number
        body: dict[str, object] = {
            "access_token": pair.access_token,
            "refresh_token": pair.refresh_token,
            "expires_in": ACCESS_LIFE_S if number else str(ACCESS_LIFE_S),
        }
        if self.manners.omits_refresh_token:
            del body["refresh_token"]
        if self.manners.tells_refresh_life:
            body["refresh_token_expires_in"] = str(round(REFRESH_LIFE_S))
        return page(body)

    def _no(self, code: int, text: str, *, rule: str | None = None) -> web.Response:
        if rule is not None:
            self._book.note(METHOD, rule, str(code))
        return page(
            {
                "error": str(code) if self.manners.quotes_error_numbers else code,
                "error_name": text,
                "error_reason": text,
                "error_description": text,
                "ref_doc": "",
                "message": "",
            }
        )

    def refused(self, code: int, text: str) -> web.Response:
        """Return a scripted refusal in the shape of this endpoint."""
        return self._no(code, text)
