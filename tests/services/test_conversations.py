"""Between the inbox and the outbox nothing is lost, doubled, shuffled or left readable."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

import msgspec

from bot.core.dialogues import STEP_LIFE, SavedStep, Step
from bot.core.ids import ChannelId
from bot.core.inbox import SetAside
from bot.core.languages import Language
from bot.core.messages import Choice, Incoming, IncomingKind, Outgoing
from bot.core.storage import Work
from bot.core.turns import Handled, Turn
from bot.services.conversations.conversations import in_parts
from bot.services.envelopes import Envelopes
from tests.builders.talk import Talk
from tests.builders.town import Town

WEB = ChannelId("web")


class Poisoned(Exception):
    """What a broken handler raises; its text must never be shown."""


async def echo(turn: Turn) -> Handled:
    return Handled(replies=(Outgoing(text=turn.incoming.text),), step=turn.step)


async def choke(turn: Turn) -> Handled:
    if "poison" in turn.incoming.text:
        raise Poisoned(turn.incoming.text)
    return await echo(turn)


async def put(town: Town, *incomings: Incoming) -> None:
    await town.reception().receive(incomings)


async def set_aside(town: Town) -> Sequence[SetAside]:
    async with town.storage.read() as work:
        return await work.inbox.all_set_aside()


async def test_messages_of_one_conversation_are_handled_in_order(town: Town) -> None:
    talk = town.talk()
    await put(town, *(talk.incoming(f"tin {number}") for number in range(10)))
    conversations = town.conversations(echo)
    steps = [await conversations.step() for _ in range(11)]
    assert steps == [1] * 10 + [0]
    assert [one.text for one in await town.outbox()] == [f"tin {number}" for number in range(10)]


async def test_conversations_are_handled_side_by_side(town: Town) -> None:
    everybody_is_in, inside = asyncio.Event(), 0

    async def meeting(turn: Turn) -> Handled:
        nonlocal inside
        inside += 1
        if inside == 6:
            everybody_is_in.set()
        await everybody_is_in.wait()
        return Handled()

    await put(town, *(town.talk(chat=f"c{number}").incoming("alo") for number in range(6)))
    assert await town.conversations(meeting).step() == 6


async def test_a_slow_conversation_keeps_nobody_else_waiting(town: Town) -> None:
    let_go, answered = asyncio.Event(), asyncio.Event()

    async def handler(turn: Turn) -> Handled:
        if turn.incoming.text == "slow":
            await let_go.wait()
        else:
            answered.set()
        return Handled()

    conversations = town.conversations(handler)
    await put(town, town.talk(chat="a").incoming("slow"))
    async with asyncio.TaskGroup() as group:
        group.create_task(conversations.run(town.bell, beat=lambda: None))
        for _ in range(20):
            await asyncio.sleep(0)
        await put(town, town.talk(chat="b").incoming("quick"))
        await answered.wait()
        let_go.set()
        conversations.stop()
        town.bell.ring()
    async with town.storage.read() as work:
        assert await work.inbox.backlog() == 0


async def test_a_poisonous_message_is_tried_four_times_then_set_aside_and_apologised_for(
    town: Town,
) -> None:
    talk = town.talk()
    await put(town, talk.incoming("poison 0912 000 111"), talk.incoming("xin hỏi"))
    conversations = town.conversations(choke)
    tries = 0
    while not await set_aside(town):
        tries += await conversations.step()
        town.clock.advance(6)
    assert tries == 4
    (row,) = await set_aside(town)
    assert (row.error, row.attempts) == ("Poisoned", 4)
    await conversations.step()
    assert [one.text for one in await town.outbox()] == [
        town.router.apology(Language.VI).text,
        "xin hỏi",
    ]


async def test_what_failed_waits_before_it_is_tried_again(town: Town) -> None:
    await put(town, town.talk().incoming("poison"))
    conversations = town.conversations(choke)
    waits = []
    while not await set_aside(town):
        waited = 0.0
        while not await conversations.step():
            town.clock.advance(0.5)
            waited += 0.5
        waits.append(waited)
    assert waits == [0, 0.5, 2, 5]


async def test_poison_in_one_conversation_does_not_touch_another(town: Town) -> None:
    await put(town, town.talk(chat="a").incoming("poison"), town.talk(chat="b").incoming("chào"))
    await town.conversations(choke).step()
    assert [one.text for one in await town.outbox()] == ["chào"]


async def test_nobody_is_apologised_to_for_what_they_did_not_say(town: Town) -> None:
    async def broken(turn: Turn) -> Handled:
        raise Poisoned

    for kind in (IncomingKind.STOPPED, IncomingKind.WITHDREW):
        await put(town, town.talk(chat=kind).incoming("", kind))
    conversations = town.conversations(broken)
    while len(await set_aside(town)) < 2:
        await conversations.step()
        town.clock.advance(6)
    assert await town.outbox() == []


async def test_an_arrival_of_a_channel_that_was_removed_is_set_aside(town: Town) -> None:
    await put(town, town.talk("zalo").incoming("chào"), town.talk("web").incoming("chào"))
    await town.channels.remove(ChannelId("zalo"), by="test")
    await town.channels.refresh()
    conversations = town.conversations(echo)
    while not await set_aside(town):
        await conversations.step()
        town.clock.advance(6)
    assert [one.text for one in await town.outbox()] == ["chào"]


async def test_what_was_claimed_before_a_crash_is_handled_when_the_lease_is_over(
    town: Town,
) -> None:
    await put(town, town.talk().incoming("chào"))
    await claimed_by_somebody_gone(town)
    assert await town.conversations(echo, owner="next").step() == 0
    town.clock.advance(61)
    assert await town.conversations(echo, owner="next").step() == 1
    assert [one.text for one in await town.outbox()] == ["chào"]


async def test_what_was_claimed_before_a_crash_is_handled_at_once_when_freed(town: Town) -> None:
    await put(town, town.talk().incoming("chào"))
    await claimed_by_somebody_gone(town)
    async with town.storage.begin() as work:
        assert await work.inbox.free("gone") == 1
        await work.commit()
    assert await town.conversations(echo).step() == 1


async def claimed_by_somebody_gone(town: Town) -> None:
    async with town.storage.begin() as work:
        rows = await work.inbox.claim(
            10,
            owner="gone",
            now=town.clock.now(),
            lease_until=town.clock.now() + timedelta(seconds=60),
        )
        await work.commit()
    assert len(rows) == 1


async def test_effects_of_a_turn_that_fails_are_forgotten_with_its_replies(town: Town) -> None:
    async def note(work: Work) -> None:
        await work.settings.put("noted", "yes")

    async def fail(work: Work) -> None:
        raise Poisoned

    async def handler(turn: Turn) -> Handled:
        return Handled(replies=(Outgoing(text="xong"),), effects=(note, fail))

    await put(town, town.talk().incoming("chào"))
    await town.conversations(handler).step()
    async with town.storage.read() as work:
        assert await work.settings.get("noted") is None
    assert await town.outbox() == []


async def test_a_step_is_kept_sealed_and_survives_a_restart(town: Town) -> None:
    await town.founded()
    talk = town.talk(chat="chat-of-somebody-4711")
    await talk.says("/togiac")
    await talk.taps("~tip_start")
    await talk.taps("~tip_drugs")
    await talk.says("Có người bán hàng lạ ở đầu ngõ")
    assert (await talk.step()).gathered["what"] == "Có người bán hàng lạ ở đầu ngõ"
    again = Talk(town, WEB, "chat-of-somebody-4711")
    (asked,) = await again.says("Đầu ngõ, cạnh cây đa")
    assert asked.text.startswith("Khi nào?")
    stored = town.on_disk()
    for plain in ("hàng lạ", "cây đa", "chat-of-somebody-4711"):
        assert plain.encode() not in stored
        assert msgspec.json.encode(plain)[1:-1] not in stored


async def test_a_step_ends_after_half_an_hour(town: Town) -> None:
    await town.founded()
    talk = town.talk()
    await talk.says("/togiac")
    await talk.taps("~tip_start")
    town.clock.advance(STEP_LIFE)
    (expired,) = await talk.taps("~tip_drugs")
    assert expired.text.startswith("Câu hỏi trước đã chờ quá lâu")
    assert (await talk.step()).dialogue == ""


async def test_a_menu_that_waited_is_no_question_that_waited(town: Town) -> None:
    talk = town.talk()
    await talk.says("/batdau")
    town.clock.advance(STEP_LIFE)
    (answer,) = await talk.says("xyzzy plugh")
    assert not answer.text.startswith("Câu hỏi trước đã chờ quá lâu")


async def test_an_echo_of_our_own_message_leaves_the_dialogue_alone(town: Town) -> None:
    talk = town.talk("zalo")
    await talk.says("/thamgia")
    before = await talk.step()
    assert await talk.says("Bà con gửi mã tham gia", IncomingKind.ECHO) == []
    assert await talk.step() == before


async def test_help_in_between_leaves_the_numbers_under_the_question_valid(town: Town) -> None:
    await town.founded()
    talk = town.talk()
    await talk.says("/togiac")
    await talk.says("1")
    offered = (await talk.step()).offered
    await talk.says("/trogiup")
    assert (await talk.step()).offered == offered
    (asked,) = await talk.says("4")
    assert asked.text.startswith("Chuyện gì đã xảy ra?")


async def test_a_step_in_a_spelling_of_an_older_version_is_dropped(town: Town) -> None:
    talk = town.talk()
    key = town.envelopes.conversation(talk.channel_id, talk.chat)
    sealed = town.vault.passing.seal("step", b'{"question": 5}', about=key.encode())
    async with town.storage.begin() as work:
        until = town.clock.now() + STEP_LIFE
        await work.dialogues.save(SavedStep(conversation=key, sealed=sealed, expires_at=until))
        await work.commit()
    assert await talk.says("/batdau")


async def test_an_arrival_nobody_can_read_is_set_aside_at_once(town: Town) -> None:
    await put(town, town.talk().incoming("chào"))
    town.clock.advance(timedelta(days=3))
    town.vault.passing.destroy_before(town.clock.now().date())
    await town.conversations(echo).step()
    assert [row.error for row in await set_aside(town)] == ["KeyGone"]


async def test_a_tap_is_answered_and_a_long_reply_cut(town: Town) -> None:
    long = " ".join(["từng chữ một"] * 600)

    async def handler(turn: Turn) -> Handled:
        return Handled(replies=(Outgoing(text=long, choices=(Choice(label="Tiếp", word="~a"),)),))

    talk = town.talk("zalo")
    tap = talk.incoming("~x", IncomingKind.CHOICE)
    await put(town, replace(tap, tap_id="tap-1"))
    await town.conversations(handler).step()
    assert town.channel("zalo").taps == ["tap-1"]
    parts = await town.outbox()
    assert len(parts) > 3
    assert " ".join(part.text for part in parts) == long
    assert [bool(part.choices) for part in parts] == [False] * (len(parts) - 1) + [True]


async def test_the_sender_learns_of_replies_waiting(town: Town) -> None:
    await town.talk("telegram").says("chào")
    assert town.replied == ["telegram"]


def test_parts_keep_the_mark_of_a_secret() -> None:
    parts = in_parts(Outgoing(text="chữ " * 300, is_secret=True), 500)
    assert [part.is_secret for part in parts] == [True] * len(parts)


def test_envelopes_open_only_where_they_were_sealed(envelopes: Envelopes) -> None:
    one = envelopes.conversation(WEB, "a")
    step = Step(dialogue="tip", question="what", gathered={"what": "x"})
    assert envelopes.open_step(one, envelopes.step(one, step)) == step
