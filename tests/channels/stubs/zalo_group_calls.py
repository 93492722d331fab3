"""The OA API's calls to found, fill, read, change and end groups (GMF). Messages go elsewhere."""

from collections.abc import Callable, Mapping, Sequence
from typing import Final, cast

from aiohttp import web

from tests.channels.stubs.zalo_accounts import ZaloOa
from tests.channels.stubs.zalo_answers import ZaloRefusal, envelope, too_much, wrong
from tests.channels.stubs.zalo_group_events import Happening
from tests.channels.stubs.zalo_group_room import Events, GroupRoom
from tests.channels.stubs.zalo_groups import AssetKind, ZaloAsset, ZaloGroup
from tests.channels.stubs.zalo_messages import string_at
from tests.channels.stubs.zalo_people import AVATAR
from tests.channels.stubs.zalo_windows import has_interacted_lately
from tests.channels.stubs.zalo_world import (
    ApiAnswer,
    Call,
    Calls,
    ZaloWorld,
    json_body,
    plain_query,
    slice_of,
)

BASE: Final = "/v3.0/oa/group"
QUOTA: Final = "/v3.0/oa/quota/group"
FOUNDERS_MAX: Final = 99
PAGE_MAX: Final = 50
GROUPS_USUAL: Final = 5

_SETTINGS: Final[Mapping[str, str]] = {
    "lock_send_msg": "locks_messages",
    "join_appr": "needs_approval",
    "enable_msg_history": "keeps_history",
    "enable_link_join": "takes_links",
}
_TEXTS: Final[Mapping[str, str]] = {
    "group_name": "name",
    "group_avatar": "avatar",
    "group_description": "description",
}
Deed = Callable[[GroupRoom, ZaloGroup, Sequence[str]], Events]


