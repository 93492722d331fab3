"""One-time codes: an officer makes one, somebody types it in a group, the group is linked.

A code works once. Wrong ones are counted by group, so that nobody can try them all. How codes
are drawn and kept is left to `bot.services.one_time_codes`.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from functools import partial
from typing import Final

from bot.core.errors import NotFound
from bot.core.groups import GroupState
from bot.core.ids import ChannelId, ConversationKey, UnitId, new_id
from bot.core.messages import Address
from bot.core.officers import Act, Officer
from bot.core.sealing import Pseudonyms
from bot.core.slips import Slip, SlipKind
from bot.core.storage import Storage, Work
from bot.core.time import Chance, Clock
from bot.core.turns import Effect
from bot.core.units import Unit, below
from bot.services.audit import Audit
from bot.services.groups.groups import Groups, linked, who
from bot.services.groups.ways import Ways
from bot.services.one_time_codes import OneTimeCodes

MOST_TRIES: Final = 5
_TRIES_KEPT: Final = timedelta(hours=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupCode:
    """A fresh code, shown once. `links` let a bot into a group and say the code there."""

    code: str = field(repr=False)
    unit: Unit
    until: datetime
    links: Sequence[str] = field(default=(), repr=False)


class Verdict(StrEnum):
    """What a typed code is worth. The names are keys of sentences in the section `group`."""

    LINKED = "linked"
    WRONG = "link_wrong"
    WAIT = "link_wait"
    ELSEWHERE = "link_elsewhere"


@dataclass(frozen=True, slots=True, kw_only=True)
class Redemption:
    """What to answer to a code, and what happens with it in the transaction of the turn."""

    verdict: Verdict
    unit: Unit | None = None
    effect: Effect | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Promise:
    """What a code stands for."""

    unit_id: UnitId
    channel_id: ChannelId | None
    by: str


class GroupCodes:
    """Makes codes and takes them back."""

    def __init__(
        self,
        *,
        storage: Storage,
        audit: Audit,
        groups: Groups,
        pseudonyms: Pseudonyms,
        ways: Ways,
        clock: Clock,
        chance: Chance,
    ) -> None:
        self._storage = storage
        self._audit = audit
        self._groups = groups
        self._codes = OneTimeCodes(
            SlipKind.GROUP_CODE, pseudonyms=pseudonyms, clock=clock, chance=chance
        )
        self._ways = ways
        self._clock = clock
        self._chance = chance

    async def make(
        self, unit_id: UnitId, *, channel_id: ChannelId | None = None, by: Officer | None
    ) -> GroupCode:
        """Make a code for the unit, good on one account or on all that serve the unit.

        `by` None: somebody at the machine. Raise `NotFound`, `RuleBroken`.
        """
        code = self._codes.draw()
        until = self._codes.until()
        async with self._storage.begin() as work:
            units = await work.units.all()
            is_theirs = by is None or unit_id in below(by.unit_id, units)
            if not is_theirs or (by is not None and not by.may(Act.ADMINISTER)):
                raise NotFound("no such unit")
            if channel_id is not None:
                await self._groups.check_unit(work, unit_id, channel_id, by)
            unit = await work.units.get(unit_id)
            promise = {"unit": unit_id, "channel": channel_id or "", "by": who(by)}
            await work.slips.put(
                Slip(
                    kind=SlipKind.GROUP_CODE,
                    key=self._codes.key(code),
                    holder=unit_id,
                    body=json.dumps(promise).encode(),
                    until=until,
                )
            )
            await self._audit.note(work, "group.code", by=who(by), subject=unit_id)
            accounts = [
                one.id
                for one in await work.channels.all()
                if unit_id in below(one.unit_id, units) and channel_id in {None, one.id}
            ]
            await work.commit()
        links = [await self._ways.into_group(one, code) for one in accounts]
        return GroupCode(code=code, unit=unit, until=until, links=[one for one in links if one])

    async def redeem(
        self, address: Address, conversation: ConversationKey, typed: str
    ) -> Redemption:
        """Say what a code typed in a group is worth, and what is to be done with it."""
        now = self._clock.now()
        key = self._codes.key(typed)
        async with self._storage.read() as work:
            tries = await work.slips.of_holder(SlipKind.GROUP_TRY, conversation, now=now)
            if len(tries) >= MOST_TRIES:
                return Redemption(verdict=Verdict.WAIT)
            slip = await work.slips.get(SlipKind.GROUP_CODE, key, now=now)
            promise = _read(slip) if slip else None
            unit = await self._served(work, promise, address) if promise else None
            group = await work.groups.find(address.channel_id, address.chat)
        if unit is None or promise is None:
            once = new_id(self._chance)
            effect = partial(self._note_try, conversation=conversation, once=once)
            return Redemption(verdict=Verdict.WRONG, effect=effect)
        is_taken = group is not None and group.unit_id not in {None, unit.id}
        if is_taken and group is not None and group.state is not GroupState.GONE:
            # Only officers of its own unit give a group away.
            return Redemption(verdict=Verdict.ELSEWHERE)
        effect = partial(self._redeem, key=key, address=address, promise=promise)
        return Redemption(verdict=Verdict.LINKED, unit=unit, effect=effect)

    async def _served(self, work: Work, promise: _Promise, address: Address) -> Unit | None:
        """Return the unit of a code, if the account it was typed on serves it."""
        if promise.channel_id not in {None, address.channel_id}:
            return None
        units = await work.units.all()
        account = await work.channels.get(address.channel_id)
        served = below(account.unit_id, units)
        return next((one for one in units if one.id == promise.unit_id and one.id in served), None)

    async def _note_try(self, work: Work, *, conversation: ConversationKey, once: str) -> None:
        until = self._clock.now() + _TRIES_KEPT
        await work.slips.put(
            Slip(kind=SlipKind.GROUP_TRY, key=once, holder=conversation, until=until)
        )

    async def _redeem(self, work: Work, *, key: str, address: Address, promise: _Promise) -> None:
        now = self._clock.now()
        if await work.slips.take(SlipKind.GROUP_CODE, key, now=now) is None:
            # Typed twice at the same moment: the turn runs again and the code is wrong then.
            raise NotFound("the code was used a moment ago")
        seen = await self._groups.noticed(work, address=address)
        group = linked(seen, promise.unit_id, at=now)
        await work.groups.save(group)
        await self._groups.note(work, "group.link", group, by=promise.by)


def _read(slip: Slip) -> _Promise:
    fields = json.loads(slip.body)
    return _Promise(
        unit_id=UnitId(fields["unit"]),
        channel_id=ChannelId(fields["channel"]) if fields["channel"] else None,
        by=fields["by"],
    )
