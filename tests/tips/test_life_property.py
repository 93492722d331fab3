"""Senders, officers and time in any order: what was said is there, on the right side, and once.

The model knows of each tip what was said and shown, where it stands, in which of two units, which
receipts opened it, whether the law holds it, and whether its way back into the chat still leads
anywhere.
"""

import asyncio
import contextlib
import tempfile
from collections.abc import Coroutine
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Final

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from bot.core.errors import NotFound, RuleBroken, UnlawfulMove
from bot.core.ids import TipId
from bot.core.languages import Language
from bot.core.messages import Address
from bot.core.tips import CLOSED_STATES, TIP_MOVES, PassedTo, Report, TipCategory, TipState
from bot.core.turns import Effect
from bot.services.tips.forgetting import KEPT, SPREAD_DAYS, TipForgetting
from bot.services.tips.reading.access import Reader
from bot.services.tips.receiving.routes import OpenTalk, ReplyTo
from bot.services.tips.receiving.talks import Followed
from bot.services.tips.talk import Letter
from tests.builders.opening import open_town
from tests.builders.town import Town
from tests.scheduler.test_jobs import NoBackups
from tests.tip_builder import ROUTE_DAYS

pytestmark = pytest.mark.timeout(300)
# Long enough not to stand anywhere by chance.
CHAT: Final = "nguoi-gui-so-7421"
MOST: Final = 3


# By officers or not, the text, the pictures.
Told = tuple[bool, str, tuple[bytes, ...]]
PICTURES: Final = st.integers(0, 2)


@dataclass
class Model:
    """What is known of one tip."""

    tip_id: TipId
    receipt: str
    has_route: bool
    is_urgent: bool
    # 0 is the unit it was told to.
    unit: int = 0
    pictures: tuple[bytes, ...] = ()
    state: TipState = TipState.NEW
    said: list[Told] = field(default_factory=list)
    on_its_way: list[Letter] = field(default_factory=list)
    is_held: bool = False
    old_receipts: list[str] = field(default_factory=list)
    is_gone: bool = False


