"""What a bot can do about its groups."""

from datetime import UTC, datetime

import pytest

from bot.channels.telegram.adapter import TelegramChannel
from bot.core.channels import GroupDesk
from bot.core.groups import Group
from bot.core.ids import GroupId
from bot.core.sending import ChatMoved, MessageRefused, PersonUnreachable
from tests.channels.rigs_telegram import CHANNEL_ID, PERSON
from tests.channels.stubs.telegram_stub import TelegramStub
from tests.channels.telegram.places import GROUP, OFFICER

KNOWN_LINK = "https://t.me/+biet-tu-truoc"


def group(chat: int = GROUP, *, invite_url: str = "") -> Group:
    return Group(
        id=GroupId("g1"),
        channel_id=CHANNEL_ID,
        chat=str(chat),
        name="Tổ thử",
        invite_url=invite_url,
        seen_at=datetime(2026, 11, 22, tzinfo=UTC),
    )


@pytest.fixture
def desk(channel: TelegramChannel) -> GroupDesk:
    assert channel.groups is not None
    return channel.groups


async def test_a_group_is_looked_at(desk: GroupDesk, stub: TelegramStub) -> None:
    stub.groups.make(GROUP, creator=OFFICER, title="Tổ dân phố thử (bịa)", members=[PERSON])
    stub.groups.add_bot(GROUP, by=OFFICER)

    found = await desk.look(group())

    assert (found.chat, found.name, found.members) == (str(GROUP), "Tổ dân phố thử (bịa)", 3)
    assert (found.can_delete, found.invite_url) == (False, "")


async def test_a_link_is_made_once_where_the_bot_may(desk: GroupDesk, stub: TelegramStub) -> None:
    stub.groups.make(GROUP, creator=OFFICER)
    stub.groups.add_bot(GROUP, by=OFFICER, as_admin=["can_invite_users", "can_delete_messages"])

    first = await desk.look(group())
    again = await desk.look(group())

    assert first.can_delete
    assert first.invite_url.startswith("https://t.me/")
    assert again.invite_url == first.invite_url
    assert stub.calls["exportChatInviteLink"] == 1


async def test_a_link_that_is_known_is_kept(desk: GroupDesk, stub: TelegramStub) -> None:
    stub.groups.make(GROUP, creator=OFFICER)
    stub.groups.add_bot(GROUP, by=OFFICER, as_admin=["can_invite_users"])

    assert (await desk.look(group(invite_url=KNOWN_LINK))).invite_url == KNOWN_LINK


async def test_the_bot_leaves(desk: GroupDesk, stub: TelegramStub) -> None:
    stub.groups.make(GROUP, creator=OFFICER)
    stub.groups.add_bot(GROUP, by=OFFICER)

    await desk.leave(group())

    with pytest.raises(PersonUnreachable):
        await desk.look(group())


async def test_a_group_that_moved_says_where_to(desk: GroupDesk, stub: TelegramStub) -> None:
    old = -4_002_003_004
    stub.groups.create_with_bot(old, by=OFFICER)
    stub.groups.migrate(old, to=GROUP)

    with pytest.raises(ChatMoved) as caught:
        await desk.look(group(old))
    assert caught.value.moved_to == str(GROUP)


async def test_groups_are_made_by_people_and_cost_nothing(desk: GroupDesk) -> None:
    assert not desk.can_make
    assert list(await desk.listed()) == []
    assert list(await desk.assets()) == []
    with pytest.raises(MessageRefused):
        await desk.make("Tổ thử", asset="", members=[])
    with pytest.raises(MessageRefused):
        await desk.invite(group(), [str(PERSON)])
