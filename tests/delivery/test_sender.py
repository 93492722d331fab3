"""The outbox on its way out: in order, at the pace, and every row accounted for."""

import asyncio
from contextlib import suppress
from itertools import pairwise

import pytest

from bot.core.announcements import AnnouncementState
from bot.core.channels import Pace, revoked_key
from bot.core.deliveries import DeliveryState, Lane
from bot.core.people import PersonState
from bot.core.sending import (
    ChannelBroken,
    MessageRefused,
    NoAnswer,
    NoConnection,
    NotNow,
    PersonUnreachable,
    PlatformTrouble,
    Reason,
    SlowedDown,
)
from tests.delivery.rig import Rig, channel_at, landed
from tests.fakes import Sent
from tests.storage.nouns import NEWS

GAP_S = 1 / 25
TINY = 1e-6


async def test_everybody_gets_an_announcement_once(rig: Rig) -> None:
    await rig.people(60)
    await rig.announce()
    await rig.send_all()
    assert sorted(one.to.chat for one in rig.channel.sent) == sorted(
        f"chat-{number}" for number in range(60)
    )
    assert await rig.outcomes() == {"sent": 60}
    assert (await rig.tally()).finished_at is not None


async def test_nothing_is_announced_while_a_permission_is_taken_away_but_replies_are_tried(
    rig: Rig,
) -> None:
    await rig.people(3)
    await rig.announce()
    await rig.announce("urgent", lane=Lane.URGENT)
    await rig.reply("Gọi 114.")
    key = revoked_key(rig.channel.id)
    await rig.set(key, "2026-11-22T08:00:00+00:00")
    await rig.send_all(until=lambda: rig.clock.monotonic() > 30)
    assert [one.to.chat for one in rig.channel.sent] == ["asker"]
    assert await rig.outcomes() == {"waiting": 3}
    await rig.set(key, "")
    await rig.send_all()
    assert await rig.outcomes() == {"sent": 3}
    assert await rig.outcomes("urgent") == {"sent": 3}


async def test_the_pace_is_kept_and_nearly_reached(rig: Rig) -> None:
    await rig.people(300)
    await rig.announce()
    await rig.send_all()
    moments = [one.at for one in rig.channel.begun]
    assert all(later - earlier >= GAP_S - TINY for earlier, later in pairwise(moments))
    assert 299 / (moments[-1] - moments[0]) >= 0.97 * 25


@pytest.mark.parametrize("per_s", [0.5, 30.0, 500.0])
async def test_any_pace_is_kept(rig: Rig, per_s: float) -> None:
    rig.channel = channel_at(Pace(per_s=per_s), rig.clock)
    await rig.people(40)
    await rig.announce()
    await rig.send_all()
    moments = [one.at for one in rig.channel.begun]
    assert all(later - earlier >= 1 / per_s - TINY for earlier, later in pairwise(moments))
    assert 39 / (moments[-1] - moments[0]) >= 0.97 * per_s


async def test_a_chat_is_left_in_peace_between_two_messages(rig: Rig) -> None:
    rig.channel = channel_at(Pace(per_s=25, per_chat_s=1), rig.clock)
    await rig.reply("một", "hai", "ba")
    await rig.send_all()
    moments = [one.at for one in rig.channel.begun]
    assert rig.texts() == ["một", "hai", "ba"]
    assert all(later - earlier >= 1 - TINY for earlier, later in pairwise(moments))


async def test_a_reply_overtakes_a_thousand_waiting_announcements(rig: Rig) -> None:
    await rig.people(1_000)
    await rig.announce()
    sender = rig.sender()
    await rig.run(sender, until=lambda: len(rig.channel.begun) >= 30)
    asked_at, before = rig.clock.monotonic(), len(rig.channel.begun)
    await rig.reply("trả lời")
    sender.wake()
    await rig.run(sender, until=lambda: len(rig.channel.begun) >= before + 3)
    answer = next(one for one in rig.channel.begun if one.message.text == "trả lời")
    assert answer.at <= asked_at + 2 * GAP_S + TINY


async def test_urgent_goes_before_replies_and_replies_before_the_rest(rig: Rig) -> None:
    await rig.people(3)
    await rig.announce("ordinary")
    await rig.reply("trả lời")
    await rig.announce("urgent", lane=Lane.URGENT)
    await rig.send_all()
    kinds = [text.partition("(")[2].rstrip(")") or text for text in rig.texts()]
    assert kinds == ["urgent"] * 3 + ["trả lời"] + ["ordinary"] * 3


