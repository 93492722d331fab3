"""Officers, the clock and the post act in any order: the numbers shown are what really became.

The model of the outbox is `tests.storage.outbox_model`; here it is moved by the services.
"""

import asyncio
import tempfile
from collections.abc import Coroutine, Iterable
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from bot.core.announcements import (
    ANNOUNCEMENT_MOVES,
    DEFAULT_GRACE,
    Amendment,
    Announcement,
    AnnouncementState,
)
from bot.core.deliveries import Delivery, DeliveryState, Lane, Outcome
from bot.core.errors import RuleBroken, UnlawfulMove
from bot.core.ids import AnnouncementId, ChannelId, DeliveryId
from bot.core.sending import Reason
from bot.services.announcements.amendments import Correction
from bot.services.announcements.announcing import Wording
from tests.builders.opening import open_town
from tests.builders.town import Town
from tests.fakes import FakeClock
from tests.storage import nouns
from tests.storage.outbox_model import OutboxModel

# Some ten seconds of a machine at rest, most of them waiting for the disk.
pytestmark = pytest.mark.timeout(300)

PEOPLE: Final = ("p0", "p1", "p2")
TELEGRAM: Final = ChannelId("telegram")
OWNER: Final = "post"
LEASE: Final = timedelta(minutes=12)
# Announcements in one example; a chain of amendments needs a few.
MOST: Final = 6
ENDS: Final = (
    DeliveryState.SENT,
    DeliveryState.FAILED,
    DeliveryState.SKIPPED,
    DeliveryState.UNKNOWN,
    DeliveryState.WAITING,
)
# What an announcement that is amended has given, or may have given, to somebody.
GIVEN: Final = (DeliveryState.SENT, DeliveryState.UNKNOWN)


@dataclass
class One:
    """What is known of an announcement beside its rows and its state."""

    id: AnnouncementId
    is_urgent: bool
    due_at: datetime | None
    written_at: datetime
    was_started: bool = False
    amends: AnnouncementId | None = None
    amendment: Amendment | None = None

    @property
    def lane(self) -> Lane:
        is_first = self.is_urgent or self.amendment is Amendment.RECALL
        return Lane.URGENT if is_first else Lane.ORDINARY


