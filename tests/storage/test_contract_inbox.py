import asyncio

from bot.core.inbox import InboxRow, SetAside
from bot.core.storage import Storage, Work
from tests.storage.nouns import HOUR, MINUTE, NOON, WEB, ZALO, arrival

LATER = NOON + MINUTE


async def claim(work: Work, limit: int = 10, *, owner: str = "one") -> list[InboxRow]:
    return await work.inbox.claim(limit, owner=owner, now=NOON, lease_until=LATER)


async def test_an_event_is_new_once(store: Storage) -> None:
    assert await store.accept([arrival("1"), arrival("2"), arrival("1")]) == 2
    assert await store.accept([arrival("2"), arrival("3")]) == 1
    async with store.begin() as work:
        assert await work.inbox.put_many([arrival("3"), arrival("1", channel_id=ZALO)]) == 1
        assert await work.inbox.put_many([]) == 0
        await work.commit()
    async with store.read() as work:
        assert await work.inbox.backlog() == 4


async def test_many_callers_at_once_each_learn_of_their_own(store: Storage) -> None:
    calls = [[arrival(f"{number}"), arrival(f"{number // 2}-shared")] for number in range(100)]
    counts = await asyncio.gather(*(store.accept(call) for call in calls))
    assert sum(counts) == 150
    assert min(counts) == 1
    async with store.read() as work:
        assert await work.inbox.backlog() == 150


async def test_a_claim_gives_what_arrived_in_order_one_of_each_conversation(
    store: Storage,
) -> None:
    await store.accept([arrival("1", "a"), arrival("2", "a"), arrival("3", "b")])
    async with store.begin() as work:
        first, other = await claim(work)
        assert (first.event_id, other.event_id) == ("1", "3")
        assert (first.sealed, first.attempts, first.arrived_at) == (b"sealed words", 0, NOON)
        assert await claim(work, owner="two") == []
        await work.inbox.handled(first.id, at=NOON)
        (second,) = await claim(work)
    assert second.event_id == "2"


async def test_a_lease_that_ran_out_is_free_again(store: Storage) -> None:
    await store.accept([arrival("1")])
    async with store.begin() as work:
        (mine,) = await claim(work)
        assert await work.inbox.next_due() == LATER
        again = await work.inbox.claim(9, owner="two", now=LATER, lease_until=LATER + MINUTE)
        assert [row.id for row in again] == [mine.id]


async def test_the_leases_of_an_owner_that_is_gone_can_be_ended(store: Storage) -> None:
    await store.accept([arrival("1", "a"), arrival("2", "b")])
    async with store.begin() as work:
        await claim(work, 1)
        await claim(work, owner="two")
        assert await work.inbox.free("one") == 1
        assert [row.event_id for row in await claim(work, owner="three")] == ["1"]


async def test_a_retry_waits_counts_and_holds_back_its_conversation(store: Storage) -> None:
    await store.accept([arrival("1", "a"), arrival("2", "a")])
    async with store.begin() as work:
        (mine,) = await claim(work)
        await work.inbox.retry(mine.id, not_before=LATER)
        assert await claim(work) == []
        assert await work.inbox.next_due() == LATER
        (again,) = await work.inbox.claim(9, owner="one", now=LATER, lease_until=LATER + MINUTE)
    assert (again.id, again.attempts) == (mine.id, 1)


async def test_what_is_set_aside_is_shown_blocks_nobody_and_can_be_tried_again(
    store: Storage,
) -> None:
    await store.accept([arrival("1", "a"), arrival("2", "a")])
    async with store.begin() as work:
        (mine,) = await claim(work)
        await work.inbox.set_aside(mine.id, error="KeyError", at=NOON)
        shown = SetAside(id=mine.id, channel_id=WEB, error="KeyError", attempts=1, arrived_at=NOON)
        assert await work.inbox.all_set_aside() == [shown]
        (other,) = await claim(work)
        assert other.event_id == "2"
        await work.inbox.handled(other.id, at=NOON)
        await work.inbox.requeue(mine.id)
        assert await work.inbox.all_set_aside() == []
        assert await claim(work) == [mine]


async def test_what_was_handled_stays_known_until_it_is_forgotten(store: Storage) -> None:
    await store.accept([arrival("1"), arrival("2", "b")])
    async with store.begin() as work:
        for row in await claim(work):
            await work.inbox.handled(row.id, at=NOON)
            await work.inbox.retry(row.id, not_before=NOON)
        assert await work.inbox.put_many([arrival("1")]) == 0
        assert await work.inbox.forget_handled_before(HOUR) == 0
        assert await work.inbox.forget_handled_before(LATER) == 2
        assert await work.inbox.put_many([arrival("1")]) == 1


async def test_the_age_of_the_line_is_known(store: Storage) -> None:
    async with store.begin() as work:
        assert await work.inbox.oldest_waiting() is None
        assert await work.inbox.next_due() is None
        await work.inbox.put_many([arrival("1"), arrival("2", arrived_at=LATER)])
        assert await work.inbox.oldest_waiting() == NOON
        assert await work.inbox.next_due() == NOON
