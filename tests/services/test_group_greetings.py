"""What a group reads first, and that its link is looked up while no transaction is open.

Whoever opens a second one inside the first can wait for a connection that others, waiting
likewise, hold: the pool of PostgreSQL is bounded.
"""

from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from typing import cast

from bot.core.ids import ChannelId
from bot.core.messages import GroupEvent
from bot.core.storage import Storage, Work
from bot.services.groups.desks import GroupDesks, NewGroup
from bot.services.groups.groups import WORDS, Groups
from bot.services.groups.ways import Ways
from bot.services.groups.welcomes import WORDS as WELCOME_WORDS
from bot.services.groups.welcomes import GroupWelcomes
from content.book import Book
from tests.builders.routing import ZONE
from tests.builders.town import Town
from tests.group_builder import FakeDesk, FakeWays, asset
from tests.services.group_deeds import ZALO, found, happens, linked


class Watched:
    """A store that knows how many of its transactions are open. Fits part of `Storage`."""

    def __init__(self, storage: Storage) -> None:
        self._storage = storage
        self.is_open = 0

    def begin(self) -> AbstractAsyncContextManager[Work]:
        return self._counted(self._storage.begin())

    def read(self) -> AbstractAsyncContextManager[Work]:
        return self._counted(self._storage.read())

    @asynccontextmanager
    async def _counted(self, opened: AbstractAsyncContextManager[Work]) -> AsyncIterator[Work]:
        async with opened as work:
            self.is_open += 1
            try:
                yield work
            finally:
                self.is_open -= 1


class AskingWays(FakeWays):
    """Links that are looked up in the store."""

    def __init__(self, storage: Watched) -> None:
        self._storage = storage
        self.open_then: list[int] = []

    async def into_unit(self, channel_id: ChannelId, join_code: str) -> str:
        self.open_then.append(self._storage.is_open)
        return await super().into_unit(channel_id, join_code)


@dataclass(frozen=True, kw_only=True)
class Parts:
    ways: AskingWays
    groups: Groups
    desks: GroupDesks


def parts(town: Town, book: Book) -> Parts:
    watched = Watched(town.storage)
    storage, ways = cast(Storage, watched), AskingWays(watched)
    welcomes = GroupWelcomes(
        envelopes=town.envelopes,
        voice=book.voice("group", *WELCOME_WORDS),
        ways=cast(Ways, ways),
        clock=town.clock,
    )
    groups = Groups(
        storage=storage,
        audit=town.audit,
        channels=town.channels,
        voice=book.voice("group", *WORDS),
        welcomes=welcomes,
        clock=town.clock,
        chance=town.chance,
    )
    desks = GroupDesks(
        storage=storage,
        audit=town.audit,
        channels=town.channels,
        groups=groups,
        welcomes=welcomes,
        clock=town.clock,
        zone=ZONE,
    )
    return Parts(ways=ways, groups=groups, desks=desks)


async def test_the_link_for_a_group_that_is_assigned_is_found_first(
    town: Town, book: Book
) -> None:
    group = await linked(town)
    made = parts(town, book)
    await made.groups.assign(group.id, town.elsewhere.id, by=None)
    assert made.ways.open_then == [0]
    assert any(town.elsewhere.join_code in one.text for one in await town.outbox())


async def test_the_link_for_a_group_that_is_made_is_found_first(town: Town, book: Book) -> None:
    town.channel(ZALO).groups = FakeDesk(kept=[asset()])
    made = parts(town, book)
    await made.desks.make(wanted(town), by=None)
    assert made.ways.open_then == [0]
    assert any(town.hamlet.join_code in one.text for one in await town.outbox())


def wanted(town: Town) -> NewGroup:
    return NewGroup(
        channel_id=ZALO,
        unit_id=town.hamlet.id,
        name="An ninh tổ 1 (bịa)",
        asset="goi-50",
        admin="6001",
    )


async def greetings(town: Town) -> list[str]:
    return [
        message.text for message in await town.outbox() if "chương trình tự động" in message.text
    ]


async def test_a_group_that_is_made_is_told_who_speaks_there(town: Town) -> None:
    town.channel(ZALO).groups = FakeDesk(kept=[asset()])
    await town.group_desks.make(wanted(town), by=None)
    (greeting,) = await greetings(town)
    assert greeting.startswith("Chào bà con Tổ 1 Bịa!")


async def test_a_group_that_is_assigned_is_greeted_once(town: Town) -> None:
    await happens(town, GroupEvent.ADDED)
    group = await found(town)
    for _ in range(2):
        await town.groups.assign(group.id, town.hamlet.id, by=None)
    assert len(await greetings(town)) == 1
