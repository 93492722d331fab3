"""Hooks: addresses of other software, added, tried and removed by who keeps the house.

What they are told, and when, is in `telling`, beside this file.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

import msgspec

from bot.core.errors import NotFound, RuleBroken
from bot.core.hooks import OFFERED, CallState, Hook, HookEvent, HookState
from bot.core.ids import HookCallId, HookId, UnitId, new_id
from bot.core.officers import Act, Officer
from bot.core.sealing import SealBroken
from bot.core.storage import Storage, Work
from bot.core.time import Chance, Clock
from bot.core.units import Unit, below
from bot.services.audit import MACHINE, Audit
from bot.services.envelopes import Envelopes
from bot.services.hooks.addresses import check_address
from bot.services.hooks.bodies import HookTest, TestData
from bot.services.hooks.posting import SECRET_BYTES, Ended, Poster, new_secret, posted, signed

MOST: Final = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class NewHook:
    """What is needed to add a hook."""

    unit_id: UnitId
    url: str
    events: frozenset[HookEvent]


@dataclass(frozen=True, slots=True, kw_only=True)
class AddedHook:
    """A hook that was just added. `secret` is shown once; here it is kept sealed."""

    hook: Hook
    secret: str = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class ListedHook:
    """A hook with its unit, and how many of its calls stand where."""

    hook: Hook
    unit: Unit
    calls: Mapping[CallState, int]


class Hooks:
    """Use cases about hooks. `by` None: somebody at the machine."""

    def __init__(
        self,
        *,
        storage: Storage,
        envelopes: Envelopes,
        audit: Audit,
        poster: Poster,
        clock: Clock,
        chance: Chance,
    ) -> None:
        self._storage = storage
        self._envelopes = envelopes
        self._audit = audit
        self._poster = poster
        self._clock = clock
        self._chance = chance

    async def add(self, new: NewHook, *, by: Officer | None) -> AddedHook:
        """Add a hook. Raise `RuleBroken`, `NotFound`."""
        check_address(new.url, may_be_local=by is None)
        if not new.events or new.events - set(OFFERED):
            raise RuleBroken("hook_events_missing")
        secret = new_secret(self._chance.token(SECRET_BYTES))
        hook_id = HookId(new_id(self._chance))
        hook = Hook(
            id=hook_id,
            unit_id=new.unit_id,
            url=new.url,
            sealed=self._envelopes.hook_secret(hook_id, secret),
            events=new.events,
            added_at=self._clock.now(),
        )
        async with self._storage.begin() as work:
            await work.units.get(new.unit_id)
            if new.unit_id not in await _kept_by(work, by):
                raise NotFound("no such unit")
            if len(await work.hooks.all()) >= MOST:
                raise RuleBroken("hooks_many", most=MOST)
            await work.hooks.save(hook)
            facts = {"unit": new.unit_id, "events": ",".join(sorted(new.events))}
            await self._note(work, "hook.add", hook_id, by=by, facts=facts)
            await work.commit()
        return AddedHook(hook=hook, secret=secret)

    async def seen_by(self, officer: Officer | None) -> Sequence[ListedHook]:
        """Return the hooks of the units the officer keeps, oldest first."""
        async with self._storage.read() as work:
            units = {unit.id: unit for unit in await work.units.all()}
            kept = await _kept_by(work, officer)
            hooks = [hook for hook in await work.hooks.all() if hook.unit_id in kept]
            counts = await work.hook_calls.counts()
        return [
            ListedHook(
                hook=hook,
                unit=units[hook.unit_id],
                calls={state: counts.get((hook.id, state), 0) for state in CallState},
            )
            for hook in hooks
        ]

    async def one(self, hook_id: HookId, officer: Officer | None) -> ListedHook:
        """Return one hook that the officer keeps. Raise `NotFound`."""
        for listed in await self.seen_by(officer):
            if listed.hook.id == hook_id:
                return listed
        raise NotFound(f"hook {hook_id}")

    async def remove(self, hook_id: HookId, *, by: Officer | None) -> None:
        """Tell nothing any more, forget address and secret. Raise `NotFound`."""
        async with self._storage.begin() as work:
            await self._allowed(work, hook_id, by)
            await work.hooks.remove(hook_id)
            await self._note(work, "hook.remove", hook_id, by=by)
            await work.commit()

    async def test(self, hook_id: HookId, *, by: Officer | None) -> Ended:
        """Call the hook now; return how it ended. Raise `NotFound`.

        One that was off and takes the call is told again from now on.
        """
        async with self._storage.begin() as work:
            hook = await self._allowed(work, hook_id, by)
            await self._note(work, "hook.test", hook_id, by=by)
            await work.commit()
        ended = await self._called(hook)
        async with self._storage.begin() as work:
            hook = await self._allowed(work, hook_id, by)
            state = HookState.ACTIVE if ended.is_well else hook.state
            await work.hooks.save(replace(hook, trouble=ended.trouble, state=state))
            await work.commit()
        return ended

    async def _called(self, hook: Hook) -> Ended:
        now = self._clock.now()
        try:
            secret = self._envelopes.open_hook_secret(hook.id, hook.sealed)
        except SealBroken:
            return Ended(trouble="secret_lost")
        body = msgspec.json.encode(
            HookTest(timestamp=now.replace(microsecond=0), data=TestData(hook=hook.id))
        )
        call_id = HookCallId(f"msg_{new_id(self._chance)}{new_id(self._chance)}")
        headers = signed(secret, call_id, body, at=now)
        return await posted(self._poster, hook.url, body, headers)

    async def _allowed(self, work: Work, hook_id: HookId, by: Officer | None) -> Hook:
        hook = await work.hooks.get(hook_id)
        if hook.unit_id not in await _kept_by(work, by):
            raise NotFound(f"hook {hook_id}")
        return hook

    async def _note(
        self,
        work: Work,
        act: str,
        hook_id: HookId,
        *,
        by: Officer | None,
        facts: Mapping[str, str] | None = None,
    ) -> None:
        who = by.id if by else MACHINE
        await self._audit.note(work, act, by=who, subject=hook_id, facts=facts)


async def _kept_by(work: Work, officer: Officer | None) -> frozenset[UnitId]:
    """Return the units whose hooks an officer keeps."""
    units = await work.units.all()
    if officer is None:
        return frozenset(unit.id for unit in units)
    if not officer.may(Act.ADMINISTER):
        return frozenset()
    return below(officer.unit_id, units)
