"""What every store must do to let groups go and to find whom to invite into one."""

import pytest

from bot.core.errors import NotFound
from bot.core.groups import GroupState
from bot.core.people import PersonState
from bot.core.storage import Storage
from tests.storage.nouns import COMMUNE, HAMLET, MINUTE, NOON, WEB, ZALO, group, person, settle


@pytest.fixture(autouse=True)
async def village(store: Storage) -> None:
    await settle(store)


async def test_a_group_that_is_removed_is_found_nowhere(store: Storage) -> None:
    ours = group(unit_id=HAMLET, state=GroupState.LINKED, members=12, most_members=50)
    async with store.begin() as work:
        await work.groups.save(ours)
        assert await work.groups.get(ours.id) == ours
        await work.groups.remove(ours.id)
        await work.groups.remove(ours.id)
        await work.commit()
    async with store.read() as work:
        assert await work.groups.of_units({HAMLET}) == []
        with pytest.raises(NotFound):
            await work.groups.get(ours.id)


async def test_chats_are_those_of_members_of_the_units_on_one_channel(store: Storage) -> None:
    async with store.begin() as work:
        for one in (
            person("early", channel_id=ZALO, wrote_at=NOON - 9 * MINUTE),
            person("late", channel_id=ZALO, wrote_at=NOON + MINUTE),
            person("never wrote", channel_id=ZALO),
            person("elsewhere", channel_id=ZALO, unit_id=COMMUNE),
            person("left", channel_id=ZALO, state=PersonState.LEFT),
            person("on the web", channel_id=WEB),
        ):
            await work.people.save(one)
        await work.commit()
    async with store.read() as work:
        everybody = await work.people.chats({HAMLET}, ZALO, since=None)
        lately = await work.people.chats({HAMLET}, ZALO, since=NOON)
    assert everybody == ["chat-late", "chat-never wrote", "chat-early"]
    assert lately == ["chat-late", "chat-never wrote"]
