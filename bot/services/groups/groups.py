"""Groups on platforms: what happens to them, and how officers link them to a unit.

A group hears announcements only after an officer's one-time code was typed in it, or after an
officer made it. What the platform must be asked for (lists, new groups, invitations) is left to
`bot.services.groups.desks`, what is said in a group to `handlers.group`.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import Final

from bot.core.channels import ChannelAccount, GroupDesk
from bot.core.errors import NotFound, RuleBroken
from bot.core.groups import Group, GroupState
from bot.core.ids import ChannelId, ConversationKey, GroupId, OfficerId, UnitId, new_id
from bot.core.languages import Language
from bot.core.messages import Address, GroupChange, GroupEvent, Incoming, Outgoing
from bot.core.officers import Act, Officer
from bot.core.storage import Storage, Work
from bot.core.text import clean
from bot.core.time import Chance, Clock
from bot.core.units import Unit, below, path_up
from bot.services.audit import MACHINE, Audit
from bot.services.channels.channels import Channels
from bot.services.groups.welcomes import GroupWelcomes
from content.sentences import Voice

WORDS: Final = ("hello",)
# The one who acts in the audit chain when nobody of ours did.
PLATFORM: Final = "platform"
# Before the last day of a paid group, officers are told for so long.
LAPSING: Final = timedelta(days=14)
_NAME_LONGEST: Final = 120


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where something was said in a group. `line` is its unit and those above it, if linked."""

    group: Group | None = None
    line: Sequence[Unit] = ()

    @property
    def is_known(self) -> bool:
        """Tell whether it stands on record that we are in the group."""
        return self.group is not None and self.group.state is not GroupState.GONE

    @property
    def can_delete(self) -> bool:
        """Tell whether we may take away what others wrote there."""
        return self.group is not None and self.group.can_delete


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """A group as officers see it. `account` is None where it was removed."""

    group: Group
    unit: Unit | None
    account: ChannelAccount | None
    # Groups of this account are made by officers and paid for.
    is_made_here: bool = field(default=False)

    def is_lapsing(self, today: date) -> bool:
        """Tell whether it is not paid for in two weeks' time."""
        group = self.group
        is_soon = group.lapses_on is not None and group.lapses_on <= today + LAPSING
        return group.state is GroupState.LAPSED or (is_soon and group.state is not GroupState.GONE)


