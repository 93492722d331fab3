"""Whatever happens in whatever order, the outcomes add up and nothing goes out twice."""

import asyncio
import tempfile
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Final

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from bot.core.announcements import AnnouncementState
from bot.core.deliveries import DeliveryState, Lane, Outcome
from bot.core.ids import AnnouncementId, DeliveryId
from bot.core.sending import Reason
from tests.storage.nouns import MINUTE, WEB, announcement, freeze, person, settle
from tests.storage.outbox_model import OutboxModel
from tests.storage.rig import open_sqlite

PEOPLE: Final = tuple(f"p{number}" for number in range(5))
NAMES: Final = {
    AnnouncementId("news"): Lane.ORDINARY,
    AnnouncementId("flood"): Lane.URGENT,
}
ENDS: Final = (
    DeliveryState.SENT,
    DeliveryState.FAILED,
    DeliveryState.SKIPPED,
    DeliveryState.UNKNOWN,
    DeliveryState.WAITING,
)
names = st.sampled_from(sorted(NAMES))
owners = st.sampled_from(["one", "two"])


class Outbox(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.runner = asyncio.Runner()
        self.folder = tempfile.TemporaryDirectory()
        self.stack = AsyncExitStack()
        self.attempts = 0
        self.model = OutboxModel(
            states=dict.fromkeys(NAMES, AnnouncementState.SENDING), joined=set(PEOPLE)
        )
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
    def freeze(self, name: AnnouncementId) -> None:
        self.freeze_audience(name)

    def freeze_audience(self, name: AnnouncementId) -> None:
        async def run() -> int:
            async with self.store.begin() as work:
                recipients = await freeze(work, name, lane=NAMES[name], at=self.model.now)
                await work.commit()
            return recipients

        self.model.freeze(name, NAMES[name], sorted(self.model.joined))
        assert self.runner.run(run()) == len(self.model.of(name))

    @rule(owner=owners, limit=st.integers(1, 4))
    def claim(self, owner: str, limit: int) -> None:
        async def run() -> list[tuple[DeliveryId, str | None, str | None]]:
            async with self.store.begin() as work:
                found = await work.deliveries.claim(
                    WEB, tuple(Lane), limit, owner=owner, now=self.model.now, lease_until=until
                )
                await work.commit()
            return [(one.id, one.announcement_id, one.person_id) for one in found]

        until = self.model.now + 2 * MINUTE
        expected = self.model.claim(owner, limit, until=until)
        found = self.runner.run(run())
        assert [(name, who) for _id, name, who in found] == [
            (row.name, row.who) for row in expected
        ]
        for (delivery_id, _name, _who), row in zip(found, expected, strict=True):
            row.id = delivery_id

    @rule(owner=owners)
    def mark(self, owner: str) -> None:
        async def run() -> set[DeliveryId]:
            async with self.store.begin() as work:
                marked = await work.deliveries.mark_sending(
                    ids,
                    owner=owner,
                    attempt_id=attempt,
                    now=self.model.now,
                    until=self.model.now + MINUTE,
                )
                await work.commit()
            return marked

        self.attempts += 1
        attempt = f"a{self.attempts}"
        ids = [row.id for row in self.model.held_by(owner)]
        expected = self.model.mark(owner, attempt, until=self.model.now + MINUTE)
        assert self.runner.run(run()) == expected

    @precondition(lambda self: any(row.id for row in self.model.rows))
    @rule(data=st.data(), end=st.sampled_from(ENDS), is_late=st.booleans())
    def record(self, data: st.DataObject, end: DeliveryState, is_late: bool) -> None:  # noqa: FBT001 - Hypothesis names them
        async def run() -> None:
            async with self.store.begin() as work:
                await work.deliveries.record([outcome], at=self.model.now)
                await work.commit()

        row = data.draw(st.sampled_from([row for row in self.model.rows if row.id]))
        again_at = self.model.now + MINUTE
        outcome = Outcome(
            delivery_id=row.id,
            attempt_id="forgotten" if is_late else row.attempt,
            state=end,
            reason=Reason.NO_CONNECTION,
            not_before=again_at,
        )
        self.model.record(row, end, is_late=is_late, again_at=again_at)
        self.runner.run(run())

    @rule(minutes=st.integers(0, 3))
    def expire(self, minutes: int) -> None:
        async def run() -> int:
            async with self.store.begin() as work:
                settled = await work.deliveries.expire(now=self.model.now)
                await work.commit()
            return settled

        self.model.now += minutes * MINUTE
        expected = self.model.expire()
        assert self.runner.run(run()) == expected

    @rule(
        name=names,
        to=st.sampled_from([AnnouncementState.SENDING] * 3 + [AnnouncementState.PAUSED]),
    )
    def pause_or_resume(self, name: AnnouncementId, to: AnnouncementState) -> None:
        if self.model.states[name] is not AnnouncementState.CANCELLED:
            self.change(name, to)

    # Rarely: nothing more happens to an announcement afterwards.
    @rule(name=names, is_sure=st.integers(0, 7).map(lambda number: number == 7))
    def cancel(self, name: AnnouncementId, is_sure: bool) -> None:  # noqa: FBT001 - Hypothesis names them
        if not is_sure:
            return

        async def run() -> int:
            async with self.store.begin() as work:
                skipped = await work.deliveries.skip_cancelled(at=self.model.now, most=1_000)
                await work.commit()
            return skipped

        self.change(name, AnnouncementState.CANCELLED)
        assert self.runner.run(run()) == self.model.cancel(name)

    def change(self, name: AnnouncementId, to: AnnouncementState) -> None:
        async def run() -> None:
            async with self.store.begin() as work:
                await work.announcements.save(announcement(name, state=to))
                await work.commit()

        self.model.states[name] = to
        self.runner.run(run())

    @rule(who=st.sampled_from(PEOPLE))
    def leave_or_join(self, who: str) -> None:
        async def run() -> None:
            someone = person(who)
            async with self.store.begin() as work:
                await work.people.save(
                    someone if who in self.model.joined else someone.left(at=self.model.now)
                )
                await work.commit()

        if who in self.model.joined and len(self.model.joined) <= len(PEOPLE) // 2:
            return
        self.model.joined ^= {who}
        self.runner.run(run())

    @invariant()
    def the_outcomes_add_up(self) -> None:
        async def run() -> None:
            async with self.store.read() as work:
                for name in NAMES:
                    tally = await work.deliveries.tally(name)
                    expected = self.model.outcomes(name)
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
