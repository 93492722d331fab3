"""Whatever happens in whatever order, the outcomes add up and nothing goes out twice."""

import asyncio
import tempfile
from collections import Counter
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from bot.core.announcements import AnnouncementState
from bot.core.deliveries import DeliveryState, Lane, Outcome
from bot.core.ids import AnnouncementId, DeliveryId
from bot.core.sending import Reason
from tests.storage.nouns import MINUTE, NOON, WEB, announcement, freeze, person, settle
from tests.storage.rig import open_sqlite

PEOPLE: Final = tuple(f"p{number}" for number in range(5))
NAMES: Final = {"news": Lane.ORDINARY, "flood": Lane.URGENT}
ENDS: Final = (
    DeliveryState.SENT,
    DeliveryState.FAILED,
    DeliveryState.SKIPPED,
    DeliveryState.UNKNOWN,
    DeliveryState.WAITING,
)
NOT_SEEN: Final = DeliveryId(0)
names = st.sampled_from(sorted(NAMES))
owners = st.sampled_from(["one", "two"])


@dataclass
class Row:
    name: str
    who: str
    state: DeliveryState = DeliveryState.WAITING
    owner: str = ""
    free_at: datetime = NOON
    not_before: datetime = NOON
    attempt: str = ""
    id: DeliveryId = NOT_SEEN


