"""The OA API's calls that only read: about the OA itself and about one person."""

from datetime import timedelta

from aiohttp import web

from tests.channels.stubs.zalo_accounts import ZaloOa
from tests.channels.stubs.zalo_answers import envelope
from tests.channels.stubs.zalo_messages import string_at
from tests.channels.stubs.zalo_people import person_details
from tests.channels.stubs.zalo_world import ApiAnswer, Calls, ZaloWorld, json_query


class ZaloAccountCalls:
    """`getoa` and `user/detail`."""

    def __init__(self, world: ZaloWorld) -> None:
        self._world = world

    def calls(self) -> Calls:
        """Return the calls by their address."""
        return {
            "/v2.0/oa/getoa": ("GET", self._about_oa),
            "/v3.0/oa/user/detail": ("GET", self._about_person),
        }

    async def _about_oa(self, request: web.Request, oa: ZaloOa) -> ApiAnswer:
        # A year ahead: whenever the tests run, nothing has run out yet.
        paid_until = self._world.clock.now() + timedelta(days=365)
        told = {
            "oaid": oa.oa_id,
            "name": oa.name,
            "description": "",
            "oa_alias": "",
            "is_verified": True,
            "oa_type": 4,
            "cate_name": "",
            "num_follower": sum(person.is_follower for person in oa.people.values()),
            "avatar": "",
            "cover": "",
            "package_name": "Growth",
            "package_valid_through_date": f"{paid_until:%d/%m/%Y}",
            "package_auto_renew_date": "",
            "linked_ZCA": "",
            **oa.about,
        }
        shown = {name: value for name, value in told.items() if value is not None}
        return ApiAnswer(body=envelope(shown))

    async def _about_person(self, request: web.Request, oa: ZaloOa) -> ApiAnswer:
        person = self._world.person(oa, string_at(json_query(request), "user_id"))
        is_outside = self._world.app.is_outside_vietnam
        return ApiAnswer(body=person_details(person, is_outside=is_outside))
