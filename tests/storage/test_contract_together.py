"""What holds when several tasks, or processes, use one database at once."""

import asyncio

import pytest

from bot.core.audit import GENESIS, AuditRecord, chain_hash
from bot.core.deliveries import Lane
from bot.core.ids import ConversationKey
from bot.core.storage import Storage
from bot.storage.store import open_store
from tests.storage.nouns import (
    MINUTE,
    NOON,
    WEB,
    announcement,
    arrival,
    freeze,
    person,
    reply,
    settle,
)

LATER = NOON + MINUTE


async def test_workers_share_the_outbox_without_doubling(store: Storage) -> None:
    await settle(store)
    async with store.begin() as work:
        for number in range(40):
            await work.people.save(person(f"p{number}"))
        await work.announcements.save(announcement())
        await freeze(work)
        await work.deliveries.add_replies([reply(f"t{number}") for number in range(20)], at=NOON)
        await work.commit()
    taken: list[int] = []

    async def worker(owner: str) -> None:
        for _ in range(20):
            async with store.begin() as work:
                found = await work.deliveries.claim(
                    WEB, tuple(Lane), 7, owner=owner, now=NOON, lease_until=LATER
                )
                await work.commit()
            taken.extend(delivery.id for delivery in found)

    await asyncio.gather(*(worker(f"w{number}") for number in range(4)))
    assert len(taken) == len(set(taken)) == 60


async def test_workers_share_the_inbox_in_order(store: Storage) -> None:
    await store.accept([arrival(f"{number}", f"talk-{number % 5}") for number in range(50)])
    handled: dict[str, list[int]] = {}

    async def worker(owner: str) -> None:
        idle = 0
        while idle < 20:
            async with store.begin() as work:
                found = await work.inbox.claim(3, owner=owner, now=NOON, lease_until=LATER)
                await work.commit()
            idle = 0 if found else idle + 1
            for row in found:
                handled.setdefault(row.conversation, []).append(row.id)
                async with store.begin() as work:
                    await work.inbox.handled(row.id, at=NOON)
                    await work.commit()

    await asyncio.gather(*(worker(f"w{number}") for number in range(3)))
    assert sorted(len(ids) for ids in handled.values()) == [10] * 5
    assert all(ids == sorted(set(ids)) for ids in handled.values())


async def test_two_programs_cannot_fork_the_chain(store: Storage, database_url: str) -> None:
    async def append(opened: Storage, actor: str) -> None:
        for number in range(10):
            async with opened.begin() as work:
                await work.audit.append(AuditRecord(at=NOON, actor=actor, act=f"{number}"))
                await work.commit()

    async with open_store(database_url) as other:
        await asyncio.gather(append(store, "a"), append(store, "b"), append(other, "c"))
    async with store.read() as work:
        entries = [entry async for entry in work.audit.walk()]
    before = GENESIS
    for number, entry in enumerate(entries, start=1):
        assert entry.hash == chain_hash(before, number, entry.record)
        before = entry.hash
    assert len(entries) == 30


async def test_one_of_many_claims_a_moment(store: Storage) -> None:
    async def once() -> bool:
        async with store.begin() as work:
            is_first = await work.claims.once("job", NOON)
            await work.commit()
        return is_first

    assert sum(await asyncio.gather(*(once() for _ in range(8)))) == 1


async def test_letters_put_at_once_get_each_a_number(store: Storage) -> None:
    async def put() -> int:
        async with store.begin() as work:
            number = await work.mailboxes.put(
                ConversationKey("box"), b"x", is_secret=False, at=NOON
            )
            await work.commit()
        return number

    assert sorted(await asyncio.gather(*(put() for _ in range(8)))) == list(range(1, 9))


@pytest.mark.parametrize("turns", range(0, 12, 2))
async def test_a_cancelled_look_or_arrival_leaves_the_store_usable(
    store: Storage, turns: int
) -> None:
    async def look() -> None:
        async with store.read() as work:
            await work.units.all()
            await work.officers.all()

    async def accept(event: str) -> None:
        await store.accept([arrival(event)])

    async with asyncio.TaskGroup() as group:
        doomed = [
            group.create_task(accept("doomed")),
            group.create_task(look()),
        ]
        others = [group.create_task(accept(f"{number}")) for number in range(5)]
        for _ in range(turns):
            await asyncio.sleep(0)
        for task in doomed:
            task.cancel()
        await asyncio.gather(*others)
    async with store.read() as work:
        assert await work.inbox.backlog() in {5, 6}
    assert await store.accept([arrival("after")]) == 1
