"""What platforms are asked about groups: how they stand, new ones, invitations.

Every call is made outside a transaction: first the platform is asked, then what it said is kept.
"""

import logging
from collections.abc import Awaitable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta, tzinfo
from typing import Final, TypeVar

from bot.core.channels import ChannelAccount, FoundGroup, GroupAsset, GroupDesk
from bot.core.errors import RuleBroken
from bot.core.groups import Group, GroupState
from bot.core.ids import ChannelId, GroupId, UnitId
from bot.core.messages import Address
from bot.core.officers import Officer
from bot.core.sending import (
    ChatMoved,
    MessageRefused,
    NotNow,
    PersonUnreachable,
    SendError,
)
from bot.core.storage import Storage, Work
from bot.core.text import clean
from bot.core.time import Clock
from bot.core.units import below
from bot.services.audit import CLOCK, Audit
from bot.services.channels.channels import Channels
from bot.services.groups.acts import LastingActs
from bot.services.groups.groups import Groups, Listed, linked, who
from bot.services.groups.welcomes import GroupWelcomes

log = logging.getLogger(__name__)
T = TypeVar("T")

NAME_LONGEST: Final = 100
# A platform's request takes so many people (Zalo: creategroupwithoa, invite).
MOST_AT_ONCE: Final = 99
# A group just linked is looked at once a minute for so long; then it waits for the daily look.
NEW_FOR: Final = timedelta(minutes=5)


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """What an account can make groups with now."""

    account: ChannelAccount
    assets: Sequence[GroupAsset] = ()
    # What the platform said instead, in words for officers.
    trouble: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class NewGroup:
    """What an officer wants made. `admin` is the platform's id of one who runs the account."""

    channel_id: ChannelId
    unit_id: UnitId
    name: str
    asset: str
    admin: str = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Synced:
    """What looking at the platforms showed."""

    groups: int = 0
    found: int = 0
    gone: int = 0
    lapsed: Sequence[GroupId] = ()
    lapsing: Sequence[GroupId] = ()
    # Accounts that could not be asked, with what the platform said.
    troubles: Sequence[tuple[ChannelId, str]] = ()


