"""Officers hear that tips wait, in the chats they named, and never what a tip says."""

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.core.deliveries import DeliveryState, Lane, Outcome
from bot.core.languages import Language
from bot.core.messages import Address
from bot.core.tips import Report, Tip, TipCategory, TipState
from bot.core.units import Unit
from bot.services.tips.reading.access import Reader
from bot.services.tips.receiving.routes import ReplyTo
from bot.services.tips.reminding import TipReminders, Told
from bot.services.tips.talk import Letter
from tests.builders.town import Town
from tests.services.test_tips_about_officers import inspectorate

HOUR = timedelta(hours=1)
SECRET = "Nhà cuối ngõ có người lạ"
REPORT = Report(category=TipCategory.DRUGS, what=SECRET)


class Desk:
    """A town whose moderators listen."""

    def __init__(self, town: Town) -> None:
        self.town = town
        self.reminders = TipReminders(
            storage=town.storage, notices=town.notices, audit=town.audit, clock=town.clock
        )

    async def listening(self, login: str, unit: Unit) -> Reader:
        reader = await self.town.moderator(login, unit)
        code = await self.town.notices.make_code(reader.officer)
        address = Address(channel_id=self.town.channels.all()[0].id, chat=f"chat-{login}")
        async with self.town.storage.begin() as work:
            await self.town.notices.link(work, code, address)
            await work.commit()
        return reader

    async def tip(
        self, *, is_urgent: bool = False, about_officer: bool = False
    ) -> tuple[Tip, str]:
        submission = await self.town.receiving.intake.submit(
            replace(REPORT, is_urgent=is_urgent), self.town.hamlet, about_officer=about_officer
        )
        async with self.town.storage.begin() as work:
            await submission.effect(work)
            tip = await work.tips.by_locator(submission.receipt.locator)
            await work.commit()
        assert tip is not None
        return tip, submission.receipt.text

    async def heard(self) -> dict[str, list[str]]:
        """Return what each chat was told since the last look."""
        town = self.town
        now = town.clock.now()
        channel_id = town.channels.all()[0].id
        async with town.storage.begin() as work:
            waiting = await work.deliveries.claim(
                channel_id, list(Lane), 50, owner="t", now=now, lease_until=now + HOUR
            )
            ids = [one.id for one in waiting]
            await work.deliveries.mark_sending(
                ids, owner="t", attempt_id="a", now=now, until=now + HOUR
            )
            sent = DeliveryState.SENT
            outcomes = [Outcome(delivery_id=one, attempt_id="a", state=sent) for one in ids]
            await work.deliveries.record(outcomes, at=now)
            await work.commit()
        heard: dict[str, list[str]] = {}
        for one in waiting:
            assert one.sealed is not None
            assert one.conversation is not None
            address, message = town.envelopes.open_reply(one.conversation, one.sealed)
            heard.setdefault(address.chat, []).append(message.text)
        assert SECRET not in repr(heard)
        return heard


@pytest.fixture
async def desk(town: Town) -> Desk:
    await town.founded()
    return Desk(town)


async def test_an_urgent_tip_is_told_at_once_and_once(desk: Desk) -> None:
    await desk.listening("own", desk.town.hamlet)
    await desk.listening("chief", desk.town.commune)
    await desk.tip(is_urgent=True)
    await desk.reminders.tell_new()
    heard = await desk.heard()
    assert set(heard) == {"chat-own", "chat-chief"}
    assert "khẩn" in heard["chat-own"][0]
    for _ in range(3):
        desk.town.clock.advance(60)
        await desk.reminders.tell_new()
    assert await desk.heard() == {}


async def test_other_tips_are_told_together_at_the_quarter(desk: Desk) -> None:
    await desk.listening("own", desk.town.hamlet)
    desk.town.clock.advance(timedelta(minutes=20).total_seconds())
    await desk.tip()
    await desk.tip()
    desk.town.clock.advance(timedelta(minutes=40).total_seconds())
    await desk.reminders.tell_new()
    await desk.reminders.tell_new()
    ((text,),) = (await desk.heard()).values()
    assert text.startswith("2 tin báo mới")


async def test_an_answer_is_told_to_whoever_has_the_tip(desk: Desk) -> None:
    own = await desk.listening("own", desk.town.hamlet)
    await desk.listening("chief", desk.town.commune)
    tip, receipt = await desk.tip(is_urgent=True)
    await desk.town.reading.claims.claim(tip.id, own)
    await desk.reminders.tell_new()
    await desk.heard()
    followed = await desk.town.receiving.talks.follow(receipt)
    assert followed is not None
    effect = desk.town.receiving.talks.add(followed, Letter(text="Thêm một điều"))
    async with desk.town.storage.begin() as work:
        await effect(work)
        await work.commit()
    for _ in range(3):
        desk.town.clock.advance(timedelta(minutes=15).total_seconds())
        await desk.reminders.tell_new()
    heard = await desk.heard()
    assert list(heard) == ["chat-own"]
    assert len(heard["chat-own"]) == 1