class Life(RuleBasedStateMachine):
    """Moves the real services, and the model beside them."""

    def __init__(self) -> None:
        super().__init__()
        self.loop = asyncio.new_event_loop()
        self.stack = AsyncExitStack()
        self.folder = tempfile.TemporaryDirectory()
        self.town: Town = self.done(
            self.stack.enter_async_context(open_town(Path(self.folder.name)))
        )
        self.tips: list[Model] = []
        self.words = 0

    def done(self, doing: Coroutine[None, None, object]):  # type: ignore[no-untyped-def]  # noqa: ANN201 - of what is awaited
        return self.loop.run_until_complete(doing)

    def teardown(self) -> None:
        self.done(self.stack.aclose())
        self.loop.close()
        self.folder.cleanup()

    @initialize()
    def begin(self) -> None:
        self.done(self.town.founded())
        units = self.units = (self.town.hamlet, self.town.elsewhere)
        self.readers: list[Reader] = [
            self.done(self.town.moderator(f"canbo-{unit.code.lower()}", unit)) for unit in units
        ]
        town = self.town
        self.forgetting = TipForgetting(
            storage=town.storage,
            backups=NoBackups(),
            audit=town.audit,
            notices=town.notices,
            clock=town.clock,
            chance=town.chance,
        )

    def reader(self, one: Model) -> Reader:
        """Return who reads the tip now."""
        return self.readers[one.unit]

    def letter(self, many: int) -> Letter:
        return Letter(text=self.word(), pictures=self.drawings(many))

    def drawings(self, many: int) -> tuple[bytes, ...]:
        return tuple(f"Hinh ve rieng {self.word()}".encode() * 100 for _ in range(many))

    @property
    def there(self) -> list[Model]:
        return [one for one in self.tips if not one.is_gone]

    def drawn(self, data: st.DataObject) -> Model:
        return data.draw(st.sampled_from(self.there))

    def word(self) -> str:
        self.words += 1
        return f"Loi noi rieng so {self.words:04}."

    async def carried_out(self, effect: Effect) -> None:
        async with self.town.storage.begin() as work:
            await effect(work)
            await work.commit()

    async def followed(self, one: Model) -> Followed:
        found = await self.town.receiving.talks.follow(one.receipt)
        assert found is not None
        return found

    async def way_back(self, one: Model) -> OpenTalk | None:
        key = self.town.envelopes.conversation(self.town.channels.all()[0].id, CHAT)
        async with self.town.storage.read() as work:
            tip = await work.tips.get(one.tip_id)
        talks = await self.town.receiving.routes.talks(key)
        return next((talk for talk in talks if talk.talk_public == tip.talk_public), None)

    @precondition(lambda self: len(self.tips) < MOST)
    @rule(is_urgent=st.booleans(), wants_answer=st.booleans(), pictures=PICTURES)
    def submit(self, is_urgent: bool, wants_answer: bool, pictures: int) -> None:  # noqa: FBT001 - Hypothesis names them
        drawn = self.drawings(pictures)
        self.done(self._submit(drawn, is_urgent=is_urgent, wants_answer=wants_answer))

    async def _submit(
        self, pictures: tuple[bytes, ...], *, is_urgent: bool, wants_answer: bool
    ) -> None:
        to = ReplyTo(
            address=Address(channel_id=self.town.channels.all()[0].id, chat=CHAT),
            language=Language.VI,
        )
        report = Report(category=TipCategory.DRUGS, what=self.word(), is_urgent=is_urgent)
        submission = await self.town.receiving.intake.submit(
            report, self.town.hamlet, pictures, reply_to=to if wants_answer else None
        )
        await self.carried_out(submission.effect)
        async with self.town.storage.read() as work:
            tip = await work.tips.by_locator(submission.receipt.locator)
        assert tip is not None
        self.tips.append(
            Model(
                tip_id=tip.id,
                receipt=submission.receipt.text,
                has_route=wants_answer,
                is_urgent=is_urgent,
                pictures=pictures,
            )
        )

    @precondition(lambda self: self.there)
    @rule(data=st.data(), to=st.sampled_from(list(TipState)))
    def move(self, data: st.DataObject, to: TipState) -> None:
        one = self.drawn(data)
        moving = self.town.reading.desk.move(
            one.tip_id, to, self.reader(one), reason="Đã xem.", passed_to=PassedTo.COMMITTEE
        )
        if to in TIP_MOVES[one.state]:
            self.done(moving)
            one.state = to
        else:
            with pytest.raises(UnlawfulMove):
                self.done(moving)

    @precondition(lambda self: self.there)
    @rule(data=st.data(), pictures=PICTURES)
    def ask(self, data: st.DataObject, pictures: int) -> None:
        one, letter = self.drawn(data), self.letter(pictures)
        self.done(self.town.reading.talks.say(one.tip_id, self.reader(one), letter))
        one.said.append((True, letter.text, letter.pictures))

    @precondition(lambda self: self.there)
    @rule(data=st.data(), is_correction=st.booleans(), pictures=PICTURES)
    def add(self, data: st.DataObject, is_correction: bool, pictures: int) -> None:  # noqa: FBT001 - Hypothesis names them
        one, letter = self.drawn(data), self.letter(pictures)
        self.done(self._add(one, letter, is_correction=is_correction))
        one.said.append((False, letter.text, letter.pictures))

    async def _add(self, one: Model, letter: Letter, *, is_correction: bool) -> None:
        talks = self.town.receiving.talks
        found = await self.followed(one)
        await self.carried_out(talks.add(found, letter, is_correction=is_correction))

    @precondition(lambda self: self.there)
    @rule(data=st.data(), pictures=PICTURES)
    def answer_in_the_chat(self, data: st.DataObject, pictures: int) -> None:
        one = self.drawn(data)
        talk = self.done(self.way_back(one))
        assert (talk is not None) == one.has_route
        if talk is not None:
            letter = self.letter(pictures)
            answering = self.town.receiving.routes.answer(talk, letter)
            self.done(self.carried_out(answering))
            one.on_its_way.append(letter)

    @rule(unit=st.integers(0, 1))
    def collect(self, unit: int) -> None:
        taken = self.done(self.town.reading.talks.collect(self.readers[unit]))
        theirs = [one for one in self.there if one.unit == unit]
        assert taken == sum(len(one.on_its_way) for one in theirs)
        for one in theirs:
            one.said += [(False, letter.text, letter.pictures) for letter in one.on_its_way]
            one.on_its_way.clear()

    @precondition(lambda self: self.there)
    @rule(data=st.data())
    def give_away(self, data: st.DataObject) -> None:
        """Give a tip to the other unit; it may come back later."""
        one = self.drawn(data)
        giving = self.town.reading.transfers.to_unit(
            one.tip_id, self.reader(one), self.units[1 - one.unit].id, reason="Không thuộc tổ."
        )
        self.done(giving)
        one.unit = 1 - one.unit

    @precondition(lambda self: self.there)
    @rule(data=st.data())
    def hold_or_let_go(self, data: st.DataObject) -> None:
        one, holding = self.drawn(data), self.town.reading.holding
        does = holding.let_go if one.is_held else holding.hold
        self.done(does(one.tip_id, self.reader(one), reason="Theo yêu cầu."))
        one.is_held = not one.is_held

    @precondition(lambda self: self.tips)
    @rule()
    def time_to_forget(self) -> None:
        """Let a hundred days pass after what is closed was given its day."""
        self.done(self.forgetting.forget_due())
        self.town.clock.advance(KEPT + timedelta(days=SPREAD_DAYS + 1))
        self._forget_weeks()
        closed = [one for one in self.there if one.state in CLOSED_STATES and not one.is_held]
        assert self.done(self.forgetting.forget_due()) == len(closed)
        for one in closed:
            one.is_gone = True
            one.on_its_way.clear()

    @rule()
    def deliver(self) -> None:
        self.done(self.town.receiving.routes.deliver())

    @precondition(lambda self: self.there)
    @rule(data=st.data())
    def burn(self, data: st.DataObject) -> None:
        one = self.drawn(data)
        talk = self.done(self.way_back(one))
        if talk is not None:
            self.done(self.carried_out(self.town.receiving.routes.burn(talk)))
            one.has_route = False

    @precondition(lambda self: self.there)
    @rule(data=st.data())
    def exchange(self, data: st.DataObject) -> None:
        one = self.drawn(data)
        fresh = self.done(self._exchange(one))
        one.old_receipts.append(one.receipt)
        one.receipt = fresh

    async def _exchange(self, one: Model) -> str:
        talks = self.town.receiving.talks
        fresh = await talks.draw()
        await self.carried_out(await talks.exchange(await self.followed(one), fresh))
        return fresh

    @precondition(lambda self: self.there)
    @rule(data=st.data())
    def withdraw(self, data: st.DataObject) -> None:
        one = self.drawn(data)
        withdrawing = self.town.receiving.talks.withdraw(self.done(self.followed(one)))
        if one.is_held:
            with pytest.raises(RuleBroken):
                self.done(self.carried_out(withdrawing))
            return
        self.done(self.carried_out(withdrawing))
        one.is_gone = True
        # Whatever was on its way to it reaches nobody.
        one.on_its_way.clear()

    @precondition(lambda self: self.tips)
    @rule()
    def months_pass(self) -> None:
        days = 7 + ROUTE_DAYS + 1
        self.town.clock.advance(timedelta(days=days))
        self._forget_weeks()

    def _forget_weeks(self) -> None:
        """Destroy the keys of weeks as the clock does; no way back outlives its own."""
        self.town.vault.weeks.destroy_before(
            self.town.clock.now().date() - timedelta(days=ROUTE_DAYS)
        )
        for one in self.tips:
            one.has_route = False

    @precondition(lambda self: self.tips)
    @invariant()
    def everybody_sees_what_is_theirs(self) -> None:
        self.done(self._all_seen())

    async def _all_seen(self) -> None:
        for one in self.tips:
            for old in one.old_receipts:
                with contextlib.suppress(RuleBroken):
                    assert await self.town.receiving.talks.follow(old) is None
            if one.is_gone:
                assert await self.town.receiving.talks.follow(one.receipt) is None
                for reader in self.readers:
                    with pytest.raises(NotFound):
                        await self.town.reading.desk.open(one.tip_id, reader)
                continue
            found = await self.followed(one)
            opened = await self.town.reading.desk.open(one.tip_id, self.reader(one))
            with pytest.raises(NotFound):
                await self.town.reading.desk.open(one.tip_id, self.readers[1 - one.unit])
            for said in (found.said, opened.said):
                told = [(message.by_officers, message.text, message.pictures) for message in said]
                assert told == one.said
            assert opened.pictures == one.pictures
            assert opened.tip.is_held == one.is_held
            assert found.state == opened.tip.state == one.state
            assert opened.tip.is_urgent == one.is_urgent
        # Tries are counted by the hour.
        self.town.clock.advance(timedelta(hours=2))

    @precondition(lambda self: self.tips)
    @invariant()
    def keys_are_there_for_those_who_read_and_nobody_else(self) -> None:
        self.done(self._keys_seen())

    async def _keys_seen(self) -> None:
        async with self.town.storage.read() as work:
            for one in self.tips:
                holders = await work.tips.holders_of(one.tip_id)
                readers = {reader.holder_id for reader in self.readers}
                own = set() if one.is_gone else {self.reader(one).holder_id}
                assert holders & readers == own
                # The recovery paper opens it as long as it is there.
                assert len(holders - readers) == (not one.is_gone)

    @precondition(lambda self: self.tips)
    @invariant()
    def nothing_names_anybody(self) -> None:
        kept = self.town.on_disk()
        assert CHAT.encode() not in kept
        assert b"Loi noi rieng" not in kept
        assert b"Hinh ve rieng" not in kept
        for one in self.tips:
            for receipt in (one.receipt, *one.old_receipts):
                assert receipt.encode() not in kept
                assert receipt.replace("-", "").encode() not in kept


TestLife = Life.TestCase
TestLife.settings = settings(
    max_examples=8,
    stateful_step_count=18,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)
