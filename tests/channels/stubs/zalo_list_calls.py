"""The OA API's lists: people, recent talk, one conversation; and the labels people can carry."""

import re
from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Final, cast

from aiohttp import web

from tests.channels.stubs.zalo_accounts import ZaloOa, ZaloPerson
from tests.channels.stubs.zalo_answers import envelope, wrong
from tests.channels.stubs.zalo_groups import VIETNAM
from tests.channels.stubs.zalo_history import Spoken
from tests.channels.stubs.zalo_messages import string_at
from tests.channels.stubs.zalo_people import AVATAR, SHARED
from tests.channels.stubs.zalo_template_events import tag_events
from tests.channels.stubs.zalo_world import (
    ApiAnswer,
    Calls,
    ZaloWorld,
    json_body,
    json_query,
    plain_query,
    slice_of,
)

PEOPLE_MAX: Final = 50
PEOPLE_LAST_OFFSET: Final = 9951
TALK_MAX: Final = 10
# The pages name a range of dates without showing one; this form is this stub's choice.
RANGE: Final = re.compile(r"(\d{4})_(\d{2})_(\d{2}):(\d{4})_(\d{2})_(\d{2})")


class ZaloListCalls:
    """`user/getlist`, `user/update`, tags, `listrecentchat`, `conversation`, also of groups."""

    def __init__(self, world: ZaloWorld) -> None:
        self._world = world

    def calls(self) -> Calls:
        """Return the calls by their address."""
        return {
            "/v3.0/oa/user/getlist": ("GET", self._people),
            "/v3.0/oa/user/update": ("POST", self._update),
            "/v2.0/oa/tag/tagfollower": ("POST", self._tag),
            "/v2.0/oa/tag/rmfollowerfromtag": ("POST", self._untag),
            "/v2.0/oa/tag/rmtag": ("POST", self._remove_tag),
            "/v2.0/oa/tag/gettagsofoa": ("GET", self._tags),
            "/v2.0/oa/listrecentchat": ("GET", self._recent),
            "/v2.0/oa/conversation": ("GET", self._conversation),
            "/v3.0/oa/group/listrecentchat": ("GET", self._recent_of_groups),
            "/v3.0/oa/group/conversation": ("GET", self._talk_of_group),
        }

    async def _people(self, request: web.Request, oa: ZaloOa) -> ApiAnswer:
        asked = json_query(request)
        known = {"offset", "count", "tag_name", "last_interaction_period", "is_follower"}
        if unknown := set(asked) - known:
            raise wrong(f"{min(unknown)} is invalid", rule="a parameter of getlist")
        part = slice_of(asked, most=PEOPLE_MAX, last_offset=PEOPLE_LAST_OFFSET)
        people = [person for person in oa.people.values() if self._is_meant(person, asked)]
        rows = [{"user_id": person.user_id} for person in part.of(people)]
        told = {
            "total": len(people),
            "count": len(rows),
            "offset": part.offset,
            "users": rows,
        }
        return ApiAnswer(body=envelope(told))

    def _is_meant(self, person: ZaloPerson, asked: Mapping[str, object]) -> bool:
        if "is_follower" in asked:
            wanted = asked["is_follower"]
            if not isinstance(wanted, bool):
                raise wrong("is_follower is invalid", rule="is_follower is true or false")
            if person.is_follower is not wanted:
                return False
        if "tag_name" in asked and string_at(asked, "tag_name") not in person.tags:
            return False
        if "last_interaction_period" in asked:
            period = string_at(asked, "last_interaction_period")
            first, last = _days(period, now=self._world.clock.now())
            moment = person.last_interaction_at
            return moment is not None and first <= moment.astimezone(VIETNAM).date() <= last
        return True

    async def _update(self, request: web.Request, oa: ZaloOa) -> ApiAnswer:
        body = await json_body(request)
        person = self._world.person(oa, string_at(body, "user_id"))
        shared = body.get("shared_info", {})
        if not isinstance(shared, dict) or not set(shared) <= set(SHARED):
            raise wrong("shared_info is invalid", rule="shared_info as in user/detail")
        person.shared.update(shared)
        return ApiAnswer(body=envelope({}))

    async def _tag(self, request: web.Request, oa: ZaloOa) -> ApiAnswer:
        body = await json_body(request)
        person = self._world.person(oa, string_at(body, "user_id"))
        name = string_at(body, "tag_name")
        if name not in person.tags:
            person.tags.append(name)
        return self._tagged(oa, person, event="add_user_to_tag", name=name)

    async def _untag(self, request: web.Request, oa: ZaloOa) -> ApiAnswer:
        body = await json_body(request)
        person = self._world.person(oa, string_at(body, "user_id"))
        name = string_at(body, "tag_name")
        if name not in person.tags:
            raise wrong("tag_name is invalid", rule="a tag the person carries")
        person.tags.remove(name)
        return self._tagged(oa, person, event="remove_user_from_tag", name=name)

    def _tagged(self, oa: ZaloOa, person: ZaloPerson, *, event: str, name: str) -> ApiAnswer:
        told = tag_events(self._world.app, oa, user_id=person.user_id, tag=name)[event]
        return ApiAnswer(body=envelope({}), news=(told,))

    async def _remove_tag(self, request: web.Request, oa: ZaloOa) -> ApiAnswer:
        name = string_at(await json_body(request), "tag_name")
        for person in oa.people.values():
            if name in person.tags:
                person.tags.remove(name)
        told = tag_events(self._world.app, oa, user_id="", tag=name)["remove_tag"]
        return ApiAnswer(body=envelope({}), news=(told,))

    async def _tags(self, request: web.Request, oa: ZaloOa) -> ApiAnswer:
        names = {name: None for person in oa.people.values() for name in person.tags}
        return ApiAnswer(body=envelope(list(names)))

    async def _recent(self, request: web.Request, oa: ZaloOa) -> ApiAnswer:
        part = slice_of(json_query(request), most=TALK_MAX)
        said = self._world.history.recent(oa.oa_id, in_groups=False)
        return self._talk(oa, part.of(said))

    async def _conversation(self, request: web.Request, oa: ZaloOa) -> ApiAnswer:
        asked = json_query(request)
        person = self._world.person(oa, string_at(asked, "user_id"))
        part = slice_of(asked, most=TALK_MAX)
        return self._talk(oa, part.of(self._world.history.of_person(oa.oa_id, person.user_id)))

    async def _recent_of_groups(self, request: web.Request, oa: ZaloOa) -> ApiAnswer:
        part = slice_of(plain_query(request, "offset", "count"), most=TALK_MAX, usual=TALK_MAX)
        said = self._world.history.recent(oa.oa_id, in_groups=True)
        return self._talk(oa, part.of(said))

    async def _talk_of_group(self, request: web.Request, oa: ZaloOa) -> ApiAnswer:
        asked = plain_query(request, "group_id", "offset", "count")
        group = self._world.group(oa, string_at(asked, "group_id"))
        part = slice_of(asked, most=TALK_MAX, usual=TALK_MAX)
        return self._talk(oa, part.of(self._world.history.of_group(oa.oa_id, group.group_id)))

    def _talk(self, oa: ZaloOa, said: Sequence[Spoken]) -> ApiAnswer:
        return ApiAnswer(body=envelope([self._row(oa, spoken) for spoken in said]))

    def _row(self, oa: ZaloOa, said: Spoken) -> dict[str, object]:
        row: dict[str, object] = {
            "src": said.src,
            "time": said.at_ms,
            "type": said.kind,
            "message": said.text,
            "message_id": said.message_id,
            "from_id": said.from_id,
            "to_id": said.to_id,
            **said.details,
        }
        if self._world.app.is_outside_vietnam:
            return row
        for end, id_ in (("from", said.from_id), ("to", said.to_id)):
            row[f"{end}_display_name"] = self._name(oa, id_)
            row[f"{end}_avatar"] = AVATAR
        return row

    def _name(self, oa: ZaloOa, id_: str) -> str:
        if id_ == oa.oa_id:
            return oa.name
        return oa.groups[id_].name if id_ in oa.groups else self._world.person(oa, id_).name


def _days(period: str, *, now: datetime) -> tuple[date, date]:
    """Return the first and the last day of a period; -201 for one that does not exist."""
    today = now.astimezone(VIETNAM).date()
    back = {"TODAY": (0, 0), "YESTERDAY": (1, 1), "L7D": (7, 0), "L30D": (30, 0)}
    if period in back:
        first, last = back[period]
        return today - timedelta(days=first), today - timedelta(days=last)
    found = RANGE.fullmatch(period)
    if found is None:
        raise wrong("last_interaction_period is invalid", rule="a period that exists")
    numbers = [int(part) for part in cast(Sequence[str], found.groups())]
    return date(numbers[0], numbers[1], numbers[2]), date(numbers[3], numbers[4], numbers[5])
