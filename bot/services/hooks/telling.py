"""Telling hooks what happened: found in the rows, queued once, called until taken or given up.

Nothing is noted where it happens: what has finished, and which tips the queue shows, is read off
the database. A tip is told at the full quarter of an hour after the queue began to show it, with
its hour and no more, so that whoever is told learns no moment.
"""

import asyncio
import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Final

import msgspec

from bot.core.announcements import Announcement
from bot.core.deliveries import Tally
from bot.core.errors import NotFound
from bot.core.hooks import CallState, Hook, HookCall, HookEvent, HookState
from bot.core.ids import HookCallId, HookId, UnitId
from bot.core.sealing import SealBroken
from bot.core.storage import Storage, Work
from bot.core.time import Clock
from bot.core.tips import Tip
from bot.core.units import Unit, below
from bot.services.announcements.outcomes import outcomes_of
from bot.services.envelopes import Envelopes
from bot.services.hooks.bodies import AnnouncementFinished, FinishedData, TipData, TipReceived
from bot.services.hooks.posting import Ended, Poster, posted, signed

log = logging.getLogger(__name__)

# How long after a try that failed the next one comes; after the last, about a day later, the
# call is given up.
DELAYS: Final = (
    timedelta(seconds=5),
    timedelta(minutes=1),
    timedelta(minutes=5),
    timedelta(minutes=30),
    timedelta(hours=2),
    timedelta(hours=5),
    timedelta(hours=8),
    timedelta(hours=8),
)
# Calls are kept for longer than one looks back, so that nothing is told a second time.
CALLS_KEPT: Final = timedelta(days=40)
_LOOK_BACK: Final = timedelta(days=30)
_LOOK_BACK_TIPS: Final = timedelta(days=2)
_QUARTER: Final = timedelta(minutes=15)
_AT_ONCE: Final = 20
# Longer than a call may take.
_LEASE: Final = timedelta(minutes=1)
_WIPED: Final = b""


@dataclass(frozen=True, slots=True, kw_only=True)
class _News:
    """One thing that one hook should be told: `about` an announcement or tip, of these units."""

    hook: Hook
    call_id: HookCallId
    units: tuple[str, ...]
    about: Announcement | Tip = field(repr=False)