class Announcing(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.runner = asyncio.Runner()
        self.stack = AsyncExitStack()
        self.clock = FakeClock()
        self.outbox = OutboxModel(now=self.clock.now(), joined=set(PEOPLE))
        self.ones: dict[AnnouncementId, One] = {}
        self.attempts = 0
        self.town = self.runner.run(self.opened())

    async def opened(self) -> Town:
        folder = self.stack.enter_context(tempfile.TemporaryDirectory())
        town = await self.stack.enter_async_context(open_town(Path(folder), clock=self.clock))
        async with town.storage.begin() as work:
            for who in PEOPLE:
                await work.people.save(
                    nouns.person(who, channel_id=TELEGRAM, unit_id=town.hamlet.id)
                )
            await work.commit()
        return town

    def teardown(self) -> None:
        self.runner.run(self.stack.aclose())
        self.runner.close()

    def is_done(self, act: Coroutine[None, None, object]) -> bool:
        """Let an officer try something; tell whether it was not refused."""
        try:
            self.runner.run(act)
        except (RuleBroken, UnlawfulMove):
            return False
        return True

    def drawn(self, data: st.DataObject) -> One:
        return data.draw(st.sampled_from(list(self.ones.values())))

    def state(self, one: One) -> AnnouncementState:
        return self.outbox.states[one.id]

    def may_move(self, one: One, to: AnnouncementState) -> bool:
        return to in ANNOUNCEMENT_MOVES[self.state(one)]

    def is_amended(self, one: One) -> bool:
        return any(
            later.amends == one.id and self.state(later) is not AnnouncementState.CANCELLED
            for later in self.ones.values()
        )

    def note(self, written: Announcement) -> One:
        one = self.ones[written.id] = One(
            id=written.id,
            is_urgent=written.is_urgent,
            due_at=written.due_at,
            written_at=written.written_at,
            amends=written.amends,
            amendment=written.amendment,
        )
        self.outbox.states[one.id] = written.state
        return one

    # --- what officers do --------------------------------------------------------------------

    @initialize(is_urgent=st.booleans())
    def begin_with_one(self, is_urgent: bool) -> None:  # noqa: FBT001 - Hypothesis names them
        self.release_one(self.written(is_urgent=is_urgent, due_at=None))

    @precondition(lambda self: len(self.ones) < MOST)
    @rule(is_urgent=st.booleans(), is_for_later=st.booleans())
    def write(self, is_urgent: bool, is_for_later: bool) -> None:  # noqa: FBT001 - Hypothesis names them
        due_at = self.clock.now() + 10 * nouns.MINUTE if is_for_later else None
        self.written(is_urgent=is_urgent, due_at=due_at)

    def written(self, *, is_urgent: bool, due_at: datetime | None) -> One:
        wording = Wording(
            unit_id=self.town.hamlet.id,
            title="Tin",
            text="Tin.",
            is_urgent=is_urgent,
            due_at=due_at,
        )
        return self.note(self.runner.run(self.town.announcements.write(wording, by=None)))

    @rule(data=st.data())
    def release(self, data: st.DataObject) -> None:
        self.release_one(self.drawn(data))

    def release_one(self, one: One) -> None:
        may = self.state(one) is AnnouncementState.DRAFT
        assert self.is_done(self.town.announcements.release(one.id, by=None)) == may
        if may:
            self.schedule(one, one.due_at or self.clock.now())

    def schedule(self, one: One, due_at: datetime) -> None:
        one.due_at = due_at
        self.outbox.states[one.id] = AnnouncementState.SCHEDULED
        self.start_due()

    @rule(data=st.data())
    def reschedule(self, data: st.DataObject) -> None:
        one = self.drawn(data)
        may = self.state(one) is AnnouncementState.OVERDUE
        act = self.town.announcements.reschedule(one.id, None, by=None)
        assert self.is_done(act) == may
        if may:
            self.schedule(one, self.clock.now())

    @rule(data=st.data())
    def pause(self, data: st.DataObject) -> None:
        one = self.drawn(data)
        is_open = any(row.is_open for row in self.outbox.of(one.id))
        may = self.may_move(one, AnnouncementState.PAUSED) and is_open
        assert self.is_done(self.town.announcements.pause(one.id, by=None)) == may
        if may:
            self.outbox.states[one.id] = AnnouncementState.PAUSED

    @rule(data=st.data())
    def resume(self, data: st.DataObject) -> None:
        one = self.drawn(data)
        may = self.state(one) is AnnouncementState.PAUSED
        assert self.is_done(self.town.announcements.resume(one.id, by=None)) == may
        if may:
            self.outbox.states[one.id] = AnnouncementState.SENDING

    # Rarely: nothing more happens to an announcement afterwards.
    @rule(data=st.data(), is_sure=st.integers(0, 5).map(lambda number: number == 5))
    def cancel(self, data: st.DataObject, is_sure: bool) -> None:  # noqa: FBT001 - Hypothesis names them
        if not is_sure:
            return
        one = self.drawn(data)
        may = self.may_move(one, AnnouncementState.CANCELLED)
        assert self.is_done(self.town.announcements.cancel(one.id, by=None)) == may
        if may:
            self.outbox.cancel(one.id)

    @rule(data=st.data())
    def resend_unknown(self, data: st.DataObject) -> None:
        one = self.drawn(data)
        is_stopped = self.state(one) is AnnouncementState.CANCELLED
        may = not is_stopped and not self.is_amended(one)
        assert self.is_done(self.town.announcements.resend_unknown(one.id, by=None)) == may
        if may:
            self.outbox.resend_unknown(one.id)

    @precondition(lambda self: len(self.ones) < MOST)
    @rule(data=st.data(), how=st.sampled_from(Amendment))
    def amend(self, data: st.DataObject, how: Amendment) -> None:
        one = self.drawn(data)
        is_stopped = self.state(one) is AnnouncementState.CANCELLED
        may = one.was_started and not self.is_amended(one)
        may = may and one.amendment is not Amendment.RECALL
        # One that a correction stopped can be corrected once more.
        is_cut_off = any(later.amends == one.id for later in self.ones.values())
        may = may and (how is Amendment.RECALL or not is_stopped or is_cut_off)
        text = f"Tin {len(self.ones)}."
        amendments = self.town.amendments
        act = (
            amendments.recall(one.id, by=None)
            if how is Amendment.RECALL
            else amendments.correct(one.id, Correction(title="Tin", text=text), by=None)
        )
        if not may:
            assert not self.is_done(act)
            return
        is_open = any(row.is_open for row in self.outbox.of(one.id))
        if is_open or self.state(one) is AnnouncementState.PAUSED:
            self.outbox.cancel(one.id)
        self.note(self.runner.run(act))
        self.start_due()

    # --- what the clock does -----------------------------------------------------------------

    @rule(minutes=st.sampled_from([0, 1, 11, 45]))
    def tick(self, minutes: int) -> None:
        async def expired() -> int:
            async with self.town.storage.begin() as work:
                settled = await work.deliveries.expire(now=self.clock.now())
                await work.commit()
            return settled

        self.clock.advance(minutes * nouns.MINUTE)
        self.outbox.now = self.clock.now()
        assert self.runner.run(expired()) == self.outbox.expire()
        assert self.runner.run(self.town.announcements.start_due()) == self.start_due()

    def start_due(self) -> int:
        """Start in the model what is due and not too late; return how much."""
        scheduled = [
            (one.due_at, one.written_at, one.id, one)
            for one in self.ones.values()
            if self.state(one) is AnnouncementState.SCHEDULED and one.due_at is not None
        ]
        started = 0
        for due_at, _, _, one in sorted(scheduled):
            is_arriving = one.amends and any(row.is_open for row in self.outbox.of(one.amends))
            if due_at > self.outbox.now or is_arriving:
                continue
            if self.outbox.now > due_at + DEFAULT_GRACE:
                self.outbox.states[one.id] = AnnouncementState.OVERDUE
                continue
            self.outbox.states[one.id] = AnnouncementState.SENDING
            one.was_started = True
            self.outbox.freeze(one.id, one.lane, self.audience(one))
            started += 1
        return started

    def audience(self, one: One) -> Iterable[str]:
        if one.amends is None:
            yield from sorted(self.outbox.joined)
        earlier = one.amends
        while earlier is not None:
            is_owed = one.amendment is Amendment.CORRECTION and earlier == one.amends
            for row in self.outbox.of(earlier):
                if row.state in GIVEN or (is_owed and row.is_cut_off):
                    yield row.who
            earlier = self.ones[earlier].amends

    # --- what the post does ------------------------------------------------------------------

    @rule(limit=st.integers(1, 4))
    def claim(self, limit: int) -> None:
        async def claimed() -> list[Delivery]:
            async with self.town.storage.begin() as work:
                found = await work.deliveries.claim(
                    *(TELEGRAM, tuple(Lane), limit),
                    owner=OWNER,
                    now=self.clock.now(),
                    lease_until=until,
                )
                await work.commit()
            return found

        until = self.clock.now() + LEASE
        expected = self.outbox.claim(OWNER, limit, until=until)
        found = self.runner.run(claimed())
        assert [(copy.announcement_id, copy.person_id) for copy in found] == [
            (row.name, row.who) for row in expected
        ]
        for copy, row in zip(found, expected, strict=True):
            row.id = copy.id

    @rule()
    def mark(self) -> None:
        async def marked() -> set[DeliveryId]:
            async with self.town.storage.begin() as work:
                found = await work.deliveries.mark_sending(
                    ids, owner=OWNER, attempt_id=attempt, now=self.clock.now(), until=until
                )
                await work.commit()
            return found

        self.attempts += 1
        attempt, until = f"a{self.attempts}", self.clock.now() + nouns.MINUTE
        ids = [row.id for row in self.outbox.held_by(OWNER)]
        expected = self.outbox.mark(OWNER, attempt, until=until)
        assert self.runner.run(marked()) == expected

    @precondition(lambda self: any(row.id for row in self.outbox.rows))
    @rule(data=st.data(), end=st.sampled_from(ENDS), is_late=st.booleans())
    def record(self, data: st.DataObject, end: DeliveryState, is_late: bool) -> None:  # noqa: FBT001 - Hypothesis names them
        async def recorded() -> None:
            async with self.town.storage.begin() as work:
                await work.deliveries.record([outcome], at=self.clock.now())
                await work.commit()

        row = data.draw(st.sampled_from([row for row in self.outbox.rows if row.id]))
        again_at = self.clock.now() + nouns.MINUTE
        outcome = Outcome(
            delivery_id=row.id,
            attempt_id="forgotten" if is_late else row.attempt,
            state=end,
            reason=Reason.NO_CONNECTION,
            not_before=again_at,
        )
        self.outbox.record(row, end, is_late=is_late, again_at=again_at)
        self.runner.run(recorded())

    @rule(who=st.sampled_from(PEOPLE))
    def leave_or_join(self, who: str) -> None:
        async def save() -> None:
            someone = nouns.person(who, channel_id=TELEGRAM, unit_id=self.town.hamlet.id)
            is_there = who in self.outbox.joined
            async with self.town.storage.begin() as work:
                await work.people.save(someone if is_there else someone.left(at=self.clock.now()))
                await work.commit()

        if who in self.outbox.joined and len(self.outbox.joined) == 1:
            return
        self.outbox.joined ^= {who}
        self.runner.run(save())

    # --- what must hold ----------------------------------------------------------------------

    @invariant()
    def officers_see_what_became_of_each(self) -> None:
        for one in self.ones.values():
            shown = self.runner.run(self.town.announcements.show(one.id, to=None))
            expected = self.outbox.outcomes(one.id)
            assert shown.tally.outcomes == expected
            assert shown.tally.recipients == len({row.who for row in self.outbox.of(one.id)})
            is_open = any(row.is_open for row in self.outbox.of(one.id))
            is_finished = self.state(one) is AnnouncementState.SENDING and not is_open
            assert shown.state == ("finished" if is_finished else self.state(one))


TestAnnouncing = Announcing.TestCase
TestAnnouncing.settings = settings(
    max_examples=15,
    stateful_step_count=30,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
)