class Outbox(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.runner = asyncio.Runner()
        self.folder = tempfile.TemporaryDirectory()
        self.stack = AsyncExitStack()
        self.now = NOON
        self.attempts = 0
        self.rows: list[Row] = []
        self.states = dict.fromkeys(NAMES, AnnouncementState.SENDING)
        self.joined = set(PEOPLE)
        self.runner.run(self.open())
        for name in NAMES:
            self.freeze_audience(name)

    async def open(self) -> None:
        self.store = await self.stack.enter_async_context(open_sqlite(Path(self.folder.name)))
        await settle(self.store)
        async with self.store.begin() as work:
            for who in PEOPLE:
                await work.people.save(person(who))
            for name in NAMES:
                await work.announcements.save(announcement(name))
            await work.commit()

    def teardown(self) -> None:
        self.runner.run(self.stack.aclose())
        self.runner.close()
        self.folder.cleanup()

    @rule(name=names)
    def freeze(self, name: str) -> None:
        self.freeze_audience(name)

    def freeze_audience(self, name: str) -> None:
        async def run() -> int:
            async with self.store.begin() as work:
                recipients = await freeze(work, name, lane=NAMES[name], at=self.now)
                await work.commit()
            return recipients

        has = {row.who for row in self.rows if row.name == name}
        for who in sorted(self.joined - has):
            self.rows.append(Row(name, who, free_at=self.now, not_before=self.now))
        assert self.runner.run(run()) == sum(row.name == name for row in self.rows)

    @rule(owner=owners, limit=st.integers(1, 4))
    def claim(self, owner: str, limit: int) -> None:
        async def run() -> list[tuple[DeliveryId, str | None, str | None]]:
            async with self.store.begin() as work:
                found = await work.deliveries.claim(
                    WEB, tuple(Lane), limit, owner=owner, now=self.now, lease_until=until
                )
                await work.commit()
            return [(one.id, one.announcement_id, one.person_id) for one in found]

        until = self.now + 2 * MINUTE
        expected: list[Row] = []
        for row in sorted(self.due(), key=lambda row: NAMES[row.name]):
            if len(expected) == limit:
                break
            row.owner, row.free_at = owner, until
            if row.who in self.joined:
                expected.append(row)
            else:
                row.state = DeliveryState.SKIPPED
        found = self.runner.run(run())
        assert [(name, who) for _id, name, who in found] == [
            (row.name, row.who) for row in expected
        ]
        for (delivery_id, _name, _who), row in zip(found, expected, strict=True):
            row.id = delivery_id

    def due(self) -> list[Row]:
        return [
            row
            for row in self.rows
            if row.state is DeliveryState.WAITING
            and row.free_at <= self.now
            and self.states[row.name] is AnnouncementState.SENDING
        ]

    @rule(owner=owners)
    def mark(self, owner: str) -> None:
        async def run() -> set[DeliveryId]:
            async with self.store.begin() as work:
                ids = await work.deliveries.mark_sending(
                    [row.id for row in mine],
                    owner=owner,
                    attempt_id=attempt,
                    now=self.now,
                    until=self.now + MINUTE,
                )
                await work.commit()
            return ids

        self.attempts += 1
        attempt = f"a{self.attempts}"
        mine = [
            row for row in self.rows if row.owner == owner and row.state is DeliveryState.WAITING
        ]
        expected = set()
        for row in mine:
            if row.who not in self.joined:
                row.state = DeliveryState.SKIPPED
            elif self.states[row.name] is not AnnouncementState.SENDING:
                row.owner, row.free_at = "", row.not_before
            elif row.free_at > self.now:
                row.state, row.attempt, row.free_at = (
                    DeliveryState.SENDING,
                    attempt,
                    self.now + MINUTE,
                )
                expected.add(row.id)
        assert self.runner.run(run()) == expected

    @precondition(lambda self: any(row.id for row in self.rows))
    @rule(data=st.data(), end=st.sampled_from(ENDS), is_late=st.booleans())
    def record(self, data: st.DataObject, end: DeliveryState, is_late: bool) -> None:  # noqa: FBT001
        async def run() -> None:
            async with self.store.begin() as work:
                await work.deliveries.record([outcome], at=self.now)
                await work.commit()

        row = data.draw(st.sampled_from([row for row in self.rows if row.id]))
        again_at = self.now + MINUTE
        outcome = Outcome(
            delivery_id=row.id,
            attempt_id="forgotten" if is_late else row.attempt,
            state=end,
            reason=Reason.NO_CONNECTION,
            not_before=again_at,
        )
        is_open = row.state in {DeliveryState.WAITING, DeliveryState.SENDING}
        is_own = row.state is DeliveryState.SENDING and not is_late
        is_proof = end is DeliveryState.SENT and (is_open or row.state is DeliveryState.UNKNOWN)
        if is_own or is_proof:
            row.state, row.owner = end, ""
            if end is DeliveryState.WAITING:
                row.free_at = row.not_before = again_at
        if row.state is DeliveryState.WAITING and end is DeliveryState.WAITING:
            self.settle_cancelled(row, DeliveryState.SKIPPED)
        self.runner.run(run())

    def settle_cancelled(self, row: Row, state: DeliveryState) -> None:
        if self.states[row.name] is AnnouncementState.CANCELLED:
            row.state = state

    @rule(minutes=st.integers(0, 3))
    def expire(self, minutes: int) -> None:
        async def run() -> int:
            async with self.store.begin() as work:
                settled = await work.deliveries.expire(now=self.now)
                await work.commit()
            return settled

        self.now += minutes * MINUTE
        late = [
            row
            for row in self.rows
            if row.state is DeliveryState.SENDING and row.free_at <= self.now
        ]
        for row in late:
            row.owner = ""
            if NAMES[row.name] is Lane.URGENT:
                row.state = DeliveryState.WAITING
                row.free_at = row.not_before = self.now
                self.settle_cancelled(row, DeliveryState.UNKNOWN)
            else:
                row.state = DeliveryState.UNKNOWN
        assert self.runner.run(run()) == len(late)

    @rule(
        name=names,
        to=st.sampled_from([AnnouncementState.SENDING] * 3 + [AnnouncementState.PAUSED]),
    )
    def pause_or_resume(self, name: str, to: AnnouncementState) -> None:
        if self.states[name] is not AnnouncementState.CANCELLED:
            self.change(name, to)

    # Rarely: nothing more happens to an announcement afterwards.
    @rule(name=names, is_sure=st.integers(0, 7).map(lambda number: number == 7))
    def cancel(self, name: str, is_sure: bool) -> None:  # noqa: FBT001
        if not is_sure:
            return

        async def run() -> int:
            async with self.store.begin() as work:
                skipped = await work.deliveries.skip_cancelled(at=self.now, most=1_000)
                await work.commit()
            return skipped

        self.change(name, AnnouncementState.CANCELLED)
        waiting = [
            row for row in self.rows if row.name == name and row.state is DeliveryState.WAITING
        ]
        for row in waiting:
            row.state = DeliveryState.SKIPPED
        assert self.runner.run(run()) == len(waiting)

    def change(self, name: str, to: AnnouncementState) -> None:
        async def run() -> None:
            async with self.store.begin() as work:
                await work.announcements.save(announcement(name, state=to))
                await work.commit()

        self.states[name] = to
        self.runner.run(run())

    @rule(who=st.sampled_from(PEOPLE))
    def leave_or_join(self, who: str) -> None:
        async def run() -> None:
            someone = person(who)
            async with self.store.begin() as work:
                await work.people.save(
                    someone if who in self.joined else someone.left(at=self.now)
                )
                await work.commit()

        if who in self.joined and len(self.joined) <= len(PEOPLE) // 2:
            return
        self.joined ^= {who}
        self.runner.run(run())

    @invariant()
    def the_outcomes_add_up(self) -> None:
        async def run() -> None:
            async with self.store.read() as work:
                for name in NAMES:
                    tally = await work.deliveries.tally(AnnouncementId(name))
                    expected = Counter(row.state for row in self.rows if row.name == name)
                    assert tally.outcomes == expected
                    assert tally.recipients == sum(expected.values())

        self.runner.run(run())


TestOutbox = Outbox.TestCase
TestOutbox.settings = settings(
    max_examples=30,
    stateful_step_count=25,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
)