async def test_replies_of_one_conversation_keep_their_order_through_trouble(rig: Rig) -> None:
    rig.channel.script.extend([PlatformTrouble(), None, NoConnection(), None])
    await rig.reply("một", "hai", "ba")
    await rig.send_all()
    assert rig.texts() == ["một", "hai", "ba"]


async def test_sending_is_on_the_disk_before_the_request_begins(rig: Rig) -> None:
    await rig.people(1)
    await rig.announce()
    rig.channel.gate = asyncio.Event()
    sender = rig.sender()
    async with asyncio.TaskGroup() as group:
        while not rig.channel.begun:
            await sender.step(group)
            await asyncio.sleep(0)
        assert await rig.backlog() == {DeliveryState.SENDING: 1}
        rig.channel.gate.set()
        await sender.settle()
    assert await rig.outcomes() == {"sent": 1}


async def test_when_the_whole_channel_is_slowed_down_nothing_goes_before_the_time(
    rig: Rig,
) -> None:
    rig.channel.script.append(SlowedDown(17.5))
    await rig.people(30)
    await rig.announce()
    await rig.send_all()
    first, *others = [one.at for one in rig.channel.begun]
    # What was under way already cannot be called back.
    late = [at for at in others if at > first + 0.2]
    assert min(late) >= first + 17.5 - TINY
    assert len(late) >= 27
    assert await rig.outcomes() == {"sent": 30}


async def test_a_delivery_marked_before_the_channel_was_held_waits_again(rig: Rig) -> None:
    """A hold longer than the life of `sending` must not make unknown what was never sent."""
    rig.channel = channel_at(Pace(per_s=100), rig.clock)
    rig.channel.script.append(SlowedDown(120))
    await rig.people(20)
    await rig.announce("urgent", lane=Lane.URGENT)
    waits: list[DeliveryState] = []
    sender = rig.sender()
    async with asyncio.TaskGroup() as group:
        while rig.clock.monotonic() < 60:
            pause = await sender.step(group)
            if pause:
                await landed(sender)
                waits.extend(await rig.backlog())
                rig.clock.advance(pause)
        await sender.settle()
    assert DeliveryState.SENDING not in waits
    assert "unknown" not in await rig.outcomes("urgent")
    await rig.send_all()
    assert await rig.outcomes("urgent") == {"sent": 20}
    assert len(rig.channel.begun) == 21


async def test_one_chat_slowed_down_holds_nobody_else(rig: Rig) -> None:
    rig.channel.by_chat["chat-0"].append(SlowedDown(60, whole_channel=False))
    await rig.people(30)
    await rig.announce()
    await rig.send_all()
    again = [one.at for one in rig.channel.begun if one.to.chat == "chat-0"]
    others = [one.at for one in rig.channel.begun if one.to.chat != "chat-0"]
    assert again[1] >= again[0] + 60 - TINY
    assert max(others) < 10
    assert await rig.outcomes() == {"sent": 30}


async def test_no_connection_uses_up_no_try_and_pauses_longer_each_time(rig: Rig) -> None:
    rig.channel.script.extend([NoConnection()] * 8)
    await rig.reply("chào")
    await rig.send_all()
    moments = [one.at for one in rig.channel.begun]
    pauses = [later - earlier for earlier, later in pairwise(moments)]
    assert rig.texts() == ["chào"]
    assert pauses[:4] == sorted(pauses[:4])
    assert max(pauses) < 35


async def test_requests_that_fail_together_pause_the_channel_once(rig: Rig) -> None:
    rig.channel = channel_at(Pace(per_s=100), rig.clock)
    rig.channel.gate = asyncio.Event()
    rig.channel.script.extend([NoConnection()] * 20)
    await rig.people(20)
    await rig.announce()
    sender = rig.sender()
    async with asyncio.TaskGroup() as group:
        while len(rig.channel.begun) < 20:
            await sender.step(group)
            await asyncio.sleep(0)
        rig.channel.gate.set()
        await sender.settle()
    failed_at = rig.clock.monotonic()
    await rig.run(sender)
    assert rig.channel.sent[0].at < failed_at + 5
    assert await rig.outcomes() == {"sent": 20}


async def test_trouble_over_there_is_tried_five_times(rig: Rig) -> None:
    rig.channel.by_chat["chat-0"].extend([PlatformTrouble()] * 9)
    await rig.people(2)
    await rig.announce()
    await rig.send_all()
    assert len(rig.channel.begun) == 5 + 1
    assert await rig.outcomes() == {"sent": 1, "failed": 1}
    assert await rig.reasons() == {"platform_error": 1}


