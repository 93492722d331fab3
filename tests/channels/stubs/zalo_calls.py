"""The OA API's front desk: which addresses exist and who may call. Calls themselves are elsewhere.

Leaves webhooks and faults to the stub.
"""

import hashlib
import hmac
from dataclasses import replace
from typing import Final

from aiohttp import web

from tests.channels.stubs.zalo_account_calls import ZaloAccountCalls
from tests.channels.stubs.zalo_accounts import ZaloOa
from tests.channels.stubs.zalo_answers import ZaloNotFound, ZaloRefusal, failure
from tests.channels.stubs.zalo_broadcast_calls import ZaloBroadcastCalls
from tests.channels.stubs.zalo_errors import wording
from tests.channels.stubs.zalo_group_calls import ZaloGroupCalls
from tests.channels.stubs.zalo_group_room import Events, GroupRoom
from tests.channels.stubs.zalo_limits import ZaloLimits
from tests.channels.stubs.zalo_list_calls import ZaloListCalls
from tests.channels.stubs.zalo_oauth import ZaloOauth
from tests.channels.stubs.zalo_quota_calls import ZaloQuotaCalls
from tests.channels.stubs.zalo_send_calls import ZaloSendCalls
from tests.channels.stubs.zalo_uploads import ZaloUploads
from tests.channels.stubs.zalo_v2_calls import ZaloV2Calls
from tests.channels.stubs.zalo_world import ApiAnswer, Calls, ZaloWorld


class ZaloApi:
    """All calls under /v2.0 and /v3.0 that the stub knows."""

    def __init__(self, world: ZaloWorld, *, oauth: ZaloOauth) -> None:
        self.uploads = ZaloUploads(clock=world.clock, ids=world.ids)
        self._world = world
        self._oauth = oauth
        sends = ZaloSendCalls(world, self.uploads)
        broadcasts = ZaloBroadcastCalls(world)
        self._calls: Final[Calls] = {
            **sends.calls(),
            **broadcasts.calls(),
            **ZaloV2Calls(world, sends=sends, broadcasts=broadcasts).calls(),
            **ZaloAccountCalls(world).calls(),
            **ZaloGroupCalls(world).calls(),
            **ZaloListCalls(world).calls(),
            **ZaloQuotaCalls(world).calls(),
            **self.uploads.calls(),
        }

    @property
    def sends_receipts(self) -> bool:
        """Tell whether phones tell of the arrival of our sends."""
        return self._world.sending.sends_receipts

    @sends_receipts.setter
    def sends_receipts(self, wanted: bool) -> None:
        self._world.sending.sends_receipts = wanted

    async def answer(self, request: web.Request, *, limits: ZaloLimits) -> ApiAnswer:
        """Answer one call; ZaloNotFound if there is no such address."""
        book = self._world.book
        verb, call = self._calls.get(request.path, ("", None))
        if call is None or verb != request.method:
            book.note(request.path[:60], "an address and verb that exist", request.method)
            raise ZaloNotFound(request.path)
        headers = limits.headers(None)
        swept: Events = ()
        try:
            oa = self._caller(request)
            headers = limits.headers(oa)
            limits.count(oa, method=request.path, now=self._world.clock.now())
            headers = limits.headers(oa)
            _check_bar(oa, request.path)
            swept = GroupRoom(world=self._world, oa=oa).sweep()
            done = await call(request, oa)
        except ZaloRefusal as refusal:
            if refusal.rule is not None:
                book.note(request.path, refusal.rule, str(refusal.code))
            body = failure(refusal.code, refusal.text)
            return ApiAnswer(body=body, headers=headers, news=swept)
        return replace(done, headers=headers, news=swept + done.news)

    def _caller(self, request: web.Request) -> ZaloOa:
        """Return the OA that calls; ZaloRefusal -216, -220 or -242."""
        token = request.headers.get("access_token", "")
        if not token:
            found = "Authorization" if "Authorization" in request.headers else "nothing"
            raise ZaloRefusal(
                -216, "Access token is invalid", rule=f"header access_token, not {found}"
            )
        if "access_token" in request.query:
            raise ZaloRefusal(-216, "Access token is invalid", rule="no token in the address")
        oa_id = self._oauth.owner_of(token)
        app = self._world.app
        if app.checks_proof:
            proof = hmac.new(app.app_secret.encode(), token.encode(), hashlib.sha256)
            told = request.headers.get("appsecret_proof", "")
            if not hmac.compare_digest(told, proof.hexdigest()):
                raise ZaloRefusal(-242, "Invalid appsecret_proof", rule="header appsecret_proof")
        return app.oas[oa_id]


def _check_bar(oa: ZaloOa, path: str) -> None:
    bars = [bar for beginning, bar in oa.barred.items() if path.startswith(beginning)]
    bar = oa.bar or next(iter(bars), None)
    if bar is not None:
        raise ZaloRefusal(int(bar), wording(int(bar)))