class Telling:
    """Finds what hooks should be told, and tells them. Safe with several processes."""

    def __init__(
        self, *, storage: Storage, envelopes: Envelopes, poster: Poster, clock: Clock
    ) -> None:
        self._storage = storage
        self._envelopes = envelopes
        self._poster = poster
        self._clock = clock

    async def tell(self) -> int:
        """Queue what is new and make the calls that are due; return how many were made."""
        await self.notice()
        return await self.post_due()

    # --- what there is to tell -----------------------------------------------------------------

    async def notice(self) -> int:
        """Queue what hooks were not told yet; return how much."""
        now = self._clock.now()
        async with self._storage.read() as work:
            hooks = [hook for hook in await work.hooks.all() if hook.state is HookState.ACTIVE]
            news = await self._news(work, hooks, now) if hooks else []
            known = await work.hook_calls.known([one.call_id for one in news])
            found = [await self._call(work, one, now) for one in news if one.call_id not in known]
        calls = [call for call in found if call is not None]
        if not calls:
            return 0
        async with self._storage.begin() as work:
            queued = await work.hook_calls.add(calls)
            await work.commit()
        return queued

    async def _news(self, work: Work, hooks: Sequence[Hook], now: datetime) -> list[_News]:
        units = await work.units.all()
        by_id = {unit.id: unit for unit in units}
        first = min(hook.added_at for hook in hooks)
        finished = await work.announcements.finished(since=max(first, now - _LOOK_BACK))
        # To the hour, as tips are: of those that came in the hook's own first hour all are told.
        tips = await work.tips.shown_between(max(_hour(first), now - _LOOK_BACK_TIPS), now)
        news: list[_News] = []
        for hook in hooks:
            heard = below(hook.unit_id, units)
            if HookEvent.ANNOUNCEMENT_FINISHED in hook.events:
                news += [
                    self._about(hook, by_id, one)
                    for one in finished
                    if heard.issuperset(one.unit_ids) and (one.started_at or now) >= hook.added_at
                ]
            if HookEvent.TIP_RECEIVED in hook.events:
                news += [
                    self._about(hook, by_id, one)
                    for one in tips
                    if one.unit_id in heard and one.visible_at >= _hour(hook.added_at)
                ]
        return news

    def _about(self, hook: Hook, units: Mapping[UnitId, Unit], about: Announcement | Tip) -> _News:
        unit_ids = (about.unit_id,) if isinstance(about, Tip) else about.unit_ids
        call_id = self._envelopes.hook_call_id(hook.id, about.id)
        named = tuple(units[one].code for one in unit_ids)
        return _News(hook=hook, call_id=call_id, units=named, about=about)

    async def _call(self, work: Work, news: _News, now: datetime) -> HookCall | None:
        if isinstance(news.about, Tip):
            event, not_before = HookEvent.TIP_RECEIVED, _next_quarter(now)
            body = msgspec.json.encode(_of_tip(news.about, news.units[0]))
        else:
            event, not_before = HookEvent.ANNOUNCEMENT_FINISHED, now
            tally = await work.deliveries.tally(news.about.id)
            if tally.finished_at is None:
                # The tally has the last word on what "finished" is.
                return None
            body = msgspec.json.encode(
                _of_finished(news.about, news.units, tally, at=tally.finished_at)
            )
        return HookCall(
            id=news.call_id, hook_id=news.hook.id, event=event, body=body, not_before=not_before
        )

    # --- calling -------------------------------------------------------------------------------

    async def post_due(self) -> int:
        """Make the calls that are due, side by side; return how many."""
        now = self._clock.now()
        async with self._storage.begin() as work:
            calls = await work.hook_calls.claim(_AT_ONCE, now=now, lease_until=now + _LEASE)
            if not calls:
                return 0
            hooks = {hook.id: hook for hook in await work.hooks.all()}
            await work.commit()
        async with asyncio.TaskGroup() as group:
            for call in calls:
                if call.hook_id in hooks:
                    group.create_task(self._post(call, hooks[call.hook_id]))
        return len(calls)

    async def _post(self, call: HookCall, hook: Hook) -> None:
        """Make one call and write down how it ended; lets no error out."""
        try:
            ended = await self._called(call, hook)
            await self._record(call, ended)
        except Exception:
            # The lease runs out and the call is made again, under the same id.
            log.exception("hook.not_recorded", extra={"hook_id": hook.id})

    async def _called(self, call: HookCall, hook: Hook) -> Ended:
        if hook.state is HookState.OFF:
            return Ended(trouble=hook.trouble, is_gone=True)
        try:
            secret = self._envelopes.open_hook_secret(hook.id, hook.sealed)
        except SealBroken:
            return Ended(trouble="secret_lost")
        headers = signed(secret, call.id, call.body, at=self._clock.now())
        return await posted(self._poster, hook.url, call.body, headers)

    async def _record(self, call: HookCall, ended: Ended) -> None:
        now = self._clock.now()
        is_last = call.attempts > len(DELAYS)
        async with self._storage.begin() as work:
            hook = await _still_there(work, call.hook_id)
            if hook is None:
                return
            if ended.is_well:
                call = replace(call, state=CallState.DONE, body=_WIPED, done_at=_hour(now))
            elif ended.is_gone or is_last:
                call = replace(call, state=CallState.GIVEN_UP, body=_WIPED, done_at=_hour(now))
            else:
                call = replace(call, not_before=now + DELAYS[call.attempts - 1])
            await work.hook_calls.save(call)
            if ended.is_gone:
                await work.hook_calls.give_up(hook.id, at=_hour(now))
                hook = replace(hook, state=HookState.OFF)
            await work.hooks.save(replace(hook, trouble=ended.trouble))
            await work.commit()
        if ended.is_gone:
            log.warning("hook.off", extra={"hook_id": hook.id})
        elif call.state is CallState.GIVEN_UP:
            log.warning("hook.given_up", extra={"hook_id": hook.id, "trouble": ended.trouble})


def _of_finished(
    announcement: Announcement, units: Sequence[str], tally: Tally, *, at: datetime
) -> AnnouncementFinished:
    return AnnouncementFinished(
        timestamp=at,
        data=FinishedData(
            id=announcement.id,
            unit=units[0],
            more_units=list(units[1:]),
            recipients=tally.recipients,
            outcomes=outcomes_of(tally),
        ),
    )


def _of_tip(tip: Tip, unit: str) -> TipReceived:
    hour = _hour(tip.received_at)
    return TipReceived(timestamp=hour, data=TipData(unit=unit, is_urgent=tip.is_urgent, hour=hour))


async def _still_there(work: Work, hook_id: HookId) -> Hook | None:
    try:
        return await work.hooks.get(hook_id)
    except NotFound:
        return None


def _hour(at: datetime) -> datetime:
    return at.replace(minute=0, second=0, microsecond=0)


def _next_quarter(at: datetime) -> datetime:
    """Return the first full quarter of an hour that has not begun yet."""
    begun = at.replace(minute=at.minute - at.minute % 15, second=0, microsecond=0)
    return begun + _QUARTER
