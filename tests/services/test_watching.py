"""How fast a sending goes and how long it takes, read off the rows; one look for all who watch."""

import asyncio
from contextlib import ExitStack
from datetime import timedelta

import pytest

from bot.core.ids import AnnouncementId
from bot.services.announcements.watching import (
    MOST_OF_ONE,
    MOST_WATCHERS,
    Progress,
    TooManyWatchers,
    Watching,
)
from tests.builders.town import Town
from tests.services.sending import FAILED, LATER, end, taken

MINUTE = timedelta(minutes=1)
SECOND = timedelta(seconds=1)


def watching_of(town: Town) -> Watching:
    return Watching(announcements=town.announcements, storage=town.storage, clock=town.clock)


async def going(town: Town, **people: int) -> AnnouncementId:
    for channel, many in people.items():
        for number in range(many):
            await town.member(channel, f"{channel}-{number}")
    return (await town.announced()).id


async def pace(town: Town, one: AnnouncementId) -> tuple[int | None, timedelta | None]:
    progress = await watching_of(town).progress(one, to=None)
    return progress.per_minute, progress.left


async def test_nothing_is_guessed_before_anything_was_done(town: Town) -> None:
    one = await going(town, web=10)
    assert await pace(town, one) == (None, None)
    town.clock.advance(10)
    assert await pace(town, one) == (0, None)


async def test_the_pace_is_that_of_the_last_minute(town: Town) -> None:
    one = await going(town, web=100)
    town.clock.advance(30)
    await end(town, await taken(town, limit=10))
    assert await pace(town, one) == (20, 90 * (30 * SECOND) / 10)
    town.clock.advance(59)
    await end(town, await taken(town, limit=5), lambda _: FAILED)
    town.clock.advance(SECOND * 2)
    # The ten are older than a minute by now.
    assert await pace(town, one) == (5, 85 * MINUTE / 5)
    town.clock.advance(MINUTE)
    assert await pace(town, one) == (0, None)


async def test_the_slowest_channel_says_how_long_it_takes(town: Town) -> None:
    one = await going(town, web=40, zalo=10)
    town.clock.advance(MINUTE / 2)
    copies = await taken(town)
    web = [copy for copy in copies if copy.channel_id == "web"]
    zalo = [copy for copy in copies if copy.channel_id == "zalo"]
    await end(town, web[:30])
    assert (await pace(town, one))[1] is None
    await end(town, zalo[:1])
    per_minute, left = await pace(town, one)
    assert (per_minute, left) == (62, 9 * MINUTE / 2)


async def test_what_no_platform_was_asked_about_makes_no_pace(town: Town) -> None:
    one = await going(town, web=10)
    town.clock.advance(10)
    await end(town, await taken(town, limit=1), lambda _: LATER)
    assert (await pace(town, one))[0] == 6
    await town.announcements.pause(one, by=None)
    assert await pace(town, one) == (None, None)
    await town.announcements.resume(one, by=None)
    town.clock.advance(10)
    assert await pace(town, one) == (0, None)
    await town.announcements.cancel(one, by=None)
    assert await pace(town, one) == (None, None)


async def test_it_is_live_until_nothing_can_change_any_more(town: Town) -> None:
    one = await going(town, web=2)
    watching = watching_of(town)

    async def is_live() -> bool:
        return (await watching.progress(one, to=None)).is_live

    assert await is_live()
    (copy,) = await taken(town, limit=1)
    await town.announcements.cancel(one, by=None)
    # One is still on its way.
    assert await is_live()
    await end(town, [copy])
    assert not await is_live()


async def test_the_mark_changes_with_what_is_shown_and_only_then(town: Town) -> None:
    one = await going(town, web=3)
    watching = watching_of(town)

    async def mark() -> str:
        return (await watching.progress(one, to=None)).mark

    first = await mark()
    assert await mark() == first
    await end(town, await taken(town, limit=1))
    second = await mark()
    await town.announcements.pause(one, by=None)
    assert len({first, second, await mark()}) == 3


class Counted(Watching):
    """Counts the looks at the database."""

    looks = 0

    async def progress(self, announcement_id: AnnouncementId, *, to: object) -> Progress:
        self.looks += 1
        return await super().progress(announcement_id, to=None)


async def test_those_who_watch_the_same_share_one_look(town: Town) -> None:
    one = await going(town, web=2)
    watching = Counted(announcements=town.announcements, storage=town.storage, clock=town.clock)
    with ExitStack() as stack:
        pages = [
            stack.enter_context(watching.watching(one, who=f"officer-{number}"))
            for number in range(20)
        ]
        await asyncio.gather(*(page.look() for page in pages))
        assert watching.looks == 1
        await asyncio.gather(*(page.look() for page in pages))
        assert watching.looks == 1
        town.clock.advance(SECOND)
        await end(town, await taken(town, limit=1))
        seen = await asyncio.gather(*(page.look() for page in pages))
        assert watching.looks == 2
        assert {progress.sent for progress in seen} == {1}
    with watching.watching(one, who="late") as page:
        await page.look()
    assert watching.looks == 3


async def test_open_pages_are_bounded_for_one_officer_and_in_all(town: Town) -> None:
    one = await going(town, web=1)
    watching = watching_of(town)
    with ExitStack() as stack:
        for _ in range(MOST_OF_ONE):
            stack.enter_context(watching.watching(one, who="an"))
        with pytest.raises(TooManyWatchers), watching.watching(one, who="an"):
            pass
        for number in range(MOST_WATCHERS - MOST_OF_ONE):
            stack.enter_context(watching.watching(one, who=f"officer-{number}"))
        with pytest.raises(TooManyWatchers), watching.watching(one, who="another"):
            pass
    with watching.watching(one, who="an"):
        pass


async def test_closing_wakes_everybody_for_good(town: Town) -> None:
    one = await going(town, web=1)
    watching = watching_of(town)
    with watching.watching(one, who="an") as page:
        await page.look()
        waiting = asyncio.gather(page.wait())
        await asyncio.sleep(0)
        watching.close()
        assert not any(await waiting)
        assert not await page.wait()
