"""People in the groups of an OA: they accept, ask, leave, talk; and its console, where assets are.

What the OA does to its groups over the API is in the calls.
"""

from collections.abc import Iterable
from datetime import timedelta

from tests.channels.stubs.zalo_accounts import ZaloOa, ZaloPerson
from tests.channels.stubs.zalo_crowd import ZaloCrowd
from tests.channels.stubs.zalo_events import Event, in_group
from tests.channels.stubs.zalo_group_room import GroupRoom
from tests.channels.stubs.zalo_groups import AssetKind, ZaloAsset, ZaloGroup
from tests.channels.stubs.zalo_history import BY_USER
from tests.channels.stubs.zalo_media import Medium
from tests.channels.stubs.zalo_signing import SentEvent

A_YEAR = timedelta(days=365)


class NotInThatState(ValueError):
    """A person cannot do this to that group: not invited, no link, no room."""


class ZaloGroupCrowd(ZaloCrowd):
    """Deeds return the events they caused, each after the first try to tell the webhook."""

    def asset(
        self,
        kind: AssetKind = AssetKind.GMF50,
        *,
        oa: ZaloOa | None = None,
        lasts: timedelta = A_YEAR,
        quota_type: str = "sub_quota",
        is_auto_renewed: bool = False,
    ) -> ZaloAsset:
        """Return an asset the OA has just bought; no group is on it."""
        return self._room(oa or self.oa).buy(
            kind,
            valid_through_at=self.clock.now() + lasts,
            quota_type=quota_type,
            is_auto_renewed=is_auto_renewed,
        )

    def group(
        self,
        name: str = "Nhóm Thử",
        *,
        oa: ZaloOa | None = None,
        asset: ZaloAsset | None = None,
        members: Iterable[ZaloPerson] = (),
    ) -> ZaloGroup:
        """Return a GMF group of the OA that is simply there; its usual asset renews itself."""
        on = asset or self.asset(oa=oa, is_auto_renewed=True)
        group = self._room(oa or self.oa).found(name, asset=on)
        group.members.extend(person.user_id for person in members)
        return group

    def admin(self, *, oa: ZaloOa | None = None) -> ZaloPerson:
        """Return a new person who is an admin of the OA: one of them must be in every group."""
        person = self.person(oa=oa)
        person.is_oa_admin = True
        return person

    async def user_accepts_invite(self, person: ZaloPerson, group: ZaloGroup) -> list[SentEvent]:
        """Let an invited person come in."""
        if person.user_id not in group.invited or not group.has_room():
            raise NotInThatState("nobody invited this person, or the group is full")
        person.last_interaction_at = self.clock.now()
        return await self.tell(self._room_of(group).join(group, [person.user_id]))

    async def user_joins_by_link(self, person: ZaloPerson, group: ZaloGroup) -> list[SentEvent]:
        """Let a person follow the group's link: in at once, or waiting for an approval."""
        if not group.takes_links or not group.has_room() or person.user_id in group.members:
            raise NotInThatState("the link is off, the group is full, or the person is in")
        return await self.tell(self._room_of(group).ask_to_join(group, person.user_id))

    async def user_leaves(self, person: ZaloPerson, group: ZaloGroup) -> list[SentEvent]:
        """Let a member leave, or be removed by another admin: nobody can tell the difference."""
        return await self.tell(self._room_of(group).let_out(group, [person.user_id]))

    async def admin_deletes(self, group: ZaloGroup) -> list[SentEvent]:
        """Let an admin end the group from within Zalo."""
        return await self.tell(self._room_of(group).delete(group))

    async def groups_age(self) -> list[SentEvent]:
        """Remove what lapsed 45 days ago; also happens, unasked, with the next call of the OA."""
        swept = [self._room(oa).sweep() for oa in self.app.oas.values()]
        return await self.tell(event for events in swept for event in events)

    async def user_says_in_group(
        self, person: ZaloPerson, group: ZaloGroup, text: str, *, quotes: str = ""
    ) -> SentEvent:
        """Let a person write in a group of the OA; `[@id]` mentions. It is an interaction."""
        message: Event = {"text": text}
        if quotes:
            message["quote_msg_id"] = quotes
        return await self._user_event_in_group(person, group, kind="text", message=message)

    async def user_sends_in_group(
        self,
        person: ZaloPerson,
        group: ZaloGroup,
        kind: str,
        *,
        url: str = "",
        title: str = "",
        medium: Medium | None = None,
    ) -> SentEvent:
        """Let a person send an image, gif, link, audio, video, sticker, file, card or location."""
        message: Event = {"attachments": [self._attached(kind, url, title, medium)]}
        return await self._user_event_in_group(person, group, kind=kind, message=message)

    async def _user_event_in_group(
        self, person: ZaloPerson, group: ZaloGroup, *, kind: str, message: Event
    ) -> SentEvent:
        person.last_interaction_at = self.clock.now()
        if person.user_id not in group.members:
            group.members.append(person.user_id)
        oa, full = self._room_of(group).oa, message | {"msg_id": self.ids.handle()}
        ends = (person.user_id, group.group_id)
        said = self.spoken_now(full, kind=kind, src=BY_USER, ends=ends)
        self.world.history.note(oa.oa_id, group.group_id, said, is_group=True)
        name = f"user_send_group_{kind}"
        event = in_group(self.app, oa, group, sender=person.user_id, name=name, message=full)
        if self.world.groups.shows_id_by_app:
            event["user_id_by_app"] = person.user_id_by_app
        return await self.webhook.send(event)

    def _room(self, oa: ZaloOa) -> GroupRoom:
        return GroupRoom(world=self.world, oa=oa)

    def _room_of(self, group: ZaloGroup) -> GroupRoom:
        """Return the room a group stands in; LookupError if it is deleted."""
        for oa in self.app.oas.values():
            if oa.groups.get(group.group_id) is group:
                return self._room(oa)
        raise LookupError("this group is gone")
