"""Groups an Official Account owns (GMF): listed, made, filled, closed, and what pays for them.

Fits `bot.core.channels.GroupDesk`. Messages to groups are sent like all others; what happens in a
group comes in as an event.
"""

from collections.abc import Sequence
from datetime import timedelta
from typing import Final, TypeVar

import msgspec

from bot.channels.zalo.account import Say
from bot.channels.zalo.api import OaApi
from bot.channels.zalo.calls import Answer
from bot.channels.zalo.days import Told, day_of, number_of
from bot.channels.zalo.errors import Refusals
from bot.channels.zalo.explaining import explained
from bot.core.channels import FoundGroup, GroupAsset
from bot.core.groups import Group
from bot.core.sending import (
    MessageRefused,
    NoAnswer,
    NotNow,
    PersonUnreachable,
    PlatformTrouble,
    SendError,
)

BASE: Final = "/v3.0/oa/group"
ASSETS: Final = "/v3.0/oa/quota/group"
# One page of a list; more in one call is not documented.
PAGE: Final = 50
# A list that goes on for ever is cut here; no account has so many groups.
_MOST_PAGES: Final = 40
# People named in one call, the limit of making a group.
PEOPLE_AT_ONCE: Final = 99
# What the pages name; the number is how many members a group may have.
PRODUCTS: Final = ("gmf10", "gmf50", "gmf100", "gmf1000")
QUOTAS: Final = ("sub_quota", "purchase_quota", "reward_quota")
# So long after its asset lapsed Zalo removes a group.
KEPT_AFTER_LAPSE: Final = timedelta(days=45)

T = TypeVar("T", bound=msgspec.Struct)


class _Info(msgspec.Struct):
    group_id: Told = ""
    name: str | None = ""
    group_name: str | None = ""
    group_link: str | None = ""
    status: str | None = ""
    total_member: Told = 0
    max_member: Told = 0
    auto_delete_date: Told = ""


class _AssetInfo(msgspec.Struct):
    asset_id: Told = ""
    valid_through: Told = ""


class _Group(_Info):
    """A group as some calls tell it flat and some in parts."""

    group_info: _Info | None = None
    asset_info: _AssetInfo | None = None


class _Page(msgspec.Struct):
    groups: list[_Group] = []
    total: Told = 0


class _Members(msgspec.Struct):
    total: Told = 0


class _Asset(msgspec.Struct):
    asset_id: Told = ""
    product_type: str | None = ""
    valid_through: Told = ""
    status: str | None = ""
    used_id: Told = ""


