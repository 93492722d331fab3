"""The OA API's calls that tell how much may still be sent. Groups' assets are with the groups."""

from typing import Final

from aiohttp import web

from tests.channels.stubs.zalo_accounts import ZaloOa
from tests.channels.stubs.zalo_answers import envelope, wrong
from tests.channels.stubs.zalo_messages import string_at
from tests.channels.stubs.zalo_windows import (
    REPLIES_SHOWN,
    is_free,
    month_end,
    promotions_left,
    quota_left,
)
from tests.channels.stubs.zalo_world import ApiAnswer, Calls, ZaloWorld, json_body

QUOTA: Final = "/v3.0/oa/quota/message"
OLD_QUOTA: Final = "/v2.0/oa/quota/message"


class ZaloQuotaCalls:
    """`quota/message` in its two new forms and its old one."""

    def __init__(self, world: ZaloWorld) -> None:
        self._world = world

    def calls(self) -> Calls:
        """Return the calls by their address."""
        return {QUOTA: ("POST", self._quota), OLD_QUOTA: ("POST", self._old_quota)}

    async def _quota(self, request: web.Request, oa: ZaloOa) -> ApiAnswer:
        body = await json_body(request)
        if "user_id" in body:
            return self._of_person(oa, string_at(body, "user_id"))
        if string_at(body, "quota_owner") not in {"OA", "App"}:
            raise wrong("quota_owner is invalid", rule="quota_owner is OA or App")
        product = string_at(body, "product_type")
        if product not in {"cs", "transaction"}:
            raise wrong("product_type is invalid", rule="product_type is cs or transaction")
        quota_type = string_at(body, "quota_type")
        if quota_type not in {"sub_quota", "purchase_quota", "reward_quota"}:
            raise wrong("quota_type is invalid", rule="a quota_type that exists")
        now = self._world.clock.now()
        totals = {
            ("cs", "sub_quota"): (quota_left(oa, now=now), oa.sub_quota),
            ("cs", "purchase_quota"): (oa.purchase_quota, oa.purchase_quota),
        }
        rows: list[object] = []
        remain, total = totals.get((product, quota_type), (0, 0))
        if total:
            rows.append(
                {
                    "product_type": product,
                    "quota_type": quota_type,
                    "valid_through": month_end(now),
                    "total": total,
                    "remain": remain,
                }
            )
        return ApiAnswer(body=envelope(rows))

    def _of_person(self, oa: ZaloOa, user_id: str) -> ApiAnswer:
        person, now = self._world.person(oa, user_id), self._world.clock.now()
        last = person.last_interaction_at
        replies = REPLIES_SHOWN if is_free(person, now=now) else 0
        today, month = promotions_left(person, now=now)
        return ApiAnswer(
            body=envelope(
                {
                    "last_interaction": str(round(last.timestamp() * 1000)) if last else "",
                    "cs_reply": {"remain": replies, "total": REPLIES_SHOWN},
                    "promotion": {
                        "daily_remain": today.left,
                        "daily_total": today.total,
                        "monthly_remain": month.left,
                        "monthly_total": month.total,
                    },
                }
            )
        )

    async def _old_quota(self, request: web.Request, oa: ZaloOa) -> ApiAnswer:
        body = await json_body(request)
        if string_at(body, "type") != "promotion":
            raise wrong("type is invalid", rule="type is promotion")
        person = self._world.person(oa, string_at(body, "user_id"))
        today, _ = promotions_left(person, now=self._world.clock.now())
        return ApiAnswer(body=envelope({"remain": today.left, "total": today.total}))