class GroupDesks:
    """Use cases about groups that need the platform."""

    def __init__(
        self,
        *,
        storage: Storage,
        audit: Audit,
        channels: Channels,
        groups: Groups,
        welcomes: GroupWelcomes,
        clock: Clock,
        zone: tzinfo,
    ) -> None:
        """`zone` is where the units are: a group lapses at the end of a day there."""
        self._storage = storage
        self._audit = audit
        self._channels = channels
        self._groups = groups
        self._welcomes = welcomes
        self._clock = clock
        self._zone = zone
        # Whoever cannot wait for a platform gives `make`, `invite` and `leave` to these.
        self.acts: Final = LastingActs()

    # --- how groups stand ---------------------------------------------------------------------

    async def sync(self, *, by: Officer | None = None) -> Synced:
        """Ask every account about its groups and keep what it says.

        An officer asks only the accounts of the own units. What a platform does not answer for
        is left as it was.
        """
        known = {one.group.id for one in await self._groups.all(None)}
        troubles: list[tuple[ChannelId, str]] = []
        for account in await self._accounts(by):
            desk = await self._desk(account.id)
            if desk is None:
                continue
            try:
                await self._sync_account(account, desk)
            except SendError as error:
                log.warning("group.not_synced", extra={"channel_id": account.id})
                troubles.append((account.id, str(error)))
        return await self._report(known, troubles, by)

    async def watch(self) -> None:
        """Look at every account, and say in the log which groups are or soon will be unpaid."""
        synced = await self.sync()
        for group_id in synced.lapsed:
            log.warning("group.lapsed", extra={"group_id": group_id})
        for group_id in synced.lapsing:
            log.warning("group.lapsing", extra={"group_id": group_id})

    async def look_at_new(self) -> None:
        """Look at groups that were linked a moment ago and whose members nobody counted yet.

        So their officers find the way in and the size at once, not after the daily look.
        """
        since = self._clock.now() - NEW_FOR
        for listed in await self._groups.all(None):
            group = listed.group
            is_new = group.linked_at is not None and group.linked_at > since
            if group.state is not GroupState.LINKED or group.members or not is_new:
                continue
            if (desk := await self._desk(group.channel_id)) is not None:
                await self._look(desk, group)

    async def _report(
        self, known: set[GroupId], troubles: list[tuple[ChannelId, str]], by: Officer | None
    ) -> Synced:
        listed = await self._groups.all(by)
        today = self._clock.now().astimezone(self._zone).date()
        lapsing = [one.group for one in listed if one.is_lapsing(today)]
        return Synced(
            groups=sum(one.group.state is not GroupState.GONE for one in listed),
            found=sum(one.group.id not in known for one in listed),
            gone=sum(one.group.state is GroupState.GONE for one in listed),
            lapsed=[one.id for one in lapsing if one.state is GroupState.LAPSED],
            lapsing=[one.id for one in lapsing if one.state is not GroupState.LAPSED],
            troubles=troubles,
        )

    async def _accounts(self, by: Officer | None) -> list[ChannelAccount]:
        async with self._storage.read() as work:
            units = await work.units.all()
            accounts = await work.channels.all()
        allowed = below(by.unit_id, units) if by else {unit.id for unit in units}
        return [one for one in accounts if one.unit_id in allowed]

    async def _sync_account(self, account: ChannelAccount, desk: GroupDesk) -> None:
        found = {one.chat: one for one in await desk.listed()}
        async with self._storage.read() as work:
            groups = await work.groups.of_channel(account.id)
        for group in groups:
            if group.chat not in found and group.state is not GroupState.GONE:
                await self._look(desk, group)
        async with self._storage.begin() as work:
            for one in found.values():
                await self._keep(work, account.id, one)
            await work.commit()

    async def _look(self, desk: GroupDesk, group: Group) -> None:
        """Ask about one group; only a clear "no such group" makes it gone."""
        try:
            found = await desk.look(group)
        except PersonUnreachable:
            found = None
        except ChatMoved as moved:
            await self._follow(group, moved.moved_to)
            return
        except SendError:
            log.warning("group.not_looked_at", extra={"group_id": group.id})
            return
        async with self._storage.begin() as work:
            current = await work.groups.find(group.channel_id, group.chat)
            if current is None:
                return
            if found is not None:
                await work.groups.save(_told(current, found))
            elif current.state is not GroupState.GONE:
                await work.groups.save(current.moved(GroupState.GONE))
                await self._groups.note(work, "group.gone", current, by=CLOCK)
            await work.commit()

    async def _follow(self, group: Group, moved_to: str) -> None:
        """Keep a group under the id the platform has given it."""
        async with self._storage.begin() as work:
            current = await work.groups.find(group.channel_id, group.chat)
            taken = await work.groups.find(group.channel_id, moved_to)
            if current is not None and taken is None:
                await work.groups.save(replace(current, chat=moved_to))
                await work.commit()

    async def _keep(self, work: Work, channel_id: ChannelId, found: FoundGroup) -> Group:
        known = await work.groups.find(channel_id, found.chat)
        address = Address(channel_id=channel_id, chat=found.chat, is_group=True)
        group = _told(known or self._groups.fresh(address), found)
        await work.groups.save(group)
        return group

    # --- making and filling -------------------------------------------------------------------

    async def offers(self, by: Officer | None) -> list[Offer]:
        """Return what the officer's accounts can make groups with now."""
        return [
            await self._offer(account, desk)
            for account in await self._accounts(by)
            if (desk := await self._desk(account.id)) is not None and desk.can_make
        ]

    async def _offer(self, account: ChannelAccount, desk: GroupDesk) -> Offer:
        try:
            assets = await desk.assets()
        except SendError as error:
            return Offer(account=account, trouble=str(error))
        return Offer(account=account, assets=[one for one in assets if one.is_free])

    async def make(self, wanted: NewGroup, *, by: Officer | None) -> Group:
        """Make a group with its admin in it and link it to its unit; `invite` fills it.

        One person the platform no longer knows would spoil a whole list of first members.
        Raise `NotFound`, `RuleBroken`.
        """
        name = clean(wanted.name)
        if not name or len(name) > NAME_LONGEST:
            raise RuleBroken("group_name_wrong", longest=NAME_LONGEST)
        if not wanted.admin.strip():
            raise RuleBroken("group_admin_missing")
        desk = await self._making(wanted.channel_id)
        async with self._storage.read() as work:
            unit = await self._groups.check_unit(work, wanted.unit_id, wanted.channel_id, by)
        greeting = await self._welcomes.greeting(unit, wanted.channel_id)
        assets = {one.id: one for one in await self._asked(desk.assets()) if one.is_free}
        if wanted.asset not in assets:
            raise RuleBroken("group_asset_unknown")
        members = [wanted.admin.strip()]
        found = await self._asked(desk.make(name, asset=wanted.asset, members=members))
        # The platform may have told us of it meanwhile, so it is looked for by its chat.
        async with self._storage.begin() as work:
            group = await self._keep(work, wanted.channel_id, found)
            group = linked(group, wanted.unit_id, at=self._clock.now())
            await work.groups.save(group)
            await self._welcomes.greet(work, group, greeting)
            await self._groups.note(work, "group.make", group, by=who(by))
            await work.commit()
        return group

    async def invite(self, group_id: GroupId, *, by: Officer | None) -> int:
        """Invite those who joined the group's unit and may be written to; return how many.

        Who is in it already is known to the platform alone. Raise `NotFound`, `RuleBroken`.
        """
        group = (await self._changeable(group_id, by)).group
        desk = await self._making(group.channel_id)
        if group.state is not GroupState.LINKED or group.unit_id is None:
            raise RuleBroken("group_not_linked")
        people = await self._invitable(group.unit_id, group.channel_id)
        if group.most_members:
            people = people[: max(0, group.most_members - group.members)]
        invited = 0
        for at in range(0, len(people), MOST_AT_ONCE):
            some = people[at : at + MOST_AT_ONCE]
            invited += await self._asked(_invited(desk, group, some))
        async with self._storage.begin() as work:
            facts = {"people": str(invited)}
            await self._audit.note(work, "group.invite", by=who(by), subject=group_id, facts=facts)
            await work.commit()
        return invited

    async def leave(self, group_id: GroupId, *, by: Officer | None) -> None:
        """Leave a group that people let us into. Raise `NotFound`, `RuleBroken`.

        A group of ours would be closed for everybody in it: that is done on the platform.
        """
        listed = await self._changeable(group_id, by)
        if listed.is_made_here:
            raise RuleBroken("group_closed_there")
        desk = await self._desk(listed.group.channel_id)
        if desk is not None and listed.group.state is not GroupState.GONE:
            await self._asked(desk.leave(listed.group))
        async with self._storage.begin() as work:
            group = await work.groups.get(group_id)
            if group.state is not GroupState.GONE:
                await work.groups.save(group.moved(GroupState.GONE))
            await self._groups.note(work, "group.leave", group, by=who(by))
            await work.commit()

    async def _changeable(self, group_id: GroupId, by: Officer | None) -> Listed:
        await self._ready()
        return await self._groups.changeable(group_id, by)

    async def _invitable(self, unit_id: UnitId, channel_id: ChannelId) -> list[str]:
        """Return the chats of the unit's people that the platform lets us reach."""
        windows = self._channels.get(channel_id).capabilities.windows
        since: datetime | None = None
        if windows is not None:
            # Surely open: who is asked in vain may cost a whole list its invitation.
            since = self._clock.now() - windows.open_for
        async with self._storage.read() as work:
            units = below(unit_id, await work.units.all())
            return await work.people.chats(units, channel_id, since=since)

    async def _making(self, channel_id: ChannelId) -> GroupDesk:
        desk = await self._desk(channel_id)
        if desk is None or not desk.can_make:
            raise RuleBroken("group_not_made_here")
        return desk

    async def _desk(self, channel_id: ChannelId) -> GroupDesk | None:
        await self._ready()
        return self._groups.desk(channel_id)

    async def _ready(self) -> None:
        """Open the accounts where nobody did yet: a command opens none by itself."""
        if not self._channels.all():
            await self._channels.refresh()

    async def _asked(self, call: Awaitable[T]) -> T:
        """Return what the platform answers. Raise `RuleBroken` with what it said instead."""
        try:
            return await call
        except SendError as error:
            raise RuleBroken("group_platform", detail=str(error)) from error


async def _invited(desk: GroupDesk, group: Group, people: Sequence[str]) -> int:
    """Invite people; a list that is refused for one of them is halved until that one is found."""
    try:
        await desk.invite(group, people)
    except (PersonUnreachable, NotNow, MessageRefused):
        if len(people) == 1:
            return 0
        half = len(people) // 2
        first = await _invited(desk, group, people[:half])
        return first + await _invited(desk, group, people[half:])
    return len(people)


def _told(group: Group, found: FoundGroup) -> Group:
    """Return the group as the platform shows it."""
    if group.state is GroupState.GONE:
        group = replace(group.moved(GroupState.SEEN), unit_id=None, linked_at=None)
    if not found.is_open and group.state is not GroupState.LAPSED:
        group = group.moved(GroupState.LAPSED)
    elif found.is_open and group.state is GroupState.LAPSED:
        group = group.moved(GroupState.LINKED if group.unit_id else GroupState.SEEN)
    return replace(
        group,
        name=clean(found.name) or group.name,
        members=found.members,
        most_members=found.most_members,
        invite_url=found.invite_url,
        can_delete=found.can_delete,
        lapses_on=found.lapses_on,
    )