class ZaloGroups:
    """What an account can do about its groups. Every call may raise a `SendError`."""

    can_make: Final = True

    def __init__(self, *, api: OaApi, refusals: Refusals, say: Say) -> None:
        self._api = api
        self._refusals = refusals
        self._say = say

    async def listed(self) -> Sequence[FoundGroup]:
        """Return the account's groups, each with what pays for it."""
        found: dict[str, FoundGroup] = {}
        for page in range(_MOST_PAGES):
            query = {"offset": page * PAGE, "count": PAGE}
            answer = self._well(await self._api.get(f"{BASE}/getgroupsofoa", query))
            told = _decoded(answer, _Page)
            rows = [_found(row) for row in told.groups]
            found |= {row.chat: row for row in rows if row.chat}
            if len(rows) < PAGE or len(found) >= number_of(told.total) > 0:
                break
        return [await self._in_full(group) for group in found.values()]

    async def look(self, group: Group) -> FoundGroup:
        """Return what Zalo says of one group. Raise `PersonUnreachable` if it is none of ours."""
        return await self._looked(group.chat)

    async def assets(self) -> Sequence[GroupAsset]:
        """Return what groups may be made with, and what carries one already (not `is_free`)."""
        found: dict[str, GroupAsset] = {}
        for product in PRODUCTS:
            for quota in QUOTAS:
                asked = {"quota_owner": "OA", "product_type": product, "quota_type": quota}
                answer = await self._api.ask(ASSETS, asked)
                try:
                    rows = _decoded_rows(self._well(answer))
                except MessageRefused:
                    # A product that is not sold any more says nothing about the others.
                    continue
                found |= {row.id: row for row in (_asset(one, product) for one in rows) if row.id}
        return list(found.values())

    async def make(self, name: str, *, asset: str, members: Sequence[str]) -> FoundGroup:
        """Make a group; at least one of `members` must run the account."""
        body = {"group_name": name, "asset_id": asset, "member_user_ids": list(members)}
        answer = self._well(await self._done(f"{BASE}/creategroupwithoa", body))
        made = _found(_decoded(answer, _Group))
        if not made.chat:
            raise NoAnswer("a new group without an id")
        try:
            return await self._in_full(made)
        except SendError:
            # It is made, whatever is wrong with looking at it now.
            return made

    async def invite(self, group: Group, members: Sequence[str]) -> None:
        """Invite people; they join when they accept."""
        for first in range(0, len(members), PEOPLE_AT_ONCE):
            some = list(members[first : first + PEOPLE_AT_ONCE])
            body = {"group_id": group.chat, "member_user_ids": some}
            self._well(await self._done(f"{BASE}/invite", body))

    async def leave(self, group: Group) -> None:
        """Close the group for everybody in it: it is the account's own."""
        self._well(await self._done(f"{BASE}/delete", {"group_id": group.chat}))

    async def _done(self, path: str, body: object) -> Answer:
        """Have something done once: no echo tells of groups, so nobody may repeat it blindly."""
        try:
            return await self._api.do(path, body)
        except PlatformTrouble as trouble:
            raise NoAnswer(str(trouble)) from trouble

    async def _looked(self, chat: str) -> FoundGroup:
        answer = self._well(await self._api.get(f"{BASE}/getgroup", {"group_id": chat}))
        told = _decoded(answer, _Group)
        members = number_of((told.group_info or told).total_member)
        if not members:
            members = await self._members_of(chat)
        return _found(told, chat=chat, members=members)

    async def _in_full(self, group: FoundGroup) -> FoundGroup:
        """Return the group with its asset, which lists do not tell; as it is if refused."""
        try:
            return await self._looked(group.chat)
        except (MessageRefused, PersonUnreachable, NotNow):
            return group

    async def _members_of(self, chat: str) -> int:
        query: dict[str, str | int] = {"group_id": chat, "offset": 0, "count": 1}
        answer = await self._api.get(f"{BASE}/listmember", query)
        # Nothing hangs on the number; the account itself is in the list as well.
        return max(0, number_of(_decoded(answer, _Members).total) - 1)

    def _well(self, answer: Answer) -> Answer:
        """Return an answer that is a yes. Raise a `SendError` that tells officers what to do."""
        if answer.code == 0:
            return answer
        error: SendError = self._refusals.of_message(answer, is_group=True)
        words = explained(answer.code, self._say)
        if isinstance(error, PersonUnreachable | NotNow):
            raise type(error)(error.reason, words)
        raise MessageRefused(words) if isinstance(error, MessageRefused) else error


def _found(told: _Group, *, chat: str = "", members: int | None = None) -> FoundGroup:
    info = told.group_info or told
    asset = told.asset_info or _AssetInfo()
    deleted_on = day_of(info.auto_delete_date)
    lapses_on = day_of(asset.valid_through)
    if lapses_on is None and deleted_on is not None:
        lapses_on = deleted_on - KEPT_AFTER_LAPSE
    return FoundGroup(
        chat=str(info.group_id or chat),
        name=info.name or info.group_name or "",
        # A word nobody has heard of shuts nobody out: a send would tell.
        is_open=(info.status or "").strip().lower() != "disabled",
        members=number_of(info.total_member) if members is None else members,
        most_members=number_of(info.max_member),
        invite_url=info.group_link or "",
        lapses_on=lapses_on,
        asset=str(asset.asset_id or ""),
    )


def _asset(told: _Asset, product: str) -> GroupAsset:
    size = (told.product_type or product).lower().removeprefix("gmf")
    return GroupAsset(
        id=str(told.asset_id or ""),
        most_members=number_of(size),
        valid_until=day_of(told.valid_through),
        is_free=(told.status or "available").lower() == "available" and not told.used_id,
    )


def _decoded(answer: Answer, kind: type[T]) -> T:
    try:
        return msgspec.json.decode(answer.data, type=kind)
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError):
        raise PlatformTrouble("an answer about groups nobody can read") from None


def _decoded_rows(answer: Answer) -> Sequence[_Asset]:
    try:
        return msgspec.json.decode(answer.data, type=list[_Asset])
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError):
        raise PlatformTrouble("an answer about groups nobody can read") from None