async def test_an_answer_from_a_chat_is_told_before_anybody_can_tell_of_which_tip(
    desk: Desk,
) -> None:
    town = desk.town
    await desk.listening("lan", town.hamlet)
    address = Address(channel_id=town.channels.all()[0].id, chat="sender")
    reply_to = ReplyTo(address=address, language=Language.VI)
    submission = await town.receiving.intake.submit(REPORT, town.hamlet, reply_to=reply_to)
    async with town.storage.begin() as work:
        await submission.effect(work)
        await work.commit()
    conversation = town.envelopes.conversation(address.channel_id, address.chat)
    (talk,) = await town.receiving.routes.talks(conversation)
    async with town.storage.begin() as work:
        await town.receiving.routes.answer(talk, Letter(text=SECRET))(work)
        await work.commit()
    town.clock.advance(HOUR.total_seconds())
    await desk.reminders.tell_new()
    # One after the other, as in every chat: first that the tip is there.
    told = [text for _ in range(2) for text in (await desk.heard())["chat-lan"]]
    assert "1 câu trả lời mới" in told[1]
    assert SECRET not in told[1]
    town.clock.advance(HOUR.total_seconds())
    await desk.reminders.tell_new()
    assert "chat-lan" not in await desk.heard()


async def test_a_tip_nobody_looks_at_is_told_first_here_then_above(desk: Desk) -> None:
    await desk.listening("own", desk.town.hamlet)
    await desk.listening("chief", desk.town.commune)
    tip, _ = await desk.tip()
    levels = []
    for hours in (23, 2, 24):
        desk.town.clock.advance(timedelta(hours=hours).total_seconds())
        await desk.reminders.look()
        await desk.reminders.look()
        async with desk.town.storage.read() as work:
            told = (await work.tips.get(tip.id)).escalated
        levels.append((told, sorted(await desk.heard())))
    assert levels == [
        (Told.NOTHING, []),
        (Told.NOT_LOOKED_AT, ["chat-chief", "chat-own"]),
        (Told.STILL_NOT_LOOKED_AT, ["chat-chief"]),
    ]


async def test_before_the_twentieth_day_who_has_it_is_reminded_and_after_it_those_above(
    desk: Desk,
) -> None:
    own = await desk.listening("own", desk.town.hamlet)
    await desk.listening("chief", desk.town.commune)
    tip, _ = await desk.tip()
    await desk.town.reading.desk.move(tip.id, TipState.IN_VERIFICATION, own)
    heard = []
    for days in (16, 2, 2, 50):
        desk.town.clock.advance(timedelta(days=days).total_seconds())
        await desk.reminders.look()
        heard.append(await desk.heard())
    assert [sorted(one) for one in heard] == [[], ["chat-own"], ["chat-chief"], ["chat-chief"]]
    assert "20 ngày" in heard[2]["chat-chief"][0]
    assert "2 tháng" in heard[3]["chat-chief"][0]


async def test_what_is_decided_or_passed_on_is_not_reminded_of(desk: Desk) -> None:
    own = await desk.listening("own", desk.town.hamlet)
    tip, _ = await desk.tip()
    await desk.town.reading.desk.move(tip.id, TipState.SPAM, own, reason="quảng cáo")
    desk.town.clock.advance(timedelta(days=70).total_seconds())
    assert await desk.reminders.look() == 0


async def test_of_a_tip_about_an_officer_only_the_inspectorate_hears(desk: Desk) -> None:
    await desk.listening("own", desk.town.hamlet)
    await desk.listening("chief", desk.town.commune)
    unit = await inspectorate(desk.town)
    await desk.listening("inspector", unit)
    await desk.tip(is_urgent=True, about_officer=True)
    await desk.reminders.tell_new()
    assert set(await desk.heard()) == {"chat-inspector"}
    for _ in range(3):
        desk.town.clock.advance(timedelta(days=25).total_seconds())
        await desk.reminders.look()
        assert set(await desk.heard()) <= {"chat-inspector"}


async def test_reminding_makes_nobodys_form_stale(desk: Desk) -> None:
    own = await desk.listening("own", desk.town.hamlet)
    tip, _ = await desk.tip()
    desk.town.clock.advance(timedelta(days=2).total_seconds())
    await desk.reminders.look()
    moved = await desk.town.reading.desk.move(
        tip.id, TipState.IN_VERIFICATION, own, version=tip.version
    )
    assert moved.state is TipState.IN_VERIFICATION
