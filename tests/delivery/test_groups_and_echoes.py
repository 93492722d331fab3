"""Copies for groups, groups that move, and the marks by which an echo is known again."""

from dataclasses import replace

import pytest

from bot.core.deliveries import DeliveryState
from bot.core.errors import StorageTrouble
from bot.core.groups import Group, GroupState
from bot.core.messages import Address, Outgoing
from bot.core.sending import ChatMoved, NotNow, PersonUnreachable, Reason, SendError
from bot.core.slips import SlipKind
from bot.delivery.echoes import ECHO_KEPT
from bot.delivery.recorder import Recorder
from tests.delivery.rig import TEXT, Rig
from tests.storage import nouns


async def linked(rig: Rig, name: str = "group") -> Group:
    group = nouns.group(
        name, channel_id=rig.channel.id, unit_id=nouns.HAMLET, state=GroupState.LINKED
    )
    async with rig.storage.begin() as work:
        await work.groups.save(group)
        await work.commit()
    return group


async def stored(rig: Rig, group: Group) -> Group:
    async with rig.storage.read() as work:
        return await work.groups.get(group.id)


async def test_a_linked_group_hears_an_announcement(rig: Rig) -> None:
    group = await linked(rig)
    await rig.announce()
    await rig.send_all()
    assert [one.to for one in rig.channel.sent] == [group.address]
    assert await rig.outcomes() == {"sent": 1}


async def test_a_group_that_moved_is_followed_at_once_and_remembered(rig: Rig) -> None:
    group = await linked(rig)
    rig.channel.by_chat[group.chat].append(ChatMoved("-100200"))
    await rig.announce()
    await rig.send_all()
    assert [one.to.chat for one in rig.channel.sent] == ["-100200"]
    assert (await stored(rig, group)).chat == "-100200"
    assert await rig.outcomes() == {"sent": 1}


@pytest.mark.parametrize(
    ("told", "outcome"),
    [
        pytest.param(ChatMoved("-100200"), {"sent": 1}, id="moved"),
        pytest.param(NotNow(Reason.NO_QUOTA), {"skipped": 1}, id="lapsed"),
    ],
)
async def test_what_is_known_of_a_copy_stays_known_though_the_group_cannot_be_noted(
    rig: Rig, monkeypatch: pytest.MonkeyPatch, told: SendError, outcome: dict[str, int]
) -> None:
    async def locked(*_chats: object) -> None:
        raise StorageTrouble("the database is locked")

    monkeypatch.setattr(Recorder, "move", locked)
    monkeypatch.setattr(Recorder, "lapse", locked)
    group = await linked(rig)
    rig.channel.by_chat[group.chat].append(told)
    await rig.announce()
    await rig.send_all()
    assert await rig.outcomes() == outcome


async def test_a_group_that_moves_for_ever_ends_as_failed(rig: Rig) -> None:
    group = await linked(rig)
    for chat in (group.chat, "-100200"):
        rig.channel.by_chat[chat].extend(ChatMoved("-100200") for _ in range(20))
    await rig.announce()
    await rig.send_all()
    assert await rig.outcomes() == {"failed": 1}
    assert rig.channel.sent == []


async def test_a_reply_to_a_group_that_moved_follows_it(rig: Rig) -> None:
    rig.channel.by_chat["asker"].append(ChatMoved("-100200"))
    await rig.reply("đây ạ")
    await rig.send_all()
    assert [one.to.chat for one in rig.channel.sent] == ["-100200"]


async def test_a_group_the_bot_was_put_out_of_is_gone(rig: Rig) -> None:
    group = await linked(rig)
    rig.channel.by_chat[group.chat].append(PersonUnreachable(Reason.LEFT))
    await rig.announce()
    await rig.send_all()
    assert await rig.outcomes() == {"failed": 1}
    assert (await stored(rig, group)).state is GroupState.GONE


async def test_a_group_nobody_paid_for_is_passed_over_and_known_as_lapsed(rig: Rig) -> None:
    group = await linked(rig)
    rig.channel.by_chat[group.chat].append(NotNow(Reason.NO_QUOTA))
    await rig.announce()
    await rig.send_all()
    assert await rig.reasons() == {"no_quota": 1}
    assert (await stored(rig, group)).state is GroupState.LAPSED


async def test_a_person_without_quota_is_passed_over_and_stays(rig: Rig) -> None:
    await rig.people(1)
    rig.channel.by_chat["chat-0"].append(NotNow(Reason.NO_QUOTA))
    await rig.announce()
    await rig.send_all()
    assert await rig.reasons() == {"no_quota": 1}
    person = await rig.person(0)
    assert person is not None
    assert person.is_reachable


async def test_a_mark_is_kept_from_before_the_request_until_the_last_repeat(rig: Rig) -> None:
    rig.channel.capabilities = replace(rig.channel.capabilities, echoes=True)
    await rig.people(2)
    await rig.announce()
    kept: list[int] = []

    def look(_: object) -> None:
        kept.append(rig.slips_on_disk())

    rig.channel.at_begin = look
    await rig.send_all()
    assert min(kept) >= 1
    to = Address(channel_id=rig.channel.id, chat="chat-1")
    text = (await rig.letter(nouns.NEWS)).text
    mark = rig.echo_mark(to, f"  {text} \n")
    async with rig.storage.read() as work:
        now = rig.clock.now()
        (slip,) = await work.slips.of_holder(SlipKind.ECHO, mark, now=now)
        assert await work.slips.of_holder(SlipKind.ECHO, mark, now=now + ECHO_KEPT) == []
    assert slip.body.isdigit()
    assert TEXT.encode() not in slip.body
    assert to.chat not in slip.key + slip.holder


async def test_a_channel_without_echoes_keeps_no_marks(rig: Rig) -> None:
    await rig.people(1)
    await rig.announce()
    await rig.send_all()
    assert rig.slips_on_disk() == 0


async def test_an_amendment_tells_the_platform_what_it_replaces(rig: Rig) -> None:
    await rig.people(1)
    await rig.announce()
    await rig.send_all()
    await rig.amend("correction", nouns.NEWS)
    await rig.send_all()
    messages: list[Outgoing] = [one.message for one in rig.channel.sent]
    assert [message.replaces for message in messages] == [(), ("m1",)]
    assert await rig.outcomes("correction") == {DeliveryState.SENT.value: 1}