async def test_an_announcement_without_an_answer_is_unknown_and_not_repeated(rig: Rig) -> None:
    rig.channel.by_chat["chat-0"].append(NoAnswer())
    await rig.people(2)
    await rig.announce()
    await rig.send_all()
    assert len(rig.channel.begun) == 2
    assert await rig.outcomes() == {"sent": 1, "unknown": 1}
    assert await rig.reasons() == {"no_answer": 1}


@pytest.mark.parametrize("failures", [1, 2, 3, 9])
async def test_a_reply_without_an_answer_is_tried_three_times(rig: Rig, failures: int) -> None:
    rig.channel.script.extend([NoAnswer()] * failures)
    await rig.reply("chào")
    await rig.send_all()
    assert len(rig.channel.begun) == min(failures + 1, 3)
    assert len(rig.channel.sent) == (failures < 3)


async def test_an_error_nobody_foresaw_counts_as_no_answer(rig: Rig) -> None:
    rig.channel.by_chat["chat-0"].append(ZeroDivisionError("a text of somebody"))
    await rig.people(2)
    await rig.announce()
    await rig.send_all()
    assert await rig.outcomes() == {"sent": 1, "unknown": 1}


@pytest.mark.parametrize("reason", [Reason.BLOCKED, Reason.DEACTIVATED, Reason.NOT_FOUND])
async def test_whoever_cannot_be_reached_is_forgotten(rig: Rig, reason: Reason) -> None:
    rig.channel.by_chat["chat-1"].append(PersonUnreachable(reason))
    await rig.people(2)
    await rig.announce()
    await rig.send_all()
    assert await rig.outcomes() == {"sent": 1, "failed": 1}
    assert await rig.reasons() == {reason.value: 1}
    states = [(await rig.person(number)) for number in (0, 1)]
    assert [one.state for one in states if one] == [PersonState.JOINED, PersonState.UNREACHABLE]
    await rig.announce("next")
    await rig.send_all()
    assert await rig.outcomes("next") == {"sent": 1}


@pytest.mark.parametrize(
    ("error", "state", "reason"),
    [
        (NotNow(Reason.NO_WINDOW), "skipped", "no_window"),
        (NotNow(Reason.NO_QUOTA), "skipped", "no_quota"),
        (MessageRefused("too long"), "failed", "refused"),
    ],
)
async def test_what_cannot_go_is_said_with_its_reason(
    rig: Rig, error: Exception, state: str, reason: str
) -> None:
    rig.channel.script.append(error)
    await rig.people(2)
    await rig.announce()
    await rig.send_all()
    assert await rig.outcomes() == {"sent": 1, state: 1}
    assert await rig.reasons() == {reason: 1}


async def test_a_broken_account_is_reported_once_loses_nobody_and_is_mended(rig: Rig) -> None:
    rig.channel.script.extend([ChannelBroken("nối lại")] * 4)
    await rig.people(5)
    await rig.announce()
    await rig.send_all()
    assert rig.reports == ["nối lại", ""]
    assert await rig.outcomes() == {"sent": 5}


async def test_an_account_marked_broken_before_a_restart_is_mended_by_the_first_success(
    rig: Rig,
) -> None:
    await rig.reply("chào", "chào lại")
    await rig.send_all()
    assert rig.reports == [""]


async def test_what_was_sent_is_written_down_though_the_report_fails(rig: Rig) -> None:
    rig.report_fails = True
    rig.channel.script.append(ChannelBroken("nối lại"))
    await rig.people(3)
    await rig.announce()
    await rig.send_all()
    assert await rig.outcomes() == {"sent": 3}
    assert len(rig.channel.begun) == 4


async def test_pausing_and_resuming_take_effect_at_once(rig: Rig) -> None:
    await rig.people(200)
    await rig.announce()
    sender = rig.sender()
    await rig.run(sender, until=lambda: len(rig.channel.begun) >= 20)
    await rig.move(AnnouncementState.PAUSED)
    before = len(rig.channel.begun)
    await rig.run(sender, until=lambda: rig.clock.monotonic() > 60)
    assert len(rig.channel.begun) == before
    assert sum((await rig.outcomes()).values()) == 200
    await rig.move(AnnouncementState.SENDING)
    await rig.run(sender)
    assert await rig.outcomes() == {"sent": 200}


async def test_cancelling_takes_effect_at_once(rig: Rig) -> None:
    await rig.people(100)
    await rig.announce()
    sender = rig.sender()
    await rig.run(sender, until=lambda: len(rig.channel.begun) >= 20)
    async with rig.storage.begin() as work:
        one = await work.announcements.get(NEWS)
        await work.announcements.save(one.moved(AnnouncementState.CANCELLED))
        await work.deliveries.skip_cancelled(at=rig.clock.now(), most=1_000)
        await work.commit()
    before = len(rig.channel.begun)
    await rig.run(sender)
    assert len(rig.channel.begun) == before
    assert await rig.outcomes() == {"sent": before, "skipped": 100 - before}