class Groups:
    """Use cases about groups that need no call to a platform."""

    def __init__(
        self,
        *,
        storage: Storage,
        audit: Audit,
        channels: Channels,
        voice: Voice,
        welcomes: GroupWelcomes,
        clock: Clock,
        chance: Chance,
    ) -> None:
        self._storage = storage
        self._audit = audit
        self._channels = channels
        self._say = voice
        self._welcomes = welcomes
        self._clock = clock
        self._chance = chance

    # --- what happens to a group --------------------------------------------------------------

    async def heard(
        self, work: Work, incoming: Incoming, conversation: ConversationKey
    ) -> tuple[Outgoing, ...]:
        """Take up what happened to a group; return what is said in it. May run again."""
        del conversation
        change = incoming.group or GroupChange(event=GroupEvent.MEMBERS)
        known = await work.groups.find(incoming.channel_id, incoming.chat)
        match change.event:
            case GroupEvent.MOVED:
                await self._moved(work, known, incoming, change)
            case GroupEvent.REMOVED | GroupEvent.CLOSED:
                await self._gone(work, known)
            case GroupEvent.ADDED:
                return await self._added(work, known, incoming, change)
            case GroupEvent.RIGHTS | GroupEvent.MEMBERS | GroupEvent.RENAMED:
                group = known or self.fresh(incoming.address)
                await work.groups.save(_told(group, change))
        return ()

    async def _added(
        self, work: Work, known: Group | None, incoming: Incoming, change: GroupChange
    ) -> tuple[Outgoing, ...]:
        is_new = known is None or known.state is GroupState.GONE
        group = self.fresh(incoming.address) if known is None else _let_in(known)
        await work.groups.save(_told(group, change))
        # Who makes a group here links it in the same breath; nobody has to be told how.
        if not is_new or self.is_made_here(incoming.channel_id):
            return ()
        return (Outgoing(text=self._say("hello", Language.VI)),)

    async def _gone(self, work: Work, known: Group | None) -> None:
        if known is None or known.state is GroupState.GONE:
            return
        # The unit stays on record, so that its officers see which group they lost.
        await work.groups.save(known.moved(GroupState.GONE))
        if known.unit_id is not None:
            await self._audit.note(work, "group.gone", by=PLATFORM, subject=known.id)

    async def _moved(
        self, work: Work, known: Group | None, incoming: Incoming, change: GroupChange
    ) -> None:
        """Keep the group under its new id. Both ids tell of it, in any order, more than once."""
        if not change.moved_to:
            return
        taken = await work.groups.find(incoming.channel_id, change.moved_to)
        if known is None or known.id == (taken.id if taken else None):
            if taken is None:
                address = replace(incoming.address, chat=change.moved_to)
                await work.groups.save(_told(self.fresh(address), change))
            return
        known = _let_in(known)
        if taken is not None:
            # It wrote under its new id before we were told; copies wait for the older row.
            await work.groups.remove(taken.id)
            unit_id = None if taken.state is GroupState.GONE else taken.unit_id
            if known.unit_id is None and unit_id is not None:
                known = linked(known, unit_id, at=self._clock.now())
        await work.groups.save(_told(replace(known, chat=change.moved_to), change))

    def fresh(self, address: Address) -> Group:
        """Return a group nobody knew before."""
        return Group(
            id=GroupId(new_id(self._chance)),
            channel_id=address.channel_id,
            chat=address.chat,
            name="",
            seen_at=self._clock.now(),
        )

    async def noticed(self, work: Work, *, address: Address) -> Group:
        """Return a group that wrote; it is noted if nobody knew that we are in it."""
        known = await work.groups.find(address.channel_id, address.chat)
        if known is not None and known.state is not GroupState.GONE:
            return known
        group = self.fresh(address) if known is None else _let_in(known)
        await work.groups.save(group)
        return group

    async def place(self, address: Address) -> Place:
        """Return what is known of the group something was said in."""
        async with self._storage.read() as work:
            group = await work.groups.find(address.channel_id, address.chat)
            if group is None or group.unit_id is None or group.state is GroupState.GONE:
                return Place(group=group)
            units = {unit.id: unit for unit in await work.units.all()}
            return Place(group=group, line=path_up(group.unit_id, units))

    # --- what officers see --------------------------------------------------------------------

    async def all(self, officer: Officer | None) -> list[Listed]:
        """Return the groups of the officer's units, and those nobody linked on their accounts.

        `officer` None: somebody at the machine, who sees all. Groups that are gone and were
        never linked are left out.
        """
        async with self._storage.read() as work:
            units = {unit.id: unit for unit in await work.units.all()}
            accounts = {one.id: one for one in await work.channels.all()}
            found = [
                group
                for account in accounts.values()
                for group in await work.groups.of_channel(account.id)
            ]
        allowed = below(officer.unit_id, list(units.values())) if officer else frozenset(units)
        return [
            self._listed(group, units, accounts)
            for group in sorted(found, key=lambda one: (one.name, one.id))
            if _belongs_to(group, accounts[group.channel_id]) in allowed
            and (group.state is not GroupState.GONE or group.unit_id is not None)
        ]

    def _listed(
        self,
        group: Group,
        units: dict[UnitId, Unit],
        accounts: dict[ChannelId, ChannelAccount],
    ) -> Listed:
        return Listed(
            group=group,
            unit=units.get(group.unit_id) if group.unit_id else None,
            account=accounts.get(group.channel_id),
            is_made_here=self.is_made_here(group.channel_id),
        )

    async def one(self, group_id: GroupId, officer: Officer | None) -> Listed:
        """Return one group the officer sees. Raise `NotFound`."""
        for listed in await self.all(officer):
            if listed.group.id == group_id:
                return listed
        raise NotFound(f"group {group_id}")

    async def of_unit(self, unit_id: UnitId) -> list[Group]:
        """Return the unit's own groups, those included that hear nothing at present."""
        async with self._storage.read() as work:
            return await work.groups.of_units({unit_id})

    async def open_of(self, unit_id: UnitId) -> list[Group]:
        """Return the groups that hear what is sent to the unit itself."""
        found = await self.of_unit(unit_id)
        return [group for group in found if group.state is GroupState.LINKED]

    # --- what officers do ---------------------------------------------------------------------

    async def assign(self, group_id: GroupId, unit_id: UnitId, *, by: Officer | None) -> Group:
        """Link a group to a unit, or move it there. Raise `NotFound`, `RuleBroken`.

        A group that people let us into is linked by a code typed in it, which proves that it is
        theirs: any group can call itself by a neighbourhood's name.
        """
        listed = await self.changeable(group_id, by)
        group = listed.group
        if group.state is GroupState.GONE:
            raise RuleBroken("group_gone")
        if group.state is GroupState.SEEN and not listed.is_made_here and by is not None:
            raise RuleBroken("group_needs_code")
        async with self._storage.read() as work:
            unit = await self.check_unit(work, unit_id, group.channel_id, by)
        greeting = await self._welcomes.greeting(unit, group.channel_id)
        async with self._storage.begin() as work:
            await self.check_unit(work, unit_id, group.channel_id, by)
            before = await work.groups.get(group_id)
            group = linked(before, unit_id, at=self._clock.now())
            await work.groups.save(group)
            if group.state is GroupState.LINKED and before.unit_id != unit_id:
                await self._welcomes.greet(work, group, greeting)
            await self.note(work, "group.link", group, by=who(by))
            await work.commit()
        return group

    async def unlink(self, group_id: GroupId, *, by: Officer | None) -> Group:
        """Let a group hear nothing more; we stay in it. Raise `NotFound`, `RuleBroken`."""
        await self.changeable(group_id, by)
        async with self._storage.begin() as work:
            group = await work.groups.get(group_id)
            if group.state is GroupState.LINKED:
                group = group.moved(GroupState.SEEN)
            group = replace(group, unit_id=None, linked_at=None)
            await work.groups.save(group)
            await self.note(work, "group.unlink", group, by=who(by))
            await work.commit()
        return group

    async def forget(self, group_id: GroupId, *, by: Officer | None) -> None:
        """Keep nothing more of a group we are no longer in. Raise `NotFound`, `RuleBroken`."""
        listed = await self.changeable(group_id, by)
        if listed.group.state is not GroupState.GONE:
            raise RuleBroken("group_not_gone")
        async with self._storage.begin() as work:
            await work.groups.remove(group_id)
            await self.note(work, "group.forget", listed.group, by=who(by))
            await work.commit()

    async def changeable(self, group_id: GroupId, by: Officer | None) -> Listed:
        """Return one group the officer may change. Raise `NotFound`."""
        if by is not None and not by.may(Act.ADMINISTER):
            raise NotFound(f"group {group_id}")
        return await self.one(group_id, by)

    async def check_unit(
        self, work: Work, unit_id: UnitId, channel_id: ChannelId, by: Officer | None
    ) -> Unit:
        """Return the unit if `by` may link groups of the account to it.

        Raise `NotFound` for a unit that is not theirs, `RuleBroken` for one the account does
        not serve.
        """
        units = await work.units.all()
        account = await work.channels.get(channel_id)
        if by is not None:
            is_theirs = unit_id in below(by.unit_id, units)
            if not by.may(Act.ADMINISTER) or not is_theirs:
                raise NotFound("no such unit")
        if unit_id not in below(account.unit_id, units):
            raise RuleBroken("group_unit_elsewhere")
        return await work.units.get(unit_id)

    async def note(self, work: Work, act: str, group: Group, *, by: OfficerId | str) -> None:
        """Write an act on a group into the audit chain; its name and chat stay out of it."""
        facts = {"unit": str(group.unit_id)} if group.unit_id else {}
        await self._audit.note(work, act, by=by, subject=group.id, facts=facts)

    def is_made_here(self, channel_id: ChannelId) -> bool:
        """Tell whether groups of this account are made by officers."""
        desk = self.desk(channel_id)
        return desk is not None and desk.can_make

    def desk(self, channel_id: ChannelId) -> GroupDesk | None:
        """Return where the account's groups are asked about; None for one that is not open."""
        try:
            return self._channels.get(channel_id).groups
        except NotFound:
            return None


def who(by: Officer | None) -> OfficerId | str:
    """Return who acts, for the audit chain."""
    return by.id if by else MACHINE


def _belongs_to(group: Group, account: ChannelAccount) -> UnitId:
    return group.unit_id or account.unit_id


def _told(group: Group, change: GroupChange) -> Group:
    """Return the group with what the platform said of it."""
    name = clean(change.name)[:_NAME_LONGEST]
    can_delete = group.can_delete if change.can_delete is None else change.can_delete
    return replace(group, name=name or group.name, can_delete=can_delete)


def _let_in(group: Group) -> Group:
    """Return a group we are in: one that was gone begins anew, linked to nothing."""
    if group.state is not GroupState.GONE:
        return group
    return replace(group.moved(GroupState.SEEN), unit_id=None, linked_at=None)


def linked(group: Group, unit_id: UnitId, *, at: datetime) -> Group:
    """Return the group as one of the unit; one that lapsed hears nothing until it is paid."""
    if group.state is GroupState.LAPSED:
        return replace(group, unit_id=unit_id, linked_at=at)
    return group.linked(unit_id, at=at)