class ZaloGroupCalls:
    """Everything below `/v3.0/oa/group/` but messages, and the list of assets."""

    def __init__(self, world: ZaloWorld) -> None:
        self._world = world

    def calls(self) -> Calls:
        """Return the calls by their address."""
        deeds: Mapping[str, Deed] = {
            "invite": self._invite,
            "acceptpendinginvite": self._accept,
            "rejectpendinginvite": self._reject,
            "addadmins": self._add_admins,
            "removeadmins": self._remove_admins,
            "removemembers": self._remove_members,
        }
        return {
            f"{BASE}/creategroupwithoa": ("POST", self._create),
            f"{BASE}/getgroup": ("GET", self._read),
            f"{BASE}/getgroupsofoa": ("GET", self._list),
            f"{BASE}/listmember": ("GET", self._members),
            f"{BASE}/listpendinginvite": ("GET", self._pending),
            f"{BASE}/updateinfo": ("POST", self._update),
            f"{BASE}/updateasset": ("POST", self._move),
            f"{BASE}/delete": ("POST", self._delete),
            QUOTA: ("POST", self._assets),
            **{f"{BASE}/{name}": ("POST", self._call_of(deed)) for name, deed in deeds.items()},
        }

    def _room(self, oa: ZaloOa) -> GroupRoom:
        return GroupRoom(world=self._world, oa=oa)

    async def _create(self, request: web.Request, oa: ZaloOa) -> ApiAnswer:
        body = await json_body(request)
        name, asset_id = string_at(body, "group_name"), string_at(body, "asset_id")
        users = _users(body)
        if len(users) > FOUNDERS_MAX:
            raise too_much("too many members", rule=f"at most {FOUNDERS_MAX} founding members")
        asset = self._free_asset(oa, asset_id)
        people = [self._world.person(oa, user_id) for user_id in users]
        admins = [person.user_id for person in people if person.is_oa_admin]
        if not admins:
            raise ZaloRefusal(-201, "member_user_ids must hold an admin of the OA")
        self._check_reachable(oa, users)
        if len(users) > asset.kind.max_member:
            raise ZaloRefusal(-210, "group has too many members")
        room = self._room(oa)
        description = str(body.get("group_description", ""))
        group = room.found(name, asset=asset, description=description)
        founders = users if self._world.groups.members_join_at_once else admins
        group.invited.extend(user_id for user_id in users if user_id not in founders)
        group.admins.extend(admins)
        news = room.told(group, Happening.CREATED) + room.join(group, founders)
        return ApiAnswer(body=envelope(group.info(self._world.clock.now())), news=news)

    def _free_asset(self, oa: ZaloOa, asset_id: str) -> ZaloAsset:
        asset = oa.assets.get(asset_id)
        if asset is None:
            raise ZaloRefusal(-201, "asset_id is invalid")
        if asset.used_id:
            raise ZaloRefusal(-238, "Asset has been used for another group")
        if asset.is_disabled or asset.has_lapsed(self._world.clock.now()):
            raise ZaloRefusal(-241, "Asset is disabled or has expired")
        return asset

    def _check_reachable(self, oa: ZaloOa, users: Sequence[str]) -> None:
        """Refuse the whole list if one of them neither follows nor wrote within seven days."""
        now = self._world.clock.now()
        for user_id in users:
            person = self._world.person(oa, user_id)
            if not person.is_follower and not has_interacted_lately(person, now=now):
                raise ZaloRefusal(-213, "User has not followed OA or interacted with it")

    async def _read(self, request: web.Request, oa: ZaloOa) -> ApiAnswer:
        group = self._world.group(oa, string_at(plain_query(request, "group_id"), "group_id"))
        return ApiAnswer(body=envelope(group.shown(self._world.clock.now())))

    async def _list(self, request: web.Request, oa: ZaloOa) -> ApiAnswer:
        asked = plain_query(request, "offset", "count")
        part = slice_of(asked, most=PAGE_MAX, usual=GROUPS_USUAL)
        groups = [group for group in oa.groups.values() if group.is_oa_in]
        rows = [group.info(self._world.clock.now()) for group in part.of(groups)]
        return ApiAnswer(body=envelope({"groups": rows, "total": len(groups)}))

    async def _members(self, request: web.Request, oa: ZaloOa) -> ApiAnswer:
        asked = plain_query(request, "group_id", "offset", "count")
        group = self._world.group(oa, string_at(asked, "group_id"))
        rows = [self._row("oa_id", oa.oa_id, oa.name)]
        rows += [self._person_row(oa, user_id) for user_id in group.members]
        part = slice_of(asked, most=PAGE_MAX, usual=GROUPS_USUAL)
        return ApiAnswer(body=envelope({"members": part.of(rows), "total": len(rows)}))

    async def _pending(self, request: web.Request, oa: ZaloOa) -> ApiAnswer:
        asked = plain_query(request, "group_id", "offset", "count")
        group = self._world.group(oa, string_at(asked, "group_id"))
        rows = [self._person_row(oa, user_id) for user_id in group.waiting]
        part = slice_of(asked, most=PAGE_MAX, usual=GROUPS_USUAL)
        return ApiAnswer(body=envelope({"members": part.of(rows), "total": len(rows)}))

    def _person_row(self, oa: ZaloOa, user_id: str) -> dict[str, object]:
        return self._row("user_id", user_id, self._world.person(oa, user_id).name)

    def _row(self, key: str, value: str, name: str) -> dict[str, object]:
        if self._world.app.is_outside_vietnam:
            return {key: value}
        return {key: value, "name": name, "avatar": AVATAR}

    def _call_of(self, deed: Deed) -> Call:
        async def call(request: web.Request, oa: ZaloOa) -> ApiAnswer:
            body = await json_body(request)
            group = self._open_group(oa, string_at(body, "group_id"))
            news = deed(self._room(oa), group, _users(body))
            return ApiAnswer(body=envelope({}), news=news)

        return call

    def _open_group(self, oa: ZaloOa, group_id: str) -> ZaloGroup:
        group = self._world.group(oa, group_id)
        if not group.is_open(self._world.clock.now()):
            raise ZaloRefusal(-237, "Group is disabled because its asset has expired")
        return group

    def _invite(self, room: GroupRoom, group: ZaloGroup, users: Sequence[str]) -> Events:
        new = [user_id for user_id in users if user_id not in group.members]
        self._check_reachable(room.oa, new)
        _check_room(group, new)
        group.invited.extend(user_id for user_id in new if user_id not in group.invited)
        return ()

    def _accept(self, room: GroupRoom, group: ZaloGroup, users: Sequence[str]) -> Events:
        _check_all(users, are_in=group.waiting)
        _check_room(group, users)
        return room.accept(group, users)

    def _reject(self, room: GroupRoom, group: ZaloGroup, users: Sequence[str]) -> Events:
        _check_all(users, are_in=group.waiting)
        return room.reject(group, users)

    def _add_admins(self, room: GroupRoom, group: ZaloGroup, users: Sequence[str]) -> Events:
        _check_all(users, are_in=group.members)
        return room.make_admins(group, users)

    def _remove_admins(self, room: GroupRoom, group: ZaloGroup, users: Sequence[str]) -> Events:
        _check_all(users, are_in=group.admins)
        return room.unmake_admins(group, users)

    def _remove_members(self, room: GroupRoom, group: ZaloGroup, users: Sequence[str]) -> Events:
        _check_all(users, are_in=group.members)
        return room.let_out(group, users)

    async def _update(self, request: web.Request, oa: ZaloOa) -> ApiAnswer:
        body = await json_body(request)
        group = self._open_group(oa, string_at(body, "group_id"))
        changes: dict[str, object] = {}
        for name, value in body.items():
            if name in _TEXTS and isinstance(value, str):
                changes[_TEXTS[name]] = value
            elif name in _SETTINGS and isinstance(value, bool):
                changes[_SETTINGS[name]] = value
            elif name != "group_id":
                raise wrong(f"{name[:30]} is invalid", rule="a part of a group that exists")
        for name, value in changes.items():
            setattr(group, name, value)
        news = self._room(oa).told(group, Happening.INFO_CHANGED)
        return ApiAnswer(body=envelope({}), news=news)

    async def _move(self, request: web.Request, oa: ZaloOa) -> ApiAnswer:
        body = await json_body(request)
        group = self._world.group(oa, string_at(body, "group_id"))
        asset = self._free_asset(oa, string_at(body, "asset_id"))
        if len(group.members) > asset.kind.max_member:
            raise ZaloRefusal(-210, "group has too many members for this asset")
        self._room(oa).move(group, to=asset)
        return ApiAnswer(body=envelope({}))

    async def _delete(self, request: web.Request, oa: ZaloOa) -> ApiAnswer:
        body = await json_body(request)
        group = self._world.group(oa, string_at(body, "group_id"))
        return ApiAnswer(body=envelope({}), news=self._room(oa).delete(group))

    async def _assets(self, request: web.Request, oa: ZaloOa) -> ApiAnswer:
        body = await json_body(request)
        if string_at(body, "quota_owner") not in {"OA", "App"}:
            raise wrong("quota_owner is invalid", rule="quota_owner is OA or App")
        kind, quota_type = string_at(body, "product_type"), string_at(body, "quota_type")
        if kind not in set(AssetKind):
            raise wrong("product_type is invalid", rule="a product_type that exists")
        if quota_type not in {"sub_quota", "purchase_quota", "reward_quota"}:
            raise wrong("quota_type is invalid", rule="a quota_type that exists")
        now = self._world.clock.now()
        rows = [
            asset.shown(now)
            for asset in oa.assets.values()
            if (asset.kind, asset.quota_type) == (kind, quota_type) and not asset.has_lapsed(now)
        ]
        return ApiAnswer(body=envelope(rows))


def _users(body: Mapping[str, object]) -> list[str]:
    users = body.get("member_user_ids")
    if not isinstance(users, list) or not users:
        raise wrong("member_user_ids is invalid", rule="member_user_ids is a list of people")
    if not all(isinstance(user_id, str) and user_id for user_id in users):
        raise wrong("member_user_ids is invalid", rule="ids are strings")
    return list(dict.fromkeys(cast(list[str], users)))


def _check_all(users: Sequence[str], *, are_in: Sequence[str]) -> None:
    if not set(users) <= set(are_in):
        raise ZaloRefusal(-201, "member_user_ids is invalid")


def _check_room(group: ZaloGroup, users: Sequence[str]) -> None:
    if not group.has_room(len(users)):
        raise ZaloRefusal(-210, "group is full")