async def test_stopping_finishes_what_is_in_flight_and_gives_back_the_rest(rig: Rig) -> None:
    await rig.people(100)
    await rig.announce()
    await rig.send_all(until=lambda: len(rig.channel.begun) >= 10)
    sent = len(rig.channel.sent)
    assert len(rig.channel.begun) == sent
    assert await rig.outcomes() == {"sent": sent, "waiting": 100 - sent}
    other = rig.sender(owner="two")
    async with asyncio.TaskGroup() as group:
        await other.step(group)
        await other.settle()
    assert len(rig.channel.sent) > sent


async def killed(rig: Rig, *, after: int) -> None:
    """Send until so many requests hang, then die with all of them."""
    sender = rig.sender()
    with suppress(ExceptionGroup):
        async with asyncio.TaskGroup() as group:
            while len(rig.channel.begun) < after:
                await sender.step(group)
                await asyncio.sleep(0)
            raise RuntimeError("killed")


async def test_after_a_kill_what_was_being_sent_is_accounted_for(rig: Rig) -> None:
    await rig.people(10)
    await rig.announce()
    await rig.announce("urgent", lane=Lane.URGENT)
    rig.channel.gate = asyncio.Event()
    await killed(rig, after=15)
    rig.channel.gate = None
    begun = [one.message.text for one in rig.channel.begun]
    async with rig.storage.begin() as work:
        await work.deliveries.free("one", now=rig.clock.now())
        await work.commit()
    ordinary = sum("(news)" in text for text in begun)
    assert await rig.outcomes() == {"unknown": ordinary, "waiting": 10 - ordinary}
    assert await rig.outcomes("urgent") == {"waiting": 10}
    await rig.send_all()
    assert await rig.outcomes() == {"unknown": ordinary, "sent": 10 - ordinary}
    assert await rig.outcomes("urgent") == {"sent": 10}


async def test_a_kill_is_settled_by_time_too(rig: Rig) -> None:
    await rig.people(1)
    await rig.announce()
    rig.channel.gate = asyncio.Event()
    await killed(rig, after=1)
    rig.clock.advance(46)
    async with rig.storage.begin() as work:
        assert await work.deliveries.expire(now=rig.clock.now()) == 1
        await work.commit()
    assert await rig.outcomes() == {"unknown": 1}


async def test_a_reply_nobody_can_read_any_more_holds_up_nobody(rig: Rig) -> None:
    await rig.reply("hôm kia", chat="a")
    rig.clock.advance(3 * 86_400)
    rig.envelopes._passing.destroy_before(rig.clock.now().date())  # type: ignore[attr-defined] # the real vault has it
    await rig.reply("hôm nay", chat="b")
    await rig.send_all()
    assert rig.texts() == ["hôm nay"]
    assert await rig.backlog() == {}


async def test_outcomes_add_up_at_every_moment(rig: Rig) -> None:
    endings = [NoAnswer(), SlowedDown(3), NotNow(Reason.NO_QUOTA), PlatformTrouble(), None]
    rig.channel.script.extend(endings * 12)
    await rig.people(40)
    await rig.announce()
    sender, sums = rig.sender(), set()

    async def look() -> None:
        sums.add(sum((await rig.outcomes()).values()))

    async with asyncio.TaskGroup() as group:
        while await rig.backlog():
            pause = await sender.step(group)
            await look()
            if pause:
                await landed(sender)
                rig.clock.advance(pause)
        await sender.settle()
    assert sums == {40}
    assert sum((await rig.outcomes()).values()) == 40


async def test_two_processes_send_nothing_twice(rig: Rig) -> None:
    await rig.people(80)
    await rig.announce()
    one, two = rig.sender(owner="one"), rig.sender(owner="two")
    async with asyncio.TaskGroup() as group:
        group.create_task(rig.run(one))
        group.create_task(rig.run(two))
    assert len(rig.channel.begun) == 80
    assert len({one.to.chat for one in rig.channel.begun}) == 80
    assert await rig.outcomes() == {"sent": 80}


async def test_nothing_of_a_message_or_chat_reaches_the_log(
    rig: Rig, caplog: pytest.LogCaptureFixture
) -> None:
    rig.channel.at_begin = refuse_loudly
    await rig.people(1)
    await rig.announce()
    await rig.send_all()
    for record in caplog.records:
        assert "chat-0" not in record.getMessage()


def refuse_loudly(sent: Sent) -> None:
    raise ValueError(f"{sent.to.chat}: {sent.message.text}")
